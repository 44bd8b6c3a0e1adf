package sim

import (
	"fmt"
	"math/rand/v2"
	"runtime/debug"

	"parallax/engine"
	"parallax/sim/fault"
)

// node is one machine: a process, its inbox and timers, its disk and its
// outgoing wire.
type node struct {
	id       engine.NodeID
	name     string
	nameHash uint64
	start    engine.Start
	decode   engine.Decode
	starts   uint64 // planned starts; only the last one counts

	up      bool
	retired bool // it is not started any more
	paused  bool
	pauses  uint64 // so far; the end of an earlier one is nothing to a later one
	fatal   error
	actor   engine.Actor
	disk    *Disk
	reads   *meter
	used    Usage // so far; of Issued, Durable and Stored the disk knows

	inbox     inbox
	waking    bool  // an opWake is queued
	busyUntil int64 // ns
	timers    map[uint64]*timer

	outbox   []held // waits for persists, in ascending order of them
	first    uint64 // causal name of the first persist that no sync covers
	syncing  bool   // a group commit runs
	owed     bool   // one ended while the process was paused
	marks    []mark // crashes anchored to issued persists, ascending
	scripted []mark // crashes anchored to persists by number, in any order

	clock      clock
	slowUntil  int64 // instant up to which a step takes slowBy times as long
	slowBy     int64
	failing    *fault.Fault // the running sync ends with an error
	full       *fault.Fault // the disk has no room and nobody has noticed
	fullUntil  int64        // instant up to which it has none
	replica    bool         // of a replica set
	damageable bool         // faults may damage what is durable here
	hit        bool         // one has

	wireFree int64  // ns; when the outgoing wire is free
	links    []link // by receiver id - 1
}

// held is an encoded message that leaves once the persists up to after are
// durable.
type held struct {
	ev    event
	after uint64
}

// inbox is a queue of messages and timers that wait for the processor.
type inbox struct {
	events []event
	head   int
}

func (b *inbox) len() int { return len(b.events) - b.head }

func (b *inbox) push(ev *event) { b.events = append(b.events, *ev) }

func (b *inbox) pop(ev *event) {
	*ev = b.events[b.head]
	b.events[b.head] = event{}
	b.head++
	if 2*b.head >= len(b.events) {
		n := copy(b.events, b.events[b.head:])
		clear(b.events[n:])
		b.events, b.head = b.events[:n], 0
	}
}

// lives reports whether the incarnation boot of the node runs.
func (n *node) lives(boot uint32) bool { return n.up && n.disk.boot == boot }

// planStart queues the node's start and cancels an earlier plan.
func (w *World) planStart(n *node, at int64) {
	if n.retired {
		return
	}
	n.starts++
	ev := w.queue.push(at)
	ev.op, ev.to, ev.key = opStart, n.id, n.starts
}

// startNode starts the next incarnation.
func (w *World) startNode(n *node) {
	boot := n.disk.boot
	w.recordNode(opStart, n.id, n.id, 0, uint64(boot))
	w.stats.Steps++
	if boot > 1 {
		w.stats.Restarts++
	}
	n.up, n.fatal = true, nil
	n.timers = make(map[uint64]*timer)
	n.reads = &meter{disk: n.disk, costs: &w.opts.Costs, step: &w.stepping}
	seed := join(w.opts.Seed, join(n.nameHash, saltRand))
	env := engine.Env{
		ID: n.id, Boot: boot, Now: n.clock.show(w.now), Disk: n.reads,
		Rand: rand.New(rand.NewPCG(seed, uint64(boot))), Hooks: hooks{w, n},
	}
	w.fx.Reset()
	if stack, err := w.callStart(n, env); err != nil {
		w.fatalNode(n, err, stack)
		return
	}
	w.carryOut(n, slotName(n.nameHash, uint64(opStart), uint64(boot)), w.now+w.opts.Costs.StartNs)
}

// arrive hands a message or timer to a node that is ready, or queues it.
func (w *World) arrive(n *node, ev *event) {
	if !n.up {
		w.stats.ToDown++
		w.recordEvent(opDown, ev)
		return
	}
	if !n.paused && n.busyUntil <= w.now && n.inbox.len() == 0 {
		w.handle(n, ev)
		return
	}
	// The limit is for messages of others: what a node told itself is never lost.
	if ev.boot == 0 && n.inbox.len() >= w.opts.InboxMax {
		w.stats.Overflowed++
		w.recordEvent(opOverflow, ev)
		return
	}
	if n.inbox.len() >= w.opts.InboxMax+ownMax {
		w.fail(n.name, errOwnMax, nil)
		return
	}
	n.inbox.push(ev)
	w.planWake(n)
}

// planWake queues the moment at which the node can take its next message.
func (w *World) planWake(n *node) {
	if n.waking || n.paused || n.inbox.len() == 0 {
		return
	}
	n.waking = true
	ev := w.queue.push(max(w.now, n.busyUntil))
	ev.op, ev.to, ev.boot = opWake, n.id, n.disk.boot
}

// wake takes the next message of the inbox.
func (w *World) wake(n *node) {
	n.waking = false
	if n.paused {
		return
	}
	var ev event
	for n.inbox.len() > 0 {
		n.inbox.pop(&ev)
		if ev.op != opTimer || n.timerCurrent(&ev) {
			w.handle(n, &ev)
			break
		}
	}
	if n.up {
		w.planWake(n)
	}
}

// handle is one step of an actor.
func (w *World) handle(n *node, ev *event) {
	if ev.op == opTimer {
		n.timerFires(ev)
		ev.name = 0
		if w.named {
			ev.name, _ = w.counted(n.nameHash, n.nameHash, ev.kind, ev.hash)
		}
	}
	w.recordEvent(ev.op, ev)
	w.stats.Steps++
	w.fx.Reset()
	if stack, err := w.callStep(n, ev); err != nil {
		w.fatalNode(n, err, stack)
		return
	}
	c := &w.opts.Costs
	w.carryOut(n, ev.name, w.now+c.MessageNs+bytesNs(len(ev.data), c.BytePs))
}

// callStart runs Start and encodes its effects; a panic becomes an error.
func (w *World) callStart(n *node, env engine.Env) (stack []byte, err error) {
	defer recovered("Start", &stack, &err)
	w.stepping = true
	if n.actor, err = n.start(env, &w.fx); err == nil {
		w.encode(n)
	}
	return nil, err
}

// callStep decodes a message, runs Step and encodes its effects; a panic becomes
// an error.
func (w *World) callStep(n *node, ev *event) (stack []byte, err error) {
	defer recovered("Step", &stack, &err)
	m, err := n.decode(ev.kind, ev.data)
	if err != nil {
		return nil, fmt.Errorf("sim: decode kind %d from node %d: %w", ev.kind, ev.from, err)
	}
	w.stepping = true
	n.actor.Step(engine.Event{Now: n.clock.show(w.now), From: ev.from, Msg: m}, &w.fx)
	if w.fx.Fatal == nil {
		w.encode(n)
	}
	return nil, nil
}

// recovered is deferred around everything that runs an actor's code.
func recovered(where string, stack *[]byte, err *error) {
	if r := recover(); r != nil {
		*stack, *err = debug.Stack(), fmt.Errorf("%w in %s: %v", errPanic, where, r)
	}
}

// fatalNode takes a node down until an operator acts.
func (w *World) fatalNode(n *node, err error, stack []byte) {
	w.stats.Fatals++
	w.recordNode(opFatal, n.id, n.id, 0, 0)
	w.kill(n, w.drawnLoss(slotName(n.nameHash, uint64(opFatal), uint64(n.disk.boot))))
	n.fatal = err
	n.starts++ // a start that was planned before is off
	if !w.opts.FatalAllowed {
		w.fail(n.name, err, stack)
	}
}

// kill ends an incarnation: what is in memory is gone, the disk keeps a state
// that a crash can leave, which pick chooses.
func (w *World) kill(n *node, pick picker) {
	n.up, n.paused, n.waking, n.syncing, n.owed = false, false, false, false, false
	n.actor, n.reads, n.timers = nil, nil, nil
	n.inbox = inbox{}
	n.outbox, n.marks = nil, nil
	n.busyUntil, n.wireFree, n.first = 0, 0, 0
	n.failing, n.slowUntil = nil, 0
	w.lose(n, pick)
}
