package fold

import (
	"math/bits"

	"parallax/engine/flow/aggregate"
)

const (
	// tinyKeys is how many keys a cell always holds densely.
	tinyKeys = 16
	// denseShare: a cell that holds one of so many keys is held densely.
	denseShare = 8
	// slotsMin is the least size of a cell's index, a power of two.
	slotsMin = 16
)

// space is one table of accumulators for the keys of many cells. Rows of any number of
// cells are added to it in one walk.
type space struct {
	table *aggregate.Table
	next  uint32 // the first group that no cell has
	move  func() // called before groups move: whoever remembers some must be done with them
	// follow, unless nil, is told of each group that moves.
	follow func(to, from uint32)

	cells        int // that were opened
	tried, dense int // of those that began with an index, lately, and turned dense
}

// cell is the groups of some keys: those of a slice's class, or of a window. Dense, key
// k has group base+k, if k < size; else a small index finds it.
type cell struct {
	dense      bool
	base, size uint32
	keys       []uint32 // not dense: in the order in which they came
	groups     []uint32 // likewise
	slots      []uint32 // likewise: 1 + place in keys, by hash; 0: free
}

// How a cell begins is learned from others: one in learnEvery begins with an index in any
// case, and what has become of the last learnLast or so of those decides.
const (
	learnEvery = 8
	learnLast  = 32
)

// open makes a cell of a job that knows so many keys.
func (s *space) open(c *cell, keyCount int) {
	if c.dense = keyCount <= tinyKeys; c.dense {
		s.block(c, keyCount)
		return
	}
	s.cells++
	if s.tried >= learnEvery && 4*s.dense >= 3*s.tried && s.cells%learnEvery != 0 {
		c.dense = true
		s.block(c, keyCount)
		return
	}
	if s.tried++; s.tried > learnLast {
		s.tried, s.dense = s.tried/2, s.dense/2
	}
}

// block gives a cell groups for at least so many keys.
func (s *space) block(c *cell, keyCount int) {
	c.base, c.size = s.next, uint32(1)<<bits.Len(uint(max(keyCount, 4)-1))
	s.next += c.size
	s.table.Grow(int(s.next))
}

// reserve makes sure that a dense cell has room for so many keys.
func (s *space) reserve(c *cell, keyCount int) {
	if !c.dense || uint32(keyCount) <= c.size {
		return
	}
	s.move()
	if uint32(keyCount) > tinyKeys && keyCount > 2*int(c.size) {
		s.thin(c, keyCount)
		return
	}
	old := *c
	s.block(c, keyCount)
	for key := range old.size {
		s.take(c.base+key, old.base+key)
	}
}

// take moves a group's accumulators, and leaves it empty.
func (s *space) take(to, from uint32) {
	s.table.Merge(to, s.table, from)
	s.table.Clear(from)
	if s.follow != nil {
		s.follow(to, from)
	}
}

// thin makes a dense cell one with an index: it turns out that there are many more keys
// than it was made for. Its groups stay where they are.
func (s *space) thin(c *cell, keyCount int) {
	old := *c
	*c = cell{}
	for key := range old.size {
		c.enter(key, old.base+key)
	}
	if int(old.size) >= keyCount/denseShare {
		s.densify(c, keyCount)
	}
}

// group is the group of a key, which is added if it is not there.
func (s *space) group(c *cell, key uint32, keyCount int) uint32 {
	if c.dense {
		s.reserve(c, keyCount)
		if c.dense {
			return c.base + key
		}
	}
	if group, ok := c.find(key); ok {
		return group
	}
	if n := len(c.keys) + 1; n > tinyKeys && n >= keyCount/denseShare {
		s.densify(c, keyCount)
		return c.base + key
	}
	group := s.next
	s.next++
	s.table.Grow(int(s.next))
	c.enter(key, group)
	return group
}

// densify makes a cell dense.
func (s *space) densify(c *cell, keyCount int) {
	s.move()
	s.dense++
	old := *c
	*c = cell{dense: true}
	s.block(c, keyCount)
	for i, key := range old.keys {
		s.take(c.base+key, old.groups[i])
	}
}

// find is the group of a key; ok is false if there is none. A dense cell's may be
// empty.
func (c *cell) find(key uint32) (group uint32, ok bool) {
	if c.dense {
		return c.base + key, key < c.size
	}
	if len(c.slots) == 0 {
		return 0, false
	}
	mask := uint32(len(c.slots) - 1)
	for i := spread(key) & mask; ; i = (i + 1) & mask {
		n := c.slots[i]
		if n == 0 {
			return 0, false
		}
		if c.keys[n-1] == key {
			return c.groups[n-1], true
		}
	}
}

// spread hashes a key's number (Knuth, The Art of Computer Programming, volume 3,
// section 6.4).
func spread(key uint32) uint32 {
	key *= 0x9e3779b1
	return key ^ key>>15
}

// enter adds a key that is not there.
func (c *cell) enter(key, group uint32) {
	c.keys, c.groups = append(c.keys, key), append(c.groups, group)
	if 2*len(c.keys) <= len(c.slots) {
		c.place(len(c.keys) - 1)
		return
	}
	c.slots = make([]uint32, max(slotsMin, 2*len(c.slots)))
	for i := range c.keys {
		c.place(i)
	}
}

func (c *cell) place(at int) {
	mask := uint32(len(c.slots) - 1)
	i := spread(c.keys[at]) & mask
	for c.slots[i] != 0 {
		i = (i + 1) & mask
	}
	c.slots[i] = uint32(at + 1)
}

// list appends the keys that may be there, and their groups.
func (c *cell) list(keys, groups []uint32) (allKeys, allGroups []uint32) {
	if !c.dense {
		return append(keys, c.keys...), append(groups, c.groups...)
	}
	for key := range c.size {
		keys, groups = append(keys, key), append(groups, c.base+key)
	}
	return keys, groups
}
