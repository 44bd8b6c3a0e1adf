package aggregate

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"parallax/engine/flow/column"
)

// hll estimates the number of different values by HyperLogLog (Flajolet, Fusy,
// Gandouet and Meunier, 2007) with 2^precision registers of 6 bits; the standard
// error is 1.04 / sqrt(2^precision), 0.8 % at the default. One word, for the
// registers outside: a sorted list of those that are not 0, and all of them once
// the list is longer than an eighth of them (as bytes it is half as large then).
//
//	encoding  m uvarint, the number of registers that are not 0
//	          if 4m is below the number of registers, for each of them, ascending:
//	            index less the last one's index + 1 (the first: index) uvarint
//	            rank 1 byte
//	          else all registers, 4 in 3 bytes, low bits first
type hll struct {
	cell
	precision uint8
	sketches  pool[registers]
}

// registers is one sketch. The zero value is empty.
type registers struct {
	list []uint32 // index<<8 | rank, ascending; nil once all are kept
	all  []uint8  // rank by index
}

const (
	hllPrecisionDefault = 14
	hllPrecisionMin     = 4
	hllPrecisionMax     = 18
)

func bindHLL(c Call) (*function, error) {
	if len(c.Args) != 1 {
		return nil, ErrArguments
	}
	precision := int64(hllPrecisionDefault)
	if len(c.Params) > 0 {
		p := c.Params[0]
		if len(c.Params) > 1 || p.Null || p.Type.Kind != column.Int64 || p.Int < hllPrecisionMin || p.Int > hllPrecisionMax {
			return nil, ErrParameter
		}
		precision = p.Int
	}
	return &function{
		result: column.TypeOf(column.Int64), words: 1,
		open: func(c cell) store { return &hll{cell: c, precision: uint8(precision)} },
	}, nil
}

func (s *hll) add(c *chunk) {
	groups := c.groups
	for i, h := range c.hashes(0) {
		index := uint32(h >> (64 - s.precision))
		rank := uint8(bits.LeadingZeros64(h<<s.precision|1<<(s.precision-1)) + 1)
		s.sketches.make(s.word(groups[i])).raise(index, rank, s.precision)
	}
}

// raise sets a register to at least rank.
func (r *registers) raise(index uint32, rank, precision uint8) {
	if r.all != nil {
		r.all[index] = max(r.all[index], rank)
		return
	}
	at, found := slices.BinarySearchFunc(r.list, index, func(e, i uint32) int { return cmp.Compare(e>>8, i) })
	switch {
	case found:
		r.list[at] = max(r.list[at], index<<8|uint32(rank))
	case len(r.list) < 1<<precision/8:
		r.list = slices.Insert(r.list, at, index<<8|uint32(rank))
	default:
		r.all = make([]uint8, 1<<precision)
		for _, e := range r.list {
			r.all[e>>8] = uint8(e)
		}
		r.list = nil
		r.all[index] = rank
	}
}

func (s *hll) merge(group uint32, src store, from uint32) {
	o := src.(*hll)
	other := o.sketches.get(*o.word(from))
	if other == nil {
		return
	}
	mine := s.sketches.make(s.word(group))
	if mine == other {
		return
	}
	for _, e := range other.list {
		mine.raise(e>>8, uint8(e), s.precision)
	}
	for i, rank := range other.all {
		if rank > 0 {
			mine.raise(uint32(i), rank, s.precision)
		}
	}
}

// each visits the registers that are not 0, ascending.
func (r *registers) each(visit func(index uint32, rank uint8)) {
	for _, e := range r.list {
		visit(e>>8, uint8(e))
	}
	for i, rank := range r.all {
		if rank > 0 {
			visit(uint32(i), rank)
		}
	}
}

func (s *hll) encode(group uint32, b []byte) []byte {
	r := s.sketches.get(*s.word(group))
	if r == nil {
		return appendUint(b, 0)
	}
	m := 0
	r.each(func(uint32, uint8) { m++ })
	b = appendUint(b, uint64(m))
	if 4*m < 1<<s.precision {
		next := uint32(0)
		r.each(func(index uint32, rank uint8) {
			b = append(appendUint(b, uint64(index-next)), rank)
			next = index + 1
		})
		return b
	}
	start := len(b)
	b = append(b, make([]byte, 3<<s.precision/4)...)
	packed := b[start:]
	r.each(func(index uint32, rank uint8) {
		at, shift := index/4*3, index%4*6
		three := uint32(rank) << shift
		packed[at] |= byte(three)
		packed[at+1] |= byte(three >> 8)
		packed[at+2] |= byte(three >> 16)
	})
	return b
}

func (s *hll) decode(group uint32, b []byte) (rest []byte, err error) {
	m, b, err := readUint(b)
	if err != nil || m == 0 {
		return b, err
	}
	count, rankMax := uint64(1)<<s.precision, 65-s.precision
	if m > count {
		return nil, errRegisters
	}
	r := s.sketches.make(s.word(group))
	if 4*m < count {
		next := uint64(0)
		for range m {
			var skip uint64
			if skip, b, err = readUint(b); err != nil {
				return nil, err
			}
			if skip >= count-next || len(b) == 0 || b[0] == 0 || b[0] > rankMax {
				return nil, errRegisters
			}
			r.raise(uint32(next+skip), b[0], s.precision)
			b, next = b[1:], next+skip+1
		}
		return b, nil
	}
	size := 3 << s.precision / 4
	if len(b) < size {
		return nil, errShort
	}
	for i := range uint32(count) {
		at, shift := i/4*3, i%4*6
		three := uint32(b[at]) | uint32(b[at+1])<<8 | uint32(b[at+2])<<16
		rank := uint8(three >> shift & 63)
		if rank > rankMax {
			return nil, errRegisters
		}
		if rank > 0 {
			r.raise(i, rank, s.precision)
			m--
		}
	}
	if m != 0 {
		return nil, errRegisters
	}
	return b[size:], nil
}

var errRegisters = fmt.Errorf("%w: bad registers", ErrEncoding)

func (s *hll) finish(group uint32, v *column.Value) bool {
	v.Null, v.Int = false, 0
	r := s.sketches.get(*s.word(group))
	if r == nil {
		return true
	}
	var ranks [66]uint64 // how many registers have each rank
	ranks[0] = 1 << s.precision
	r.each(func(_ uint32, rank uint8) {
		ranks[rank]++
		ranks[0]--
	})
	v.Int = int64(math.Floor(cardinality(ranks[:], s.precision) + 0.5))
	return true
}

// cardinality is the improved raw estimator of O. Ertl, "New cardinality estimation
// algorithms for HyperLogLog sketches" (arXiv:1702.01284, 2017), section 2.4 and
// algorithm 6. It is good over the whole range without tables or logarithms: its
// only operations are +, -, *, / and sqrt, each rounded by itself, so its bits are
// the same on every machine.
func cardinality(ranks []uint64, precision uint8) float64 {
	const alpha = 0.721347520444481703680 // 1 / (2 ln 2)
	m := float64(uint64(1) << precision)
	q := 64 - int(precision)
	z := float64(m * tau(1-float64(ranks[q+1])/m))
	for k := q; k >= 1; k-- {
		z = float64(0.5 * (z + float64(ranks[k])))
	}
	z += float64(m * sigma(float64(ranks[0])/m))
	return float64(float64(alpha*m)*m) / z
}

// sigma is x + Σ x^(2^k) 2^(k-1) over k >= 1.
func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for last := -1.0; z != last; {
		x = float64(x * x)
		last = z
		z += float64(x * y)
		y += y
	}
	return z
}

// tau is (1 - x - Σ (1 - x^(2^-k))² 2^-k) / 3 over k >= 1.
func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for last := -1.0; z != last; {
		x = math.Sqrt(x)
		last = z
		y /= 2
		d := 1 - x
		z -= float64(float64(d*d) * y)
	}
	return z / 3
}

func (s *hll) release(group uint32) { s.sketches.drop(s.word(group)) }
