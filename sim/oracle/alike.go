package oracle

import (
	"math/big"
	"slices"
)

// alike is the latest delays of a partition that look like one distribution. All of
// them are kept, and how many rows each block has, the oldest first; what a block
// says is added up anew each time.
type alike struct {
	delays []*big.Int // the oldest first
	sorted []*big.Int // the same, ascending
	blocks []int
}

// take takes in a delay.
func (a *alike) take(delay *big.Int) {
	a.delays = append(a.delays, delay)
	place, _ := slices.BinarySearchFunc(a.sorted, delay, compareBig)
	a.sorted = slices.Insert(a.sorted, place, delay)
	full := 0
	for _, n := range a.blocks {
		full += n
	}
	if len(a.delays)-full < 32 {
		return
	}
	a.blocks = append(a.blocks, 32)
	for size := 32; ; size *= 2 { // of six alike the first two are one
		at := slices.Index(a.blocks, size)
		if at < 0 || at+5 >= len(a.blocks) || a.blocks[at+5] != size {
			break
		}
		a.blocks = slices.Replace(a.blocks, at, at+2, 2*size)
	}
	for len(a.delays) > 1<<20 || a.differ() {
		a.delays, a.blocks = a.delays[a.blocks[0]:], a.blocks[1:]
		a.sorted = slices.SortedFunc(slices.Values(a.delays), compareBig)
	}
}

// places are the delays of blocks as the numbers of their buckets: how many binary
// digits behind the first seven there are, times 64, and the number of those seven.
func places(delays []*big.Int) (list []*big.Int) {
	for _, d := range delays {
		behind := max(0, d.BitLen()-7)
		place := new(big.Int).Rsh(d, uint(behind))
		list = append(list, place.Add(place, big.NewInt(int64(64*behind))))
	}
	return list
}

// total adds numbers up.
func total(list []*big.Int) *big.Int {
	sum := new(big.Int)
	for _, v := range list {
		sum.Add(sum, v)
	}
	return sum
}

// differ tells whether what lies before some edge between blocks has another mean
// than what lies behind it.
func (a *alike) differ() bool {
	all := places(a.delays)
	n := big.NewInt(int64(len(all)))
	span := new(big.Int).Sub(slices.MaxFunc(all, compareBig), slices.MinFunc(all, compareBig))
	squares := make([]*big.Int, len(all))
	for i, v := range all {
		squares[i] = new(big.Int).Mul(v, v)
	}
	times := func(factors ...*big.Int) *big.Int {
		product := big.NewInt(1)
		for _, f := range factors {
			product.Mul(product, f)
		}
		return product
	}
	// n times the variance, rounded down.
	varied := new(big.Int).Sub(times(n, total(squares)), times(total(all), total(all)))
	varied.Div(varied, n)
	// 16 ln(2n/δ), near enough.
	surety := big.NewInt(int64(11 * (n.BitLen() + 10)))
	at := 0
	for _, size := range a.blocks[:len(a.blocks)-1] {
		at += size
		n0, n1 := big.NewInt(int64(at)), big.NewInt(int64(len(all)-at))
		apart := new(big.Int).Sub(times(n1, total(all[:at])), times(n0, total(all[at:])))
		over := times(big.NewInt(48), apart.Abs(apart))
		over.Sub(over, times(big.NewInt(2), span, surety, n))
		if over.Sign() > 0 && times(over, over).Cmp(times(big.NewInt(288), surety, n0, n1, varied)) > 0 {
			return true
		}
	}
	return false
}

// quantile is the least delay, rounded up, that the share of the delays does not
// exceed.
func (a *alike) quantile(millionths int64) *big.Int {
	place := new(big.Int).Mul(big.NewInt(int64(len(a.sorted))), big.NewInt(millionths))
	place.Add(place, big.NewInt(999_999)) // the least number of them that is enough, rounded up
	place.Div(place, big.NewInt(1_000_000))
	return roundUp(a.sorted[place.Int64()-1])
}
