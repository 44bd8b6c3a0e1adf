package sim

import "parallax/engine"

// Fault family "crash": a process dies and comes back.
//
// What it does: memory, inbox, timers and messages that wait for a persist are
// gone; the disk keeps a state as in fault_disk.go; messages to the node are
// lost until it starts again, DownMin to DownMax later, and what it had sent
// arrives. Crashes come at instants, which hits a node in any state but rarely
// between a write and its sync; and anchored to persists, at four moments.
// Anchored crashes also hit Start, so recovery is interrupted, too.
//
// What the code must survive: a crash between any two effects of any step, and
// another one during the recovery from the first.
//
// What it may excuse: unavailability while down and for the recovery. Nothing
// that was revealed may be lost.

// Moment is where a crash anchored to a persist hits.
type Moment uint8

// The moments, in the order of a persist's life.
const (
	Issued   Moment = iota // the write is queued, Eager messages of its step have left
	InSync                 // during the sync that covers it
	Durable                // synced; what waits for it has not left, what waits for earlier ones has
	Released               // what waited for it has left, what waits for later ones has not
)

const moments = 4

// mark anchors a crash to a persist.
type mark struct {
	index  uint64 // number of the persist in the life of its disk
	moment Moment
	name   uint64
}

// Crash kills a node at once. It stays down until Restart or Calm.
func (w *World) Crash(id engine.NodeID) {
	n := w.node(id)
	n.starts++ // a start that was planned before is off
	if n.up {
		w.crash(n, slotName(n.nameHash, uint64(opCrash), uint64(n.disk.boot)))
	}
}

// CrashAtPersist kills a node at a moment of its k-th persist, counted from 1
// over all incarnations, and lets it restart as after a crash by fault.
func (w *World) CrashAtPersist(id engine.NodeID, k uint64, moment Moment) {
	n := w.node(id)
	name := slotName(n.nameHash, uint64(opPersist), k)
	n.scripted = append(n.scripted, mark{index: k, moment: moment, name: name})
}

// Restart starts a node that is down, also one with a Fatal, as the next event.
func (w *World) Restart(id engine.NodeID) {
	if n := w.node(id); !n.up {
		w.planStart(n, w.now)
	}
}

// slotCrashes plans the crashes of a slot that starts now.
func (w *World) slotCrashes(number uint64) {
	for _, n := range w.nodes {
		name := slotName(n.nameHash, uint64(familyCrash), number)
		if w.fires(familyCrash, name, w.opts.Process.Crash) {
			ev := w.queue.push(w.now + between(draw(name, 1), 0, w.opts.Slot-1))
			ev.op, ev.to, ev.name = opCrash, n.id, name
		}
	}
}

// anchorCrash decides whether the persist just issued is one to crash at.
func (w *World) anchorCrash(n *node, name, index uint64) {
	m := mark{index: index, name: name}
	hit := w.fires(familyCrashAtPersist, m.name, w.opts.Process.CrashAtPersist)
	if hit {
		m.moment = Moment(below(draw(m.name, 1), moments))
	}
	for _, s := range n.scripted {
		if s.index == index && !w.calm {
			hit, m = true, s
		}
	}
	if !hit {
		return
	}
	if m.moment == Issued {
		w.planAnchored(n, m, w.now)
		return
	}
	n.marks = append(n.marks, m)
}

// anchorInSync plans the crashes that hit during the sync from t to t + ns.
func (w *World) anchorInSync(n *node, t, ns int64) {
	kept := n.marks[:0]
	for _, m := range n.marks {
		if m.moment == InSync && m.index <= n.disk.syncing {
			w.planAnchored(n, m, t+between(draw(m.name, 2), 0, max(0, ns-1)))
		} else {
			kept = append(kept, m)
		}
	}
	n.marks = kept
}

// takeMark returns the first crash anchored to a persist that is durable.
func (n *node) takeMark() (mark, bool) {
	if len(n.marks) == 0 || n.marks[0].index > n.disk.durable {
		return mark{}, false
	}
	m := n.marks[0]
	n.marks = n.marks[1:]
	return m, true
}

func (w *World) planAnchored(n *node, m mark, at int64) {
	ev := w.queue.push(at)
	ev.op, ev.to, ev.boot, ev.name, ev.key = opCrash, n.id, n.disk.boot, m.name, m.index
}

// crashPlanned carries out a crash from the queue.
func (w *World) crashPlanned(n *node, ev *event) {
	switch {
	case w.calm || !n.up:
	case ev.key != 0:
		w.crashAtPersist(n, mark{index: ev.key, name: ev.name})
	default:
		w.crash(n, ev.name)
		w.planRestart(n, ev.name)
	}
}

// crashAtPersist carries out an anchored crash.
func (w *World) crashAtPersist(n *node, m mark) {
	w.stats.CrashesAtPersist++
	w.crash(n, m.name)
	w.planRestart(n, m.name)
}

func (w *World) planRestart(n *node, name uint64) {
	w.planStart(n, w.now+between(draw(name, 3), w.opts.Process.DownMin, w.opts.Process.DownMax))
}

func (w *World) crash(n *node, name uint64) {
	w.stats.Crashes++
	w.recordNode(opCrash, n.id, n.id, name, uint64(n.disk.boot))
	w.kill(n, name)
}
