package operator

import (
	"errors"

	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
)

// Refuse has the path refuse rows for which an expression in front of the first windows
// has no value (an overflow, a remainder by zero, a text that is not a number), instead
// of ending with the first of them. Such a row is in no window
// and counts as none; it has moved its partition's frontier like every row that can be
// read. Whoever keeps a job running over a log needs this: the log keeps the row, and a
// job that ends with it ends again whenever it is started.
//
// What a row is refused for follows from the row alone, so it is refused in every
// batching and after every restart.
func (p *Path) Refuse() { p.refusing = true }

// Refusals lists the rows that the last Process has refused, until the next.
func (p *Path) Refusals() []*expr.RowError { return p.refusals }

// lead takes a batch to the first windows, without the rows that are refused. Nothing
// is kept of a batch before all of its expressions have been evaluated, so it can be
// taken again from the beginning.
func (p *Path) lead(b *column.Batch) (*column.Batch, *aggregate.Input, error) {
	p.refusals = p.refusals[:0]
	view, err := p.first.run(b)
	for err != nil && p.refusing {
		var bad *expr.RowError
		if !errors.As(err, &bad) {
			break
		}
		p.refusals = append(p.refusals, bad)
		p.unselect(b, int32(bad.Row))
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
