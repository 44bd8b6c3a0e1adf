package nexmark

import (
	"math/bits"
	"strconv"
)

// random is the random bits of one event for one purpose: SplitMix64 (Steele, Lea,
// Flood, OOPSLA 2014) from a state that names both.
type random struct{ state uint64 }

// The purposes. Bits of one do not depend on whether another uses any.
const (
	payload uint64 = iota + 1
	disorder
	channels
)

const golden = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio

func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

func stream(seed, n, purpose uint64) *random {
	return &random{mix(mix(seed*golden+purpose) ^ n*golden)}
}

func (r *random) next() uint64 {
	r.state += golden
	return mix(r.state)
}

// below is one of 0 … n-1.
func (r *random) below(n int64) int64 {
	hi, _ := bits.Mul64(r.next(), uint64(n))
	return int64(hi)
}

// spread maps a number to one of n places.
func spread(v, n uint64) uint64 {
	hi, _ := bits.Mul64(mix(v*golden), n)
	return hi
}

// price is 100 · 10^(6u) cents, u uniform in [0, 1): as many between one and ten
// dollars as between ten and a hundred. The powers are integers: a table of the six
// decades and, within each, 1,024 steps that double by squares of roots.
func price(r *random) int64 {
	decade := r.below(6)
	base := int64(100)
	for range decade {
		base *= 10
	}
	return base * decadeStep(r.below(1024)) / 1_000_000_000
}

// roots[i] is 10^(1/2^(i+1)) in billionths, rounded.
var roots = [...]int64{3162277660, 1778279410, 1333521432, 1154781985, 1074607828, 1036632928, 1018151722, 1009035045, 1004507364, 1002251148}

// decadeStep is 10^(i/1024) in billionths, for i in 0 … 1023.
func decadeStep(i int64) int64 {
	v := int64(1_000_000_000)
	for bit := range len(roots) {
		if i&(512>>bit) != 0 {
			hi, lo := bits.Mul64(uint64(v), uint64(roots[bit]))
			q, _ := bits.Div64(hi, lo, 1_000_000_000)
			v = int64(q)
		}
	}
	return v
}

// letters is a word.
func letters(r *random, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + r.below(26))
	}
	return string(b)
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

var (
	states      = [...]string{"AZ", "CA", "ID", "OR", "WA", "WY"}
	cities      = [...]string{"Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"}
	firstNames  = [...]string{"Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"}
	lastNames   = [...]string{"Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"}
	hotChannels = [...]string{"Google", "Facebook", "Baidu", "Apple"}
)

const manyChannels = 10_000
