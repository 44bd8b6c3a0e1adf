package sim

import (
	"time"

	"parallax/engine"
	"parallax/sim/fault"
)

// firedMax bounds the faults that a world remembers. Later ones strike as well and
// are counted, see World.Strikes; such a run cannot be frozen.
const firedMax = 1 << 17

// ledger is which faults have struck, and which are to.
type ledger struct {
	fired   []fault.Fault
	strikes [fault.Count]uint64

	on      [fault.Count]bool  // the family may strike
	sourced [fault.Count]bool  // of a source's: there is something to hit
	due     [fault.Count]int64 // the instant from which on one that is sure is late
	listed  map[fault.ID]*fault.Fault
	links   map[linkKind][]*fault.Fault // listed without a name, by what they hit
	passed  map[linkKind]uint64         // messages so far
	timed   []fault.Fault               // listed, by instant, for nodes that are not booted yet

	candidates []fault.Fault // scratch
	planned    []fault.Fault // faults that come with time, by their number in the queue
}

// linkKind is what a listed fault of a message goes by that has no name.
type linkKind struct {
	from, to string
	kind     engine.Kind
}

// takeOptions sets up which families may strike.
func (l *ledger) takeOptions(o *Options) {
	if o.Frozen == nil {
		for f := range l.on {
			l.on[f] = o.Faults[f].Rate != 0
			l.due[f] = int64(o.Start) + int64(below(mix(o.Seed*golden+uint64(f)), uint64(3*o.Slot)))
			if fault.Family(f) == fault.LostRemoves { // a short run may remove nothing later
				l.due[f] = int64(o.Start)
			}
		}
		return
	}
	l.listed = make(map[fault.ID]*fault.Fault, len(o.Frozen))
	l.links, l.passed = map[linkKind][]*fault.Fault{}, map[linkKind]uint64{}
	for i := range o.Frozen {
		f := &o.Frozen[i]
		l.on[f.Family] = true
		switch {
		case f.Family == fault.Skew || f.Family == fault.Drift: // once for each node
			l.listed[fault.ID{Family: f.Family, Name: fault.Name(nameHash(f.Node))}] = f
		case f.Family.Timed():
			l.timed = append(l.timed, *f)
		case f.Name != 0:
			l.listed[f.ID()] = f
		case f.Family.OfMessage():
			at := linkKind{f.Node, f.Peer, engine.Kind(f.Kind)}
			l.links[at] = append(l.links[at], f)
		case f.Family == fault.CrashAtPersist:
			l.timed = append(l.timed, *f)
		}
	}
}

// fires reports whether the fault of a name happens; in a frozen run, with what is
// known of it.
func (w *World) fires(f fault.Family, name uint64) (*fault.Fault, bool) {
	if !w.on[f] || w.calm {
		return nil, false
	}
	if w.opts.Frozen != nil {
		known := w.listed[fault.ID{Family: f, Name: fault.Name(name)}]
		return known, known != nil
	}
	if f.Timed() { // sure or not is decided for the whole slot
		return nil, w.chosen(f, name)
	}
	return nil, w.chosen(f, name) || w.late(f)
}

// chosen reports whether the fault of a name falls under the family's rate.
func (w *World) chosen(f fault.Family, name uint64) bool {
	return below(w.chance(uint64(f), name), 1_000_000) < uint64(w.opts.Faults[f].Rate)
}

// late reports whether a family that is sure to strike has not struck yet although it
// is time, and gives it another while to do so.
func (w *World) late(f fault.Family) bool {
	if !w.opts.Faults[f].Sure || w.strikes[f] > 0 || w.now < w.due[f] {
		return false
	}
	w.due[f] = w.now + w.opts.Slot/4
	return true
}

// firesAt is fires for a message; stem is that of its name.
func (w *World) firesAt(f fault.Family, ev *event, stem uint64) (*fault.Fault, bool) {
	if !w.on[f] || w.calm {
		return nil, false
	}
	if w.opts.Frozen == nil {
		s := &w.opts.Faults[f]
		return nil, below(mix(stem+uint64(f)*golden), 1_000_000) < uint64(s.Rate) || s.Sure && w.late(f)
	}
	if known := w.linked(f, ev); known != nil {
		return known, true
	}
	return w.fires(f, ev.name)
}

// linked is the listed fault that is meant for a message without knowing its name.
func (w *World) linked(f fault.Family, ev *event) *fault.Fault {
	if len(w.links) == 0 {
		return nil
	}
	at := linkKind{w.nodes[ev.from-1].name, w.nodes[ev.to-1].name, ev.kind}
	for _, known := range w.links[at] {
		if known.Family == f && known.Nth == w.passed[at]-1 {
			return known
		}
	}
	return nil
}

// passing counts a message for the listed faults that go by numbers.
func (w *World) passing(ev *event) {
	if len(w.links) > 0 && !w.calm {
		w.passed[linkKind{w.nodes[ev.from-1].name, w.nodes[ev.to-1].name, ev.kind}]++
	}
}

// draw is the i-th further draw of a name whose fault fires.
func (w *World) draw(f fault.Family, name, i uint64) uint64 {
	return mix(w.chance(uint64(f), name) + i*golden)
}

// amount is how much a fault does: what the list says, or drawn between the family's
// least and most.
func (w *World) amount(known *fault.Fault, f fault.Family, name uint64) int64 {
	if known != nil {
		return int64(known.Lasts)
	}
	s := &w.opts.Faults[f]
	return between(w.draw(f, name, 1), s.Least, s.Most)
}

// struck notes that a fault has struck.
func (w *World) struck(f fault.Fault) {
	w.strikes[f.Family]++
	w.stats.Faults++
	if len(w.fired) < firedMax {
		if !f.Family.Timed() && !f.Family.OfRows() {
			f.At = w.since()
		}
		w.fired = append(w.fired, f)
	}
}

// struckMessage notes that a fault has struck a message.
func (w *World) struckMessage(f fault.Family, ev *event, ns int64) {
	w.struck(fault.Fault{
		Family: f, Name: fault.Name(ev.name), Node: w.nodes[ev.from-1].name, Peer: w.nodes[ev.to-1].name,
		Kind: uint16(ev.kind), Nth: ev.key, Lasts: time.Duration(ns),
	})
}

// since is how long the world has been going on.
func (w *World) since() time.Duration { return time.Duration(w.now - int64(w.opts.Start)) }

// Fired lists the faults that have struck so far, in that order. Given to
// Options.Frozen they strike again, and nothing else does.
func (w *World) Fired() []fault.Fault { return w.fired[:len(w.fired):len(w.fired)] }

// Strikes is how often each family has struck so far.
func (w *World) Strikes() [fault.Count]uint64 { return w.strikes }
