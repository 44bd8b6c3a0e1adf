package operator

import (
	"fmt"
	"math"

	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// Sessions aggregates rows by key and session. It is fed and asked like a
// [Windowed], but the windows of its panes are each key's own, and what a late row
// makes of them has to be told in two panes: a Retraction of the sessions that it
// joined to others, and a Revision that stands for all of them.
//
// By the rule "log" a row at t of a partition with watermark W is on time iff
// W <= t, a revision iff t < W < t + gap + allowed, else dropped. There are two
// kinds of sessions, and both are functions of the log:
//
//   - those on time are made of rows on time alone. One that ends at e fires at
//     W >= e (W > e where touching is enough): rows on time that come later have
//     t >= W, so that none of them can join it;
//   - final ones are made of all rows kept, and so each is one or more of those on
//     time and the revisions that extend or join them. Its value is what the last
//     pane about it says.
//
// What is shown at a watermark W is a function of the rows and of W, too: of the
// sessions on time that are complete at W, and of the revisions whose own window
// [t, t+gap) is, those that join each other are shown as one. Both only become more,
// so that sessions only grow, and one that was retracted does not come back.
//
// So a key has open sessions of rows on time, which do not join each other; early
// revisions, one for each time; and resting sessions, of what is shown, which do not
// join each other either. An open session that fires goes to rest, as does an early
// revision when its window is over, and merges with what it joins there. If a resting
// session then has another edge than what the view shows of its rows, those windows
// are retracted; if it has other rows, it is shown. It is forgotten at
// W > e + gap + allowed, unless it joins an open one: a revision that joins it has
// t <= e and W < t + gap + allowed.
//
// By the rule "operator" a row is first merged with the sessions that are there,
// and then the merged one is judged by the operator's watermark: on time before it
// closes, a revision for the allowed time after, else the row is dropped. Then open
// and resting sessions do not join each other either, a resting one may grow and is
// shown when it is over, rows are taken one by one, each after what its watermark
// fires, and the panes are kept for Next.
type Sessions struct {
	timed
	spec    window.Spec
	drops   []Drop
	keys    []sessionLists // by number
	nodes   []session      // nodes[0] is none, and holds no time
	free    []uint32       // unused nodes
	table   *aggregate.Table
	pending pendingRows
	found   []uint32 // scratch of joined
	due     dueSessions
	panes   struct {
		keys, groups []uint32
		starts, ends []int64
	}
	kept    keptPanes
	defect  defect
	countAt int // as Config.CountAt
}

// NewSessions is an operator without rows. The configuration is a validated
// plan's, whose windows are sessions.
func NewSessions(c Config) *Sessions {
	table := aggregate.NewTable(c.Functions)
	return &Sessions{
		spec: c.Window, timed: newTimed(&c),
		nodes: []session{{start: math.MaxInt64, end: math.MinInt64}}, table: table, pending: pendingRows{table: table},
		kept: keptPanes{table: aggregate.NewTable(c.Functions)}, countAt: c.CountAt,
	}
}

// Counts is what became of a partition's rows so far. A row of a session is one
// pair.
func (s *Sessions) Counts(partition int) Counts { return s.counts[partition] }

// Drops lists the rows of the last Add that were dropped, in their order, until the
// next. FirstEnd is the end of the session that the row alone would make.
func (s *Sessions) Drops() []Drop { return s.drops }

// State measures the operator. Every session that may fire or be revised counts as
// a window and has an accumulator; panes that wait have one, too.
func (s *Sessions) State() Footprint {
	live := len(s.nodes) - 1 - len(s.free)
	return Footprint{Windows: live, Slots: live + s.kept.rows(), Keys: len(s.keys)}
}

// Add aggregates the rows of a batch that take part: their frontiers are stamped,
// keys[row] numbers their keys, and keyCount is the number of all keys.
func (s *Sessions) Add(b *column.Batch, in *aggregate.Input, keys []uint32, keyCount int) error {
	s.settle()
	s.drops = s.drops[:0]
	s.pending.begin(b, in)
	for len(s.keys) < keyCount {
		s.keys = append(s.keys, sessionLists{})
	}
	r := joining{
		Sessions: s, b: b, keys: keys, number: s.lane(int(b.Partition)), counts: &s.counts[b.Partition],
		others: s.others(int(b.Partition)), operator: s.late.Rule == flow.Operator, touching: s.spec.Merge == window.Touching,
	}
	r.lane = &s.lanes[r.number]
	r.counts.Rows += int64(b.Selected())
	if err := r.all(); err != nil {
		return err
	}
	r.pending.flush()
	return nil
}

// joining is one call of Add.
type joining struct {
	*Sessions
	b                  *column.Batch
	keys               []uint32
	number             int32 // of the lane
	lane               *timedLane
	counts             *Counts
	others             int64
	operator, touching bool
}

// all finds the sessions of all rows. Nearly all are their partition's greatest in
// time so far, hence on time, and belong to the last session of their keys.
func (r *joining) all() error {
	n, selected := r.b.Selected(), r.b.Select
	times, frontiers, gap := r.b.Times, r.b.Frontiers, r.spec.Size
	least, most := r.lane.watermark, math.MaxInt64-gap
	if r.operator { // each row moves the watermark
		most = math.MinInt64
	}
	touch := int64(0)
	if r.touching {
		touch = 1
	}
	onTime := int64(0)
	for i := range n {
		row := i
		if selected != nil {
			row = int(selected[i])
		}
		t := times[row]
		if t >= frontiers[row] && t >= least && t <= most {
			open := r.Sessions.keys[r.keys[row]].open
			head := &r.nodes[open]
			if t >= head.start && t < head.end+touch && head.lane == r.number {
				head.end = max(head.end, t+gap)
				onTime++
				r.pending.add(row, open)
				continue
			}
		}
		if err := r.take(row); err != nil {
			return err
		}
	}
	r.counts.PairsOnTime += onTime
	return nil
}

// take finds a row's session. Rows wait for the table until they are flushed.
func (r *joining) take(row int) error {
	t, key := r.b.Times[row], r.keys[row]
	mark := r.mark.Watermark(min(r.b.Frontiers[row], r.others))
	if t < mark {
		r.counts.RowsBehind++
	}
	if t > math.MaxInt64-r.spec.Size { // a window whose end is no time does not exist
		return nil
	}
	if r.operator {
		r.fireTo(mark)
	}
	switch {
	case r.tooOld(mark, t) && r.defect != defectLenient:
		r.drop(row, mark)
		return nil
	case r.operator:
	case t < mark:
		r.revise(row, t, key, mark)
		return nil
	case t < r.lane.watermark:
		return fmt.Errorf("%w: partition %d, offset %d: on time at %d; sessions that end by %d have fired",
			ErrFrontier, r.b.Partition, r.b.Offset+int64(row), t, r.lane.watermark)
	}
	lists := &r.Sessions.keys[key]
	head := &r.nodes[lists.open]
	if t >= head.start && (t < head.end || r.touching && t == head.end) && head.lane == r.number &&
		(!r.operator || r.below(lists.rest, t)) {
		head.end = max(head.end, t+r.spec.Size)
		r.counts.PairsOnTime++
		r.pending.add(row, lists.open)
		return nil
	}
	if r.operator {
		r.merge(row, t, key, mark)
		return nil
	}
	r.counts.PairsOnTime++
	r.pending.add(row, r.join(row, lists, openList, t))
	return nil
}

// below tells whether the latest of a key's resting sessions, and hence each of
// them, ended before t.
func (r *joining) below(rest uint32, t int64) bool {
	return rest == 0 || r.nodes[rest].end < t && r.nodes[rest].lane == r.number
}

// revise judges a row behind its watermark by the rule "log".
func (r *joining) revise(row int, t int64, key uint32, mark int64) {
	if watermark.Classify(mark, t+r.spec.Size, r.late.Allowed) == watermark.Dropped {
		r.drop(row, mark)
		return
	}
	r.counts.PairsRevised++
	lists := &r.Sessions.keys[key]
	due, ever := r.closes(t + r.spec.Size)
	switch {
	case r.defect == defectMixed:
		r.pending.add(row, r.join(row, lists, openList, t))
	case !ever || due > r.lane.watermark:
		r.pending.add(row, r.early(key, t))
	default:
		r.pending.add(row, r.join(row, lists, restList, t))
	}
}

// early is the node of a revision whose own window is not over: one for each time.
func (r *joining) early(key uint32, t int64) uint32 {
	for n := r.Sessions.keys[key].early; n != 0 && r.nodes[n].start >= t; n = r.nodes[n].next {
		if r.nodes[n].start == t && r.nodes[n].lane == r.number {
			return n
		}
	}
	n := r.node(session{start: t, end: t + r.spec.Size, key: key, lane: r.number})
	r.link(n, earlyList)
	r.watch(n)
	return n
}

// merge judges a row that may join anything by the rule "operator": what it would
// be merged to decides.
func (r *joining) merge(row int, t int64, key uint32, mark int64) {
	lists := &r.Sessions.keys[key]
	start, end := t, t+r.spec.Size
	r.found = r.joined(r.found[:0], lists.open, r.number, start, end)
	open := len(r.found)
	r.found = r.joined(r.found, lists.rest, r.number, start, end)
	list := openList
	if len(r.found) > open {
		list = restList
	}
	for _, n := range r.found {
		end = max(end, r.nodes[n].end)
	}
	class := watermark.OnTime
	if due, ever := r.closes(end); ever {
		class = watermark.Classify(mark, due, r.late.Allowed)
	}
	switch class {
	case watermark.Dropped:
		r.drop(row, mark)
		return
	case watermark.Revision:
		r.counts.PairsRevised++
		list = restList
	default:
		r.counts.PairsOnTime++
	}
	if len(r.found) > 1 || open > 0 && list == restList {
		r.pending.flush()
	}
	if list == restList { // what is open goes with it, and never fires by itself
		for _, n := range r.found[:open] {
			r.unlink(n)
			r.link(n, restList)
		}
	}
	r.pending.add(row, r.join(row, lists, list, t))
}

func (r *joining) drop(row int, mark int64) {
	r.counts.PairsDropped++
	r.counts.RowsDropped++
	t := r.b.Times[row]
	r.drops = append(r.drops, Drop{
		Partition: r.b.Partition, Key: r.keys[row], Offset: r.b.Offset + int64(row), Time: t,
		Watermark: mark, FirstEnd: t + r.spec.Size, Dropped: 1, Windows: 1,
	})
}

// join makes a row's session of what it joins in a list, or a new one, and returns
// its node.
func (r *joining) join(row int, lists *sessionLists, list sessionList, t int64) uint32 {
	start, end := t, t+r.spec.Size
	found := r.joined(r.found[:0], *lists.head(list), r.number, start, end)
	r.found = found
	var n uint32
	if len(found) == 0 {
		n = r.node(session{start: start, end: end, key: r.keys[row], lane: r.number})
		r.link(n, list)
	} else {
		if len(found) > 1 {
			r.pending.flush()
		}
		n = r.unite(found)
		r.widen(n, start, end)
	}
	r.nodes[n].dirty = list == restList
	r.watch(n)
	return n
}

// fireTo fires, by the rule "operator", what a row's watermark completes, before
// the row is looked at: the answer must not depend on where batches are cut.
func (r *joining) fireTo(mark int64) {
	r.lane.watermark = max(r.lane.watermark, mark)
	if len(r.lane.timers) == 0 || r.lane.timers[0].due > r.lane.watermark {
		return
	}
	r.pending.flush()
	var p Pane
	for r.step(r.lane, &p) {
		r.kept.keep(&p)
		r.settle()
	}
}
