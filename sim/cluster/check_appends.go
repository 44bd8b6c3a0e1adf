package cluster

// Property nothing-twice: every batch of a producer is in the log once, in its order.
// Property batches-unchanged: a batch in the log is what its producer sent.
// Property append-times-rise: the append times of a partition never go back.

import (
	"bytes"
	"errors"
	"fmt"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/column"
)

// What can be wrong with what enters the log.
var (
	errTwice   = errors.New("cluster: a batch is in the log twice, or out of order")
	errChanged = errors.New("cluster: a batch is not what its producer sent")
	errAppend  = errors.New("cluster: append times go back")
)

// extend takes a batch in that nobody has applied before.
func (l *logModel) extend(part int, b protocol.Batch) error {
	p := &l.parts[part]
	end := p.end()
	if b.Base != end.Offset {
		return fmt.Errorf("%w: offset %d follows %d", errDiverged, b.Base, end.Offset)
	}
	if n := len(p.batches); n > 0 && b.Append < p.batches[n-1].Append {
		return fmt.Errorf("%w: at offset %d", errAppend, b.Base)
	}
	if b.Producer == 0 {
		l.idles++
		p.idle = min(p.idle, b.Base)
		if err := l.idle(part, &b); err != nil {
			return err
		}
	} else {
		if b.Sequence != p.sequence {
			return fmt.Errorf("%w: sequence %d at offset %d, after %d", errTwice, b.Sequence, b.Base, int64(p.sequence)-1)
		}
		f := &l.feed[part][b.Sequence]
		if b.Count != f.Count || b.TimeMax != f.TimeMax || b.Idle != f.Idle || !bytes.Equal(b.Payload, f.Payload) {
			return fmt.Errorf("%w: sequence %d", errChanged, b.Sequence)
		}
		b.Payload = f.Payload
		p.sequence++
	}
	var rows *column.Batch
	if !b.Idle && (b.Producer == 0 || !l.refused[batchName{part, b.Sequence}]) {
		var err error
		if rows, err = l.decode(int32(part), &b); err != nil {
			return err
		}
	}
	p.batches, p.rows = append(p.batches, b), append(p.rows, rows)
	p.cuts = append(p.cuts, protocol.Cut{Offset: b.End(), Frontier: max(end.Frontier, b.TimeMax)})
	return nil
}
