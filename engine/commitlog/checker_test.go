package commitlog

import (
	"errors"
	"fmt"
	"sort"

	"github.com/zeebo/xxh3"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
)

// errInvariant is what a checker finds.
var errInvariant = errors.New("commitlog: invariant")

// identity names a writer's batch.
type identity struct {
	producer        uint64
	epoch, sequence uint32
}

// model is a partition's log as the first replica to apply each entry has it.
type model struct {
	terms   []uint64 // by index - 1
	kinds   []byte   // their commands
	bases   []int64
	hashes  []uint64 // of the state behind each
	state   state
	batches []modelBatch
	where   map[identity]int64
	ends    map[int64]protocol.Cut
	acked   int64 // offset behind the last acknowledged batch
	readEnd int64
	floor   map[string]int64 // by holder: what the log must not begin above
	sent    map[string]int64 // by holder: the greatest pin that was sent
	leaders map[uint64]uint64
	termMax uint64
}

type modelBatch struct {
	protocol.Batch
	payload uint64 // hash
	before  protocol.Cut
}

// counters prove that what is to be survived has happened.
type counters struct {
	conflicts, leaders, snapshots, copies, trims, refused, idle, damages, rejoined, pinned uint64
}

// checker knows what was revealed and holds the brokers to it.
type checker struct {
	logs []*model
	seen map[engine.NodeID][]seen
	off  bool // look at nothing
	err  error
	counters
}

// seen is what a checker has last seen of a replica.
type seen struct {
	replica   *replica
	self      uint64
	applied   uint64
	conflicts int
	installed int
}

func newChecker(partitions int, holders []string, defect Defect) *checker {
	c := &checker{seen: map[engine.NodeID][]seen{}}
	for range partitions {
		m := &model{
			state: newEntries(nil, holders, 0, defect).snap, where: map[identity]int64{}, ends: map[int64]protocol.Cut{0: protocol.LogStart()},
			floor: map[string]int64{}, sent: map[string]int64{}, leaders: map[uint64]uint64{},
		}
		for _, h := range holders {
			m.floor[h] = 0
		}
		c.logs = append(c.logs, m)
	}
	return c
}

func (c *checker) fail(format string, args ...any) {
	if c.err == nil && !c.off {
		c.err = fmt.Errorf("%w: %s", errInvariant, fmt.Sprintf(format, args...))
	}
}

// look holds a broker against the models.
func (c *checker) look(id engine.NodeID, b *Broker) {
	list := c.seen[id]
	if list == nil {
		list = make([]seen, len(b.replicas))
		c.seen[id] = list
	}
	for p, r := range b.replicas {
		s := &list[p]
		if s.replica != r {
			if s.self != r.self && s.self != 0 {
				c.rejoined++
			}
			*s = seen{replica: r, self: r.self}
		}
		if r.applied != s.applied || r.installed != s.installed {
			c.applied(p, r, s)
		}
		if r.raft.HasReady() {
			c.fail("partition %d: replica %x has left something undone", p, r.self)
		}
		c.conflicts += uint64(r.conflicts - s.conflicts)
		s.conflicts = r.conflicts
		c.leads(p, r)
	}
}

func (c *checker) applied(p int, r *replica, s *seen) {
	m := c.logs[p]
	if r.installed != s.installed {
		c.snapshots++
		s.installed = r.installed
	}
	c.trimmed(p, m, r)
	for index := max(s.applied, r.log.snapIndex) + 1; index <= r.applied; index++ {
		c.entry(p, m, r, index)
	}
	s.applied = r.applied
	if r.applied > uint64(len(m.terms)) {
		c.fail("partition %d: replica %x has applied %d, nobody has shown more than %d", p, r.self, r.applied, len(m.terms))
		return
	}
	if r.applied > 0 && m.terms[r.applied-1] != 0 && xxh3.Hash(r.state.appendTo(nil)) != m.hashes[r.applied-1] {
		c.fail("partition %d: replica %x has another state at %d: %+v", p, r.self, r.applied, r.state)
	}
	for holder, floor := range m.floor {
		if r.log.snap.end.Offset > floor {
			c.fail("partition %d begins at %d, %q holds %d", p, r.log.snap.end.Offset, holder, floor)
		}
	}
}

// trimmed takes over from a snapshot what was applied and trimmed at once, which is
// no batch. Term 0 marks what nobody has shown.
func (c *checker) trimmed(p int, m *model, r *replica) {
	if r.log.snapIndex <= uint64(len(m.terms)) {
		return
	}
	if m.state.end != r.log.snap.end {
		c.fail("partition %d: replica %x has trimmed up to %v, nobody has shown more than %v", p, r.self, r.log.snap.end, m.state.end)
	}
	for uint64(len(m.terms)) < r.log.snapIndex {
		m.terms, m.kinds, m.bases, m.hashes = append(m.terms, 0), append(m.kinds, 0), append(m.bases, 0), append(m.hashes, 0)
	}
	m.state = r.log.snap.clone()
}

// entry compares an applied entry with the first one that was seen there.
func (c *checker) entry(p int, m *model, r *replica, index uint64) {
	s := r.log.slot(index)
	if index <= uint64(len(m.terms)) {
		if m.terms[index-1] == 0 {
			return
		}
		if m.terms[index-1] != s.term || m.kinds[index-1] != s.command || m.bases[index-1] != s.batch.Base {
			c.fail("partition %d: replica %x has applied another entry %d: %+v", p, r.self, index, s)
		}
		return
	}
	if index != uint64(len(m.terms))+1 {
		c.fail("partition %d: replica %x shows %d, nobody has shown more than %d", p, r.self, index, len(m.terms))
		return
	}
	cmd := command{kind: s.command, batch: s.batch}
	if s.command != 0 {
		en, err := r.log.read(index)
		if err == nil {
			cmd, err = decodeCommand(en.GetData())
		}
		if err != nil {
			c.fail("partition %d, entry %d: %v", p, index, err)
		}
	}
	if cmd.kind == commandBatch {
		c.batch(p, m, &cmd.batch)
	}
	start := m.state.start
	if err := m.state.apply(&cmd); err != nil {
		c.fail("partition %d, entry %d: %v", p, index, err)
	}
	if cmd.kind == commandTrim {
		if m.state.start == start {
			c.refused++
		} else {
			c.trims++
		}
	}
	m.terms, m.kinds, m.bases = append(m.terms, s.term), append(m.kinds, s.command), append(m.bases, s.batch.Base)
	m.hashes = append(m.hashes, xxh3.Hash(m.state.appendTo(nil)))
}

func (c *checker) batch(p int, m *model, b *protocol.Batch) {
	last := m.state.end
	if b.Base != last.Offset || b.Append < m.state.append {
		c.fail("partition %d: batch at %d (append time %d) behind %d (%d)", p, b.Base, b.Append, last.Offset, m.state.append)
	}
	if b.Producer == 0 {
		c.idle++
	} else {
		id := identity{b.Producer, b.Epoch, b.Sequence}
		if at, ok := m.where[id]; ok {
			c.fail("partition %d: batch %+v is at %d and at %d", p, id, at, b.Base)
		}
		m.where[id] = b.Base
	}
	m.batches = append(m.batches, modelBatch{*b, xxh3.Hash(b.Payload), last})
	m.ends[b.End()] = protocol.Cut{Offset: b.End(), Frontier: max(last.Frontier, b.TimeMax)}
}

// leads checks those who say that they lead.
func (c *checker) leads(p int, r *replica) {
	m := c.logs[p]
	m.termMax = max(m.termMax, r.term())
	if !r.leads() {
		return
	}
	term := r.leading.term
	if other, ok := m.leaders[term]; !ok {
		m.leaders[term] = r.self
		c.leaders++
	} else if other != r.self {
		c.fail("partition %d: %x and %x lead in term %d", p, other, r.self, term)
	}
	if r.ready() && term == m.termMax && r.state.end.Offset < m.acked {
		c.fail("partition %d: leader %x of term %d is ready and knows %d, %d is acknowledged", p, r.self, term, r.state.end.Offset, m.acked)
	}
	if n := len(r.log.slots); n > 0 && r.log.slots[n-1].total-r.log.slots[0].total > 3*r.broker.opts.RetainBytes && r.broker.opts.RetainBytes > 0 {
		c.counters.pinned++
	}
}

// at is the model's batch at an offset, nil if there is none.
func (m *model) at(base int64) *modelBatch {
	i := sort.Search(len(m.batches), func(i int) bool { return m.batches[i].Base >= base })
	if i == len(m.batches) || m.batches[i].Base != base {
		return nil
	}
	return &m.batches[i]
}

func same(b *modelBatch, o *protocol.Batch) bool {
	return b != nil && b.Count == o.Count && b.Producer == o.Producer && b.Epoch == o.Epoch && b.Sequence == o.Sequence &&
		b.TimeMax == o.TimeMax && b.payload == xxh3.Hash(o.Payload)
}

// acked is a writer that has learnt that its batch is committed.
func (c *checker) acked(p uint32, b protocol.Batch, m protocol.Produced) {
	log := c.logs[p]
	at := log.at(m.Base)
	if !same(at, &b) || at.Append != m.Append {
		c.fail("partition %d: %d/%d/%d is acknowledged at %d, which is not committed", p, b.Producer, b.Epoch, b.Sequence, m.Base)
		return
	}
	if at.End() <= log.acked {
		c.copies++
	}
	log.acked = max(log.acked, at.End())
}

// read is a reader that has seen a batch.
func (c *checker) read(p uint32, b *protocol.Batch) {
	if at := c.logs[p].at(b.Base); !same(at, b) || at.Append != b.Append || at.Idle != b.Idle {
		c.fail("partition %d: a reader has seen %+v, which is not committed", p, b)
	}
}

func (c *checker) readEnd(p uint32, offset int64) {
	c.logs[p].readEnd = max(c.logs[p].readEnd, offset)
}

// start is a reader that has been told where the log begins.
func (c *checker) start(p uint32, cut protocol.Cut) {
	if want, ok := c.logs[p].ends[cut.Offset]; !ok || want != cut {
		c.fail("partition %d: the log begins at %v, want %v", p, cut, want)
	}
}

// pins is a holder that asks for a place: from now on the log may begin there.
func (c *checker) pins(p uint32, holder string, offset int64) {
	m := c.logs[p]
	m.sent[holder] = max(m.sent[holder], offset)
	if _, ok := m.floor[holder]; ok {
		m.floor[holder] = m.sent[holder]
	}
}

func (c *checker) pinned(p uint32, holder string, answer protocol.Pinned) {
	if answer.Code == protocol.OK {
		c.logs[p].floor[holder] = c.logs[p].sent[holder]
	}
}

// lookedUp is a place that was found by time: exact, unless whoever was asked
// knows less than others.
func (c *checker) lookedUp(p uint32, m protocol.LookedUp) {
	if c.off || m.Code != protocol.OK {
		return
	}
	if want, ok := c.logs[p].ends[m.Cut.Offset]; !ok || want != m.Cut {
		c.fail("partition %d: looked up %v, which is no cut: %v", p, m.Cut, want)
	}
}
