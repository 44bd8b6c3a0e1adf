package sim

import (
	"errors"

	"parallax/engine"
	"parallax/sim/fault"
)

var errNegativeWork = errors.New("sim: a step charged negative work")

// encode encodes everything that a step sends, before any of it is carried out:
// a message that cannot be encoded discards the step.
func (w *World) encode(n *node) {
	fx := &w.fx
	w.out = w.out[:0]
	for i := range fx.Eager {
		w.encodeOne(n, fx.Eager[i].To, fx.Eager[i].Msg)
	}
	for i := range fx.Persists {
		for _, e := range fx.Persists[i].Then {
			w.encodeOne(n, e.To, e.Msg)
		}
	}
	for i := range fx.Sends {
		w.encodeOne(n, fx.Sends[i].To, fx.Sends[i].Msg)
	}
	for i := range fx.Timers {
		if t := &fx.Timers[i]; t.After >= 0 {
			w.encodeOne(n, n.id, t.Msg)
		}
	}
}

// encodeOne appends a message to out; its key is, for now, what it goes by.
func (w *World) encodeOne(n *node, to engine.NodeID, m engine.Message) {
	data, hash := w.arena.encode(m)
	ev := event{op: opMessage, from: n.id, to: to, kind: m.Kind(), data: data, hash: hash}
	if w.named {
		ev.key = content(m, hash)
	}
	w.out = append(w.out, ev)
}

// carryOut does what a step asked for. name is the causal name of what the step
// handled. t is when the processor is done with the step itself; every effect
// takes its own time on top, in order, and what leaves leaves then.
func (w *World) carryOut(n *node, name uint64, t int64) {
	fx, out := &w.fx, w.out
	if fx.Work < 0 {
		fx.Fatal = errNegativeWork
	}
	if fx.Fatal == nil && len(fx.Persists) > 0 {
		fx.Fatal = n.disk.check(fx)
	}
	if fx.Fatal != nil {
		w.fatalNode(n, fx.Fatal, nil)
		return
	}
	if n.fullUntil != 0 && w.stopped(n) {
		return
	}
	w.stats.Reads += n.reads.bytes
	n.used.Read += n.reads.bytes
	n.reads.bytes = 0
	t = w.now + n.slowed(w.now, t-w.now+w.opts.Costs.workNs(fx.Work)+n.reads.take())
	for range fx.Eager {
		t = w.emit(n, &out[0], n.disk.durable, t)
		out = out[1:]
	}
	for i := range fx.Persists {
		p := &fx.Persists[i]
		index := n.disk.persist(p)
		if p.Data != nil {
			t = w.persisted(n, p, join(name, uint64(i)), index, t)
		}
		for range p.Then {
			t = w.emit(n, &out[0], index, t)
			out = out[1:]
		}
	}
	for range fx.Sends {
		t = w.emit(n, &out[0], n.disk.issued, t)
		out = out[1:]
	}
	for _, file := range fx.Removes {
		w.stats.Removes++
		w.recordFile(opRemove, n, name, file, nil)
		n.disk.remove(file)
	}
	for i := range fx.Timers {
		if timer := &fx.Timers[i]; timer.After < 0 {
			n.cancelTimer(timer.Key)
		} else {
			w.setTimer(n, timer, &out[0])
			out = out[1:]
		}
	}
	n.busyUntil = t
	n.used.BusyNs += t - w.now
	w.startSync(n, t)
}

// persisted records a write that the disk has queued under index, and decides
// its faults.
func (w *World) persisted(n *node, p *engine.Persist, name, index uint64, t int64) int64 {
	if w.named {
		name = join(name, fileClass(p.File))
	}
	if n.first == 0 {
		n.first = name
	}
	w.stats.Persists++
	w.stats.Written += uint64(len(p.Data))
	n.used.Wrote += uint64(len(p.Data))
	w.recordFile(opPersist, n, name, p.File, p.Data)
	w.anchorCrash(n, name, index)
	return t + bytesNs(len(p.Data), w.opts.Costs.BytePs)
}

// emit lets a message leave at t, plus the time it takes to send, if the
// persists up to after are durable; else later.
func (w *World) emit(n *node, ev *event, after uint64, t int64) int64 {
	c := &w.opts.Costs
	if ev.to == n.id {
		ev.boot = n.disk.boot
	} else if ev.to == 0 || int(ev.to) > len(w.nodes) {
		w.fail(n.name, errNoNode, nil)
		return t
	}
	if w.named {
		ev.name, ev.key = w.counted(n.nameHash, w.nodes[ev.to-1].nameHash, ev.kind, ev.key)
	}
	if w.onSend != nil {
		w.sent("send", ev)
	}
	t += c.MessageNs + bytesNs(len(ev.data), c.BytePs)
	switch {
	case after <= n.disk.durable:
		w.leave(n, ev, t)
	case len(n.outbox) == heldMax:
		w.fail(n.name, errHeldMax, nil)
	default:
		n.outbox = append(n.outbox, held{ev: *ev, after: after})
	}
	return t
}

// leave puts a message on its way: to another node over the network, to oneself
// straight into the queue, in order and without loss.
func (w *World) leave(n *node, ev *event, t int64) {
	if ev.to == n.id {
		w.queue.pushEvent(t, ev)
		return
	}
	w.transmit(n, ev, t)
}

// startSync starts a group commit at t over everything issued, unless one runs
// or none is needed.
func (w *World) startSync(n *node, t int64) {
	if n.syncing || n.disk.idle() {
		return
	}
	n.syncing = true
	size := n.disk.beginSync()
	ns := w.opts.Costs.FsyncNs + bytesNs(int(size), w.opts.Costs.WriteBytePs)
	w.failSync(n)
	ns += w.slowSync(n)
	ev := w.queue.push(t + ns)
	ev.op, ev.to, ev.boot = opSynced, n.id, n.disk.boot
	w.anchorInSync(n, t, ns)
}

// synced ends a group commit: what waited for it leaves, the next one starts. A
// paused process learns of it when it goes on.
func (w *World) synced(n *node) {
	if n.failing != nil && w.syncFailed(n) || w.loseRemoves(n) {
		return
	}
	w.stats.Syncs++
	n.disk.endSync()
	n.syncing = false
	w.recordNode(opSynced, n.id, n.id, 0, n.disk.durable)
	if n.paused {
		n.owed = true
		return
	}
	w.releaseDurable(n)
}

// releaseDurable lets everything leave that waited for persists that are durable
// by now, stopping where a crash is anchored.
func (w *World) releaseDurable(n *node) {
	if m, ok := n.takeMark(); ok {
		upto := m.index
		if m.moment == fault.Durable {
			upto--
		}
		w.release(n, upto)
		w.crashAtPersist(n, &m)
		return
	}
	w.release(n, n.disk.durable)
	w.startSync(n, w.now)
}

// release lets the messages leave that waited for persists up to upto.
func (w *World) release(n *node, upto uint64) {
	k := 0
	for k < len(n.outbox) && n.outbox[k].after <= upto {
		w.leave(n, &n.outbox[k].ev, w.now)
		k++
	}
	rest := copy(n.outbox, n.outbox[k:])
	clear(n.outbox[rest:])
	n.outbox = n.outbox[:rest]
}
