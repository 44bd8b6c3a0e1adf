package cluster

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
	"parallax/engine/wire"
	"parallax/serving"
)

// group is what the model knows of one (key, window).
type group struct {
	part       int // that its first row came from
	key        []byte
	start, end int64
	late       bool      // it holds revisions
	touched    bool      // by the span that is being folded
	versions   []version // what the view has said of it, ascending by span
}

// version is a group's row from a span on.
type version struct {
	span  int
	late  bool
	bytes []byte
	final []byte // the finished values, once somebody has asked for them
}

// ErrSessions is returned for a job with session windows, which the model does not
// know: such a job runs only unchecked.
var ErrSessions = errors.New("cluster: session windows cannot be checked")

// model is what the view must hold at its cut. It is fed the log's batches in the
// order of the view's spans, assigns windows and judges lateness in the plainest
// way there is, and adds every row to every window by itself.
type model struct {
	pipeline *flow.Pipeline
	plan     *flow.Plan
	table    *aggregate.Table
	cut      []protocol.Cut
	groups   []group
	place    map[string]int
	shown    int // groups that the view has
	spans    int
	cuts     [][]protocol.Cut // by span
	shownAt  []int64          // the watermark, by span
	counts   operator.Counts
	input    aggregate.Input
}

func newModel(job Job) (*model, error) {
	plan, err := job.Pipeline.Plan(job.Schema)
	if err != nil {
		return nil, err
	}
	if plan.Window.Kind == window.Session {
		return nil, ErrSessions
	}
	m := &model{pipeline: job.Pipeline, plan: plan, table: aggregate.NewTable(plan.Functions()), place: map[string]int{}}
	for range job.Feed {
		m.cut = append(m.cut, protocol.LogStart())
	}
	m.cuts, m.shownAt = [][]protocol.Cut{slices.Clone(m.cut)}, []int64{m.watermark()}
	return m, nil
}

// fold takes a batch in, whose rows are given.
func (m *model) fold(part int, b *protocol.Batch, decoded *column.Batch) error {
	frontier := m.cut[part].Frontier
	m.cut[part].Offset = b.End()
	if b.Idle {
		m.cut[part].Frontier = max(frontier, b.TimeMax)
		return nil
	}
	rows := new(column.Batch)
	*rows = *decoded
	before := make([]int64, rows.Rows)
	most := m.pipeline.Watermark.AheadMax
	taken := []int32{} // not nil: that would be all
	for i, t := range rows.Times {
		before[i] = frontier
		if most > 0 && t > b.Append+most {
			continue
		}
		frontier = max(frontier, t)
		taken = append(taken, int32(i))
	}
	m.cut[part].Frontier = frontier
	if b.TimeMax > frontier && most == 0 {
		return fmt.Errorf("%w: partition %d, offset %d: no row is at %d", errChanged, part, b.Base, b.TimeMax)
	}
	rows.Select = taken
	view := rows
	for i := range m.plan.Rows {
		var err error
		if view, err = runStep(&m.plan.Rows[i], view); err != nil {
			return err
		}
	}
	return m.add(part, view, before)
}

// add puts every row into every window that it is not too late for.
func (m *model) add(part int, rows *column.Batch, before []int64) error {
	if err := m.arguments(rows); err != nil {
		return err
	}
	selected := rows.Select
	if selected == nil {
		for i := range rows.Rows {
			selected = append(selected, int32(i))
		}
	}
	spec, late := m.plan.Window, m.pipeline.Late
	var groups []uint32
	var which []int32
	m.counts.Rows += int64(len(selected))
	for _, row := range selected {
		w := m.mark(before[row])
		var key []byte
		for _, col := range m.plan.Keys {
			key = serving.AppendKey(key, rows.Columns[col].Value(int(row)))
		}
		t := rows.Times[row]
		if t < w {
			m.counts.RowsBehind++
		}
		start := t - mod(t-spec.Offset, spec.Every)
		pairs, kept := 0, 0
		for ; start > t-spec.Size; start -= spec.Every {
			end := start + spec.Size
			pairs++
			if w >= end+late.Allowed {
				m.counts.PairsDropped++
				continue
			}
			kept++
			at := m.group(part, key, start, end)
			m.groups[at].touched = true
			if w >= end {
				m.groups[at].late = true
				m.counts.PairsRevised++
			} else {
				m.counts.PairsOnTime++
			}
			groups, which = append(groups, uint32(at)), append(which, row)
		}
		if pairs > 0 && kept == 0 {
			m.counts.RowsDropped++
		}
	}
	m.table.Grow(len(m.groups))
	m.table.AddRows(&m.input, groups, which)
	return nil
}

// mod is t modulo n with the sign of n, which is positive.
func mod(t, n int64) int64 { return (t%n + n) % n }

// arguments computes what the aggregates are given.
func (m *model) arguments(rows *column.Batch) error {
	m.input = aggregate.Input{Batch: rows}
	for i := range m.plan.Aggregates {
		a := &m.plan.Aggregates[i]
		var where []bool
		if a.Where != nil {
			c, err := a.Where.Eval(rows)
			if err != nil {
				return err
			}
			where = make([]bool, rows.Rows)
			for row := range where {
				where[row] = c.Bools[row] && !c.IsNull(row)
			}
		}
		args := make([]*column.Column, len(a.Args))
		for j, p := range a.Args {
			c, err := p.EvalWhere(rows, where)
			if err != nil {
				return err
			}
			args[j] = c
		}
		m.input.Args = append(m.input.Args, args)
		m.input.Where = append(m.input.Where, where)
	}
	return nil
}

func (m *model) group(part int, key []byte, start, end int64) int {
	g := group{part: part, key: key, start: start, end: end}
	at, ok := m.place[g.name()]
	if !ok {
		at = len(m.groups)
		m.place[g.name()] = at
		m.groups = append(m.groups, g)
	}
	return at
}

func (g *group) name() string { return groupName(g.start, g.key) }

func groupName(start int64, key []byte) string {
	return string(append(wire.Order.AppendUint64(nil, uint64(start)), key...))
}

// mark is the watermark at a frontier.
func (m *model) mark(frontier int64) int64 {
	switch d := m.pipeline.Watermark.Bounded; {
	case frontier == math.MaxInt64:
		return math.MaxInt64
	case frontier < math.MinInt64+d:
		return math.MinInt64
	default:
		return frontier - d
	}
}

// watermark is the job's at the model's cut.
func (m *model) watermark() int64 {
	least := int64(math.MaxInt64)
	for _, c := range m.cut {
		least = min(least, m.mark(c.Frontier))
	}
	return least
}

// marks appends the watermark by which the groups of each partition fire.
func (m *model) marks(buf []int64) []int64 {
	least := m.watermark()
	for _, c := range m.cut {
		if m.pipeline.Watermark.Across == watermark.Own {
			buf = append(buf, m.mark(c.Frontier))
		} else {
			buf = append(buf, least)
		}
	}
	return buf
}

// at is the group's version at a span, nil if the view did not have it.
func (g *group) at(span int) *version {
	for i := len(g.versions) - 1; i >= 0; i-- {
		if g.versions[i].span <= span {
			return &g.versions[i]
		}
	}
	return nil
}

// runStep carries out a filter or a projection.
func runStep(s *flow.RowStep, b *column.Batch) (*column.Batch, error) {
	if s.Filter != nil {
		sel, err := s.Filter.Select(b, []int32{}) // never nil: that would be all
		if err != nil {
			return nil, err
		}
		out := *b
		out.Select = sel
		return &out, nil
	}
	out := *b
	out.Schema, out.Columns = s.Schema, nil
	for _, p := range s.Project {
		c, err := p.Eval(b)
		if err != nil {
			return nil, err
		}
		out.Columns = append(out.Columns, *c)
	}
	return &out, nil
}
