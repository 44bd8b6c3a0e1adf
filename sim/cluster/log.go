package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"

	"parallax/engine"
	"parallax/engine/commitlog"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/column"
	"parallax/engine/flow/segment"
	"parallax/engine/kappa"
)

// What can be wrong with the log.
var (
	errDiverged = errors.New("cluster: two brokers disagree about the log")
	errLost     = errors.New("cluster: an acknowledged batch is lost")
	errTwice    = errors.New("cluster: a batch is in the log twice, or out of order")
	errAppend   = errors.New("cluster: append times go back")
	errLeader   = errors.New("cluster: a leader serves less than was acknowledged")
	errEarly    = errors.New("cluster: a reader was shown what is not committed")
	errChanged  = errors.New("cluster: a batch is not what its producer sent")
	errIdle     = errors.New("cluster: an idle record knows more than any partition")
)

// logModel is the log as it has been committed: what the first broker to apply it
// has shown. Nothing is ever taken back.
type logModel struct {
	feed    Feed
	plain   bool // a job's frontiers are the greatest times that its batches tell
	parts   []committed
	brokers map[engine.NodeID]*seen
	acked   []uint32 // batches of the producer, by partition
	term    []uint64 // the highest in which a leader was ready, by partition
	idles   uint64   // records of the brokers' own
	ends    []int64  // scratch
	reader  *segment.Reader
}

type committed struct {
	batches  []protocol.Batch
	cuts     []protocol.Cut  // behind each batch
	rows     []*column.Batch // of each batch, nil of idle ones
	sequence uint32          // of the producer's next batch
	promised int64           // offset behind the last acknowledged record
	start    int64           // the greatest that any broker has shown
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
	broker   *commitlog.Broker
	ends     []int64
	replicas []replica
}

func newLogModel(job Job) *logModel {
	n := len(job.Feed)
	return &logModel{
		feed: job.Feed, plain: simple(job.Pipeline) && job.Pipeline.Watermark.AheadMax == 0, parts: make([]committed, n),
		brokers: map[engine.NodeID]*seen{}, acked: make([]uint32, n), term: make([]uint64, n),
	}
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
		if err := l.compare(part, b, max(s.ends[part], 0)); err != nil {
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
		return fmt.Errorf("%w: at offset %d", errDiverged, b.Base)
	}
	return nil
}

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
	if !b.Idle {
		var err error
		if rows, err = l.decode(int32(part), &b); err != nil {
			return err
		}
	}
	p.batches, p.rows = append(p.batches, b), append(p.rows, rows)
	p.cuts = append(p.cuts, protocol.Cut{Offset: b.End(), Frontier: max(end.Frontier, b.TimeMax)})
	return nil
}

// idle asks of a record of the brokers' own that some other partition which has
// not ended has come as far as it says.
func (l *logModel) idle(part int, b *protocol.Batch) error {
	for other := range l.parts {
		f := l.parts[other].end().Frontier
		if other != part && b.Idle && len(b.Payload) == 0 && f >= b.TimeMax && b.TimeMax != math.MaxInt64 {
			return nil
		}
	}
	return fmt.Errorf("%w: frontier %d at offset %d", errIdle, b.TimeMax, b.Base)
}

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

// worker asks that what a worker has read is committed, to the frontier.
func (l *logModel) worker(w *kappa.Worker) error {
	for part, c := range w.Reached() {
		p := &l.parts[part]
		if c == p.end() || c == protocol.LogStart() {
			continue
		}
		if at := p.behind(c.Offset); at < 0 || p.cuts[at] != c && l.plain {
			return fmt.Errorf("partition %d: %w: the worker is at %v, the log ends at %v", part, errEarly, c, p.end())
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
			return fmt.Errorf("partition %d: %w: %d batches of %d", part, errLost, have, want)
		}
	}
	return nil
}

// decode reads the rows of a batch, which may be kept.
func (l *logModel) decode(part int32, b *protocol.Batch) (*column.Batch, error) {
	h, entry, err := segment.ParseHeader(b.Payload)
	if err != nil {
		return nil, err
	}
	if l.reader == nil || !l.reader.Reopen(h) {
		if l.reader, err = segment.NewReader(h); err != nil {
			return nil, err
		}
	}
	rows := &column.Batch{}
	if err := l.reader.Decode(entry, rows); err != nil {
		return nil, err
	}
	for i := range rows.Columns {
		c := &rows.Columns[i] // what the reader does not read in place it overwrites
		c.Null, c.Bools, c.Decimals = slices.Clone(c.Null), slices.Clone(c.Bools), slices.Clone(c.Decimals)
	}
	rows.Partition, rows.Offset = part, b.Base
	return rows, nil
}
