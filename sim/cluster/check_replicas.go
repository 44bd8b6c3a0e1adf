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
		damaged := slices.Contains(c.d.Damaged(), id)
		err := l.compare(part, b, max(s.ends[part], 0), damaged)
		if errors.Is(err, journal.ErrCorrupt) && damaged {
			continue // nobody else has shown it yet
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

// compare holds a broker's batches from an offset on against those that are known. What a
// fault has damaged is for the broker to notice: a batch that it cannot read any more is
// passed over if it is known from others.
func (l *logModel) compare(part int, b *commitlog.Broker, from int64, damaged bool) error {
	p := &l.parts[part]
	for {
		var wrong error
		next := from
		err := b.Batches(partition(part), from, func(batch protocol.Batch) bool {
			if batch.Base < p.end().Offset {
				wrong = p.same(&batch)
			} else {
				wrong = l.extend(part, batch)
			}
			next = batch.End()
			return wrong == nil
		})
		if wrong != nil || err == nil {
			return wrong
		}
		at := p.holding(next)
		if !damaged || !errors.Is(err, journal.ErrCorrupt) || at < 0 {
			return err
		}
		from = p.batches[at].End()
	}
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
