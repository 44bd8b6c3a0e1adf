package operator

import (
	"errors"
	"slices"

	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
)

// Refuse has the path refuse rows for which an expression in front of the first windows,
// or the watermark's marker, has no value (an overflow, a remainder by zero, a text that
// is not a number), instead of ending with the first of them. Such a row is in no window
// and counts as none; it has moved its partition's frontier like every row that can be
// read, unless what it lacks is the marker. Whoever keeps a job running over a log needs
// this: the log keeps the row, and a job that ends with it ends again whenever it is
// started.
//
// What a row is refused for follows from the row alone, so it is refused in every
// batching and after every restart.
func (p *Path) Refuse() { p.refusing = true }

// Refusals lists the rows that the last Process has refused, until the next.
func (p *Path) Refusals() []*expr.RowError { return p.refusals }

// marks evaluates what the watermark's strategy looks at, and refuses rows for which it
// has no value. The batch has no selection yet, or that of the rows that are left.
func (p *Path) marks(b *column.Batch) (*column.Column, error) {
	p.refusals = p.refusals[:0]
	if p.plan.Marker == nil {
		return nil, nil
	}
	p.entry.unmarked = p.entry.unmarked[:0]
	marks, err := p.plan.Marker.Eval(b)
	for err != nil && p.refuses(b, err) {
		row := int32(p.refusals[len(p.refusals)-1].Row)
		at, _ := slices.BinarySearch(p.entry.unmarked, row)
		p.entry.unmarked = slices.Insert(p.entry.unmarked, at, row)
		marks, err = p.plan.Marker.Eval(b)
	}
	return marks, err
}

// refuses takes the row out of a batch for which an expression has failed, if it may.
func (p *Path) refuses(b *column.Batch, err error) bool {
	var bad *expr.RowError
	if !p.refusing || !errors.As(err, &bad) {
		return false
	}
	p.refusals = append(p.refusals, bad)
	p.unselect(b, int32(bad.Row))
	return true
}

// lead takes a batch to the first windows, without the rows that are refused. Nothing
// is kept of a batch before all of its expressions have been evaluated, so it can be
// taken again from the beginning.
func (p *Path) lead(b *column.Batch) (*column.Batch, *aggregate.Input, error) {
	view, err := p.first.run(b)
	for err != nil && p.refuses(b, err) {
		view, err = p.first.run(b)
	}
	return view, &p.first.input, err
}

// unselect takes a row out of a batch's selection.
func (p *Path) unselect(b *column.Batch, row int32) {
	kept := resize(p.kept, 0)
	if b.Select == nil {
		for i := range int32(b.Rows) {
			if i != row {
				kept = append(kept, i)
			}
		}
	} else {
		for _, i := range b.Select {
			if i != row {
				kept = append(kept, i)
			}
		}
	}
	p.kept, b.Select = kept, kept
}
