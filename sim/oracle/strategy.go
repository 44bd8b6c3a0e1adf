package oracle

import (
	"fmt"
	"math/big"
	"slices"

	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
)

// promises is what partitions promise under the strategies that do not go by the
// greatest event time alone. All rows seen are kept, and everything is computed of
// them.
type promises struct {
	spec   *watermark.Spec
	times  [][]*big.Int // by partition
	delays [][]*big.Int // by partition, ascending: how much older than the newest before it each row was
	keys   []map[string]*big.Int
}

func newPromises(spec *watermark.Spec, partitions int) *promises {
	p := &promises{spec: spec, times: make([][]*big.Int, partitions), delays: make([][]*big.Int, partitions)}
	for range partitions {
		p.keys = append(p.keys, map[string]*big.Int{})
	}
	return p
}

func compareBig(a, b *big.Int) int { return a.Cmp(b) }

// after is the frontier that a row makes its partition promise, or nil for none.
func (p *promises) after(r *Row, mark column.Value) *big.Int {
	t := big.NewInt(r.Time)
	switch p.spec.Kind {
	case watermark.Punctuated:
		if mark.Null || !mark.Bool {
			return nil
		}
		return t
	case watermark.PerKey:
		return p.slowest(r.Partition, fmt.Sprint(mark.Null, mark.Text()), t)
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

// slowest is the least of the newest times of the partition's keys, over those that
// lie less than the bound behind the newest of all.
func (p *promises) slowest(partition int32, key string, t *big.Int) *big.Int {
	keys := p.keys[partition]
	if less(keys[key], t) {
		keys[key] = t
	}
	newest, given := t, (*big.Int)(nil)
	for _, k := range keys {
		newest = slices.MaxFunc([]*big.Int{newest, k}, compareBig)
	}
	limit := new(big.Int).Sub(newest, big.NewInt(p.spec.Bounded))
	for _, k := range keys {
		if k.Cmp(limit) > 0 && (given == nil || k.Cmp(given) < 0) {
			given = k
		}
	}
	return given // the key of the newest row at least is not too far behind
}

// roundUp fills all but the seven leading binary digits with ones.
func roundUp(v *big.Int) *big.Int {
	up := new(big.Int).Set(v)
	for bit := 0; bit < v.BitLen()-7; bit++ {
		up.SetBit(up, bit, 1)
	}
	return up
}
