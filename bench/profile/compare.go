package profile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/scenarios"
)

// ErrProfile is returned for profiles that cannot be compared.
var ErrProfile = errors.New("profile: cannot compare")

// Comparison is where profiles disagree.
type Comparison struct {
	Answers []Answer
	Columns []string // that say which row it is: keys and window edges; or all, if the job leaves these out
	Values  []string // the other columns
	Rows    []Row    // on which not all agree, ascending
}

// Answer is what a job comes to under a profile.
type Answer struct {
	Profile      string
	Options      []string // what the profile said, as overrides of the job
	Rows         int
	RowsDropped  int64 // from all their windows
	PairsDropped int64
	Dropped      int64 // which of the two the engine counts
}

// Row is a row of the answer on which profiles disagree.
type Row struct {
	ID     []column.Value
	Values [][]column.Value // by profile; nil where there is no such row
	Why    []Reason
}

// Reason is an option that makes the difference of a row between the first profile
// and another.
type Reason struct {
	Option   string // a key of the job
	From, To string // what it is under the first profile and under the other
	Alone    bool   // it does so alone
}

// Compare answers a job under each of the named profiles. load loads it with
// overrides.
func Compare(load func(sets []string) (*scenarios.Job, error), names []string, o scenarios.Options) (*Comparison, error) {
	c := comparing{load: load, options: o, answers: map[string]*table{}}
	for i, name := range names {
		at := slices.IndexFunc(flow.Profiles(), func(p flow.Profile) bool { return p.Name == name })
		if at < 0 {
			return nil, fmt.Errorf("%w: %q is none; there are %s", ErrProfile, name, strings.Join(Names(), ", "))
		}
		if slices.Contains(names[:i], name) {
			return nil, fmt.Errorf("%w: %s twice", ErrProfile, name)
		}
		c.profiles = append(c.profiles, flow.Profiles()[at])
	}
	if len(names) < 2 {
		return nil, fmt.Errorf("%w: name two at least, as in flink,beam", ErrProfile)
	}
	return c.compare()
}

// Names lists the profiles.
func Names() []string {
	var names []string
	for _, p := range flow.Profiles() {
		names = append(names, p.Name)
	}
	return names
}

// comparing is a comparison on its way.
type comparing struct {
	load     func(sets []string) (*scenarios.Job, error)
	options  scenarios.Options
	profiles []flow.Profile
	answers  map[string]*table // by overrides
	out      Comparison
}

// table is an answer by the identity of its rows.
type table struct {
	results *scenarios.Results
	ids     int // how many columns say which row it is
	rows    map[string]*entry
}

// entry is the rows of one identity: one, unless the job leaves keys out.
type entry struct {
	id, values []column.Value
	count      int
}

func (c *comparing) compare() (*Comparison, error) {
	job, err := c.load(nil)
	if err != nil {
		return nil, err
	}
	sets := make([][]string, len(c.profiles))
	answers := make([]*table, len(c.profiles))
	for i, p := range c.profiles {
		sets[i] = job.ProfileSets(p)
		if answers[i], err = c.answer(sets[i]); err != nil {
			return nil, fmt.Errorf("profile %s: %w", p.Name, err)
		}
		s := &answers[i].results.Summary
		a := Answer{
			Profile: p.Name, Options: sets[i], Rows: answers[i].results.Table.Rows,
			RowsDropped: s.RowsDropped, PairsDropped: s.PairsDropped, Dropped: s.RowsDropped,
		}
		if p.Pairs {
			a.Dropped = s.PairsDropped
		}
		c.out.Answers = append(c.out.Answers, a)
	}
	schema := answers[0].results.Table.Schema.Names()
	c.out.Columns, c.out.Values = schema[:answers[0].ids], schema[answers[0].ids:]
	c.differences(answers)
	return &c.out, c.explain(sets, answers)
}

// answer runs the job with overrides, once.
func (c *comparing) answer(sets []string) (*table, error) {
	id := strings.Join(sets, "\n")
	if t := c.answers[id]; t != nil {
		return t, nil
	}
	job, err := c.load(sets)
	if err != nil {
		return nil, err
	}
	r, err := scenarios.Run(job, c.options)
	if err != nil {
		return nil, err
	}
	t := &table{results: r, ids: len(r.Table.Schema), rows: map[string]*entry{}}
	if at := r.Table.Schema.Index(flow.WindowEnd); at >= 0 {
		t.ids = at + 1
	}
	for row := range r.Table.Rows {
		var e entry
		for col := range r.Table.Schema {
			v := r.Table.Value(row, col)
			if col < t.ids {
				e.id = append(e.id, v)
			} else {
				e.values = append(e.values, v)
			}
		}
		name := identity(e.id)
		if t.rows[name] == nil {
			t.rows[name] = &e
		}
		t.rows[name].count++
	}
	c.answers[id] = t
	return t, nil
}

// identity is a text that tells rows apart.
func identity(id []column.Value) string {
	var b strings.Builder
	for _, v := range id {
		fmt.Fprintf(&b, "%t %q ", v.Null, v.Text())
	}
	return b.String()
}

// same tells whether two answers agree on a row, which either may be without.
func same(a, b *entry) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.count == b.count && slices.EqualFunc(a.values, b.values, func(v, w column.Value) bool { return v.Compare(w) == 0 })
}

// differences lists the rows on which not all answers agree.
func (c *comparing) differences(answers []*table) {
	for i, t := range answers {
		for name, e := range t.rows {
			first := !slices.ContainsFunc(answers[:i], func(u *table) bool { return u.rows[name] != nil })
			if !first || !slices.ContainsFunc(answers, func(u *table) bool { return !same(u.rows[name], e) }) {
				continue
			}
			row := Row{ID: e.id}
			for _, u := range answers {
				var values []column.Value
				if other := u.rows[name]; other != nil {
					values = append([]column.Value{}, other.values...)
				}
				row.Values = append(row.Values, values)
			}
			c.out.Rows = append(c.out.Rows, row)
		}
	}
	slices.SortFunc(c.out.Rows, func(a, b Row) int {
		for i := range a.ID {
			if d := a.ID[i].Compare(b.ID[i]); d != 0 {
				return d
			}
		}
		return 0
	})
}

// explain finds, for each row and each profile that differs from the first, the
// options that make the first one's answer the other's.
func (c *comparing) explain(sets [][]string, answers []*table) error {
	first := answers[0]
	for p := 1; p < len(sets); p++ {
		var options []option
		for i, set := range sets[0] {
			if sets[p][i] == set {
				continue
			}
			with, err := c.mixed(0, sets[0], i, sets[p][i])
			if err != nil {
				return err
			}
			without, err := c.mixed(p, sets[p], i, set)
			if err != nil {
				return err
			}
			key, from, _ := strings.Cut(set, "=")
			_, to, _ := strings.Cut(sets[p][i], "=")
			options = append(options, option{Reason{Option: key, From: from, To: to}, with, without})
		}
		for i := range c.out.Rows {
			row := &c.out.Rows[i]
			name := identity(row.ID)
			if !same(first.rows[name], answers[p].rows[name]) {
				row.reasons(options, first.rows[name], answers[p].rows[name], name)
			}
		}
	}
	return nil
}

// option is one in which two profiles differ, with the answers of the first with the
// other's and of the other with the first's. One that is nil is refused: across: max
// without the rule operator.
type option struct {
	Reason
	with, without *table
}

// mixed answers the job under a profile with one of its options taken from another.
func (c *comparing) mixed(profile int, sets []string, i int, set string) (*table, error) {
	mixed := slices.Clone(sets)
	mixed[i] = set
	t, err := c.answer(mixed)
	var refused *scenarios.Error
	if errors.As(err, &refused) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s with %s: %w", c.profiles[profile].Name, set, err)
	}
	return t, nil
}

// reasons adds the options that alone make one entry the other, or else all that change
// it; and if none does, those that the other entry needs. If that, too, has none, any
// of them makes it.
func (r *Row) reasons(options []option, from, to *entry, name string) {
	var alone, some, needed, all []Reason
	for _, o := range options {
		all = append(all, o.Reason)
		if o.without == nil || !same(o.without.rows[name], to) {
			needed = append(needed, o.Reason)
		}
		if o.with == nil {
			continue
		}
		switch e := o.with.rows[name]; {
		case same(e, to):
			o.Alone = true
			alone = append(alone, o.Reason)
		case !same(e, from):
			some = append(some, o.Reason)
		}
	}
	for _, list := range [][]Reason{some, needed, all} {
		if alone == nil {
			alone = list
		}
	}
	for _, o := range alone {
		if !slices.Contains(r.Why, o) {
			r.Why = append(r.Why, o)
		}
	}
}
