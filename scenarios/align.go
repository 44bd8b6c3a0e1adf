package scenarios

import (
	"errors"
	"slices"

	"parallax/engine/flow/column"
	"parallax/engine/flow/gate"
)

// kept is a batch whose memory stays as it is: one of its own, if rows may be held
// back.
func kept(b *column.Batch, apart bool) *column.Batch {
	if !apart {
		return b
	}
	own := *b
	own.Times, own.Appends = slices.Clone(b.Times), slices.Clone(b.Appends)
	own.Columns = make([]column.Column, len(b.Columns))
	for i := range b.Columns {
		from, to := &b.Columns[i], &own.Columns[i]
		to.Reset(from.Type, from.Dict)
		for row := range b.Rows {
			to.Append(from.Value(row))
		}
	}
	return &own
}

// held explains that too many rows are held back.
func (in *input) held(err error) error {
	if errors.Is(err, gate.ErrHeld) {
		return in.job.refuse("source.align", err.Error()+": the partition that all wait for is too far behind, or shows nothing; "+
			"give align a longer drift, or source.idle.after, with which a silent partition is not waited for")
	}
	return err
}
