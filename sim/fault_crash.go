package sim

import (
	"slices"
	"time"

	"parallax/engine"
	"parallax/sim/fault"
)

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

// mark anchors a crash to a persist.
type mark struct {
	index  uint64 // number of the persist in the life of its disk
	moment fault.Moment
	fault  fault.Fault // of no family if somebody asked for the crash
}

// Crash kills a node at once. It stays down until Restart or Calm. What becomes of
// its unsynced writes is anything that may become of them.
func (w *World) Crash(id engine.NodeID) {
	n := w.node(id)
	n.starts++ // a start that was planned before is off
	if n.up {
		w.crash(n, 0, w.drawnLoss(slotName(n.nameHash, uint64(opCrash), uint64(n.disk.boot))))
	}
}

// CrashAtPersist kills a node at a moment of its k-th persist, counted from 1
// over all incarnations, and lets it restart as after a crash by fault.
func (w *World) CrashAtPersist(id engine.NodeID, k uint64, moment fault.Moment) {
	n := w.node(id)
	n.scripted = append(n.scripted, mark{index: k, moment: moment})
}

// Restart starts a node that is down, also one with a Fatal, as the next event.
func (w *World) Restart(id engine.NodeID) {
	if n := w.node(id); !n.up {
		w.planStart(n, w.now)
	}
}

// anchorCrash decides whether the persist just issued is one to crash at.
func (w *World) anchorCrash(n *node, name, index uint64) {
	m := mark{index: index}
	hit := false
	for _, f := range [...]fault.Family{fault.CrashAtPersist, fault.LostWrites, fault.TornWrite} {
		if known, ok := w.fires(f, name); ok && !hit {
			m.fault, hit = w.anchorOf(n, f, known, name, index), true
			m.moment = m.fault.Moment
		}
	}
	for i := range n.scripted {
		if s := &n.scripted[i]; s.index == index && !w.calm {
			hit, m = true, *s
		}
	}
	if !hit {
		return
	}
	if m.moment == fault.Issued {
		w.planAnchored(n, m, w.now)
		return
	}
	n.marks = append(n.marks, m)
}

// anchorOf is a fault that kills a process at one of its persists.
func (w *World) anchorOf(n *node, family fault.Family, known *fault.Fault, name, index uint64) fault.Fault {
	f := fault.Fault{Moment: fault.InSync}
	switch {
	case known != nil:
		f = *known
	case family == fault.CrashAtPersist:
		f.Moment = fault.Moment(below(w.draw(family, name, 2), fault.Moments))
	}
	f.Family, f.Name, f.Node, f.Nth = family, fault.Name(name), n.name, index
	f.Lasts = time.Duration(w.amount(known, family, name))
	return f
}

// anchorInSync plans the crashes that hit during the sync from t to t + ns.
func (w *World) anchorInSync(n *node, t, ns int64) {
	kept := n.marks[:0]
	for _, m := range n.marks {
		if m.moment != fault.InSync || m.index > n.disk.syncing {
			kept = append(kept, m)
			continue
		}
		after := int64(m.fault.After)
		if w.opts.Frozen == nil {
			after = between(w.draw(m.fault.Family, uint64(m.fault.Name), 3), 0, max(0, ns-1))
		}
		m.fault.After = time.Duration(min(after, max(0, ns-1)))
		w.planAnchored(n, m, t+int64(m.fault.After))
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

// planAnchored queues a crash of this incarnation.
func (w *World) planAnchored(n *node, m mark, at int64) {
	ev := w.queue.pushAs(at, plannedBit|mix(join(n.nameHash, m.index))>>1)
	ev.op, ev.to, ev.boot, ev.key = opCrash, n.id, n.disk.boot, uint64(len(w.anchored))
	w.anchored = append(w.anchored, m)
}

// crashAnchored carries out an anchored crash from the queue.
func (w *World) crashAnchored(n *node, number uint64) bool {
	if w.calm || !n.up {
		return false
	}
	w.crashAtPersist(n, &w.anchored[number])
	return true
}

// crashAtPersist carries out an anchored crash.
func (w *World) crashAtPersist(n *node, m *mark) {
	w.stats.CrashesAtPersist++
	if m.fault.Family != fault.None {
		w.crashBy(n, &m.fault)
		return
	}
	name := slotName(n.nameHash, uint64(opPersist), m.index)
	w.crash(n, name, w.drawnLoss(name))
	w.planStart(n, w.now+w.amount(nil, fault.CrashAtPersist, name))
}

// strikeCrash carries out a planned crash.
func (w *World) strikeCrash(n *node, f *fault.Fault) bool {
	if !n.up {
		return false
	}
	w.crashBy(n, f)
	return true
}

// crashBy kills a node by a fault, and plans its start.
func (w *World) crashBy(n *node, f *fault.Fault) {
	w.crash(n, uint64(f.Name), w.lossOf(n, f))
	f.Losses = slices.DeleteFunc(f.Losses, func(l fault.Loss) bool { return l == fault.Loss{File: l.File} })
	if len(f.Losses) == 0 {
		f.Losses = nil
	}
	w.planStart(n, w.now+int64(f.Lasts))
	w.struck(*f)
}

func (w *World) crash(n *node, name uint64, pick picker) {
	w.stats.Crashes++
	w.recordNode(opCrash, n.id, n.id, name, uint64(n.disk.boot))
	w.kill(n, pick)
}
