package fold

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"

	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
)

// ErrRow is returned for a row that no fold of the plan has.
var ErrRow = errors.New("fold: not a row of this job")

// Row is one (key, window) of a fold.
type Row struct {
	Key        []byte // as tuple.Append encodes it
	Start, End int64  // of the window, µs
	// Partition is the one whose watermark completes the window where that is across
	// own; else 0.
	Partition                int32
	OnTime, Revised, Dropped int64  // (row, window) pairs
	Accumulators             []byte // of those that count, canonical, of all functions in the job's order
}

// Counted is how many rows are in the accumulators.
func (r *Row) Counted(dropped bool) int64 {
	if dropped {
		return r.OnTime + r.Revised + r.Dropped
	}
	return r.OnTime + r.Revised
}

// Compare is the canonical order of rows: by start, then the key's bytes, then
// partition.
func (r *Row) Compare(o *Row) int {
	if c := cmp.Compare(r.Start, o.Start); c != 0 {
		return c
	}
	if c := bytes.Compare(r.Key, o.Key); c != 0 {
		return c
	}
	return cmp.Compare(r.Partition, o.Partition)
}

// Merger adds rows of one (key, window) without a fold: what answers do.
type Merger struct {
	sum *aggregate.Table
	one *aggregate.Table
}

// NewMerger is a merger of a stage's rows.
func NewMerger(stage *flow.Stage) *Merger {
	m := &Merger{sum: aggregate.NewTable(stage.Functions()), one: aggregate.NewTable(stage.Functions())}
	m.sum.Grow(1)
	m.one.Grow(1)
	return m
}

// Merge adds the rows, of which there must be one and which must be of one (key,
// window). The result's accumulators are appended to b.
func (m *Merger) Merge(rows []*Row, b []byte) (Row, error) {
	sum := *rows[0]
	if len(rows) == 1 {
		sum.Accumulators = append(b, sum.Accumulators...)
		return sum, nil
	}
	m.sum.Clear(0)
	for i, r := range rows {
		if i > 0 {
			if r.Compare(&sum) != 0 || r.End != sum.End {
				return sum, fmt.Errorf("%w: merged with another key or window", ErrRow)
			}
			sum.OnTime, sum.Revised, sum.Dropped = sum.OnTime+r.OnTime, sum.Revised+r.Revised, sum.Dropped+r.Dropped
		}
		if err := load(m.one, 0, r); err != nil {
			return sum, err
		}
		m.sum.Merge(0, m.one, 0)
	}
	sum.Accumulators = m.sum.AppendTo(0, b)
	return sum, nil
}

// load reads a row's accumulators into a group.
func load(t *aggregate.Table, group uint32, r *Row) error {
	rest, err := t.Load(group, r.Accumulators)
	if err == nil && len(rest) != 0 {
		err = fmt.Errorf("%d bytes behind the accumulators", len(rest))
	}
	if err != nil {
		return fmt.Errorf("%w: window from %d: %w", ErrRow, r.Start, err)
	}
	return nil
}

// Merge adds rows of another fold of the same plan, such as a view keeps.
func (f *Fold) Merge(rows []Row) error {
	const most = 1 << 12
	for len(rows) > 0 {
		n := min(most, len(rows))
		if err := f.mergeSome(rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func (f *Fold) mergeSome(rows []Row) error {
	numbers, err := f.number(rows)
	if err != nil {
		return fmt.Errorf("%w: key: %w", ErrRow, err)
	}
	all := f.Keys()
	var w *whole
	for i := range rows {
		r := &rows[i]
		if r.Partition < 0 || int(r.Partition) >= len(f.lanes) || min(r.OnTime, r.Revised, r.Dropped) < 0 {
			return fmt.Errorf("%w: partition %d, %d, %d and %d pairs", ErrRow, r.Partition, r.OnTime, r.Revised, r.Dropped)
		}
		l := &f.lanes[r.Partition]
		if w == nil || w.start != r.Start || f.own {
			if w, err = f.wholeOf(l, r, all); err != nil {
				return err
			}
		}
		group := f.merged.group(&w.cell, numbers[i], all)
		f.follow(group, group)
		if err := f.mergeInto(group, r); err != nil {
			return err
		}
	}
	return nil
}

// wholeOf is the window of a row.
func (f *Fold) wholeOf(l *lane, r *Row, all int) (*whole, error) {
	starts := f.window.Assign(r.Start, nil)
	if len(starts) == 0 || starts[len(starts)-1] != r.Start || f.window.End(r.Start) != r.End {
		return nil, fmt.Errorf("%w: there is no window [%d, %d)", ErrRow, r.Start, r.End)
	}
	return l.window(r.Start, r.End, &f.merged, all), nil
}

// mergeInto adds one row's pairs and accumulators.
func (f *Fold) mergeInto(group uint32, r *Row) error {
	p := &f.pairs[group]
	if f.spare == nil {
		f.spare = aggregate.NewTable(f.fns)
		f.spare.Grow(1)
	}
	if err := load(f.spare, 0, r); err != nil {
		return err
	}
	f.merged.table.Merge(group, f.spare, 0)
	p[onTime] += r.OnTime
	p[revised] += r.Revised
	p[dropped] += r.Dropped
	return nil
}

// follow moves the pairs of a merged group, and makes room for them.
func (f *Fold) follow(to, from uint32) {
	for len(f.pairs) < f.merged.table.Groups() {
		f.pairs = append(f.pairs, [fates]int64{})
	}
	if to != from {
		f.pairs[to], f.pairs[from] = f.pairs[from], [fates]int64{}
	}
}
