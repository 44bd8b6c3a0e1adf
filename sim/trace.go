package sim

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"

	"parallax/engine"
	"parallax/sim/fault"
)

// checkpointEvents is the number of events between two entries of
// World.Checkpoints.
const checkpointEvents = 1024

// Trace is one record of a run: what happened, in the order in which it
// happened. Two runs are the same iff their records are.
type Trace struct {
	Event uint64 // the number of the event in the run, from 1
	At    engine.Instant
	Seq   uint64 // of the event in the queue
	// Op is what happened: start, message, timer, persist, remove, synced,
	// crash, pause, resume, sever, heal, drop, duplicate, reorder, slow,
	// slow-sync, cut, overflow, down, disk-loss, fatal, operate, or the name of a family of
	// faults that has no other word.
	Op       string
	From, To engine.NodeID // sender and receiver; the node of all else is To
	Kind     engine.Kind
	Name     uint64 // causal name, 0 when no fault asks for it
	File     string
	Data     []byte // the encoded message or the bytes written; not to be kept or changed
}

// Hash is the trace's hash so far: a chain over instant, sequence, op, sender,
// receiver, kind and content of every event, write, remove and fault.
func (w *World) Hash() uint64 { return w.hash }

// Checkpoints are the hashes after every 1,024th event, so that two runs can be
// bisected to their first difference.
func (w *World) Checkpoints() []uint64 { return w.checkpoints }

// OnTrace has f called with every record. It does not change the run.
func (w *World) OnTrace(f func(Trace)) { w.onTrace = append(w.onTrace, f) }

// OnSend has f called with every message, as op "send", and every timer, as op "set",
// of a step that is carried out: long before it arrives, if it ever does. It does not
// change the run. Together with OnTrace it tells which step led to which.
func (w *World) OnSend(f func(Trace)) { w.onSend = append(w.onSend, f) }

// sent tells of a message or timer.
func (w *World) sent(what string, ev *event) {
	for _, f := range w.onSend {
		f(Trace{
			Event: w.stats.Events, At: engine.Instant(w.now), Seq: w.seq, Op: what,
			From: ev.from, To: ev.to, Kind: ev.kind, Name: ev.name, Data: ev.data,
		})
	}
}

// record adds one record to the hash; h stands for its content.
//
//	0        8        16 17 18 20       24       28 32       40
//	┌────────┬────────┬──┬──┬──┬────────┬────────┬──┬────────┐
//	│ at     │ seq    │op│0 │kd│ from   │ to     │0 │ content│
//	└────────┴────────┴──┴──┴──┴────────┴────────┴──┴────────┘
func (w *World) record(o op, from, to engine.NodeID, kind engine.Kind, h uint64) {
	b := &w.scratch
	binary.LittleEndian.PutUint64(b[0:], uint64(w.now))
	binary.LittleEndian.PutUint64(b[8:], w.seq)
	b[16] = byte(o)
	binary.LittleEndian.PutUint16(b[18:], uint16(kind))
	binary.LittleEndian.PutUint32(b[20:], uint32(from))
	binary.LittleEndian.PutUint32(b[24:], uint32(to))
	binary.LittleEndian.PutUint64(b[32:], h)
	w.hash = xxh3.HashSeed(b[:], w.hash)
}

// recordEvent records what a message, timer or fault event did.
func (w *World) recordEvent(o op, ev *event) {
	w.record(o, ev.from, ev.to, ev.kind, ev.hash)
	if w.onTrace != nil {
		w.tell(Trace{Op: opNames[o], From: ev.from, To: ev.to, Kind: ev.kind, Name: ev.name, Data: ev.data})
	}
}

// recordFile records a write or remove.
func (w *World) recordFile(o op, n *node, name uint64, file string, data []byte) {
	w.record(o, n.id, n.id, 0, join(xxh3.HashString(file), xxh3.Hash(data)))
	if w.onTrace != nil {
		w.tell(Trace{Op: opNames[o], From: n.id, To: n.id, Name: name, File: file, Data: data})
	}
}

// recordNode records something of a node, with a number that matters.
func (w *World) recordNode(o op, from, to engine.NodeID, name, number uint64) {
	w.record(o, from, to, 0, number)
	if w.onTrace != nil {
		w.tell(Trace{Op: opNames[o], From: from, To: to, Name: name})
	}
}

// recordFault records a fault that has no word of its own: its family is the word.
func (w *World) recordFault(n *node, f *fault.Fault, number uint64) {
	w.record(opFault, n.id, n.id, engine.Kind(f.Family), number)
	if w.onTrace != nil {
		w.tell(Trace{Op: f.Family.String(), From: n.id, To: n.id, Name: uint64(f.Name)})
	}
}

func (w *World) tell(t Trace) {
	t.Event, t.At, t.Seq = w.stats.Events, engine.Instant(w.now), w.seq
	for _, f := range w.onTrace {
		f(t)
	}
}
