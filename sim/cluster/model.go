package cluster

import (
	"fmt"
	"math"
	"slices"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/watermark"
)

// model is what the view must hold at its cut. It is fed the log's batches in the
// order of the view's spans, judges lateness and assigns windows in the plainest
// way there is, each family of windows in a file of its own.
type model struct {
	pipeline *flow.Pipeline
	plan     *flow.Plan
	table    *aggregate.Table
	free     []uint32 // groups of the table that nobody uses
	family   family
	shelf    *shelf
	cut      []protocol.Cut
	spans    int
	cuts     [][]protocol.Cut // by span
	shownAt  []int64          // the watermark, by span
	counts   operator.Counts
	// Rows that the job refuses: of batches that it cannot read, and those for which an
	// expression has no value.
	unread, valueless int64
	input             aggregate.Input // its scratch is large
	kept              struct {        // rows of the batch at hand that go into accumulators
		groups []uint32
		rows   []int32
	}
}

// newModel is a model at the beginning of the log.
func newModel(job Job, plan *flow.Plan) *model {
	m := &model{
		pipeline: job.Pipeline, plan: plan, table: aggregate.NewTable(plan.Functions()),
		family: families[plan.Window.Kind](plan), shelf: newShelf(),
	}
	for range job.Feed {
		m.cut = append(m.cut, protocol.LogStart())
	}
	m.cuts, m.shownAt = [][]protocol.Cut{slices.Clone(m.cut)}, []int64{m.watermark()}
	return m
}

// fold takes a batch in.
func (m *model) fold(part int, b *protocol.Batch, e *entry) error {
	m.cut[part] = protocol.Cut{Offset: b.End(), Frontier: e.after}
	m.unread += e.unread
	m.valueless += e.valueless
	if e.rows == nil {
		return nil
	}
	if err := arguments(m.plan, e.rows, &m.input); err != nil {
		return err
	}
	m.kept.groups, m.kept.rows = m.kept.groups[:0], m.kept.rows[:0]
	m.counts.Rows += int64(len(e.keys))
	for i, row := range e.rows.Select {
		r := arrival{time: e.rows.Times[row], mark: m.mark(e.before[row]), key: e.keys[i], part: part, row: row}
		if r.time < r.mark {
			m.counts.RowsBehind++
		}
		m.family.place(m, &r)
	}
	m.table.AddRows(&m.input, m.kept.groups, m.kept.rows)
	return nil
}

// keep has a row of the batch at hand added to a group.
func (m *model) keep(group uint32, row int32) {
	m.kept.groups, m.kept.rows = append(m.kept.groups, group), append(m.kept.rows, row)
}

// take is an empty group of the table.
func (m *model) take() uint32 {
	if n := len(m.free); n > 0 {
		group := m.free[n-1]
		m.free = m.free[:n-1]
		return group
	}
	group := uint32(m.table.Groups())
	m.table.Grow(int(group) + 1)
	return group
}

// give takes a group back that nobody uses any more.
func (m *model) give(group uint32) {
	m.table.Clear(group)
	m.free = append(m.free, group)
}

// settle ends a span: the view shows what is due at the model's cut.
func (m *model) settle(span int) {
	m.shelf.now = span
	m.family.settle(m, m.marks())
}

// mark is the watermark at a frontier.
func (m *model) mark(frontier int64) int64 { return markAt(m.pipeline, frontier) }

func markAt(p *flow.Pipeline, frontier int64) int64 {
	d := p.Watermark.Bounded
	if p.Watermark.Kind == watermark.PerKey { // its promise is the watermark
		d = 0
	}
	switch {
	case frontier == math.MaxInt64:
		return math.MaxInt64
	case frontier < math.MinInt64+d:
		return math.MinInt64
	default:
		return frontier - d
	}
}

// watermark is the job's at the model's cut.
func (m *model) watermark() int64 { return slices.Min(marksAt(m.pipeline, m.cut)) }

// marks is the watermark at the model's cut by which the windows of each
// partition's rows fire.
func (m *model) marks() []int64 { return firing(m.pipeline, m.cut) }

func firing(p *flow.Pipeline, cut []protocol.Cut) []int64 {
	marks := marksAt(p, cut)
	if p.Watermark.Across != watermark.Own {
		least := slices.Min(marks)
		for part := range marks {
			marks[part] = least
		}
	}
	return marks
}

// marksAt is the watermark of each partition at a cut.
func marksAt(p *flow.Pipeline, cut []protocol.Cut) []int64 {
	marks := make([]int64, len(cut))
	for part, c := range cut {
		marks[part] = markAt(p, c.Frontier)
	}
	return marks
}

// foldTo gives the model a partition's batches up to a cut.
func (c *checker) foldTo(part int, to protocol.Cut) error {
	m := c.model
	return c.judge.between(part, m.cut[part], to, func(b *protocol.Batch, e *entry) error { return m.fold(part, b, e) })
}

// rollBackTo makes the model the one of an earlier span, at the cut of that.
func (c *checker) rollBackTo(span int, cut []protocol.Cut) error {
	old := c.model
	m := newModel(c.d.job, c.judge.plan)
	c.model = m
	for part := range cut {
		if err := c.foldTo(part, cut[part]); err != nil {
			return err
		}
	}
	m.settle(span)
	old.shelf.backTo(span)
	if !m.shelf.same(old.shelf) {
		return fmt.Errorf("%w: the model itself is another one when it goes to %v at once", errAnswer, cut)
	}
	m.spans, m.cuts, m.shownAt, m.shelf = span, old.cuts[:span+1], old.shownAt[:span+1], old.shelf
	return nil
}
