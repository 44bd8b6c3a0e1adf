package sim

import (
	"fmt"

	"parallax/engine"
)

// World is a set of nodes, their network and disks, and one queue of what
// happens next. It is single-threaded and shares nothing with other worlds.
type World struct {
	opts  Options
	named bool // some fault or delay asks for causal names
	calm  bool

	queue queue
	now   int64
	seq   uint64 // of the event in hand
	nodes []*node
	seen  occurrences

	fx    engine.Effects // of the step in hand
	out   []event        // its messages, encoded: Eager, Thens, Sends, Timers
	arena arena

	ledger
	receipts []receipts
	probes   map[string]uint64
	anchored []mark // crashes anchored to persists, by their number in the queue

	hash        uint64
	scratch     [40]byte
	checkpoints []uint64
	stats       Stats
	stepping    bool // an actor's code runs, or has run and its effects are carried out
	onStep      []func(*World) error
	onTrace     []func(Trace)
	onSend      []func(Trace)
	failure     *Failure
}

// New makes an empty world at its first instant.
func New(opts Options) *World {
	opts.fill()
	w := &World{opts: opts, named: opts.named(), now: int64(opts.Start)}
	w.takeOptions(&w.opts)
	w.hash = join(opts.Seed, opts.Costs.Hash())
	if opts.slotted() {
		w.queueSlot(w.now, 0)
	}
	return w
}

// Boot adds a node and starts it at the current instant, as the next event. Ids
// are 1, 2, 3 … in order. The name, not the id, identifies the node to faults;
// it must be its own. decode must know every kind the node is sent.
func (w *World) Boot(name string, start engine.Start, decode engine.Decode) engine.NodeID {
	for _, n := range w.nodes {
		if n.name == name {
			panic(fmt.Sprintf("sim: two nodes are called %q", name))
		}
	}
	id := engine.NodeID(len(w.nodes) + 1)
	n := &node{
		id: id, name: name, nameHash: nameHash(name),
		start: start, decode: decode, disk: NewDisk(),
	}
	w.nodes = append(w.nodes, n)
	w.setClock(n)
	w.planStart(n, w.now)
	w.listFaults()
	return id
}

// Step carries out the next event and reports whether there was one. After a
// failure it does nothing and returns that failure again.
func (w *World) Step() (bool, error) { return w.stepUntil(maxInstant) }

// RunUntil carries out every event up to and including instant t, and leaves the
// clock there.
func (w *World) RunUntil(t engine.Instant) error {
	for {
		more, err := w.stepUntil(int64(t))
		if err != nil {
			return err
		}
		if !more {
			w.now = max(w.now, int64(t))
			return nil
		}
	}
}

// RunFor is RunUntil, ns nanoseconds from now.
func (w *World) RunFor(ns int64) error { return w.RunUntil(engine.Instant(w.now + ns)) }

const maxInstant = 1<<63 - 1

// stepUntil carries out the next event that is not later than limit.
func (w *World) stepUntil(limit int64) (bool, error) {
	if w.failure != nil {
		return false, w.failure
	}
	var ev event
	for {
		at, seq, ok := w.queue.pop(limit, &ev)
		if !ok {
			return false, nil
		}
		if w.dispatch(&ev, at, seq) {
			break
		}
	}
	w.afterEvent()
	if w.failure != nil {
		return false, w.failure
	}
	return true, nil
}

// afterEvent takes the checkpoint that is due and asks the invariants.
func (w *World) afterEvent() {
	w.stepping = false
	if w.stats.Events%checkpointEvents == 0 {
		w.checkpoints = append(w.checkpoints, w.hash)
		if w.queue.size > pendingMax {
			w.fail("", errPending, nil)
		}
	}
	if w.failure != nil {
		return
	}
	for _, f := range w.onStep {
		if err := f(w); err != nil {
			w.fail("", err, nil)
			return
		}
	}
}

// dispatch carries out one event; it reports false, and does nothing, if the
// event's timer or incarnation is no more.
func (w *World) dispatch(ev *event, at int64, seq uint64) bool {
	var n *node
	if ev.to != 0 {
		n = w.nodes[ev.to-1]
		if ev.boot != 0 && !n.lives(ev.boot) {
			return false
		}
	}
	if ev.op == opTimer && !w.timerDue(n, ev, at, seq) {
		return false
	}
	if ev.op == opStart && (n.up || n.starts != ev.key) {
		return false
	}
	now, last := w.now, w.seq
	w.now, w.seq = at, seq
	w.stats.Events++
	if !w.carry(n, ev) {
		w.now, w.seq = now, last // as if it had never been
		w.stats.Events--
		return false
	}
	return true
}

// carry carries out an event that is due; it reports false if that was nothing but
// planning, or a fault that found nothing to hit.
func (w *World) carry(n *node, ev *event) bool {
	switch ev.op {
	case opMessage, opTimer:
		w.arrive(n, ev)
	case opWake:
		w.wake(n)
	case opSynced:
		w.synced(n)
	case opStart:
		w.startNode(n)
	case opSlot:
		w.slot(ev.key)
		return false
	case opFault:
		return w.strikePlanned(ev.key)
	case opCrash:
		return w.crashAnchored(n, ev.key)
	case opOperate, opReplace:
		w.operate(w.nodes[ev.key-1], ev.op)
	case opResume:
		if ev.key == n.pauses {
			w.resume(n)
		}
	}
	return true
}

// OnStep has f called after every event. An error stops the run: it comes back
// from Step as a Failure that names the event. f may act on the world, too: a
// crash at the moment when some condition first holds is one line.
func (w *World) OnStep(f func(*World) error) { w.onStep = append(w.onStep, f) }

// Now is the current instant.
func (w *World) Now() engine.Instant { return engine.Instant(w.now) }

// Actor returns a node's actor for inspection, or nil while the node is down.
func (w *World) Actor(id engine.NodeID) engine.Actor {
	if n := w.node(id); n.up {
		return n.actor
	}
	return nil
}

// Disk returns a node's disk for inspection; reads are not metered.
func (w *World) Disk(id engine.NodeID) engine.Disk { return w.node(id).disk }

// Fatal returns why a node is down for good, or nil.
func (w *World) Fatal(id engine.NodeID) error { return w.node(id).fatal }

// Shows is what a node's own clock shows now.
func (w *World) Shows(id engine.NodeID) engine.Instant { return w.node(id).clock.show(w.now) }

// Inject delivers a message at an instant, not before now, past all network
// faults. from is the sender that the actor sees, 0 for the world outside.
func (w *World) Inject(at engine.Instant, from, to engine.NodeID, m engine.Message) {
	n := w.node(to)
	sender := uint64(0)
	if from != 0 {
		sender = w.node(from).nameHash
	}
	data, hash := w.arena.encode(m)
	ev := w.queue.push(max(w.now, int64(at)))
	*ev = event{op: opMessage, from: from, to: to, kind: m.Kind(), data: data, hash: hash}
	if w.named {
		ev.name, ev.key = w.counted(sender, n.nameHash, ev.kind, content(m, hash))
	}
}

// Calm ends the adversary's part of a run: from now on no fault fires, links are
// whole, paused nodes go on, and nodes that are down start, but for those with a
// Fatal. Messages on their way arrive.
func (w *World) Calm() {
	w.calm = true
	for _, n := range w.nodes {
		clear(n.links)
		n.marks, n.failing, n.slowUntil, n.fullUntil = nil, nil, 0, 0
		if n.paused {
			w.resume(n)
		}
		if !n.up && n.fatal == nil {
			w.planStart(n, w.now)
		}
	}
}

// node returns a node that must exist.
func (w *World) node(id engine.NodeID) *node {
	if id == 0 || int(id) > len(w.nodes) {
		panic(fmt.Sprintf("sim: there is no node %d", id))
	}
	return w.nodes[id-1]
}
