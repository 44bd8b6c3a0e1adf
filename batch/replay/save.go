package replay

import (
	"errors"
	"fmt"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/wire"
	"parallax/serving"
)

// ErrState is returned for bytes that are no state of the job.
var ErrState = errors.New("replay: not a state of this job")

// AppendTo appends the state, without the rows that are shown:
//
//	partitions 4, each: offset 8, frontier 8, refused 8 | ended 1 | state of the row path
func (r *Run) AppendTo(b []byte) []byte {
	b = wire.Order.AppendUint32(b, uint32(len(r.cut)))
	for p, c := range r.cut {
		for _, v := range [...]int64{c.Offset, c.Frontier, r.refused[p]} {
			b = wire.Order.AppendUint64(b, uint64(v))
		}
	}
	return r.path.AppendTo(wire.AppendBool(b, r.ended))
}

// Load makes a new run the one whose state and rows are given. An error leaves it
// unusable.
func (r *Run) Load(state []byte, rows []serving.Row) error {
	in := &wire.Reader{Rest: state}
	if n := in.Count(24); n != len(r.cut) {
		return fmt.Errorf("%w: %d partitions, want %d", ErrState, n, len(r.cut))
	}
	for p := range r.cut {
		r.cut[p] = protocol.Cut{Offset: in.I64(), Frontier: in.I64()}
		r.refused[p] = in.I64()
	}
	r.ended = in.Bool()
	for i := range rows {
		r.shown.Put(&rows[i])
	}
	if r.opts.Defect == DefectAnew {
		for p, c := range r.cut {
			r.path.Idle(p, c.Frontier)
		}
		return nil
	}
	rest, err := r.path.Load(in.Rest)
	if err == nil && len(rest) != 0 {
		err = fmt.Errorf("%d bytes behind it", len(rest))
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrState, err)
	}
	for p, c := range r.cut {
		if f := r.path.Entry().Frontier(p); f != c.Frontier {
			return fmt.Errorf("%w: partition %d has two frontiers, %d and %d", ErrState, p, f, c.Frontier)
		}
	}
	return nil
}
