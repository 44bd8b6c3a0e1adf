package frontier

import (
	"math"
	"slices"
)

// sorter sorts integers digit by digit (LSD radix sort; Knuth, The Art of Computer
// Programming, volume 3, section 5.2.5): lists of millions of times that lie close
// together take two or three walks.
type sorter[T int64 | uint32] struct{ other []T }

const (
	digitBits = 11
	digits    = 1 << digitBits
	fewInts   = 1 << 10 // that are sorted by comparing
)

// sort sorts a list, ascending.
func (s *sorter[T]) sort(list []T) {
	if len(list) < fewInts {
		slices.Sort(list)
		return
	}
	least, most := list[0], list[0]
	for _, v := range list {
		least, most = min(least, v), max(most, v)
	}
	if cap(s.other) < len(list) {
		s.other = make([]T, len(list))
	}
	from, to := list, s.other[:len(list)]
	width := uint64(most) - uint64(least)
	for shift := 0; shift < 64 && width>>shift != 0; shift += digitBits {
		var places [digits]int
		for _, v := range from {
			places[(uint64(v)-uint64(least))>>shift%digits]++
		}
		next := 0
		for d, n := range places {
			places[d] = next
			next += n
		}
		for _, v := range from {
			d := (uint64(v) - uint64(least)) >> shift % digits
			to[places[d]] = v
			places[d]++
		}
		from, to = to, from
	}
	if &from[0] != &list[0] {
		copy(list, from)
	}
}

// gaps is many lengths of time, none negative. Nearly all are short, and take half the
// memory.
type gaps struct {
	short []uint32 // µs
	long  []int64
}

func (g *gaps) add(v int64) {
	if v <= math.MaxUint32 {
		g.short = append(g.short, uint32(v))
		return
	}
	g.long = append(g.long, v)
}

func (g *gaps) sort() {
	new(sorter[uint32]).sort(g.short)
	slices.Sort(g.long)
}

// above counts those that are at least x, of sorted gaps.
func (g *gaps) above(x int64) int64 {
	if x > math.MaxUint32 {
		return above(g.long, x)
	}
	return above(g.short, uint32(max(0, x))) + int64(len(g.long))
}
