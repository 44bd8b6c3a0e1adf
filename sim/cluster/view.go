package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/column"
	"parallax/serving"
	"parallax/sim/oracle"
)

// What can be wrong with the view.
var (
	errCut    = errors.New("cluster: the view's cut is none of the log, or goes back")
	errAnswer = errors.New("cluster: the view is not the answer at its cut")

	errWatermark = errors.New("cluster: the view's watermark is not that of its cut")
	errCounts    = errors.New("cluster: rows or pairs are not accounted for")
)

// viewCheck is what others know of the view.
type viewCheck struct {
	server   *serving.View  // the incarnation that was last looked at
	bases    uint64         // that it had written
	before   []int64        // scratch
	after    []int64        // scratch
	revealed []protocol.Cut // the greatest cut that anybody was told
}

// reveal notes that somebody was told of a cut.
func (c *checker) reveal(cut []protocol.Cut) {
	if cut == nil {
		return
	}
	if c.view.revealed == nil {
		c.view.revealed = slices.Clone(cut)
		return
	}
	for i := range cut {
		if cut[i].Offset > c.view.revealed[i].Offset {
			c.view.revealed[i] = cut[i]
		}
	}
}

// checkView brings the model to the view's cut and compares what that changed.
func (c *checker) checkView(v *serving.View) error {
	cut, mark := v.Cut()
	if v != c.view.server {
		c.view.server, c.view.bases = v, 0
		if err := c.rollBack(cut); err != nil {
			return err
		}
	}
	m := c.model
	if slices.Equal(cut, m.cut) {
		return nil
	}
	c.view.before = m.marks(c.view.before[:0])
	for part := range cut {
		if err := c.foldTo(part, cut[part]); err != nil {
			return err
		}
	}
	m.spans++
	m.cuts, m.shownAt = append(m.cuts, slices.Clone(m.cut)), append(m.shownAt, m.watermark())
	if mark != m.watermark() {
		return fmt.Errorf("%w: at %v, it should be %d", errWatermark, mark, m.watermark())
	}
	c.tally.Spans++
	if b := v.Status().Bases; b > c.view.bases {
		c.tally.ViewBases += b - c.view.bases
		c.view.bases = b
	}
	c.view.after = m.marks(c.view.after[:0])
	for i := range m.groups {
		g := &m.groups[i]
		shown := g.end <= c.view.after[g.part]
		if !shown || !g.touched && g.end <= c.view.before[g.part] {
			continue
		}
		g.touched = false
		if err := c.compareGroup(v, g, i); err != nil {
			return err
		}
	}
	if v.Len() != m.shown {
		return fmt.Errorf("%w: it has %d rows, %d are due at %v", errAnswer, v.Len(), m.shown, m.cut)
	}
	if every := c.d.opts.OracleEvery; every > 0 && m.spans%every == 0 {
		return c.checkOracle()
	}
	return nil
}

// rollBack is for a view server that has come back: spans that it had applied and
// nobody was told of may be gone. The model goes back with it.
func (c *checker) rollBack(cut []protocol.Cut) error {
	for i := range c.view.revealed {
		if cut[i].Offset < c.view.revealed[i].Offset {
			return fmt.Errorf("%w: back at %v, somebody was told of %v", errCut, cut, c.view.revealed)
		}
	}
	old := c.model
	span := len(old.cuts) - 1
	for span >= 0 && !slices.Equal(old.cuts[span], cut) {
		span--
	}
	if span == old.spans {
		return nil
	}
	if span < 0 {
		return fmt.Errorf("%w: back at %v, where it never stood", errCut, cut)
	}
	c.tally.ViewRollBacks++
	m, err := newModel(c.d.job)
	if err != nil {
		return err
	}
	c.model = m
	for part := range cut {
		if err := c.foldTo(part, cut[part]); err != nil {
			return err
		}
	}
	m.spans, m.cuts, m.shownAt = span, old.cuts[:span+1], old.shownAt[:span+1]
	for i := range m.groups {
		g := &m.groups[i]
		g.touched = false
		known := &old.groups[old.place[g.name()]]
		for len(known.versions) > 0 && known.versions[len(known.versions)-1].span > span {
			known.versions = known.versions[:len(known.versions)-1]
		}
		if g.versions = known.versions; len(g.versions) > 0 {
			m.shown++
		}
	}
	return nil
}

// foldTo gives the model a partition's batches up to a cut.
func (c *checker) foldTo(part int, to protocol.Cut) error {
	m, p := c.model, &c.log.parts[part]
	from := m.cut[part]
	if to.Offset < from.Offset {
		return fmt.Errorf("%w: partition %d from %v to %v", errCut, part, from, to)
	}
	for i := p.behind(from.Offset) + 1; m.cut[part].Offset < to.Offset; i++ {
		if i >= len(p.batches) {
			return fmt.Errorf("%w: partition %d at %v, the log ends at %v", errCut, part, to, p.end())
		}
		if err := m.fold(part, &p.batches[i], p.rows[i]); err != nil {
			return err
		}
	}
	if m.cut[part] != to {
		return fmt.Errorf("%w: partition %d at %v, not %v", errCut, part, to, m.cut[part])
	}
	return nil
}

// compareGroup compares one row of the view, byte by byte, and remembers it.
func (c *checker) compareGroup(v *serving.View, g *group, at int) error {
	m := c.model
	want := m.table.AppendTo(uint32(at), nil)
	row, ok := v.Row(g.start, g.key)
	switch {
	case !ok:
		return fmt.Errorf("%w: no row for key %q, window %d at %v", errAnswer, g.key, g.start, m.cut)
	case row.End != g.end || row.Revision != g.late || !bytes.Equal(row.Accumulators, want):
		return fmt.Errorf("%w: key %q, window %d: %x, revision %v; should be %x, %v at %v", errAnswer, g.key, g.start,
			row.Accumulators, row.Revision, want, g.late, m.cut)
	}
	if len(g.versions) == 0 {
		m.shown++
	}
	g.versions = append(g.versions, version{span: m.spans, late: g.late, bytes: want})
	return nil
}

// checkOracle compares the whole view with an answer from scratch at its cut.
func (c *checker) checkOracle() error {
	v, ok := c.d.Actor(c.d.view).(*serving.View)
	if !ok {
		return nil
	}
	cut, _ := v.Cut()
	in := oracle.Input{Schema: c.d.job.Schema, Partitions: len(cut)}
	for part := range cut {
		for i := range c.log.parts[part].batches {
			b := &c.log.parts[part].batches[i]
			if b.End() > cut[part].Offset {
				break
			}
			if b.Idle {
				in.Rows = append(in.Rows, oracle.Row{Partition: int32(part), Offset: b.Base, Time: b.TimeMax, Idle: true})
				continue
			}
			in.Rows = append(in.Rows, boxed(c.log.parts[part].rows[i], b)...)
		}
	}
	answer, err := oracle.Answer(c.d.job.Pipeline, in)
	if err != nil {
		return err
	}
	c.tally.OracleChecks++
	if err := c.model.conserves(&answer.All); err != nil {
		return err
	}
	return c.compareOracle(v, answer)
}

func (c *checker) compareOracle(v *serving.View, answer *oracle.Result) error {
	m := c.model
	marks := m.marks(nil)
	shown := 0
	for i := range answer.Windows {
		o := &answer.Windows[i]
		if o.Final == nil {
			continue
		}
		key := serving.AppendKey(nil, o.Key...)
		at, known := m.place[groupName(o.Start, key)]
		if !known {
			return fmt.Errorf("%w: the model lacks key %v, window %d", errAnswer, o.Key, o.Start)
		}
		if o.End > marks[m.groups[at].part] {
			continue
		}
		shown++
		row, ok := v.Row(o.Start, key)
		if !ok {
			return fmt.Errorf("%w: the oracle has key %v, window %d", errAnswer, o.Key, o.Start)
		}
		values, err := c.finish.values(row.Accumulators)
		if err != nil {
			return err
		}
		if !bytes.Equal(values, serving.AppendKey(nil, o.Final...)) {
			return fmt.Errorf("%w: key %v, window %d: %x, the oracle says %v", errAnswer, o.Key, o.Start, values, o.Final)
		}
	}
	if shown != v.Len() {
		return fmt.Errorf("%w: it has %d rows, the oracle %d", errAnswer, v.Len(), shown)
	}
	return nil
}

// boxed makes the oracle's rows of a batch.
func boxed(rows *column.Batch, b *protocol.Batch) []oracle.Row {
	list := make([]oracle.Row, rows.Rows)
	for i := range list {
		values := make([]column.Value, len(rows.Columns))
		for col := range values {
			values[col] = rows.Columns[col].Value(i)
		}
		list[i] = oracle.Row{
			Partition: rows.Partition, Offset: b.Base + int64(i), Time: rows.Times[i], Append: b.Append, Values: values,
		}
	}
	return list
}
