package cluster

// The log is linearizable by offset: what was acknowledged at an offset is what every
// later read of it shows.
//
// Property nothing-lost: a batch that was acknowledged is in the log, and stays there.
// Property leader-complete: a leader that serves reads has applied everything that was
// acknowledged.
// Property reads-committed: a reader is shown committed records only.

import (
	"errors"
	"fmt"

	"parallax/engine"
	"parallax/engine/commitlog"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/kappa"
)

// What can be wrong with what the log tells.
var (
	errLost   = errors.New("cluster: an acknowledged batch is lost")
	errLeader = errors.New("cluster: a leader serves less than was acknowledged")
	errEarly  = errors.New("cluster: a reader was shown what is not committed")
)

// leaders asks of a leader that serves reads, unless there is one of a later term,
// that it has applied everything that was acknowledged.
func (c *checker) leaders(id engine.NodeID, status []commitlog.PartitionStatus) error {
	l := c.log
	for part := range status {
		s := &status[part]
		if !s.Ready || s.Term < l.term[part] {
			continue
		}
		if l.term[part] != 0 && s.Term > l.term[part] {
			c.tally.LeaderChanges++
		}
		l.term[part] = s.Term
		if s.End.Offset < l.parts[part].promised {
			return fmt.Errorf("broker %d, partition %d, term %d: %w: %d of %d", id, part, s.Term, errLeader,
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
			return fmt.Errorf("partition %d: %w: batch %d, the log has %d", part, errLost, acked-1, c.sequence)
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

// worker asks that what a worker has read is committed.
func (l *logModel) worker(w *kappa.Worker) error {
	for part, c := range w.Reached() {
		p := &l.parts[part]
		if c.Offset != p.end().Offset && c.Offset > 0 && p.behind(c.Offset) < 0 {
			return fmt.Errorf("partition %d: %w: the worker is at %v, the log ends at %v", part, errEarly, c, p.end())
		}
	}
	return nil
}

// acknowledged asks of an acknowledgement that what it tells of is in the log, there and
// of that time. The producer numbers its requests by partition and sequence.
func (l *logModel) acknowledged(m *protocol.Produced) error {
	part := int(m.Partition.Number)
	if m.Code != protocol.OK || part >= len(l.parts) {
		return nil
	}
	p, sequence := &l.parts[part], uint32(m.Request)
	at := p.holding(m.Base)
	if at < 0 || p.batches[at].Base != m.Base || p.batches[at].Append != m.Append || p.batches[at].Sequence != sequence {
		return fmt.Errorf("partition %d: %w: batch %d was acknowledged at offset %d, the log ends at %v", part, errLost, sequence, m.Base, p.end())
	}
	return nil
}

// shown asks of an answer to a reader that what it shows is in the log, and is all of
// that between its first and its last record.
func (l *logModel) shown(m *protocol.Fetched) error {
	part := int(m.Partition.Number)
	if m.Code != protocol.OK || part >= len(l.parts) {
		return nil
	}
	p := &l.parts[part]
	if m.End > p.end().Offset {
		return fmt.Errorf("partition %d: %w: an answer says that the log ends at %d, it ends at %v", part, errEarly, m.End, p.end())
	}
	for i := range m.Batches {
		b := &m.Batches[i]
		if b.End() > p.end().Offset {
			return fmt.Errorf("partition %d: %w: an answer with offset %d, the log ends at %v", part, errEarly, b.Base, p.end())
		}
		if i > 0 && b.Base != m.Batches[i-1].End() {
			return fmt.Errorf("partition %d: %w: an answer goes from offset %d to %d", part, errEarly, m.Batches[i-1].End(), b.Base)
		}
		if err := p.same(b); err != nil {
			return fmt.Errorf("partition %d: an answer: %w", part, err)
		}
	}
	return nil
}

// finally asks that all of the feed is in the log.
func (l *logModel) finally(d *Deployment) error {
	for part := range l.parts {
		if have, want := int(l.parts[part].sequence), len(d.job.Feed[part]); have != want {
			return fmt.Errorf("partition %d: %w: %d batches of %d", part, errLost, have, want)
		}
	}
	return nil
}
