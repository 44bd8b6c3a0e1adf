package commitlog

import (
	"cmp"
	"slices"
	"strings"

	"parallax/engine/commitlog/protocol"
)

// recentMax is how many batches of a producer are remembered for answering a
// copy with the first one's offset. A producer keeps at most that many in
// flight to one partition.
const recentMax = 5

// verdict is what a partition's history says of a producer's batch.
type verdict uint8

const (
	next      verdict = iota // it is the one that follows
	duplicate                // it was appended before
	outOfSequence
	fenced
)

// appended remembers where a batch of a producer went.
type appended struct {
	sequence     uint32
	base, append int64
}

// producer is what a partition knows of one producer: its latest epoch and its
// last batches, oldest first.
type producer struct {
	id     uint64
	epoch  uint32
	recent []appended
}

// producers is the table of one partition, ascending by id. It is part of the
// replicated state: a function of the log's entries.
type producers []producer

func (p producers) find(id uint64) (int, bool) {
	return slices.BinarySearchFunc(p, id, func(q producer, id uint64) int { return cmp.Compare(q.id, id) })
}

// judge compares a batch with the table, as Kafka's append check does for
// idempotent producers: an older epoch is fenced; a new epoch begins at sequence
// 0; within an epoch the next batch follows the last. A copy of a remembered
// batch is told apart, with the place of the first.
func (p producers) judge(id uint64, epoch, sequence uint32) (verdict, appended) {
	at, known := p.find(id)
	if !known {
		return first(sequence), appended{}
	}
	q := &p[at]
	switch {
	case epoch < q.epoch:
		return fenced, appended{}
	case epoch > q.epoch:
		return first(sequence), appended{}
	}
	last := q.recent[len(q.recent)-1]
	if sequence == last.sequence+1 {
		return next, appended{}
	}
	for _, a := range q.recent {
		if a.sequence == sequence {
			return duplicate, a
		}
	}
	return outOfSequence, appended{}
}

func first(sequence uint32) verdict {
	if sequence == 0 {
		return next
	}
	return outOfSequence
}

// record notes a batch that judge called next.
func (p *producers) record(b *protocol.Batch) {
	a := appended{sequence: b.Sequence, base: b.Base, append: b.Append}
	at, known := p.find(b.Producer)
	if !known {
		*p = slices.Insert(*p, at, producer{id: b.Producer, epoch: b.Epoch, recent: []appended{a}})
		return
	}
	q := &(*p)[at]
	if q.epoch != b.Epoch {
		q.epoch, q.recent = b.Epoch, q.recent[:0]
	}
	if len(q.recent) == recentMax {
		q.recent = slices.Delete(q.recent, 0, 1)
	}
	q.recent = append(q.recent, a)
}

func (p producers) clone() producers {
	c := slices.Clone(p)
	for i := range c {
		c[i].recent = slices.Clone(c[i].recent)
	}
	return c
}

// pin is a place that retention must not pass.
type pin struct {
	holder string
	cut    protocol.Cut
}

// pins are ascending by holder.
type pins []pin

// set moves a holder's pin forward, or takes it away.
func (p *pins) set(holder string, c protocol.Cut, release bool) {
	at, known := slices.BinarySearchFunc(*p, holder, func(q pin, h string) int {
		return strings.Compare(q.holder, h)
	})
	switch {
	case release && known:
		*p = slices.Delete(*p, at, at+1)
	case release:
	case !known:
		*p = slices.Insert(*p, at, pin{holder: holder, cut: c})
	case c.Offset > (*p)[at].cut.Offset:
		(*p)[at].cut = c
	}
}

// least is the least pinned offset, or limit if that is less.
func (p pins) least(limit int64) int64 {
	for _, q := range p {
		limit = min(limit, q.cut.Offset)
	}
	return limit
}
