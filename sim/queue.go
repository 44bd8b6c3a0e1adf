package sim

import "parallax/engine"

// op tells the events of the queue and the records of the trace apart.
type op uint8

const (
	opStart     op = iota // boot or restart of a node
	opMessage             // a message reaches its node
	opTimer               // a timer is due
	opWake                // a busy node takes the next message of its inbox
	opSynced              // a group commit ends
	opSlot                // fault slots of the next period are filled
	opCrash               // a planned crash
	opPause               // a planned pause
	opResume              // the end of a pause
	opSever               // a planned cut of a link
	opPersist             // trace only, as are all that follow
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
)

// opNames are the trace's words for ops.
var opNames = [...]string{
	"start", "message", "timer", "wake", "synced", "slot", "crash", "pause", "resume", "sever",
	"persist", "remove", "drop", "duplicate", "reorder", "slow", "cut", "heal", "overflow", "down",
	"slow-sync", "disk-loss", "fatal",
}

// event is one entry of the queue, and of an inbox. The meaning of key and name
// depends on the op.
type event struct {
	data []byte // the encoded message
	hash uint64 // of data
	name uint64 // causal name of the message or fault; the generation of a timer
	key  uint64 // timer key; slot number; duration of a pause or sever
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

// queue is a 4-ary heap of small entries over a slab of events, which stay where
// they are.
type queue struct {
	heap []place
	slab []event
	free []uint32
	seq  uint64 // the sequence given out last
}

// next gives out a sequence number.
func (q *queue) next() uint64 {
	q.seq++
	return q.seq
}

// push adds an empty event and returns it to be filled in before the next push.
func (q *queue) push(at int64) *event { return q.pushAs(at, q.next()) }

// pushAs is push with a sequence number given out earlier.
func (q *queue) pushAs(at int64, seq uint64) *event {
	var slot uint32
	if n := len(q.free); n > 0 {
		slot = q.free[n-1]
		q.free = q.free[:n-1]
	} else {
		slot = uint32(len(q.slab))
		q.slab = append(q.slab, event{})
	}
	q.heap = append(q.heap, place{})
	q.up(len(q.heap)-1, place{at: at, seq: seq, slot: slot})
	return &q.slab[slot]
}

// pop moves the first event out of the queue; the queue must not be empty.
func (q *queue) pop(ev *event) (at int64, seq uint64) {
	first := q.heap[0]
	*ev = q.slab[first.slot]
	q.slab[first.slot] = event{}
	q.free = append(q.free, first.slot)
	n := len(q.heap) - 1
	last := q.heap[n]
	q.heap = q.heap[:n]
	if n > 0 {
		q.down(last)
	}
	return first.at, first.seq
}

// up moves the hole at i towards the root until p fits.
func (q *queue) up(i int, p place) {
	h := q.heap
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

// down moves the hole at the root towards the leaves until p fits.
func (q *queue) down(p place) {
	h := q.heap
	i := 0
	for {
		c := 4*i + 1
		if c >= len(h) {
			break
		}
		least := c
		for end := min(c+4, len(h)); c < end; c++ {
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
	h[i] = p
}
