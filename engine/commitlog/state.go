package commitlog

import (
	"errors"
	"fmt"
	"slices"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/wire"
)

// state is what a partition's applied entries amount to, besides the entries
// themselves: a function of the log, equal on all replicas that have applied the
// same entries. A snapshot is its encoding.
type state struct {
	start     protocol.Cut // where the log begins
	end       protocol.Cut // behind the last applied record
	append    int64        // append time of the last applied batch
	producers producers
	pins      pins
	times     timeIndex
	defect    Defect
}

func newState() state { return state{start: protocol.LogStart(), end: protocol.LogStart()} }

func (s *state) clone() state {
	c := *s
	c.producers, c.pins, c.times = s.producers.clone(), slices.Clone(s.pins), slices.Clone(s.times)
	return c
}

// errApply is a log that contradicts itself: the replica must not go on.
var errApply = errors.New("commitlog: entry does not continue the log")

// apply carries out one committed entry. It does not look at offsets the leader
// ought to have checked except to refuse what would corrupt the log.
func (s *state) apply(c *command) error {
	switch c.kind {
	case commandBatch:
		return s.applyBatch(&c.batch)
	case commandPin:
		if c.release || c.cut.Offset >= s.start.Offset {
			s.pins.set(c.holder, c.cut, c.release)
		}
	case commandTrim:
		// A pin that was committed after the leader chose the place wins.
		if c.cut.Offset > s.start.Offset && c.cut.Offset <= s.pins.least(s.end.Offset) {
			s.start = c.cut
			s.times.trim(c.cut.Offset)
		}
	}
	return nil
}

func (s *state) applyBatch(b *protocol.Batch) error {
	if b.Base != s.end.Offset || b.Append < s.append {
		return fmt.Errorf("%w: base %d after %d, append time %d after %d", errApply, b.Base, s.end.Offset, b.Append, s.append)
	}
	if b.Producer != 0 {
		if v, _ := s.producers.judge(b.Producer, b.Epoch, b.Sequence); v != next && s.defect != DefectNoDedup {
			return fmt.Errorf("%w: producer %d epoch %d sequence %d", errApply, b.Producer, b.Epoch, b.Sequence)
		}
		s.producers.record(b)
	}
	s.times.add(b.Append, s.end)
	s.end = protocol.Cut{Offset: b.End(), Frontier: b.Frontier(s.end.Frontier)}
	s.append = b.Append
	return nil
}

// snapshotFormat is the first byte of a snapshot:
//
//	format 1 | start: offset 8, frontier 8 | end: offset 8, frontier 8 | append time 8 |
//	producers 4, each: id 8, epoch 4, batches 1, each: sequence 4, base 8, append time 8 |
//	pins 4, each: holder 4+n, offset 8, frontier 8 |
//	time index 4, each: append time 8, offset 8, frontier 8
const snapshotFormat = 1

func (s *state) appendTo(b []byte) []byte {
	b = append(b, snapshotFormat)
	b = appendCut(appendCut(b, s.start), s.end)
	b = wire.Order.AppendUint64(b, uint64(s.append))
	b = wire.Order.AppendUint32(b, uint32(len(s.producers)))
	for i := range s.producers {
		p := &s.producers[i]
		b = wire.Order.AppendUint64(b, p.id)
		b = wire.Order.AppendUint32(b, p.epoch)
		b = append(b, byte(len(p.recent)))
		for _, a := range p.recent {
			b = wire.Order.AppendUint32(b, a.sequence)
			b = wire.Order.AppendUint64(b, uint64(a.base))
			b = wire.Order.AppendUint64(b, uint64(a.append))
		}
	}
	b = wire.Order.AppendUint32(b, uint32(len(s.pins)))
	for _, p := range s.pins {
		b = appendCut(wire.AppendBytes(b, []byte(p.holder)), p.cut)
	}
	b = wire.Order.AppendUint32(b, uint32(len(s.times)))
	for _, t := range s.times {
		b = appendCut(wire.Order.AppendUint64(b, uint64(t.append)), t.before)
	}
	return b
}

// errSnapshot is returned for bytes that are no snapshot.
var errSnapshot = errors.New("commitlog: damaged snapshot")

func decodeState(b []byte) (state, error) {
	r := &reader{wire.Reader{Rest: b}}
	if f := r.U8(); f != snapshotFormat {
		return state{}, fmt.Errorf("%w: format %d", errSnapshot, f)
	}
	s := state{start: r.cut(), end: r.cut(), append: r.I64()}
	for range r.Count(13) {
		p := producer{id: r.U64(), epoch: r.U32()}
		for range r.U8() {
			p.recent = append(p.recent, appended{sequence: r.U32(), base: r.I64(), append: r.I64()})
		}
		if len(p.recent) == 0 || len(p.recent) > recentMax {
			r.Fail()
			break
		}
		s.producers = append(s.producers, p)
	}
	for range r.Count(20) {
		s.pins = append(s.pins, pin{holder: r.Text(), cut: r.cut()})
	}
	for range r.Count(24) {
		s.times = append(s.times, timeMark{append: r.I64(), before: r.cut()})
	}
	if err := r.End(); err != nil {
		return state{}, fmt.Errorf("%w: %w", errSnapshot, err)
	}
	return s, nil
}
