package sim

import (
	"iter"
	"slices"
)

// choice tells the decisions of a crash apart.
type choice uint8

const (
	chooseWrites choice = iota // how many unsynced writes of a file survive
	chooseTorn                 // whether the next one survives in part
	chooseOffset               // where it is torn
	chooseFill                 // whether zeros take the place of the rest
	chooseEmpty                // whether a created file survives without a byte
	chooseRemove               // whether a removal is undone
)

// picker decides one question of a crash: it answers in [0, n).
type picker func(name string, what choice, n int) int

// CrashStates yields every state that a crash at this moment can leave, each as
// the disk of the next incarnation, with nothing pending. torn lists the byte
// offsets, inside (0, size), at which a write of that size may be torn; nil
// means every byte. The receiver is left as it was, and every yielded disk can
// be kept, written to and crashed again.
//
// The states are the product, over files, of how many unsynced writes survive
// (a prefix), of a torn write behind them (a prefix of its bytes, alone or with
// zeros in place of the rest), of a new file that survives empty or not at all;
// and over removes that took effect but are not durable, of done and undone. No
// order holds between files. Equal states may be yielded more than once.
func (d *Disk) CrashStates(torn func(size int) []int) iter.Seq[*Disk] {
	return func(yield func(*Disk) bool) {
		// The decisions taken on the way to the current state, and how many
		// answers each had: an odometer whose wheels appear as crash asks.
		var taken, limits []int
		for {
			asked := 0
			state := d.clone()
			state.crash(func(_ string, _ choice, n int) int {
				if asked == len(taken) {
					taken, limits = append(taken, 0), append(limits, n)
				}
				asked++
				return taken[asked-1]
			}, torn)
			if !yield(state) {
				return
			}
			i := len(taken) - 1
			for i >= 0 && taken[i]+1 == limits[i] {
				i--
			}
			if i < 0 {
				return
			}
			taken, limits = taken[:i+1], limits[:i+1]
			taken[i]++
		}
	}
}

// casualties counts what a crash did to unsynced writes and removes.
type casualties struct {
	survived, lost, torn, undone uint64
}

// crash turns the disk into what the next incarnation finds. It is the only
// place that knows what a crash may do; pick chooses among it.
func (d *Disk) crash(pick picker, torn func(size int) []int) casualties {
	var c casualties
	kept := d.files[:0]
	for _, f := range d.files {
		if !d.resolveRemove(f, pick, &c) {
			continue
		}
		if f.crash(pick, torn, &c) {
			kept = append(kept, f)
		}
	}
	clear(d.files[len(kept):])
	d.files = kept
	d.boot++
	d.last, d.dirty, d.removes, d.gone = nil, nil, nil, nil
	d.unsynced = 0
	d.syncing, d.durable = d.issued, d.issued
	return c
}

// resolveRemove reports whether the file is still there as far as its removal
// goes. A removal whose persists were not durable yet never happened.
func (d *Disk) resolveRemove(f *file, pick picker, c *casualties) bool {
	if f.hidden && pick(f.name, chooseRemove, 2) == 0 {
		return false
	}
	if f.hidden {
		c.undone++
	}
	f.hidden, f.removing = false, false
	return true
}

// crash keeps a prefix of the unsynced writes and at most one torn write, and
// reports whether the file exists afterwards.
func (f *file) crash(pick picker, torn func(size int) []int, c *casualties) bool {
	end := f.durable
	if n := len(f.writes); n > 0 {
		k := pick(f.name, chooseWrites, n+1)
		if k > 0 {
			end = f.writes[k-1].end
			f.created = true
		}
		c.survived += uint64(k)
		if k < n {
			c.lost += uint64(n - k)
			size := f.writes[k].end - end
			if keep, fill := tear(f.name, size, pick, torn); keep > 0 {
				c.lost--
				c.torn++
				f.created = true
				if fill {
					f.data = slices.Clone(f.data[:end+size])
					clear(f.data[end+keep:])
					keep = size
				}
				end += keep
			}
		}
		f.writes = nil
	}
	f.data = f.data[:end:end]
	f.durable = end
	f.tail = min(f.tail, end)
	if !f.created {
		f.created = pick(f.name, chooseEmpty, 2) == 1
	}
	return f.created
}

// tear decides how many bytes of a write survive, 0 for none, and whether zeros
// stand in for the rest.
func tear(name string, size int, pick picker, torn func(size int) []int) (keep int, fill bool) {
	if size < 2 || pick(name, chooseTorn, 2) == 0 {
		return 0, false
	}
	if torn == nil {
		keep = 1 + pick(name, chooseOffset, size-1)
	} else {
		offsets := torn(size)
		if len(offsets) == 0 {
			return 0, false
		}
		keep = offsets[pick(name, chooseOffset, len(offsets))]
	}
	return keep, pick(name, chooseFill, 2) == 1
}

// clone copies everything but the bytes, which are never changed in place.
func (d *Disk) clone() *Disk {
	c := *d
	c.last, c.dirty, c.removes, c.gone = nil, nil, slices.Clone(d.removes), slices.Clone(d.gone)
	c.files = make([]*file, len(d.files))
	for i, f := range d.files {
		g := *f
		g.data = f.data[:len(f.data):len(f.data)]
		g.bad = slices.Clone(f.bad)
		g.writes = slices.Clone(f.writes)
		c.files[i] = &g
		for j := range c.removes {
			if c.removes[j].file == f {
				c.removes[j].file = &g
			}
		}
	}
	for _, f := range d.dirty {
		if i, ok := c.search(f.name); ok {
			c.dirty = append(c.dirty, c.files[i])
		}
	}
	return &c
}
