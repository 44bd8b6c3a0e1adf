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
	goals  []goal
	alike  []alike
}

// goal is how far a partition is on the way to the completeness that is asked for:
// how many rows had which delay, rounded up, and how many of the latest were late.
type goal struct {
	delays     []*big.Int // ascending
	rows       []int64    // with that delay
	share      *big.Int   // millionths
	seen, late int64
	missed     int64 // by what the goal was, the last time
}

func newPromises(spec *watermark.Spec, partitions int) *promises {
	p := &promises{spec: spec, times: make([][]*big.Int, partitions), delays: make([][]*big.Int, partitions)}
	for range partitions {
		p.keys = append(p.keys, map[string]*big.Int{})
		p.goals = append(p.goals, goal{share: big.NewInt(int64(spec.Millionths))})
		p.alike = append(p.alike, alike{})
	}
	return p
}

func compareBig(a, b *big.Int) int { return a.Cmp(b) }

// after is the frontier that a row makes its partition promise, or nil for none.
// late says that the operator found the row late.
func (p *promises) after(r *Row, mark column.Value, late bool) *big.Int {
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
	if p.spec.Kind == watermark.Completeness {
		p.goals[r.Partition].count(roundUp(delay), late, int64(p.spec.Millionths))
		return before(newest, p.goals[r.Partition].delay())
	}
	if p.spec.Kind == watermark.Adaptive {
		a := &p.alike[r.Partition]
		a.take(delay)
		return before(newest, a.quantile(int64(p.spec.Millionths)))
	}
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
	return before(newest, roundUp(all[place.Int64()]))
}

// before is a time so long before another, or nil if that is before all time.
func before(t, by *big.Int) *big.Int {
	promise := new(big.Int).Sub(t, by)
	if !promise.IsInt64() {
		return nil
	}
	return promise
}

// count takes in a row; every 128 the share follows what was missed, and all counts
// are halved, unless none would be left.
func (g *goal) count(delay *big.Int, late bool, asked int64) {
	at, there := slices.BinarySearchFunc(g.delays, delay, compareBig)
	if !there {
		g.delays, g.rows = slices.Insert(g.delays, at, delay), slices.Insert(g.rows, at, 0)
	}
	g.rows[at]++
	g.seen++
	if late {
		g.late++
	}
	if g.seen < 128 {
		return
	}
	missed := asked - (g.seen-g.late)*1_000_000/g.seen
	g.share = new(big.Int).Add(g.share, big.NewInt(missed/2+(missed-g.missed)/4)) // both towards 0
	g.missed = missed
	if g.share.Cmp(big.NewInt(1_000_000)) > 0 {
		g.share = big.NewInt(1_000_000)
	}
	if g.share.Sign() <= 0 {
		g.share = big.NewInt(1)
	}
	g.seen, g.late = 0, 0
	var halved []int64
	left := false
	for _, n := range g.rows {
		halved = append(halved, n/2)
		left = left || n > 1
	}
	if left {
		g.rows = halved
	}
}

// delay is the least one that the share of the rows does not exceed.
func (g *goal) delay() *big.Int {
	total := int64(0)
	for _, n := range g.rows {
		total += n
	}
	need := new(big.Int).Mul(big.NewInt(total), g.share)
	sum := int64(0)
	for i, n := range g.rows {
		sum += n
		if n > 0 && new(big.Int).Mul(big.NewInt(sum), big.NewInt(1_000_000)).Cmp(need) >= 0 {
			return g.delays[i]
		}
	}
	panic("oracle: a share of more than all rows")
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
