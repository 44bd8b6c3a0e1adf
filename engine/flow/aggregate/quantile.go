package aggregate

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"slices"

	"parallax/engine/flow/column"
)

// quantile estimates the value of rank floor(p (n-1)), counted from 0 in ascending
// order, within a relative error of 1/256 (0.4 %) by a sketch of the DDSketch kind
// (C. Masson, J. E. Rim and H. K. Lee, "DDSketch: a fast and fully-mergeable
// quantile sketch with relative-error guarantees", VLDB 2019). The buckets are
// log-linear, 128 to each power of two, and a value's bucket is read off its bits,
// so no logarithm is needed; no buckets are ever collapsed, so the sketch is a
// function of the rows alone. The estimate is a bucket's middle, held between the
// least and the greatest value, which are exact.
//
// Integers and decimals are rounded to float64 first. -0 counts as 0, infinities
// have buckets of their own, and NaN are greater than everything. The result is
// null without rows.
//
//	encoding  m uvarint, the number of buckets that are not empty; if not 0:
//	          least and greatest value, ordinals
//	          for each bucket, ascending: its number less the last one's
//	            (the first: its number, zigzag), uvarint, and its rows, uvarint
type quantile struct {
	cell
	p        *big.Rat
	sketches pool[buckets]
}

// buckets is one sketch. The zero value is empty.
type buckets struct {
	numbers  []int32 // ascending
	rows     []uint64
	min, max uint64 // ordinals
}

// Bucket numbers. Positive numbers v = 2^e (1 + f) have bucketsOf(v) from 1 on,
// negative ones mirror them, zero is 0.
const (
	bucketBits  = 7                  // of the mantissa that tell buckets apart
	bucketShift = 51<<bucketBits + 1 // the least subnormal's power of two, moved to 1
	bucketNaN   = 1 << 30            // behind +Inf
)

func bindQuantile(c Call) (*function, error) {
	if len(c.Args) != 1 || !c.Args[0].Numeric() {
		return nil, ErrArguments
	}
	if len(c.Params) != 1 {
		return nil, ErrParameter
	}
	p, ok := ratOf(c.Params[0])
	if !ok || p.Sign() < 0 || p.Cmp(big.NewRat(1, 1)) > 0 {
		return nil, ErrParameter
	}
	return &function{
		result: column.TypeOf(column.Float64), words: 1,
		open: func(c cell) store { return &quantile{cell: c, p: p} },
	}, nil
}

// ratOf is a number as a fraction.
func ratOf(v column.Value) (r *big.Rat, ok bool) {
	switch v.Type.Kind {
	case column.Int64:
		return new(big.Rat).SetInt64(v.Int), !v.Null
	case column.Decimal128:
		n := bigOf(v.Decimal.Lo, uint64(v.Decimal.Hi))
		return new(big.Rat).SetFrac(n, powerOfTen(int(v.Type.Scale))), !v.Null
	case column.Float64:
		r = new(big.Rat).SetFloat64(v.Float)
		return r, r != nil && !v.Null
	}
	return nil, false
}

// bucketOf is the number of v's bucket.
func bucketOf(v float64) int32 {
	b := math.Float64bits(v)
	m, field := b&(1<<52-1), int32(b>>52&0x7ff)
	switch {
	case v != v:
		return bucketNaN
	case v == 0:
		return 0
	case field == 0: // subnormal: as if the exponent went on
		n := bits.Len64(m)
		field, m = int32(n-52), m<<(53-n)&(1<<52-1)
	}
	n := field<<bucketBits + int32(m>>(52-bucketBits)) + bucketShift
	if b&signBit != 0 {
		return -n
	}
	return n
}

// middle is the middle of a bucket; an infinity for those of the infinities.
func middle(n int32) float64 {
	switch {
	case n < 0:
		return -middle(-n)
	case n == 0:
		return 0
	case n == bucketNaN:
		return math.NaN()
	}
	n -= bucketShift
	field, m := int(n>>bucketBits), n&(1<<bucketBits-1)
	switch {
	case field == 0x7ff:
		return math.Inf(1)
	case field <= 8-52: // a bucket of one subnormal number
		return math.Ldexp(float64(1<<bucketBits+m), field-1023-bucketBits)
	}
	return math.Ldexp(float64(2*(1<<bucketBits+m)+1), field-1023-bucketBits-1)
}

func (s *quantile) add(c *chunk) {
	switch t := c.args[0].Type; t.Kind {
	case column.Float64:
		for i, v := range c.floats(0) {
			s.count(c.groups[i], v)
		}
	case column.Int64:
		for i, v := range c.ints(0) {
			s.count(c.groups[i], float64(v))
		}
	case column.Decimal128:
		for i, v := range c.decimals(0) {
			s.count(c.groups[i], floatOf(v, t.Scale))
		}
	}
}

// count adds one row.
func (s *quantile) count(group uint32, v float64) {
	if v == 0 {
		v = 0 // also -0
	}
	o := ordinalFloat(v)
	s.sketches.make(s.word(group)).add(bucketOf(v), 1, o, o)
}

// add counts rows whose values lie between two ordinals.
func (k *buckets) add(number int32, rows, least, greatest uint64) {
	if len(k.numbers) == 0 {
		k.min, k.max = least, greatest
	}
	k.min, k.max = min(k.min, least), max(k.max, greatest)
	at, found := slices.BinarySearch(k.numbers, number)
	if found {
		k.rows[at] += rows
		return
	}
	k.numbers = slices.Insert(k.numbers, at, number)
	k.rows = slices.Insert(k.rows, at, rows)
}

func (s *quantile) merge(group uint32, src store, from uint32) {
	o := src.(*quantile)
	other := o.sketches.get(*o.word(from))
	if other == nil {
		return
	}
	mine := s.sketches.make(s.word(group))
	for i, n := range other.numbers {
		mine.add(n, other.rows[i], other.min, other.max)
	}
}

func (s *quantile) encode(group uint32, b []byte) []byte {
	k := s.sketches.get(*s.word(group))
	if k == nil {
		return appendUint(b, 0)
	}
	b = appendUint(b, uint64(len(k.numbers)))
	b = appendOrdinal(appendOrdinal(b, k.min), k.max)
	for i, n := range k.numbers {
		if i == 0 {
			b = appendUint(b, uint64(uint32(n<<1^n>>31)))
		} else {
			b = appendUint(b, uint64(n-k.numbers[i-1]))
		}
		b = appendUint(b, k.rows[i])
	}
	return b
}

func (s *quantile) decode(group uint32, b []byte) (rest []byte, err error) {
	m, b, err := readUint(b)
	if err != nil || m == 0 {
		return b, err
	}
	if m > uint64(len(b)) {
		return nil, errShort
	}
	k := s.sketches.make(s.word(group))
	if k.min, b, err = readOrdinalOf(column.Float64, b); err != nil {
		return nil, err
	}
	if k.max, b, err = readOrdinalOf(column.Float64, b); err != nil {
		return nil, err
	}
	var total uint64
	for i := range int(m) {
		var step, rows uint64
		if step, b, err = readUint(b); err != nil {
			return nil, err
		}
		if rows, b, err = readCount(b); err != nil {
			return nil, err
		}
		if step > math.MaxUint32 || rows == 0 {
			return nil, errBuckets
		}
		n := int64(int32(uint32(step)>>1) ^ -int32(step&1))
		if i > 0 {
			n = int64(k.numbers[i-1]) + int64(step)
		}
		total += rows
		if n < -bucketNaN || n > bucketNaN || i > 0 && step == 0 || total > math.MaxInt64 || bucketOf(middle(int32(n))) != int32(n) {
			return nil, errBuckets
		}
		k.numbers, k.rows = append(k.numbers, int32(n)), append(k.rows, rows)
	}
	if k.odd() {
		return nil, errBuckets
	}
	return b, nil
}

// odd tells whether the extremes cannot belong to the buckets.
func (k *buckets) odd() bool {
	least, greatest := floatOfOrdinal(k.min), floatOfOrdinal(k.max)
	zero := ordinalFloat(math.Copysign(0, -1))
	return k.min > k.max || k.min == zero || k.max == zero ||
		bucketOf(least) != k.numbers[0] || bucketOf(greatest) != k.numbers[len(k.numbers)-1]
}

var errBuckets = fmt.Errorf("%w: bad buckets", ErrEncoding)

func (s *quantile) finish(group uint32, v *column.Value) bool {
	k := s.sketches.get(*s.word(group))
	if k == nil {
		return true
	}
	var n uint64
	for _, rows := range k.rows {
		n += rows
	}
	v.Null = false
	rank := new(big.Int).Mul(s.p.Num(), new(big.Int).SetUint64(n-1))
	at := rank.Quo(rank, s.p.Denom()).Uint64()
	switch at {
	case 0:
		v.Float = floatOfOrdinal(k.min)
		return true
	case n - 1:
		v.Float = floatOfOrdinal(k.max)
		return true
	}
	for i, rows := range k.rows {
		if at < rows {
			v.Float = floatOfOrdinal(min(max(ordinalFloat(middle(k.numbers[i])), k.min), k.max))
			return true
		}
		at -= rows
	}
	panic("aggregate: rank beyond the rows of a sketch")
}

func (s *quantile) release(group uint32) { s.sketches.drop(s.word(group)) }
