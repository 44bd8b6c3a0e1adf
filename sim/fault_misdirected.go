package sim

import (
	"parallax/sim/fault"
)

// Fault family "misdirected": a write lands on something else.
//
// What it does: up to 64 bytes that belong to one place of a disk overwrite durable
// bytes of another, in the same file or in another one, with no error. The place that
// is hit has a later write behind it in its file: what was written last may be hit, but
// not together with everything that speaks for it. The bytes' own place holds them as
// well: a write that was confirmed and is nowhere is more than one disk can tell, and
// is not modelled. It strikes where enough replicas stay whole, see World.Replicas.
//
// What the code must survive: good frames, with good checksums, in places where they
// do not belong; two wrong frames next to each other.
//
// What it may excuse: what bit rot excuses.

// misdirectedMax is the most bytes of a write that goes astray.
const misdirectedMax = 64

// strikeMisdirected overwrites the place.
func (w *World) strikeMisdirected(n *node, f *fault.Fault) bool {
	name := uint64(f.Name)
	if f.File == "" {
		from := n.disk.anyFile(w.draw(f.Family, name, 3), 2)
		to := n.disk.any(w.draw(f.Family, name, 4), func(f *file) bool { return min(f.durable, f.tail) > 0 })
		if from == nil || to == nil {
			return false
		}
		room := min(to.durable, to.tail)
		size := min(misdirectedMax, from.durable, room)
		if size <= 0 {
			return false
		}
		size = 1 + int(below(w.draw(f.Family, name, 5), uint64(size)))
		f.File, f.From, f.Amount = to.name, from.name, int64(size)
		f.FromAt = int64(below(w.draw(f.Family, name, 6), uint64(from.durable-size+1)))
		f.Offset = int64(below(w.draw(f.Family, name, 7), uint64(room-size+1)))
	}
	from, to := n.disk.findAlike(f.From), n.disk.findAlike(f.File)
	if from == nil || to == nil || f.FromAt+f.Amount > int64(from.durable) || f.Offset+f.Amount > int64(to.durable) {
		return false
	}
	source := append([]byte(nil), from.data[f.FromAt:f.FromAt+f.Amount]...)
	target := to.data[f.Offset : f.Offset+f.Amount]
	if string(source) == string(target) {
		return false // nothing has changed
	}
	copy(target, source)
	w.damaged(n, f)
	return true
}
