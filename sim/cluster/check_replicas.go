package cluster

// Property replicas-agree: what one broker has applied at an offset, every broker that
// gets there applies alike.

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"parallax/engine"
	"parallax/engine/commitlog"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/journal"
)

var errDiverged = errors.New("cluster: two brokers disagree about the log")

// seen is how far an incarnation of a broker has been looked at.
type seen struct {
	broker   *commitlog.Broker
	ends     []int64
	replicas []replica
}

// checkBroker compares what a broker has applied since it was last looked at.
func (c *checker) checkBroker(id engine.NodeID, b *commitlog.Broker) error {
	l := c.log
	s := l.brokers[id]
	if s == nil || s.broker != b {
		s = &seen{broker: b, ends: make([]int64, len(l.parts)), replicas: make([]replica, len(l.parts))}
		l.brokers[id] = s
	}
	l.ends = b.Ends(l.ends[:0])
	moved := false
	for part, end := range l.ends {
		if end == s.ends[part] {
			continue
		}
		err := l.compare(part, b, max(s.ends[part], 0))
		if errors.Is(err, journal.ErrCorrupt) && slices.Contains(c.d.Damaged(), id) {
			continue // what a fault has damaged is for the broker to notice
		}
		if err != nil {
			return fmt.Errorf("broker %d, partition %d: %w", id, part, err)
		}
		s.ends[part], moved = end, true
	}
	if !moved {
		return nil
	}
	status := b.Status()
	c.countLog(s, status)
	return c.leaders(id, status)
}

func (l *logModel) compare(part int, b *commitlog.Broker, from int64) error {
	p := &l.parts[part]
	var wrong error
	err := b.Batches(partition(part), from, func(batch protocol.Batch) bool {
		if batch.Base < p.end().Offset {
			wrong = p.same(&batch)
		} else {
			wrong = l.extend(part, batch)
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
	at := p.holding(b.Base)
	if at < 0 {
		return fmt.Errorf("%w: at offset %d", errDiverged, b.Base)
	}
	k := &p.batches[at]
	if k.Base != b.Base || k.Count != b.Count || k.Append != b.Append || k.Sequence != b.Sequence ||
		k.TimeMax != b.TimeMax || k.Idle != b.Idle || !bytes.Equal(k.Payload, b.Payload) {
		return fmt.Errorf("%w: at offset %d", errDiverged, b.Base)
	}
	return nil
}
