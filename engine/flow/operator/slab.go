package operator

import (
	"slices"

	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
)

const (
	// denseKeys is how many keys a slab may always hold densely.
	denseKeys = 1024
	// denseShare: a slab that holds one of so many keys is held densely.
	denseShare = 8
	// poolSlabs is how many emptied slabs are kept for reuse.
	poolSlabs = 4
)

// slab is the accumulators of some keys. Dense, the group of a key is its number,
// and a key is there if it has rows; sparse, groups are numbered as keys appear
// and a small index finds them, so that a window that saw 3 of a million keys
// does not pay for a million. A slab turns dense once it holds enough of all keys.
type slab struct {
	table *aggregate.Table
	at    int // the function that counts all rows
	dense bool
	holes bool     // sparse: keys may be without rows
	last  int      // dense: how many keys there were when they were listed last
	keys  []uint32 // sparse: by group
	slots []uint32 // sparse: group + 1 by hash of the key; 0: free
}

// slabs makes and reuses slabs of the same functions, one of which, the at-th,
// counts all rows.
type slabs struct {
	fns    []aggregate.Function
	at     int
	few    int // denseKeys; less in tests, so that they see sparse slabs
	pool   []*slab
	dense  bool // the last slab of rows in order was well held densely
	groups []uint32
	all    []uint32 // 0, 1, 2, …
	counts column.Column
}

// take returns an empty slab, held densely or not.
func (p *slabs) take(dense bool) *slab {
	n := len(p.pool)
	if n == 0 {
		return &slab{table: aggregate.NewTable(p.fns), at: p.at, dense: dense}
	}
	s := p.pool[n-1]
	p.pool = p.pool[:n-1]
	s.dense = dense
	return s
}

// give takes a slab back and empties it.
func (p *slabs) give(s *slab) {
	if len(p.pool) >= poolSlabs {
		return
	}
	s.empty()
	p.pool = append(p.pool, s)
}

// learn remembers, before it is given back, whether a slab of rows in order was
// well held densely, of so many keys in all.
func (p *slabs) learn(s *slab, keys int) {
	p.dense = s.dense && s.last >= keys/(2*denseShare)
}

// empty forgets all keys. An index much too large for them is not worth clearing
// again and again.
func (s *slab) empty() {
	s.table.Reset()
	if len(s.slots) > slotsMin*len(s.keys) {
		s.slots = nil
	}
	s.keys, s.holes = s.keys[:0], false
	clear(s.slots)
}

// list appends the keys there and their groups, a dense slab's ascending.
func (p *slabs) list(s *slab, keys, groups []uint32) (allKeys, allGroups []uint32) {
	if !s.dense && !s.holes {
		return append(keys, s.keys...), append(groups, p.upTo(len(s.keys))...)
	}
	from := len(keys)
	p.counts.Reset(column.TypeOf(column.Int64), nil)
	s.table.FinishColumn(p.upTo(s.table.Groups()), s.at, &p.counts)
	if !s.dense {
		for group, n := range p.counts.Ints {
			if n != 0 {
				keys, groups = append(keys, s.keys[group]), append(groups, uint32(group))
			}
		}
		return keys, groups
	}
	for key, n := range p.counts.Ints {
		if n != 0 {
			keys = append(keys, uint32(key))
		}
	}
	s.last = len(keys) - from
	return keys, append(groups, keys[from:]...)
}

// upTo lists the numbers below n.
func (p *slabs) upTo(n int) []uint32 {
	for len(p.all) < n {
		p.all = append(p.all, uint32(len(p.all)))
	}
	return p.all[:n]
}

// has tells whether a group has rows.
func (s *slab) has(group uint32) bool {
	return s.table.Finish(group, s.at).Int != 0
}

// groupsOf returns the group of each key, which it adds if it is not there, in
// scratch memory or the argument itself. keyCount is the number of all keys.
func (p *slabs) groupsOf(s *slab, keys []uint32, keyCount int) []uint32 {
	if !s.dense {
		p.groups = resize(p.groups, len(keys))
		for i, key := range keys {
			p.groups[i] = s.insert(key)
		}
		if len(s.keys) <= p.few || len(s.keys) < keyCount/denseShare {
			return p.groups
		}
		p.densify(s)
	}
	s.table.Grow(keyCount)
	return keys
}

// find is the group of a key; ok is false if there is none. The group of a dense
// slab may be without rows.
func (s *slab) find(key uint32) (group uint32, ok bool) {
	if s.dense {
		return key, int(key) < s.table.Groups()
	}
	if len(s.slots) == 0 {
		return 0, false
	}
	mask := uint32(len(s.slots) - 1)
	for i := spread(key) & mask; ; i = (i + 1) & mask {
		n := s.slots[i]
		if n == 0 {
			return 0, false
		}
		if s.keys[n-1] == key {
			return n - 1, true
		}
	}
}

// spread hashes a key number for a sparse slab's index.
func spread(key uint32) uint32 {
	key *= 0x9e3779b1
	return key ^ key>>15
}

// insert is the group of a key of a sparse slab, added if it is not there.
func (s *slab) insert(key uint32) uint32 {
	if group, ok := s.find(key); ok {
		return group
	}
	s.keys = append(s.keys, key)
	s.table.Grow(len(s.keys))
	if 2*len(s.keys) <= len(s.slots) {
		s.place(key, uint32(len(s.keys)))
	} else {
		s.slots = make([]uint32, max(slotsMin, 2*len(s.slots)))
		for i, k := range s.keys {
			s.place(k, uint32(i+1))
		}
	}
	return uint32(len(s.keys) - 1)
}

func (s *slab) place(key, next uint32) {
	mask := uint32(len(s.slots) - 1)
	i := spread(key) & mask
	for s.slots[i] != 0 {
		i = (i + 1) & mask
	}
	s.slots[i] = next
}

// densify moves the accumulators of a sparse slab to the places of their keys.
func (p *slabs) densify(s *slab) {
	to := p.take(true)
	most := uint32(0)
	for _, key := range s.keys {
		most = max(most, key)
	}
	to.table.Grow(int(most) + 1)
	for group, key := range s.keys {
		to.table.Merge(key, s.table, uint32(group))
	}
	*s, *to = *to, *s
	p.give(to)
}

// sorted appends the keys there, ascending, and their groups.
func (p *slabs) sorted(s *slab, keys, groups []uint32) (allKeys, allGroups []uint32) {
	if s.dense {
		return p.list(s, keys, groups)
	}
	from := len(keys)
	keys = append(keys, s.keys...)
	slices.Sort(keys[from:])
	for _, key := range keys[from:] {
		group, _ := s.find(key)
		groups = append(groups, group)
	}
	return keys, groups
}

// merge adds the accumulators of one key.
func (s *slab) merge(key uint32, src *aggregate.Table, from uint32) {
	group := key
	if s.dense {
		s.table.Grow(int(key) + 1)
	} else {
		group = s.insert(key)
	}
	s.table.Merge(group, src, from)
}
