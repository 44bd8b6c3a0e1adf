package sim

import (
	"math/bits"

	"parallax/engine"
)

// op tells the events of the queue and the records of the trace apart.
type op uint8

const (
	opStart     op = iota // boot or restart of a node
	opMessage             // a message reaches its node
	opTimer               // a timer is due
	opWake                // a busy node takes the next message of its inbox
	opSynced              // a group commit ends
	opSlot                // faults of the next period are planned
	opFault               // a planned fault
	opCrash               // a crash anchored to a persist
	opResume              // the end of a pause
	opPause               // trace only, as are all that follow
	opSever               // a cut of a link
	opPersist             //
	opRemove              //
	opDrop                //
	opDuplicate           //
	opReorder             //
	opSlow                //
	opCut                 // a message lost on a severed link
	opHeal                //
	opOverflow            // a message lost at a full inbox
	opDown                // a message to a node that is down
	opSlowSync            //
	opDiskLoss            // what a crash did to the unsynced writes
	opFatal               //
	opOperate             // somebody restarts a node
	opReplace             // on another machine
)

// opNames are the trace's words for ops.
var opNames = [...]string{
	"start", "message", "timer", "wake", "synced", "slot", "fault", "crash", "resume", "pause", "sever",
	"persist", "remove", "drop", "duplicate", "reorder", "slow", "cut", "heal", "overflow", "down",
	"slow-sync", "disk-loss", "fatal", "operate", "replace",
}

// event is one entry of the queue, and of an inbox. The meaning of key and name
// depends on the op.
type event struct {
	data []byte // the encoded message
	hash uint64 // of data
	name uint64 // causal name of the message or fault; the generation of a timer
	key  uint64 // timer key; number of a slot or planned fault; how many messages of the name went before
	from engine.NodeID
	to   engine.NodeID
	boot uint32 // the only incarnation it is meant for, 0 for any
	kind engine.Kind
	op   op
}

// place orders the queue: by instant, then by sequence.
type place struct {
	at   int64
	seq  uint64
	slot uint32 // of the event in the slab
}

func (p *place) before(q *place) bool {
	return p.at < q.at || p.at == q.at && p.seq < q.seq
}

const (
	// bucketShift makes a bucket 2^16 ns wide, a fraction of a network delay.
	bucketShift = 16
	// buckets of the wheel: 1,024 of them reach 67 ms ahead.
	buckets = 1 << 10
)

// queue orders events by place. The near future is a wheel of buckets by instant,
// each a small heap, with a bitmap of those in use; what lies beyond the wheel
// waits in one heap more. The events themselves stay where they are in a slab.
//
// The invariant: every place in the wheel lies in [base, base + buckets) buckets
// of time, and every place in far lies behind. base moves at pop only, so that
// nothing can be pushed in front of it.
type queue struct {
	wheel [][]place // by bucket of time modulo buckets
	spare []place   // room for buckets that were never used
	used  [buckets / 64]uint64
	base  int64 // bucket of time of the event popped last
	far   []place
	size  int
	slab  []event
	free  []uint32
	seq   uint64 // the sequence given out last
}

// next gives out a sequence number.
func (q *queue) next() uint64 {
	q.seq++
	return q.seq
}

// push adds an empty event and returns it to be filled in before the next push.
// The instant must not be before that of the event popped last.
func (q *queue) push(at int64) *event { return q.pushAs(at, q.next()) }

// pushAs is push with a sequence number given out earlier.
func (q *queue) pushAs(at int64, seq uint64) *event {
	ev := q.room(at, seq)
	*ev = event{}
	return ev
}

// pushEvent is push of an event that is there already.
func (q *queue) pushEvent(at int64, ev *event) { *q.room(at, q.next()) = *ev }

// room is the place in the slab of an event that is new in the queue.
func (q *queue) room(at int64, seq uint64) *event {
	bucket := at >> bucketShift
	if bucket < q.base {
		panic("sim: an event in the past")
	}
	var slot uint32
	if n := len(q.free); n > 0 {
		slot = q.free[n-1]
		q.free = q.free[:n-1]
	} else {
		slot = uint32(len(q.slab))
		q.slab = append(q.slab, event{})
	}
	q.size++
	if p := (place{at: at, seq: seq, slot: slot}); bucket < q.base+buckets {
		q.near(p)
	} else {
		pushPlace(&q.far, p)
	}
	return &q.slab[slot]
}

// near puts a place into the wheel.
func (q *queue) near(p place) {
	if q.wheel == nil {
		q.wheel = make([][]place, buckets)
	}
	i := uint(p.at>>bucketShift) & (buckets - 1)
	if cap(q.wheel[i]) == 0 {
		if len(q.spare) == 0 {
			q.spare = make([]place, 256)
		}
		q.wheel[i], q.spare = q.spare[:0:4], q.spare[4:]
	}
	q.used[i/64] |= 1 << (i % 64)
	pushPlace(&q.wheel[i], p)
}

// pop moves the first event out of the queue, unless there is none or it comes
// after limit.
func (q *queue) pop(limit int64, ev *event) (at int64, seq uint64, ok bool) {
	if q.size == 0 {
		return 0, 0, false
	}
	i := q.bucket()
	if i < 0 {
		if q.far[0].at > limit {
			return 0, 0, false
		}
		q.advance(q.far[0].at >> bucketShift)
		i = q.bucket()
	}
	bucket := &q.wheel[i]
	if (*bucket)[0].at > limit {
		return 0, 0, false
	}
	p := popPlace(bucket)
	if len(*bucket) == 0 {
		q.used[i/64] &^= 1 << (i % 64)
	}
	if b := p.at >> bucketShift; b != q.base {
		q.advance(b)
	}
	q.size--
	*ev = q.slab[p.slot]
	q.slab[p.slot].data = nil
	q.free = append(q.free, p.slot)
	return p.at, p.seq, true
}

// bucket returns the index of the first bucket in use, -1 if there is none.
func (q *queue) bucket() int {
	start := uint(q.base & (buckets - 1))
	word := start / 64
	if w := q.used[word] >> (start % 64); w != 0 {
		return int(start) + bits.TrailingZeros64(w)
	}
	// Once around, ending with the part of the first word that lies before start:
	// its later part was empty.
	for range q.used {
		word = (word + 1) % (buckets / 64)
		if w := q.used[word]; w != 0 {
			return int(64*word) + bits.TrailingZeros64(w)
		}
	}
	return -1
}

// advance moves the wheel to a later bucket of time and takes in what comes
// within its reach.
func (q *queue) advance(base int64) {
	q.base = base
	for len(q.far) > 0 && q.far[0].at>>bucketShift < base+buckets {
		q.near(popPlace(&q.far))
	}
}

// pushPlace adds to a 4-ary heap.
func pushPlace(heap *[]place, p place) {
	h := append(*heap, place{})
	*heap = h
	i := len(h) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if !p.before(&h[parent]) {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = p
}

// popPlace takes the first place out of a 4-ary heap.
func popPlace(heap *[]place) place {
	h := *heap
	first := h[0]
	n := len(h) - 1
	p := h[n]
	h = h[:n]
	*heap = h
	i := 0
	for c := 1; c < n; c = 4*i + 1 {
		least := c
		for end := min(c+4, n); c < end; c++ {
			if h[c].before(&h[least]) {
				least = c
			}
		}
		if !h[least].before(&p) {
			break
		}
		h[i] = h[least]
		i = least
	}
	if n > 0 {
		h[i] = p
	}
	return first
}
