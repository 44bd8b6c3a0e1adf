package oracle

import (
	"cmp"
	"math/big"
	"slices"

	"parallax/engine/flow/column"
	"parallax/engine/flow/trigger"
)

// Pane is one that a trigger makes of a (key, window).
type Pane struct {
	Key        []column.Value
	Start, End int64 // µs
	trigger.Record
	Retraction bool           // it takes back the values of the pane with the same index
	Values     []column.Value // aggregates
}

// timeline is what an operator knew when: the watermark of each lane, and the clock.
type timeline struct {
	marks   [][]step // by lane: one, or across own one for each partition
	clock   []step
	records int
}

// step says that from a record on, before anything else that it does, something had
// a value.
type step struct {
	record int
	value  *big.Int
}

// moment is a place on the timeline. A record moves the watermark first, past one
// time after the other, then the clock, and is counted last.
type moment struct {
	record int
	phase  phase
	due    int64 // of phase toMark
}

type phase int

const (
	toMark phase = iota
	toClock
	toRow
	never
)

func (m moment) compare(o moment) int {
	return cmp.Or(cmp.Compare(m.record, o.record), cmp.Compare(m.phase, o.phase), cmp.Compare(m.due, o.due))
}

func (m moment) before(o moment) bool { return m.compare(o) < 0 }

func earliest(a, b moment) moment {
	if b.before(a) {
		return b
	}
	return a
}

func newTimeline(lanes int) *timeline { return &timeline{marks: make([][]step, lanes)} }

// note takes in what the next record finds, and its append time, unless it is idle.
func (l *timeline) note(f *frontiers, r *Row) {
	for i := range l.marks {
		w := f.least()
		if len(l.marks) > 1 {
			w = f.of(int32(i))
		}
		l.marks[i] = grow(l.marks[i], l.records, w)
	}
	if r != nil && !r.Idle {
		l.clock = grow(l.clock, l.records, big.NewInt(r.Append))
	}
	l.records++
}

func grow(steps []step, record int, value *big.Int) []step {
	if value == nil || len(steps) > 0 && steps[len(steps)-1].value.Cmp(value) >= 0 {
		return steps
	}
	return append(steps, step{record, value})
}

// first is the record from which on a value is at least so much.
func first(steps []step, value *big.Int) (record int, ok bool) {
	i, _ := slices.BinarySearchFunc(steps, value, func(s step, v *big.Int) int { return s.value.Cmp(v) })
	if i == len(steps) {
		return 0, false
	}
	return steps[i].record, true
}

// last is what a record finds; nil if that is nothing yet.
func last(steps []step, record int) *big.Int {
	i, found := slices.BinarySearchFunc(steps, record, func(s step, record int) int { return cmp.Compare(s.record, record) })
	if !found {
		i--
	}
	if i < 0 {
		return nil
	}
	return steps[i].value
}

// marked is when the watermark reaches a time, which at the end of the log it does.
func (l *timeline) marked(lane int, at *big.Int) moment {
	due := at.Int64()
	if !at.IsInt64() {
		due = int64(^uint64(0) >> 1)
	}
	if record, ok := first(l.marks[lane], at); ok && at.IsInt64() {
		return moment{record, toMark, due}
	}
	return moment{l.records, toMark, due}
}

// clocked is when the clock reaches a time, which it may never do.
func (l *timeline) clocked(at *big.Int) moment {
	if record, ok := first(l.clock, at); ok && at.IsInt64() {
		return moment{record, toClock, 0}
	}
	return moment{l.records, never, 0}
}

// clockAt is the clock at a moment, nil before the first row.
func (l *timeline) clockAt(m moment) *big.Int {
	if m.phase == toMark {
		return last(l.clock, m.record-1)
	}
	return last(l.clock, m.record)
}

// arrival is rows that come at once.
type arrival struct {
	at   moment
	rows []keptRow
}

// firing is a pane that is due, with the number of arrivals that it and those before
// it show.
type firing struct {
	at    moment
	shown int
}

// cellPanes is the panes of one (key, window) on their way.
type cellPanes struct {
	*answer
	group *group
	lane  int
}

// panes makes all panes of a group.
func (a *answer) panes(g *group) error {
	c := cellPanes{answer: a, group: g}
	if len(a.time.marks) > 1 {
		for _, rows := range g.rows {
			for _, k := range rows {
				c.lane = int(k.row.Partition)
			}
		}
	}
	t, allowed := a.query.trigger, a.query.pipeline.Late.Allowed
	end := a.time.marked(c.lane, bigInt(g.window.end))
	gone := a.time.marked(c.lane, new(big.Int).Add(bigInt(g.window.end), bigInt(allowed)))

	var onTimes, lates []arrival
	for _, k := range g.rows[onTime] {
		onTimes = append(onTimes, arrival{moment{k.record, toRow, 0}, []keptRow{k}})
	}
	for _, k := range g.rows[revised] {
		at := moment{k.record, toRow, 0}
		switch {
		case end.before(at):
			lates = append(lates, arrival{at, []keptRow{k}})
		case len(lates) == 0:
			lates = []arrival{{end, []keptRow{k}}}
		default:
			lates[0].rows = append(lates[0].rows, k)
		}
	}
	out := paneList{cellPanes: &c}
	for _, f := range c.firings(&t.Early, onTimes, end) {
		out.add(trigger.Early, false, f.at, onTimes[:f.shown])
	}
	isLast := allowed == 0
	if len(onTimes) > 0 && (!t.OnTimeIfNew || isLast && t.ClosingAlways || len(onTimes) > out.arrivals) {
		out.add(trigger.OnTime, isLast, end, onTimes)
	}
	out.arrivals = 0
	after := t.AfterEnd()
	for _, f := range c.firings(&after, lates, gone) {
		out.add(trigger.Late, false, f.at, lates[:f.shown])
	}
	if len(lates) > out.arrivals || t.ClosingAlways && !isLast && len(onTimes)+len(lates) > 0 {
		out.add(trigger.Late, true, gone, lates)
	}
	return out.err
}

// firings follows the rules of a phase that ends at a limit.
func (c *cellPanes) firings(f *trigger.Firings, arrivals []arrival, limit moment) []firing {
	var out []firing
	if len(arrivals) == 0 {
		return nil
	}
	finally := c.rule(f.OrFinally, arrivals, 0)
	for shown := 0; shown < len(arrivals); {
		rule := f.Rule
		if len(f.AfterEach) > 0 {
			if len(out) == len(f.AfterEach) {
				break
			}
			rule = f.AfterEach[len(out)]
		}
		if finally.before(arrivals[shown].at) {
			break
		}
		at := earliest(c.rule(rule, arrivals, shown), finally)
		if !at.before(limit) {
			break
		}
		for shown < len(arrivals) && !at.before(arrivals[shown].at) {
			shown++
		}
		out = append(out, firing{at, shown})
		if at == finally {
			break
		}
	}
	return out
}

// rule is when a rule is due whose count begins with an arrival.
func (c *cellPanes) rule(r trigger.Rule, arrivals []arrival, from int) moment {
	due := moment{c.time.records, never, 0}
	rows := int64(0)
	for _, a := range arrivals[from:] {
		if rows += int64(len(a.rows)); r.Count > 0 && rows >= r.Count {
			due = earliest(due, a.at)
			break
		}
	}
	at := arrivals[from].at
	if r.Every > 0 { // the first start + k*every, k > 0, that the watermark has not reached
		start, every := bigInt(c.group.window.start), bigInt(r.Every)
		boundary := new(big.Int).Add(start, every)
		if w := last(c.time.marks[c.lane], at.record); w != nil && w.Cmp(boundary) >= 0 {
			k := new(big.Int).Sub(w, start)
			k.Div(k, every)
			boundary.Add(boundary, k.Mul(k, every))
		}
		if boundary.Cmp(bigInt(c.group.window.end)) < 0 {
			due = earliest(due, c.time.marked(c.lane, boundary))
		}
	}
	if clock := c.time.clockAt(at); r.Processing > 0 && clock != nil {
		due = earliest(due, c.time.clocked(new(big.Int).Add(clock, bigInt(r.Processing))))
	}
	return due
}

// paneList appends the panes of one (key, window) to the answer.
type paneList struct {
	*cellPanes
	arrivals int // of the phase, that have been shown
	rows     []keptRow
	known    int64 // panes that were not early
	prior    *Pane
	err      error
}

// add appends a pane that shows, of its phase, all of the arrivals given.
func (l *paneList) add(timing trigger.Timing, isLast bool, at moment, arrivals []arrival) {
	if l.err != nil {
		return
	}
	var fresh []keptRow
	for _, a := range arrivals[l.arrivals:] {
		fresh = append(fresh, a.rows...)
	}
	l.arrivals = len(arrivals)
	l.rows = append(l.rows, fresh...)
	p := Pane{Key: l.group.key, Start: l.group.window.start, End: l.group.window.end}
	p.Timing, p.First, p.Last, p.Rows, p.OnTimeIndex = timing, l.prior == nil, isLast, int64(len(fresh)), -1
	p.At = noClock
	if clock := l.time.clockAt(at); clock != nil {
		p.At = clock.Int64()
	}
	if l.prior != nil {
		p.Index = l.prior.Index + 1
	}
	if timing != trigger.Early {
		p.OnTimeIndex = l.known
		l.known++
	}
	counted := l.rows
	if l.query.trigger.Panes == trigger.Discarding {
		counted = fresh
	}
	if p.Values, l.err = l.query.aggregate(counted); l.err != nil {
		return
	}
	if l.query.trigger.Panes == trigger.Retracting && l.prior != nil {
		back := *l.prior
		back.Retraction, back.At = true, p.At
		l.result.Panes = append(l.result.Panes, back)
	}
	l.result.Panes = append(l.result.Panes, p)
	l.prior = &p
}

// noClock is the clock before the first row.
const noClock = -1 << 63
