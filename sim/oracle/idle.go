package oracle

import (
	"math/big"
	"slices"
)

// presence is who takes part in the least watermark when partitions can be idle.
// It keeps what was said and when; who sleeps at a moment follows from that.
type presence struct {
	after   *big.Int
	now     *big.Int // nil before the first record
	last    []*big.Int
	told    []*big.Int // the greatest event time heard of a partition while it was awake
	ignored []bool     // since it woke it has not come to where all are
	all     *big.Int   // the combined frontier; nil is none
}

func newPresence(after int64, partitions int) *presence {
	return &presence{
		after: big.NewInt(after), last: make([]*big.Int, partitions),
		told: make([]*big.Int, partitions), ignored: make([]bool, partitions),
	}
}

// less compares frontiers, of which none is the least.
func less(a, b *big.Int) bool {
	return b != nil && (a == nil || a.Cmp(b) < 0)
}

// asleep tells whether nothing has come from a partition for long enough by now.
func (p *presence) asleep(partition int32) bool {
	if p.now == nil {
		return false
	}
	silent := new(big.Int).Sub(p.now, p.last[partition])
	return silent.Cmp(p.after) >= 0
}

// arrive tells of a record that is about to be looked at.
func (p *presence) arrive(r *Row) {
	at := big.NewInt(r.Append)
	if p.now == nil {
		for i := range p.last {
			p.last[i] = at
		}
	}
	for _, moment := range p.moments(at) { // those who fell asleep did so before the record came
		p.now = moment
		p.settle()
	}
	if p.asleep(r.Partition) {
		p.ignored[r.Partition] = less(p.told[r.Partition], p.all)
	}
	p.last[r.Partition] = p.now
	p.settle()
}

// moments are the times from now on until at, if that is later, at which somebody
// falls asleep, and at itself, in their order.
func (p *presence) moments(at *big.Int) []*big.Int {
	if p.now == nil {
		return []*big.Int{at}
	}
	if at.Cmp(p.now) <= 0 {
		return nil
	}
	list := []*big.Int{at}
	for _, last := range p.last {
		m := new(big.Int).Add(last, p.after)
		if m.Cmp(p.now) > 0 && m.Cmp(at) < 0 {
			list = append(list, m)
		}
	}
	slices.SortFunc(list, (*big.Int).Cmp)
	return list
}

// tell takes in what a partition has shown.
func (p *presence) tell(partition int32, frontier *big.Int) {
	if !p.asleep(partition) {
		p.told[partition] = frontier
		p.settle()
	}
}

// settle applies the rule to everybody.
func (p *presence) settle() {
	awake, heard := 0, 0
	var least, greatest *big.Int
	for i, told := range p.told {
		if less(greatest, told) {
			greatest = told
		}
		if p.asleep(int32(i)) {
			continue
		}
		awake++
		p.ignored[i] = p.ignored[i] && less(told, p.all)
		if p.ignored[i] {
			continue
		}
		if heard++; heard == 1 || less(told, least) {
			least = told
		}
	}
	if awake == 0 {
		least = greatest
	}
	if less(p.all, least) {
		p.all = least
	}
}
