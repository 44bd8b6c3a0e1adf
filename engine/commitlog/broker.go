package commitlog

import (
	"fmt"
	"slices"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/journal"
)

// Timers of a broker. Elections have one each, from timerElection on.
const (
	timerBeat uint64 = iota
	timerElection
)

// Broker is one node of the log: a replica of every partition.
type Broker struct {
	opts     Options
	env      engine.Env
	now      engine.Instant
	replicas []*replica // by topic, then number; the index is the partition's name between brokers
	topics   []topic
}

// topic is a range of the broker's partitions.
type topic struct {
	name     string
	first    uint32 // index of partition 0
	replicas []*replica

	// What the controller, the leader of partition 0, knows and does.
	told     []told
	asked    engine.Instant
	asks     engine.Instant // when it asks again
	deciding bool           // nothing was done yet about the last answers
}

// Start returns the start of a broker.
func Start(opts Options) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		if err := opts.fill(); err != nil {
			return nil, err
		}
		if _, ok := slices.BinarySearch(opts.Brokers, env.ID); !ok {
			return nil, fmt.Errorf("%w: node %d is none of the brokers %v", ErrOptions, env.ID, opts.Brokers)
		}
		b := &Broker{opts: opts, env: env, now: env.Now}
		for _, t := range opts.Topics {
			for n := range t.Partitions {
				r, err := b.open(protocol.PartitionID{Topic: t.Name, Number: n}, t.Holders, fx)
				if err != nil {
					return nil, err
				}
				b.replicas = append(b.replicas, r)
			}
			first := len(b.replicas) - int(t.Partitions)
			b.topics = append(b.topics, topic{
				name: t.Name, first: uint32(first), replicas: b.replicas[first:], told: make([]told, t.Partitions),
			})
		}
		for _, r := range b.replicas {
			r.waitForLeader(fx)
		}
		fx.After(timerBeat, opts.Beat, beat{})
		return b, nil
	}
}

// Step handles one message.
func (b *Broker) Step(ev engine.Event, fx *engine.Effects) {
	b.now = ev.Now
	switch m := ev.Msg.(type) {
	case protocol.Produce:
		b.produce(ev.From, m, fx)
	case protocol.Fetch:
		b.fetch(ev.From, m, fx)
	case protocol.Pin:
		b.pin(ev.From, m, fx)
	case protocol.Lookup:
		b.lookup(ev.From, m, fx)
	case *raftMessage:
		b.on(m.partition, fx, func(r *replica) { r.receive(ev.From, m.message) })
	case election:
		b.on(m.partition, fx, func(r *replica) { r.stand(fx) })
	case beat:
		b.beat(fx)
	case status:
		b.on(m.partition, fx, func(r *replica) { r.reportStatus(ev.From, fx) })
	case statusReply:
		b.noteStatus(ev.From, m)
	case idle:
		b.on(m.partition, fx, func(r *replica) { r.appendIdle(m) })
	case join:
		b.on(m.partition, fx, func(r *replica) { r.admit(ev.From, m) })
	}
}

// on runs a replica's part of a step and then carries out what Raft wants done.
func (b *Broker) on(index uint32, fx *engine.Effects, part func(*replica)) {
	if int(index) >= len(b.replicas) {
		return // of another deployment
	}
	r := b.replicas[index]
	part(r)
	r.pump(fx)
}

// find is the replica of a partition, nil if there is none.
func (b *Broker) find(id protocol.PartitionID) *replica {
	for i := range b.topics {
		if t := &b.topics[i]; t.name == id.Topic {
			if id.Number < 0 || int(id.Number) >= len(t.replicas) {
				return nil
			}
			return t.replicas[id.Number]
		}
	}
	return nil
}

func (b *Broker) beat(fx *engine.Effects) {
	for _, r := range b.replicas {
		if r.leading == nil {
			r.askToJoin(fx)
			continue
		}
		r.beat(fx)
		r.pump(fx)
	}
	b.lookForIdle(fx)
	fx.After(timerBeat, b.opts.Beat, beat{})
}

// PartitionStatus is how a replica stands: for metrics, and for checkers.
type PartitionStatus struct {
	Partition protocol.PartitionID
	Leads     bool
	Ready     bool // leads, and has applied what its predecessors committed
	Term      uint64
	Start     protocol.Cut
	End       protocol.Cut // behind the last applied record
	Tail      int64        // offset behind the last record in the Raft log
	Snapshots int          // installed by this incarnation
	Conflicts int          // entries of this incarnation's log that were replaced
	Replica   uint64
	Again     bool // begun again after its log was damaged
	Producing int  // requests that wait for a batch or a pin to be committed
	Fetching  int  // fetches that wait for a batch
}

// Status lists the broker's replicas.
func (b *Broker) Status() []PartitionStatus {
	list := make([]PartitionStatus, len(b.replicas))
	for i, r := range b.replicas {
		tail, _ := r.log.tail()
		list[i] = PartitionStatus{
			Partition: r.id, Leads: r.leads(), Ready: r.ready(), Term: r.term(), Start: r.log.snap.end, End: r.state.end,
			Tail: tail.Offset, Snapshots: r.installed, Conflicts: r.conflicts, Replica: r.self, Again: generationOf(r.self) != 0,
		}
		if l := r.leading; l != nil {
			list[i].Producing, list[i].Fetching = len(l.produces)+len(l.pins), len(l.fetches)
		}
	}
	return list
}

// Batches calls yield with the applied batches of a partition from offset on,
// until it returns false: for checkers, and for reading a log offline. The broker goes on
// as if nobody had read.
func (b *Broker) Batches(id protocol.PartitionID, offset int64, yield func(protocol.Batch) bool) error {
	r := b.find(id)
	if r == nil {
		return fmt.Errorf("commitlog: no partition %s", id)
	}
	defer func(at journal.Position, record []byte) { r.log.readAt, r.log.record = at, record }(r.log.readAt, r.log.record)
	return r.scan(offset, r.applied, yield)
}

// Ends appends to buf, for each partition in the order of Status, the offset
// behind the last applied record.
func (b *Broker) Ends(buf []int64) []int64 {
	for _, r := range b.replicas {
		buf = append(buf, r.state.end.Offset)
	}
	return buf
}
