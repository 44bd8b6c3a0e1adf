package operator

import (
	"strconv"

	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
)

// Reject is a row that lies too far in the future of its append time.
type Reject struct {
	Partition    int32
	Offset       int64
	Time, Append int64 // µs
}

// Entry is where rows enter a job. It stamps every row with its partition's
// frontier just before it, over all rows of the log before any filter, and takes
// out the rows that are too far in the future, which must not move the frontier.
type Entry struct {
	spec      watermark.Spec
	frontiers []int64 // by partition
	rejected  []int64
	ahead     []int32
	unmarked  []int32 // rows of the last batch that are refused for want of a marker, ascending
	key       []byte  // scratch
	selection []int32
	rejects   []Reject
	extent    extent                // of the last batch
	progress  []*watermark.Progress // by partition, under strategies that do not go by the greatest event time alone
	idling    *idling               // or nil: rows are stamped with their own partition's frontier
	amnesia   bool                  // planted defect: progress is lost on loading
	sights    []sight               // by partition
}

// extent is what one walk over a batch's rows, none of them rejected, tells about
// all of them.
type extent struct {
	known  bool
	lo, hi int64 // least and greatest event time
	calm   bool  // certainly no row is behind its partition's watermark
	behind bool  // perhaps one is
}

// plain bounds times between which no sum or difference of three wraps.
const plain = int64(1) << 61

// NewEntry is an entry for so many partitions, none of which has shown a row.
func NewEntry(spec watermark.Spec, partitions int) *Entry {
	e := &Entry{
		spec: spec, frontiers: make([]int64, partitions), rejected: make([]int64, partitions),
		sights: make([]sight, partitions),
	}
	for i := range e.frontiers {
		e.frontiers[i], e.sights[i].set = column.NoFrontier, -1
		if spec.Kind != watermark.BoundedDisorder && spec.Kind != watermark.Monotonic {
			e.progress = append(e.progress, spec.Progress())
		}
	}
	return e
}

// combine makes a new entry stamp rows with the frontier of all partitions of which
// something came within the last idleAfter µs of append time; of all, if it is 0. One
// that is ahead of that by more than drift is paused; none, if that is 0.
func (e *Entry) combine(idleAfter, drift int64) {
	e.idling = newIdling(len(e.frontiers), idleAfter, drift)
}

// Stamp sets b.Frontiers, reusing its memory, and, if rows are rejected,
// b.Select, in the Entry's memory. The batch is the next one of its partition,
// without a selection but that of the rows with a marker. marks is what the strategies Punctuated and PerKey look at.
func (e *Entry) Stamp(b *column.Batch, marks *column.Column) {
	if e.spec.Kind == watermark.Completeness {
		e.stampFeedback(b)
		return
	}
	before := e.frontiers[b.Partition]
	e.stamp(b, marks)
	e.sights[b.Partition].look(b, before, e.frontiers[b.Partition])
	if e.idling != nil {
		e.idling.stamp(b, e.frontiers[b.Partition])
		e.extent.calm = false // the others' frontier may be greater than the row's own
	}
}

func (e *Entry) stamp(b *column.Batch, marks *column.Column) {
	b.Frontiers = resize(b.Frontiers, b.Rows)
	e.rejects = e.rejects[:0]
	p := b.Partition
	e.extent = extent{}
	switch {
	case e.progress != nil:
		e.stampProgress(b, marks)
	case e.spec.AheadMax == 0 && b.Rows > 0:
		e.frontiers[p], e.extent = walk(e.frontiers[p], e.spec.Bounded, b.Times, b.Frontiers)
		return
	default:
		e.frontiers[p], e.ahead = e.spec.Stamp(e.frontiers[p], b.Times, b.Appends, b.Frontiers, e.ahead[:0])
	}
	if len(e.ahead) > 0 {
		e.reject(b)
	}
}

// stampProgress stamps rows as their partition's strategy says.
func (e *Entry) stampProgress(b *column.Batch, marks *column.Column) {
	p := e.progress[b.Partition]
	e.ahead = e.ahead[:0]
	unmarked := e.unmarked
	for row, t := range b.Times[:b.Rows] {
		b.Frontiers[row] = p.Frontier()
		if len(unmarked) > 0 && int(unmarked[0]) == row {
			unmarked = unmarked[1:] // without a marker, a row says nothing of times
			continue
		}
		if e.spec.AheadMax > 0 && e.spec.Ahead(t, b.Appends[row]) {
			e.ahead = append(e.ahead, int32(row))
			continue
		}
		if e.spec.Kind == watermark.PerKey {
			e.key = appendMarker(e.key[:0], marks, row)
			p.KeyedRow(t, e.key)
			continue
		}
		p.Row(t, marks != nil && marks.Bools[row] && !marks.IsNull(row))
	}
	e.frontiers[b.Partition] = p.Frontier()
}

// stampFeedback stamps rows with the frontier of all partitions, and lets each
// partition's strategy know whether its row was late by that.
func (e *Entry) stampFeedback(b *column.Batch) {
	b.Frontiers = resize(b.Frontiers, b.Rows)
	e.rejects, e.ahead, e.extent = e.rejects[:0], e.ahead[:0], extent{}
	part, p := int(b.Partition), e.progress[b.Partition]
	seen := &e.sights[part]
	seen.come(b)
	for row, t := range b.Times[:b.Rows] {
		e.idling.arrive(part, b.Appends[row])
		least := e.idling.frontier()
		b.Frontiers[row] = least
		if e.spec.AheadMax > 0 && e.spec.Ahead(t, b.Appends[row]) {
			e.ahead = append(e.ahead, int32(row))
		} else {
			p.FeedbackRow(t, t < e.spec.Watermark(least))
		}
		if f := p.Frontier(); f > e.frontiers[part] {
			e.frontiers[part] = f
			seen.setBy(b, row)
		}
		e.idling.advance(part, e.frontiers[part])
	}
	if len(e.ahead) > 0 {
		e.reject(b)
	}
}

// appendMarker appends a row's key as the strategy PerKey tells keys apart: a byte
// that says whether it is null, and its text.
func appendMarker(b []byte, marks *column.Column, row int) []byte {
	switch {
	case marks.IsNull(row):
		return append(b, 0)
	case marks.Type.Kind == column.String:
		return append(append(b, 1), marks.Dict.Value(marks.Codes[row])...)
	case marks.Type.Kind == column.Int64:
		return strconv.AppendInt(append(b, 1), marks.Ints[row], 10)
	}
	return append(append(b, 1), marks.Value(row).Text()...)
}

// reject takes out the rows that are too far in the future.
func (e *Entry) reject(b *column.Batch) {
	p := b.Partition
	e.rejected[p] += int64(len(e.ahead))
	e.selection = resize(e.selection, 0)
	next, unmarked := 0, e.unmarked
	for row := range b.Rows {
		if len(unmarked) > 0 && int(unmarked[0]) == row {
			unmarked = unmarked[1:]
			continue
		}
		if next == len(e.ahead) || int(e.ahead[next]) != row {
			e.selection = append(e.selection, int32(row))
			continue
		}
		next++
		e.rejects = append(e.rejects, Reject{
			Partition: p, Offset: b.Offset + int64(row), Time: b.Times[row], Append: b.Appends[row],
		})
	}
	b.Select = e.selection
}

// walkRows is how many rows are looked at for being in order.
const walkRows = 128

// walk stamps rows as watermark.Spec.Stamp does without rejects, and takes their
// extent on the way. Rows in order, whose frontiers are the times one row before,
// are only looked at and copied.
func walk(frontier, bounded int64, times, before []int64) (after int64, x extent) {
	first := frontier
	x = extent{known: true, lo: times[0], hi: times[0]}
	before = before[:len(times)]
	for from, to := 0, 0; from < len(times); from = to {
		to = min(len(times), from+walkRows)
		part, out := times[from:to], before[from:to]
		if part[0] >= frontier && ascends(part) {
			out[0] = frontier
			copy(out[1:], part)
			frontier = part[len(part)-1]
			x.hi = frontier
			continue
		}
		to = min(len(times), from+8*walkRows)
		frontier = stampApart(frontier, bounded, times[from:to], before[from:to], &x)
	}
	x.calm = !x.behind && first > -plain && x.lo > -plain && frontier < plain && bounded < plain
	return frontier, x
}

// ascends tells whether no time is less than the one before it.
func ascends(times []int64) bool {
	last := times[0]
	for ; len(times) >= 4; times = times[4:] {
		a, b, c, d := times[0], times[1], times[2], times[3]
		if a < last || b < a || c < b || d < c {
			return false
		}
		last = d
	}
	for _, t := range times {
		if t < last {
			return false
		}
		last = t
	}
	return true
}

// stampApart stamps rows in any order.
func stampApart(frontier, bounded int64, times, before []int64, x *extent) (after int64) {
	lo, hi, behind := x.lo, x.hi, int64(0)
	before = before[:len(times)]
	for i, t := range times {
		before[i] = frontier
		behind |= t + bounded - frontier // negative if the row is behind
		lo = min(lo, t)
		frontier = max(frontier, t)
		hi = max(hi, t)
	}
	x.lo, x.hi, x.behind = lo, hi, x.behind || behind < 0
	return frontier
}

func extremes(times []int64) (lo, hi int64) {
	lo, hi = times[0], times[0]
	for _, t := range times {
		lo, hi = min(lo, t), max(hi, t)
	}
	return lo, hi
}

// Idle takes in an idle record of a partition, which carries a frontier: later
// rows are stamped with no less. Across max it tells nothing: it is there so that
// others need not wait.
func (e *Entry) Idle(partition int, frontier int64) {
	if e.idling != nil && e.idling.max {
		return
	}
	if frontier > e.frontiers[partition] {
		e.frontiers[partition], e.sights[partition].set = frontier, -1
	}
	if e.progress != nil {
		e.progress[partition].Raise(frontier)
	}
	if e.idling != nil {
		e.idling.advance(partition, e.frontiers[partition])
	}
}

// told is the frontier behind everything so far that fires a partition's windows.
func (e *Entry) told(partition int) int64 {
	if e.idling != nil {
		return e.idling.frontier()
	}
	return e.frontiers[partition]
}

// Frontier is a partition's frontier behind all its rows so far.
func (e *Entry) Frontier(partition int) int64 { return e.frontiers[partition] }

// Rejected counts a partition's rejected rows.
func (e *Entry) Rejected(partition int) int64 { return e.rejected[partition] }

// Rejects lists the rows that the last Stamp rejected, in their order, until the
// next.
func (e *Entry) Rejects() []Reject { return e.rejects }
