package sim

import (
	"time"

	"parallax/sim/fault"
)

// Faults that come with time are planned at the beginning of each slot, from hashes,
// or are on the list of a frozen run. From there on both are the same: an entry in
// the queue and a fault that knows what it will do. The entry takes no number of the
// queue's sequence, and one that finds nothing to hit leaves no trace. So a frozen
// run, in which there are no slots, and which lists only what has struck, is the same
// to the last number.

// plannedBit marks the sequence of entries that take no number of their own. They
// come after everything else of their instant, ordered by the faults' names.
const plannedBit = 1 << 63

// slot plans the faults of one period and the next period's planning. A slot's
// faults depend on its number and on the nodes' names only, so what happens in the
// world moves none of them.
func (w *World) slot(number uint64) {
	if w.calm {
		return
	}
	for _, f := range fault.All() {
		if w.on[f] && f.Timed() {
			w.slotOf(f, number)
		}
	}
	w.queueSlot(w.now+w.opts.Slot, number+1)
}

// slotOf plans a family's faults of a slot: for every node, or for every pair.
func (w *World) slotOf(f fault.Family, number uint64) {
	all := w.candidates[:0]
	for i, a := range w.nodes {
		switch f {
		case fault.Sever, fault.OneWay, fault.Clog:
			for _, b := range w.nodes[:i] {
				// The pair's name does not depend on who was booted first.
				x, y := a, b
				if x.nameHash > y.nameHash {
					x, y = y, x
				}
				all = append(all, named(f, number, x, y))
				if f != fault.Sever {
					all = append(all, named(f, number, y, x))
				}
			}
		default:
			if f.Damages() && !a.damageable || f == fault.Full && a.disk.issued == 0 {
				continue // nothing to hit
			}
			all = append(all, named(f, number, a, nil))
		}
	}
	w.candidates = all
	planned := false
	for i := range all {
		if w.chosen(f, uint64(all[i].Name)) {
			w.planTimed(all[i])
			planned = true
		}
	}
	if !planned && len(all) > 0 && w.strikes[f] == 0 && w.late(f) {
		w.planTimed(all[below(w.chance(uint64(f), number), uint64(len(all)))])
	}
}

// named is the fault of a family that hits a node, or a pair, in a slot, if it does.
func named(f fault.Family, number uint64, n, peer *node) fault.Fault {
	x := fault.Fault{Family: f, Node: n.name}
	far := uint64(0)
	if peer != nil {
		x.Peer, far = peer.name, peer.nameHash
	}
	x.Name = fault.Name(join(join(n.nameHash, far), number))
	return x
}

// queueSlot queues the planning of a slot.
func (w *World) queueSlot(at int64, number uint64) {
	ev := w.queue.pushAs(at, plannedBit)
	ev.op, ev.key = opSlot, number
}

// planTimed draws when and for how long a fault of this slot strikes, and queues it.
func (w *World) planTimed(x fault.Fault) {
	name := uint64(x.Name)
	x.Lasts = time.Duration(w.amount(nil, x.Family, name))
	x.At = w.since() + time.Duration(between(w.draw(x.Family, name, 2), 0, w.opts.Slot-1))
	if x.Family == fault.CrashLoop {
		w.planLoop(x)
		return
	}
	w.queueFault(x)
}

// queueFault queues a fault that knows when it will strike.
func (w *World) queueFault(f fault.Fault) {
	if f.Name == 0 { // written by hand
		f.Name = fault.Name(join(join(nameHash(f.Node), nameHash(f.Peer)), uint64(f.At)))
	}
	at := max(w.now, int64(w.opts.Start)+int64(f.At))
	seq := plannedBit | mix(uint64(f.Name)+uint64(f.Family))>>1
	ev := w.queue.pushAs(at, seq)
	ev.op, ev.key = opFault, uint64(len(w.planned))
	w.planned = append(w.planned, f)
}

// listFaults queues the listed faults whose last node has just been booted.
func (w *World) listFaults() {
	later := w.timed[:0]
	for _, f := range w.timed {
		n := w.find(f.Node)
		switch {
		case n == nil || f.Peer != "" && w.find(f.Peer) == nil:
			later = append(later, f)
		case f.Family == fault.CrashAtPersist:
			n.scripted = append(n.scripted, mark{index: f.Nth, moment: f.Moment, fault: f})
		default:
			w.queueFault(f)
		}
	}
	w.timed = later
}

// find is the node of a name, nil if there is none.
func (w *World) find(name string) *node {
	for _, n := range w.nodes {
		if n.name == name {
			return n
		}
	}
	return nil
}

// strikePlanned carries out a fault that was planned; it reports false, and does
// nothing, if there is nothing to hit.
func (w *World) strikePlanned(number uint64) bool {
	f := w.planned[number]
	n := w.find(f.Node)
	if w.calm || n == nil || f.Peer != "" && w.find(f.Peer) == nil {
		return false
	}
	switch f.Family {
	case fault.Crash, fault.CrashAtPersist, fault.CrashLoop:
		return w.strikeCrash(n, &f)
	case fault.SlowNode:
		return w.strikeSlowNode(n, &f)
	case fault.Clog:
		return w.strikeClog(n, w.find(f.Peer), &f)
	case fault.Full:
		return w.fill(n, &f)
	case fault.BitRot:
		return w.strikeRot(n, &f)
	case fault.Misdirected:
		return w.strikeMisdirected(n, &f)
	case fault.ReadError:
		return w.strikeReadError(n, &f)
	case fault.Jump:
		return w.strikeJump(n, &f)
	case fault.Freeze:
		return w.strikeFreeze(n, &f)
	case fault.Pause:
		return w.strikePause(n, &f)
	case fault.Sever, fault.OneWay:
		return w.strikeSever(n, w.find(f.Peer), &f)
	}
	return false
}
