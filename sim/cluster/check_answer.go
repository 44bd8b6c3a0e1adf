package cluster

// Property answer-exact: the view holds exactly the answer at its cut. That is exactly
// once, at every step: with each span that the view applies, what it changed is compared
// byte by byte with the model, and now and then all of it with the oracle.

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

var errAnswer = errors.New("cluster: the view is not the answer at its cut")

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
	for part := range cut {
		if err := c.foldTo(part, cut[part]); err != nil {
			return err
		}
	}
	m.spans++
	m.cuts, m.shownAt = append(m.cuts, slices.Clone(m.cut)), append(m.shownAt, m.watermark())
	if mark != m.watermark() {
		return fmt.Errorf("%w: the view tells %d at %v, it should be %d", errWatermark, mark, m.cut, m.watermark())
	}
	c.tally.Spans++
	if b := v.Status().Bases; b > c.view.bases {
		c.tally.ViewBases += b - c.view.bases
		c.view.bases = b
	}
	m.settle(m.spans)
	for _, at := range m.shelf.fresh {
		if err := c.compareCell(v, &m.shelf.cells[at]); err != nil {
			return err
		}
	}
	m.shelf.fresh = m.shelf.fresh[:0]
	if v.Len() != m.shelf.shown {
		return fmt.Errorf("%w: it has %d rows, %d are due at %v", errAnswer, v.Len(), m.shelf.shown, m.cut)
	}
	if every := c.d.opts.OracleEvery; every > 0 && m.spans%every == 0 {
		return c.checkOracle()
	}
	return nil
}

// compareCell compares one row of the view, byte by byte.
func (c *checker) compareCell(v *serving.View, at *cell) error {
	m, key := c.model, c.judge.keys[at.key]
	row, ok := v.Row(at.start, key)
	want := at.at(m.spans)
	switch {
	case want == nil && !ok:
		c.tally.TakenBack++
		return nil
	case want == nil:
		return fmt.Errorf("%w: a row for key %q, window %d to %d, which stands no more at %v", errAnswer, key, at.start, row.End, m.cut)
	case !ok:
		return fmt.Errorf("%w: no row for key %q, window %d at %v", errAnswer, key, at.start, m.cut)
	case row.End != want.end || row.Revision != want.late || !bytes.Equal(row.Accumulators, want.bytes):
		return fmt.Errorf("%w: key %q, window %d to %d: %x, revision %v; should be to %d, %x, %v at %v", errAnswer, key, at.start,
			row.End, row.Accumulators, row.Revision, want.end, want.bytes, want.late, m.cut)
	}
	return nil
}

// checkOracle compares the whole view with an answer from scratch at its cut.
func (c *checker) checkOracle() error {
	v, ok := c.d.Actor(c.d.view).(*serving.View)
	if !ok {
		return nil
	}
	cut, _ := v.Cut()
	answer, err := oracle.Answer(c.d.job.Pipeline, c.input(cut))
	if err != nil {
		return err
	}
	c.tally.OracleChecks++
	if err := c.model.conserves(&answer.All); err != nil {
		return err
	}
	return c.compareOracle(v, answer)
}

// input is the log up to a cut, as the oracle wants it.
func (c *checker) input(cut []protocol.Cut) oracle.Input {
	in := oracle.Input{Schema: c.d.job.Schema, Partitions: len(cut), Fired: c.model.marks(), Refuse: true}
	most := 0
	for part := range cut {
		most += int(cut[part].Offset)
	}
	in.Rows = make([]oracle.Row, 0, most)
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
			if rows := c.log.parts[part].rows[i]; rows != nil {
				in.Rows = appendBoxed(in.Rows, rows, b)
			}
		}
	}
	return in
}

func (c *checker) compareOracle(v *serving.View, answer *oracle.Result) error {
	m := c.model
	marks := m.marks()
	shown := 0
	for i := range answer.Windows {
		o := &answer.Windows[i]
		if o.Final == nil {
			continue
		}
		key := serving.AppendKey(nil, o.Key...)
		number, known := c.judge.numbers[string(key)]
		if !known {
			return fmt.Errorf("%w: the model lacks key %v", errAnswer, o.Key)
		}
		if !m.family.due(spot{o.Start, number}, o.End, marks) {
			continue
		}
		shown++
		row, ok := v.Row(o.Start, key)
		if !ok || row.End != o.End || row.Revision != (o.RevisedPairs > 0) {
			return fmt.Errorf("%w: the oracle has key %v, window %d to %d, %d revisions", errAnswer, o.Key, o.Start, o.End, o.RevisedPairs)
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

// appendBoxed appends the oracle's rows of a batch.
func appendBoxed(list []oracle.Row, rows *column.Batch, b *protocol.Batch) []oracle.Row {
	width := len(rows.Columns)
	values := make([]column.Value, rows.Rows*width)
	for i := range rows.Rows {
		own := values[i*width : (i+1)*width : (i+1)*width]
		for col := range own {
			own[col] = rows.Columns[col].Value(i)
		}
		list = append(list, oracle.Row{
			Partition: rows.Partition, Offset: b.Base + int64(i), Time: rows.Times[i], Append: b.Append, Values: own,
		})
	}
	return list
}
