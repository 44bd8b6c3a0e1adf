package sim

import (
	"errors"
	"fmt"

	"parallax/sim/fault"
)

// Fault family "read-error": a part of a file cannot be read any more.
//
// What it does: from now on, for good, every read that touches up to 64 durable bytes
// of a file gives what lies before them and an error. Nobody is told before he reads.
// It strikes where enough replicas stay whole, see World.Replicas.
//
// What the code must survive: an error in the middle of recovery, of the whole of a
// file or of its last byte; it must not be taken for the end of the file.
//
// What it may excuse: what bit rot excuses.

var errRead = errors.New("sim: the disk cannot read its medium")

// unreadable is a part of a file.
type unreadable struct{ from, to int64 }

// strikeReadError makes a part of a file unreadable.
func (w *World) strikeReadError(n *node, f *fault.Fault) bool {
	name := uint64(f.Name)
	if f.File == "" {
		file := n.disk.anyFile(w.draw(f.Family, name, 3), 1)
		if file == nil {
			return false
		}
		f.File, f.Offset = file.name, int64(below(w.draw(f.Family, name, 4), uint64(file.durable)))
		f.Amount = 1 + int64(below(w.draw(f.Family, name, 5), misdirectedMax))
	}
	file := n.disk.findAlike(f.File)
	if file == nil || f.Offset >= int64(file.durable) {
		return false
	}
	file.bad = append(file.bad, unreadable{f.Offset, f.Offset + f.Amount})
	w.damaged(n, f)
	return true
}

// readable is how many of the n bytes from off on can be read.
func (f *file) readable(off int64, n int) (int, error) {
	whole := n
	for _, bad := range f.bad {
		if bad.from < off+int64(n) && off < bad.to {
			n = int(max(0, bad.from-off))
		}
	}
	if n < whole {
		return n, fmt.Errorf("%w: %q at %d", errRead, f.name, off+int64(n))
	}
	return n, nil
}
