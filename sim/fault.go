package sim

import (
	"math/bits"

	"github.com/zeebo/xxh3"

	"parallax/engine"
)

// A fault has an identity, not a place in a random stream: it fires iff
// H(seed, family, causal name) falls under its rate, or iff the list of a frozen run
// says so. The causal name of
//
//   - a message is (sender's name, receiver's name, kind, its logical key or
//     else its content, how many of that name went before);
//   - a persist is (the name of the message whose step asked for it, or node and
//     boot for Start, its place in the step, the class of its file);
//   - a fault that comes with time is (the node's or nodes' names, the slot's number);
//   - a crash's damage is (the name of the crash, the file).
//
// So leaving out a message moves no fault of another. How much a fault does is drawn
// from the same hash, and is written down with it when it strikes.

// The salts of decisions that are no faults lie above those of the families.
const (
	saltDelay = 1<<16 + iota
	saltRand
	saltDisk
	saltReplica
)

const golden = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood, "Fast splittable
// pseudorandom number generators", OOPSLA 2014, figure 14).
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// chance is the decision about a name: 64 bits that depend on seed, salt and name
// only. The salt is the family, or what else is decided.
func (w *World) chance(salt, name uint64) uint64 { return mix(w.stem(name) + salt*golden) }

// stem is what all chances of a name begin with.
func (w *World) stem(name uint64) uint64 { return mix(name ^ w.opts.Seed*golden) }

// below maps 64 random bits to [0, n).
func below(h, n uint64) uint64 {
	hi, _ := bits.Mul64(h, n)
	return hi
}

// between maps 64 random bits to [lo, hi].
func between(h uint64, lo, hi int64) int64 {
	return lo + int64(below(h, uint64(hi-lo)+1))
}

// join makes one name of two.
func join(a, b uint64) uint64 { return mix(a*golden ^ b) }

// content is what a message goes by: its logical key, or else its bytes.
func content(m engine.Message, hash uint64) uint64 {
	if k, ok := m.(engine.Keyed); ok {
		return k.LogicalKey()
	}
	return hash
}

// counted is the causal name of a message, and how many of that name went before.
func (w *World) counted(from, to uint64, kind engine.Kind, content uint64) (name, nth uint64) {
	name = join(join(from, to), join(uint64(kind), content))
	nth = w.seen.count(name)
	return join(name, nth), nth
}

// fileClass is a file name without its numbers, so that segments of one kind
// share a class.
func fileClass(name string) uint64 {
	var b [64]byte
	class := b[:0]
	for i := 0; i < len(name); i++ {
		if c := name[i]; c < '0' || c > '9' {
			class = append(class, c)
		} else if i == 0 || name[i-1] < '0' || name[i-1] > '9' {
			class = append(class, '#')
		}
	}
	return xxh3.Hash(class)
}

// slotName names a slot of one node, or of a pair.
func slotName(a, b, slot uint64) uint64 { return join(join(a, b), slot) }

// namesMax bounds the names whose occurrences are counted: when so many were
// seen, a generation of counts ends and the one before it is forgotten.
const namesMax = 1 << 20

// occurrences counts how often each name was seen, in two generations of open
// addressing.
type occurrences struct {
	young, old counts
	generation uint32
}

// count returns how often a name was seen before. A name that is new or
// forgotten starts at the number of the generation, not at 0, lest a retry that
// comes once in a generation be dropped for ever.
func (o *occurrences) count(name uint64) uint64 {
	if o.young.used >= namesMax {
		o.old = o.young
		o.young = counts{}
		o.generation++
	}
	n := o.young.slot(name)
	if *n == 0 {
		*n = max(o.old.get(name), o.generation)
	}
	*n++
	return uint64(*n - 1)
}

// counts is a hash table from names, which are hashes already, to how often
// they were seen.
type counts struct {
	cells []cell
	used  int
}

type cell struct {
	name uint64
	n    uint32
}

// slot returns the counter of a name, new or known.
func (c *counts) slot(name uint64) *uint32 {
	if 2*c.used >= len(c.cells) {
		c.grow()
	}
	i := c.probe(name)
	if c.cells[i].n == 0 {
		c.used++
		c.cells[i].name = name
	}
	return &c.cells[i].n
}

func (c *counts) get(name uint64) uint32 {
	if len(c.cells) == 0 {
		return 0
	}
	return c.cells[c.probe(name)].n
}

// probe finds the cell of a name, or the free one where it belongs.
func (c *counts) probe(name uint64) uint64 {
	mask := uint64(len(c.cells) - 1)
	i := name & mask
	for c.cells[i].n != 0 && c.cells[i].name != name {
		i = (i + 1) & mask
	}
	return i
}

func (c *counts) grow() {
	old := c.cells
	c.cells = make([]cell, max(64, 2*len(old)))
	for _, e := range old {
		if e.n != 0 {
			c.cells[c.probe(e.name)] = e
		}
	}
}

// nameHash is the part of causal names that a node's readable name gives.
func nameHash(name string) uint64 { return xxh3.HashString(name) }
