package bench

import (
	"cmp"
	"math"
	"slices"
)

// fate is what became of a (click, window) pair.
type fate uint8

const (
	onTime fate = iota
	revised
	dropped
	fates // how many there are
)

// timing is what the demo's job says about time, in milliseconds: tumbling
// windows, a bound of the watermark, and an allowed lateness, by the rule log.
type timing struct{ window, bounded, allowed int64 }

// never is the frontier before a partition's first row, and what follows from it:
// less than anything that is compared with it.
const never = math.MinInt64 / 2

// pair is a click in its only window.
type pair struct {
	*click
	start, end int64
	frontier   int64  // its partition's, just before it
	leader     *phone // that set the frontier
	unskewed   int64  // the frontier without the phones whose clocks run ahead
	fate       fate
	reason     reason
}

// overtaken is by how much the frontier is past the end of the window; a bound d
// has the pair on time iff overtaken < d.
func (p *pair) overtaken() int64 { return p.frontier - p.end }

// reason is what made a pair late.
type reason uint8

const (
	noReason reason = iota
	clockAhead
	phoneOffline
	slowNetwork
)

// judge works out every pair's fate and reason, from the definitions and without
// any of the code that answers jobs. Clicks are in order of arrival, one
// partition for each network.
func judge(clicks []click, t timing) []pair {
	type front struct {
		greatest, unskewed int64
		leader             *phone
	}
	fronts := make(map[string]*front)
	pairs := make([]pair, len(clicks))
	for i := range clicks {
		c := &clicks[i]
		f := fronts[c.phone.network]
		if f == nil {
			f = &front{greatest: never, unskewed: never}
			fronts[c.phone.network] = f
		}
		start := c.event - c.event%t.window // after 1970
		p := pair{click: c, start: start, end: start + t.window, frontier: f.greatest, leader: f.leader, unskewed: f.unskewed}
		p.fate = t.judge(p.frontier, p.end)
		p.reason = t.explain(&p)
		pairs[i] = p
		if c.event > f.greatest {
			f.greatest, f.leader = c.event, c.phone
		}
		if c.phone.ahead == 0 {
			f.unskewed = max(f.unskewed, c.event)
		}
	}
	return pairs
}

func (t timing) judge(frontier, end int64) fate {
	switch w := frontier - t.bounded; {
	case w < end:
		return onTime
	case w < end+t.allowed:
		return revised
	}
	return dropped
}

// explain names what a late pair's lateness is to be blamed on: the clock of
// another phone, if with right clocks the pair had fared better; else that its
// phone was offline, or the network slow.
func (t timing) explain(p *pair) reason {
	switch {
	case p.fate == onTime:
		return noReason
	case t.judge(p.unskewed, p.end) < p.fate:
		return clockAhead
	case p.outage != nil:
		return phoneOffline
	}
	return slowNetwork
}

// tally counts pairs by fate.
type tally [fates]int64

func (t tally) all() int64 { return t[onTime] + t[revised] + t[dropped] }

func count(pairs []pair) (t tally) {
	for i := range pairs {
		t[pairs[i].fate]++
	}
	return t
}

// delayFor is the least bound of the watermark, in whole milliseconds, with which
// at least share (of a thousand) of the pairs would be on time within allowed: 0
// asks for on time, the job's allowed lateness for counted at all.
//
// A pair is late iff frontier - d >= end + allowed. So d may cost the pairs that
// are overtaken most, as many as the share leaves, and must exceed the next.
func delayFor(pairs []pair, share, allowed int64) int64 {
	overtaken := make([]int64, len(pairs))
	for i := range pairs {
		overtaken[i] = pairs[i].overtaken()
	}
	slices.SortFunc(overtaken, func(a, b int64) int { return cmp.Compare(b, a) })
	spare := int64(len(pairs)) * (1000 - share) / 1000
	if spare >= int64(len(overtaken)) {
		return 0
	}
	return max(0, overtaken[spare]-allowed+1)
}
