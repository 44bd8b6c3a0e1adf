package oracle

import (
	"math/big"
	"slices"

	"parallax/engine/flow/watermark"
)

// promises is what partitions promise under the strategies that do not go by the
// greatest event time alone. All rows seen are kept, and everything is computed of
// them.
type promises struct {
	spec   *watermark.Spec
	times  [][]*big.Int // by partition
	delays [][]*big.Int // by partition, ascending: how much older than the newest before it each row was
}

func newPromises(spec *watermark.Spec, partitions int) *promises {
	return &promises{spec: spec, times: make([][]*big.Int, partitions), delays: make([][]*big.Int, partitions)}
}

func compareBig(a, b *big.Int) int { return a.Cmp(b) }

// after is the frontier that a row makes its partition promise, or nil for none.
func (p *promises) after(r *Row, marked bool) *big.Int {
	t := big.NewInt(r.Time)
	if p.spec.Kind == watermark.Punctuated {
		if !marked {
			return nil
		}
		return t
	}
	delay, newest := new(big.Int), t
	if seen := p.times[r.Partition]; len(seen) > 0 {
		newest = slices.MaxFunc(append([]*big.Int{t}, seen[len(seen)-1]), compareBig)
		delay.Sub(newest, t)
	}
	p.times[r.Partition] = append(p.times[r.Partition], newest)
	all := p.delays[r.Partition]
	at, _ := slices.BinarySearchFunc(all, delay, compareBig)
	all = slices.Insert(all, at, delay)
	p.delays[r.Partition] = all
	// The least place such that place/rows is not less than the share.
	place := new(big.Int).Mul(big.NewInt(int64(len(all))), big.NewInt(int64(p.spec.Millionths)))
	rest := new(big.Int)
	place.DivMod(place, big.NewInt(1_000_000), rest)
	if rest.Sign() == 0 {
		place.Sub(place, big.NewInt(1))
	}
	promise := new(big.Int).Sub(newest, roundUp(all[place.Int64()]))
	if !promise.IsInt64() {
		return nil // before all time
	}
	return promise
}

// roundUp fills all but the seven leading binary digits with ones.
func roundUp(v *big.Int) *big.Int {
	up := new(big.Int).Set(v)
	for bit := 0; bit < v.BitLen()-7; bit++ {
		up.SetBit(up, bit, 1)
	}
	return up
}
