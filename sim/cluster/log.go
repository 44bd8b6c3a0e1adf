package cluster

import (
	"bytes"
	"errors"
	"fmt"

	"parallax/engine"
	"parallax/engine/commitlog"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/kappa"
)

// What can be wrong with the log.
var (
	ErrDiverged = errors.New("cluster: two brokers disagree about the log")
	ErrLost     = errors.New("cluster: an acknowledged batch is lost")
	ErrTwice    = errors.New("cluster: a batch is in the log twice, or out of order")
	ErrAppend   = errors.New("cluster: append times go back")
	ErrLeader   = errors.New("cluster: a leader serves less than was acknowledged")
	ErrEarly    = errors.New("cluster: a reader was shown what is not committed")
)

// logModel is the log as it has been committed: what the first broker to apply it
// has shown. Nothing is ever taken back.
type logModel struct {
	parts   []committed
	brokers map[engine.NodeID]*seen
	acked   []uint32 // batches of the producer, by partition
	term    []uint64 // the highest in which a leader was ready, by partition
	ends    []int64  // scratch
}

type committed struct {
	batches  []protocol.Batch
	cuts     []protocol.Cut // behind each batch
	sequence uint32         // of the producer's next batch
	promised int64          // offset behind the last acknowledged record
}

// end is the cut behind the last batch.
func (p *committed) end() protocol.Cut {
	if len(p.cuts) == 0 {
		return protocol.LogStart()
	}
	return p.cuts[len(p.cuts)-1]
}

// seen is how far an incarnation of a broker has been looked at.
type seen struct {
	broker *commitlog.Broker
	ends   []int64
}

func newLogModel(partitions int) *logModel {
	return &logModel{
		parts: make([]committed, partitions), brokers: map[engine.NodeID]*seen{},
		acked: make([]uint32, partitions), term: make([]uint64, partitions),
	}
}

// broker compares what a broker has applied since it was last looked at.
func (l *logModel) broker(id engine.NodeID, b *commitlog.Broker) error {
	s := l.brokers[id]
	if s == nil || s.broker != b {
		s = &seen{broker: b, ends: make([]int64, len(l.parts))}
		l.brokers[id] = s
	}
	l.ends = b.Ends(l.ends[:0])
	moved := false
	for part, end := range l.ends {
		if end == s.ends[part] {
			continue
		}
		if err := l.compare(part, b, max(s.ends[part], 0)); err != nil {
			return fmt.Errorf("broker %d, partition %d: %w", id, part, err)
		}
		s.ends[part], moved = end, true
	}
	if moved {
		return l.leaders(id, b)
	}
	return nil
}

func (l *logModel) compare(part int, b *commitlog.Broker, from int64) error {
	p := &l.parts[part]
	var wrong error
	err := b.Batches(partition(part), from, func(batch protocol.Batch) bool {
		if batch.Base < p.end().Offset {
			wrong = p.same(&batch)
		} else {
			wrong = p.extend(batch)
		}
		return wrong == nil
	})
	if err != nil {
		return err
	}
	return wrong
}

// same compares a batch with the one that is known at its place.
func (p *committed) same(b *protocol.Batch) error {
	lo, hi := 0, len(p.batches)
	for lo < hi {
		if mid := (lo + hi) / 2; p.batches[mid].Base < b.Base {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	k := &p.batches[lo]
	if k.Base != b.Base || k.Count != b.Count || k.Append != b.Append || k.Sequence != b.Sequence ||
		k.TimeMax != b.TimeMax || k.Idle != b.Idle || !bytes.Equal(k.Payload, b.Payload) {
		return fmt.Errorf("%w: at offset %d", ErrDiverged, b.Base)
	}
	return nil
}

// extend takes a batch in that nobody has applied before.
func (p *committed) extend(b protocol.Batch) error {
	end := p.end()
	if b.Base != end.Offset {
		return fmt.Errorf("%w: offset %d follows %d", ErrDiverged, b.Base, end.Offset)
	}
	if n := len(p.batches); n > 0 && b.Append < p.batches[n-1].Append {
		return fmt.Errorf("%w: at offset %d", ErrAppend, b.Base)
	}
	if b.Producer != 0 {
		if b.Sequence != p.sequence {
			return fmt.Errorf("%w: sequence %d at offset %d, after %d", ErrTwice, b.Sequence, b.Base, int64(p.sequence)-1)
		}
		p.sequence++
	}
	b.Payload = bytes.Clone(b.Payload)
	p.batches = append(p.batches, b)
	p.cuts = append(p.cuts, protocol.Cut{Offset: b.End(), Frontier: max(end.Frontier, b.TimeMax)})
	return nil
}

// leaders asks of a leader that serves reads, unless there is one of a later term,
// that it has applied everything that was acknowledged.
func (l *logModel) leaders(id engine.NodeID, b *commitlog.Broker) error {
	for part, s := range b.Status() {
		if !s.Ready || s.Term < l.term[part] {
			continue
		}
		l.term[part] = s.Term
		if s.End.Offset < l.parts[part].promised {
			return fmt.Errorf("broker %d, partition %d, term %d: %w: %d of %d", id, part, s.Term, ErrLeader,
				s.End.Offset, l.parts[part].promised)
		}
	}
	return nil
}

// producer asks that everything that a producer believes to be stored is.
func (l *logModel) producer(p *kappa.Producer) error {
	for part := range l.parts {
		acked := p.Acked(int32(part))
		if acked <= l.acked[part] {
			continue
		}
		l.acked[part] = acked
		c := &l.parts[part]
		if acked > c.sequence {
			return fmt.Errorf("partition %d: %w: batch %d, the log has %d", part, ErrLost, acked-1, c.sequence)
		}
		for i := len(c.batches) - 1; i >= 0; i-- {
			if b := &c.batches[i]; b.Producer != 0 && b.Sequence == acked-1 {
				c.promised = max(c.promised, b.End())
				break
			}
		}
	}
	return nil
}

// worker asks that what a worker has read is committed, to the frontier.
func (l *logModel) worker(w *kappa.Worker) error {
	for part, c := range w.Reached() {
		p := &l.parts[part]
		if c == p.end() || c == protocol.LogStart() {
			continue
		}
		if at := p.behind(c.Offset); at < 0 || p.cuts[at] != c {
			return fmt.Errorf("partition %d: %w: the worker is at %v, the log ends at %v", part, ErrEarly, c, p.end())
		}
	}
	return nil
}

// behind is the batch that ends at an offset, or -1.
func (p *committed) behind(offset int64) int {
	lo, hi := 0, len(p.cuts)
	for lo < hi {
		if mid := (lo + hi) / 2; p.cuts[mid].Offset < offset {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == len(p.cuts) || p.cuts[lo].Offset != offset {
		return -1
	}
	return lo
}

// finally asks that all of the feed is in the log.
func (l *logModel) finally(d *Deployment) error {
	for part := range l.parts {
		if have, want := int(l.parts[part].sequence), len(d.job.Feed[part]); have != want {
			return fmt.Errorf("partition %d: %w: %d batches of %d", part, ErrLost, have, want)
		}
	}
	return nil
}
