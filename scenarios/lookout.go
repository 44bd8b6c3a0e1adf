package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"parallax/engine"
	"parallax/engine/flow"
	"parallax/serving"
	"parallax/sim/cluster"
)

// lookout remembers what a scenario wants to be seen at its instants.
type lookout struct {
	s    *Scenario
	d    *cluster.Deployment
	plan *flow.Plan
	seen [][]serving.Row // by instant; nil while the view is down
}

// run is the run of the deployment, with a look at each instant.
func (l *lookout) run() error {
	start, story := l.s.Story.World.Start, l.s.Story
	for _, i := range l.s.Expect.At {
		if err := l.d.RunUntil(start + engine.Instant(i.At*engine.Microsecond)); err != nil {
			return err
		}
		l.seen = append(l.seen, copied(l.d.Rows()))
	}
	story.StormNs -= int64(l.d.Now()-start) / max(story.Pace, 1)
	return l.d.Play(&story)
}

// copied is rows that stay as they are.
func copied(rows []serving.Row) []serving.Row {
	list := slices.Clone(rows)
	for i := range list {
		list[i].Key, list[i].Accumulators = slices.Clone(list[i].Key), slices.Clone(list[i].Accumulators)
	}
	return list
}

// compare notes in the outcome what is not as expected.
func (l *lookout) compare(out *Outcome, view bool) error {
	plan, err := l.s.Story.Pipeline.Plan(l.s.Story.Schema)
	if err != nil {
		return err
	}
	l.plan = plan
	x := &l.s.Expect
	for i := range x.At {
		var rows []serving.Row
		if i < len(l.seen) {
			rows = l.seen[i]
		}
		t, _, err := newViewTable(plan).finish(rows)
		if err != nil {
			return err
		}
		if diff := differs(t, x.At[i].View); diff != "" {
			out.Missed = append(out.Missed, fmt.Sprintf("the view at %s: %s", flow.FormatDuration(x.At[i].At), diff))
		}
	}
	// What is expected at the end supposes that everything caught up, unless the file
	// knows better.
	behind := out.Excused != nil && x.Excused == nil
	if x.View != nil || view {
		if out.View, _, err = newViewTable(plan).finish(l.d.Rows()); err != nil {
			return err
		}
		if x.View != nil && !behind {
			if diff := differs(out.View, x.View); diff != "" {
				out.Missed = append(out.Missed, "the view at the end: "+diff)
			}
		}
	}
	if x.Dropped != nil && !behind {
		return l.dropped(out)
	}
	return nil
}

// differs says how an answer differs from what is expected, or "".
func differs(t *Table, want []Line) string {
	used := make([]bool, t.Rows)
	for _, line := range want {
		found := false
		for r := range t.Rows {
			if !used[r] && matches(t, r, line) {
				used[r], found = true, true
				break
			}
		}
		if !found {
			return fmt.Sprintf("there is no row %s; it has %s", line, rowsText(t))
		}
	}
	for r, is := range used {
		if !is {
			return fmt.Sprintf("the row %s is not expected", lineOf(t, r))
		}
	}
	return ""
}

// matches reports whether a row has the values of a line.
func matches(t *Table, row int, line Line) bool {
	for i := range line {
		col, ok := viewColumn(line[i].Column, t.Schema)
		if !ok {
			return false
		}
		have := t.Value(row, col)
		if us, edge := edgeOf(&line[i]); edge {
			if have.Int != us/1000 {
				return false
			}
			continue
		}
		want, msg := line[i].value(t.Schema[col].Type)
		if msg != "" || want.Compare(have) != 0 {
			return false
		}
	}
	return true
}

// edgeOf is a window's edge that is written as a duration, in microseconds.
func edgeOf(c *Cell) (us int64, ok bool) {
	if c.Column != "start" && c.Column != "end" {
		return 0, false
	}
	us, err := flow.ParseDuration(c.Text)
	return us, err == nil
}

// lineOf is a row of an answer as a scenario writes it.
func lineOf(t *Table, row int) Line {
	var line Line
	for c, f := range t.Schema {
		v := t.Value(row, c)
		switch f.Name {
		case flow.WindowStart:
			line = append(line, Cell{Column: "start", Text: flow.FormatDuration(v.Int * 1000)})
		case flow.WindowEnd:
			continue
		default:
			line = append(line, cellOf(f.Name, v))
		}
	}
	return line
}

// Lines are the rows as scenario files write them.
func (t *Table) Lines() []Line {
	list := make([]Line, t.Rows)
	for r := range list {
		list[r] = lineOf(t, r)
	}
	return list
}

// View is what a run's view holds.
func (s *Scenario) View(d *cluster.Deployment) (*Table, error) {
	plan, err := s.Story.Pipeline.Plan(s.Story.Schema)
	if err != nil {
		return nil, err
	}
	t, _, err := newViewTable(plan).finish(d.Rows())
	return t, err
}

// rowsShown is how many rows a message lists.
const rowsShown = 6

func rowsText(t *Table) string {
	if t.Rows == 0 {
		return "no rows"
	}
	var list []string
	for r := range min(t.Rows, rowsShown) {
		list = append(list, lineOf(t, r).String())
	}
	if t.Rows > rowsShown {
		list = append(list, fmt.Sprintf("and %d more", t.Rows-rowsShown))
	}
	return strings.Join(list, ", ")
}

// dropped compares the rows that lost a window with those that are expected to.
func (l *lookout) dropped(out *Outcome) error {
	lost, err := l.d.Dropped()
	if err != nil {
		return err
	}
	have := map[string]bool{}
	for _, d := range lost {
		have[l.idOf(d)] = true
	}
	for _, id := range l.s.Expect.Dropped {
		if !have[id] {
			out.Missed = append(out.Missed, fmt.Sprintf("row %s was not dropped", id))
		}
		delete(have, id)
	}
	var more []string
	for id := range have {
		more = append(more, id)
	}
	if slices.Sort(more); more != nil {
		out.Missed = append(out.Missed, fmt.Sprintf("dropped, and not expected to be: %s", strings.Join(more, ", ")))
	}
	return nil
}

// idOf is the id of the n-th row of a partition, or its number.
func (l *lookout) idOf(d cluster.RowRef) string {
	n := int64(0)
	for i := range l.s.Story.Rows {
		r := &l.s.Story.Rows[i]
		if r.Partition != d.Partition {
			continue
		}
		if n == d.Number {
			if r.ID != "" {
				return r.ID
			}
			break
		}
		n++
	}
	return fmt.Sprintf("row %d of partition %d", d.Number, d.Partition)
}
