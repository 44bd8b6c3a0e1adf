package kappa

import (
	"errors"
	"fmt"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/journal"
	"parallax/engine/wire"
)

// Feed is a source cut into batches: batch sequence of a partition is always the
// same one, however often it is asked for. ok is false behind the last.
type Feed interface {
	Batch(partition int32, sequence uint32) (b FeedBatch, ok bool)
}

// FeedBatch is one batch of a source.
type FeedBatch struct {
	Due     engine.Instant // when the source has it
	Count   int32
	TimeMax int64 // the greatest event time among its rows, microseconds
	Idle    bool  // no rows: it carries a frontier
	Payload []byte
}

// ProducerOptions describe a producer.
type ProducerOptions struct {
	ID         uint64 // of the producer, not 0
	Topic      string
	Partitions int32
	Brokers    []engine.NodeID
	Feed       Feed
	Retry      int64 // ns; 0 means 300 ms
	Defect     Defect
}

// inFlightMax is how many batches of a partition may be unacknowledged: the log
// remembers as many of a producer's last ones.
const inFlightMax = 5

// Producer brings a feed into the log, each batch when it is due. It writes down
// which batches are acknowledged, before it sends those that become possible, so
// that after a crash it repeats none that the log does not remember.
type Producer struct {
	opts    ProducerOptions
	journal *journal.Journal
	parts   []feeding
	records int
	retries int
}

// feeding is the producer's place in one partition.
type feeding struct {
	acked uint32 // all batches below are
	ahead [inFlightMax]bool
	sent  uint32 // all below have been sent since the last retry
	to    int    // the broker that is believed to lead

	epoch, base uint32 // planted defect: sequences are counted from base
}

// StartProducer returns the start of a producer.
func StartProducer(opts ProducerOptions) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		if opts.Retry == 0 {
			opts.Retry = 300 * engine.Millisecond
		}
		p := &Producer{opts: opts, parts: make([]feeding, opts.Partitions)}
		j, err := journal.Open(env.Disk, env.Boot, "producer", journal.Options{Hooks: env.Hooks}, p.replay)
		if err != nil {
			return nil, fmt.Errorf("kappa: producer: %w", err)
		}
		p.journal = j
		for i := range p.parts {
			p.parts[i].sent = p.parts[i].acked
			p.send(int32(i), env.Now, fx)
		}
		return p, nil
	}
}

// The producer's records: how many batches of each partition are acknowledged.
//
//	partitions, each: acknowledged 4
func (p *Producer) replay(rec journal.Record) error {
	r := &wire.Reader{Rest: rec.Data}
	for i := range p.parts {
		p.parts[i].acked = r.U32()
	}
	if err := r.End(); err != nil {
		return fmt.Errorf("kappa: producer's record: %w", err)
	}
	return nil
}

// Step handles one message.
func (p *Producer) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case protocol.Produced:
		p.produced(m, ev.Now, fx)
	case retry:
		if int(m.partition) < len(p.parts) {
			p.retry(m, ev.Now, fx)
		}
	}
}

// send sends what is due and possible, and sees that it is looked at again.
func (p *Producer) send(part int32, now engine.Instant, fx *engine.Effects) {
	f := &p.parts[part]
	wait := p.opts.Retry
	for ; f.sent < f.acked+inFlightMax; f.sent++ {
		b, ok := p.opts.Feed.Batch(part, f.sent)
		if !ok {
			if f.sent == f.acked {
				fx.Cancel(uint64(part))
				return
			}
			break
		}
		if b.Due > now {
			if f.sent == f.acked {
				wait = int64(b.Due - now)
			}
			break
		}
		if f.sent-f.acked < inFlightMax && f.ahead[f.sent%inFlightMax] {
			continue
		}
		fx.Send(p.opts.Brokers[f.to], protocol.Produce{
			Request:   uint64(part)<<32 | uint64(f.sent),
			Partition: protocol.PartitionID{Topic: p.opts.Topic, Number: part},
			Producer:  p.opts.ID, Epoch: f.epoch, Sequence: f.sent - f.base, Count: b.Count, TimeMax: b.TimeMax, Idle: b.Idle, Payload: b.Payload,
		})
	}
	fx.After(uint64(part), wait, retry{partition: part, acked: f.acked})
}

// retry sends everything unacknowledged again, to another broker if nothing has
// moved since the timer was set.
func (p *Producer) retry(m retry, now engine.Instant, fx *engine.Effects) {
	f := &p.parts[m.partition]
	if m.acked == f.acked && f.sent > f.acked {
		p.retries++
		f.to = (f.to + 1) % len(p.opts.Brokers)
	}
	f.sent = f.acked
	p.send(m.partition, now, fx)
}

// errRefused ends a producer: it can never be right to go on.
var errRefused = errors.New("kappa: the log refuses this producer")

func (p *Producer) produced(m protocol.Produced, now engine.Instant, fx *engine.Effects) {
	part, sequence := int32(m.Request>>32), uint32(m.Request)
	if int(part) >= len(p.parts) || m.Partition.Number != part {
		return
	}
	f := &p.parts[part]
	switch m.Code {
	case protocol.OK:
		p.acknowledge(part, sequence, now, fx)
	case protocol.NotLeader:
		for i, b := range p.opts.Brokers {
			if b == m.Leader && i != f.to && sequence >= f.acked {
				f.to, f.sent = i, f.acked
				p.send(part, now, fx)
			}
		}
	case protocol.OutOfSequence: // the timer sends it again, behind those before it
		if p.opts.Defect == DefectRenumber && sequence >= f.acked {
			f.epoch, f.base, f.sent = f.epoch+1, f.acked, f.acked
			p.send(part, now, fx)
		}
	case protocol.Fenced, protocol.Invalid, protocol.Unknown:
		if p.opts.Defect == DefectRenumber && m.Code == protocol.Fenced {
			return // a copy of an epoch that is over
		}
		fx.Fatal = fmt.Errorf("%w: %s sequence %d: %s", errRefused, m.Partition, sequence, m.Code)
	}
}

// acknowledge notes a batch, and writes down and goes on behind the last of an
// unbroken row.
func (p *Producer) acknowledge(part int32, sequence uint32, now engine.Instant, fx *engine.Effects) {
	f := &p.parts[part]
	if sequence < f.acked || sequence >= f.acked+inFlightMax {
		return
	}
	f.ahead[sequence%inFlightMax] = true
	before := f.acked
	for f.ahead[f.acked%inFlightMax] {
		f.ahead[f.acked%inFlightMax] = false
		f.acked++
	}
	if f.acked == before {
		return
	}
	f.sent = max(f.sent, f.acked)
	p.write(fx)
	p.send(part, now, fx)
}

// recordsPerBase is after how many records the journal is begun anew.
const recordsPerBase = 1024

func (p *Producer) write(fx *engine.Effects) {
	var b []byte
	for i := range p.parts {
		b = wire.Order.AppendUint32(b, p.parts[i].acked)
	}
	if p.records++; p.records%recordsPerBase == 0 {
		p.journal.Base(fx, b)
		return
	}
	p.journal.Append(fx, b)
}

// Done reports whether every batch of the feed is acknowledged.
func (p *Producer) Done() bool {
	for i := range p.parts {
		if _, more := p.opts.Feed.Batch(int32(i), p.parts[i].acked); more {
			return false
		}
	}
	return true
}

// Acked is how many batches of a partition are acknowledged.
func (p *Producer) Acked(partition int32) uint32 { return p.parts[partition].acked }
