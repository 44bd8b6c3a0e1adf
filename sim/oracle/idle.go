package oracle

import (
	"math"
	"math/big"
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
	drift   *big.Int   // how far a partition may be ahead of that and be read on; nil: any
	since   []*big.Int // when it stopped being read, or nil
	unread  []*big.Int // how long it was not, of the time since its last record
}

// newPresence never lets a partition sleep if after is 0, and always reads on if drift
// is.
func newPresence(after, drift int64, partitions int) *presence {
	p := &presence{
		after: big.NewInt(after), last: make([]*big.Int, partitions),
		told: make([]*big.Int, partitions), ignored: make([]bool, partitions),
		since: make([]*big.Int, partitions), unread: make([]*big.Int, partitions),
	}
	if after == 0 {
		p.after = nil
	}
	if drift > 0 {
		p.drift = big.NewInt(drift)
	}
	for i := range p.unread {
		p.unread[i] = new(big.Int)
	}
	return p
}

// less compares frontiers, of which none is the least.
func less(a, b *big.Int) bool {
	return b != nil && (a == nil || a.Cmp(b) < 0)
}

// asleep tells whether nothing has come from a partition for long enough by now.
func (p *presence) asleep(partition int32) bool {
	if p.now == nil || p.after == nil {
		return false
	}
	until := p.now
	if stopped := p.since[partition]; stopped != nil {
		until = stopped
	}
	silent := new(big.Int).Sub(until, p.last[partition])
	return silent.Sub(silent, p.unread[partition]).Cmp(p.after) >= 0
}

// arrive tells of a record that is about to be looked at.
func (p *presence) arrive(r *Row) {
	at := big.NewInt(r.Append)
	if p.now == nil {
		for i := range p.last {
			p.last[i] = at
		}
	}
	for p.next(at) { // those who fell asleep did so before the record came
	}
	if p.asleep(r.Partition) {
		p.ignored[r.Partition] = less(p.told[r.Partition], p.all)
	}
	p.last[r.Partition], p.unread[r.Partition] = p.now, new(big.Int)
	if p.since[r.Partition] != nil {
		p.since[r.Partition] = p.now
	}
	p.settle()
}

// next lets time go on to the next moment at which somebody falls asleep, or to at if
// that is not later; it returns false when it is there.
func (p *presence) next(at *big.Int) bool {
	if p.now == nil {
		p.now = at
		p.settle()
		return false
	}
	moment := at
	for i, last := range p.last {
		if p.after == nil || p.since[i] != nil {
			continue
		}
		m := new(big.Int).Add(last, p.unread[i])
		if m.Add(m, p.after); m.Cmp(p.now) > 0 && m.Cmp(moment) < 0 {
			moment = m
		}
	}
	if moment.Cmp(p.now) <= 0 {
		return false
	}
	p.now = moment
	p.settle()
	return moment.Cmp(at) < 0
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
	for i := range p.told {
		p.halt(i)
	}
}

// ahead tells whether a partition is not to be read on.
func (p *presence) ahead(partition int) bool {
	if p.drift == nil || p.told[partition] == nil || p.asleep(int32(partition)) {
		return false
	}
	most := big.NewInt(math.MinInt64)
	if p.all != nil {
		most = p.all
	}
	return p.told[partition].Cmp(new(big.Int).Add(most, p.drift)) > 0
}

// halt notes since when a partition is not read, and for how long it was not.
func (p *presence) halt(partition int) {
	is := p.ahead(partition)
	if was := p.since[partition]; is && was == nil {
		p.since[partition] = p.now
	} else if !is && was != nil {
		p.unread[partition] = new(big.Int).Add(p.unread[partition], new(big.Int).Sub(p.now, was))
		p.since[partition] = nil
	}
}
