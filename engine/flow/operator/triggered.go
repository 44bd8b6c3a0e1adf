package operator

import (
	"cmp"
	"fmt"
	"slices"

	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/trigger"
	"parallax/engine/flow/waiting"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// triggered aggregates rows by key and window as a [Windowed] does, and shows each
// (key, window) as a [trigger.Spec] says. It is fed and asked likewise; its panes
// tell by their Records which of the panes of their (key, window) they are.
//
// What a pane holds may depend on every row, so rows are taken one by one: first the
// watermark that a row finds, with all that is due to it in the order of its time;
// then the row's append time, which moves the clock, with all that is due to that;
// then the row. So panes do not depend on where batches are cut. They wait, with
// accumulators of their own, until Next is called.
//
// By the rule "log" the rows on time are those of the pane on time and of all early
// ones; revisions that come before the window's end wait beside them, and arrive
// together right behind the pane on time. It fires for a (key, window) that has rows on
// time, and leaves those alone that have revisions only. By the rule "operator" nothing
// has to wait.
//
// A window is complete when the watermark reaches its end and forgotten at end +
// allowed, with a closing pane of what no pane has shown. Every (key, window) costs
// an accumulator, one more for revisions that wait, and if panes are retracting one
// for what the last pane showed. Overlapping windows share nothing.
type triggered struct {
	inputs
	window window.Spec
	spec   trigger.Spec
	after  trigger.Firings // behind the window's end
	clock  int64           // the greatest append time so far
	lanes  []paneLane
	drops  []Drop
	keys   int
	cells  []paneCell // cells[0] is none
	spare  struct{ cells, groups []uint32 }
	table  *aggregate.Table
	timers []clockTimer // ascending
	kept   keptPanes
	starts []int64  // scratch
	batch  struct { // rows that wait for the table
		in     *aggregate.Input
		rows   []int32
		groups []uint32
	}
	blind bool // planted defect: revisions do not wait for the pane on time
}

// paneLane is the windows that one watermark fires, ascending by end.
type paneLane struct {
	watermark int64
	next      int64 // nothing is due before the watermark gets here; trigger.Never: nothing at all
	windows   []*paneWindow
}

// paneWindow is a window and its keys.
type paneWindow struct {
	start, end int64
	early      int64             // the least time at which a cell is due by the watermark
	over       bool              // the watermark has reached the end
	at         map[uint32]uint32 // cell by key
	cells      []uint32
}

// paneCell is a (key, window). Its accumulators are groups of the table, 0 for none.
type paneCell struct {
	key, lane uint32
	window    *paneWindow
	sum       uint32 // of all rows so far; discarding: of those that no pane had
	waiting   uint32 // of revisions that came before the window was over
	told      uint32 // retracting: of what the last pane showed
	onTime    int64  // rows
	waits     int64  // rows
	progress  trigger.Progress
	number    trigger.Numbering
	last      trigger.Record
	timer     int64 // when it is looked at by the clock; trigger.Never: not at all
}

// clockTimer says when a cell is due by the clock.
type clockTimer struct {
	due  int64
	lane uint32
	end  int64
	key  uint32
	cell uint32
}

func (c clockTimer) compare(o clockTimer) int {
	return cmp.Or(cmp.Compare(c.due, o.due), cmp.Compare(c.lane, o.lane), cmp.Compare(c.end, o.end), cmp.Compare(c.key, o.key))
}

// newTriggered is an operator without rows. The configuration is a validated plan's,
// with a trigger.
func newTriggered(c Config) *triggered {
	t := &triggered{
		window: c.Window, spec: *c.Trigger, after: c.Trigger.AfterEnd(), inputs: newInputs(&c), clock: watermark.None,
		cells: make([]paneCell, 1), table: aggregate.NewTable(c.Functions),
		kept: keptPanes{table: aggregate.NewTable(c.Functions)},
	}
	t.table.Grow(1)
	t.lanes = make([]paneLane, t.laneCount())
	for i := range t.lanes {
		t.lanes[i] = paneLane{watermark: t.least.Least(), next: trigger.Never}
	}
	return t
}

// Drops lists the rows of the last Add that were dropped from a window, in their
// order, until the next.
func (t *triggered) Drops() []Drop { return t.drops }

// Watermark is the one that fires the windows of a partition's rows.
func (t *triggered) Watermark(partition int) int64 { return t.lanes[t.lane(partition)].watermark }

// Output is how far a partition's results have come: no pane that is still to be asked
// for is behind it, late ones excepted, of which it is the end of their window's
// life. The timestamp of a pane is its window's end - 1 µs. A retraction goes with
// the pane behind it.
func (t *triggered) Output(partition int) int64 {
	lane := t.lane(partition)
	out := t.lanes[lane].watermark
	for i := t.kept.first; i < len(t.kept.list); i++ {
		if p := &t.kept.list[i]; p.lane == lane && p.kind != Retraction {
			at := p.end - 1
			if p.records[0].Timing == trigger.Late {
				at = window.Add(at, t.late.Allowed)
			}
			out = min(out, at)
		}
	}
	return out
}

func (t *triggered) lane(partition int) uint32 {
	if len(t.lanes) == 1 {
		return 0
	}
	return uint32(partition)
}

// State measures the operator; panes that wait count with their accumulators.
func (t *triggered) State() Footprint {
	f := Footprint{Keys: t.keys, Slots: t.kept.rows()}
	for i := range t.lanes {
		f.Windows += len(t.lanes[i].windows)
	}
	f.Slots += t.table.Groups() - 1 - len(t.spare.groups)
	return f
}

// Add aggregates the rows of a batch that take part: their frontiers are stamped,
// keys[row] numbers their keys, and keyCount is the number of all keys. The other rows
// move the watermark and the clock.
func (t *triggered) Add(b *column.Batch, in *aggregate.Input, keys []uint32, keyCount int) error {
	t.keys, t.drops, t.batch.in = keyCount, t.drops[:0], in
	r := triggering{
		triggered: t, b: b, keys: keys, lane: t.lane(int(b.Partition)), counts: &t.counts[b.Partition],
		others: t.others(int(b.Partition)),
	}
	r.counts.Rows += int64(b.Selected())
	selected := 0
	for row := range b.Rows {
		t.find(int(b.Partition), b.Frontiers[row])
		t.tick(b.Appends[row])
		if b.Select != nil {
			if selected == len(b.Select) || int(b.Select[selected]) != row {
				continue
			}
			selected++
		}
		if err := r.take(row); err != nil {
			return err
		}
	}
	t.flush()
	return nil
}

// find takes in the frontier that a row finds.
func (t *triggered) find(partition int, frontier int64) {
	if !t.combined {
		t.Advance(partition, frontier)
		return
	}
	for p := range t.frontiers {
		t.Advance(p, frontier)
	}
}

// triggering is one call of Add.
type triggering struct {
	*triggered
	b      *column.Batch
	keys   []uint32
	lane   uint32
	counts *Counts
	others int64
}

// take puts a row into its windows.
func (r *triggering) take(row int) error {
	time := r.b.Times[row]
	mark := r.mark.Watermark(min(r.b.Frontiers[row], r.others))
	if time < mark {
		r.counts.RowsBehind++
	}
	r.starts = r.window.Assign(time, r.starts[:0])
	dropped := 0
	for _, start := range r.starts {
		end := r.window.End(start)
		class := watermark.Classify(mark, end, r.late.Allowed)
		if r.tooOld(mark, time) {
			class = watermark.Dropped
		}
		switch class {
		case watermark.Dropped:
			r.counts.PairsDropped++
			dropped++
		case watermark.Revision:
			r.counts.PairsRevised++
			r.revise(row, start, end)
		default:
			if end <= r.lanes[r.lane].watermark {
				return fmt.Errorf("%w: partition %d, offset %d: on time for a window that ends at %d; fired are those to %d",
					ErrFrontier, r.b.Partition, r.b.Offset+int64(row), end, r.lanes[r.lane].watermark)
			}
			r.counts.PairsOnTime++
			n := r.cell(r.lane, start, end, r.keys[row])
			r.cells[n].onTime++
			r.show(n, row)
		}
	}
	if dropped == 0 {
		return nil
	}
	if dropped == len(r.starts) {
		r.counts.RowsDropped++
	}
	r.drops = append(r.drops, Drop{
		Partition: r.b.Partition, Key: r.keys[row], Offset: r.b.Offset + int64(row), Time: time, Watermark: mark,
		FirstEnd: r.window.End(r.starts[0]), Dropped: int32(dropped), Windows: int32(len(r.starts)),
	})
	return nil
}

// revise adds a late row to a window, or to what waits for its end.
func (r *triggering) revise(row int, start, end int64) {
	n := r.cell(r.lane, start, end, r.keys[row])
	c := &r.cells[n]
	if c.window.over || r.blind {
		r.show(n, row)
		return
	}
	if c.waiting == 0 {
		c.waiting = r.group()
	}
	c.waits++
	r.wait(row, c.waiting)
}

// show adds a row to a cell, and fires it if that makes a pane due.
func (r *triggering) show(n uint32, row int) {
	r.wait(row, r.cells[n].sum)
	r.count(n, 1)
}

// wait lists a row for the table.
func (t *triggered) wait(row int, group uint32) {
	t.batch.rows, t.batch.groups = append(t.batch.rows, int32(row)), append(t.batch.groups, group)
}

// flush adds the waiting rows to their accumulators.
func (t *triggered) flush() {
	w := &t.batch
	if len(w.rows) > 0 {
		t.table.AddRows(w.in, w.groups, w.rows)
		w.rows, w.groups = w.rows[:0], w.groups[:0]
	}
}

// cell finds or makes a (key, window).
func (t *triggered) cell(lane uint32, start, end int64, key uint32) uint32 {
	w := t.lanes[lane].at(start, end)
	n := w.at[key]
	if n == 0 {
		n = t.newCell(paneCell{key: key, lane: lane, window: w, timer: trigger.Never})
		if l := &t.lanes[lane]; !w.over {
			l.next = min(l.next, end)
		} else if gone, ever := plus(end, t.late.Allowed); ever {
			l.next = min(l.next, gone)
		}
	}
	return n
}

// newCell adds a cell to its window.
func (t *triggered) newCell(c paneCell) (n uint32) {
	c.sum = t.group()
	if last := len(t.spare.cells) - 1; last >= 0 {
		n = t.spare.cells[last]
		t.spare.cells = t.spare.cells[:last]
		t.cells[n] = c
	} else {
		n = uint32(len(t.cells))
		t.cells = append(t.cells, c)
	}
	c.window.at[c.key] = n
	c.window.cells = append(c.window.cells, n)
	return n
}

// group is an empty accumulator.
func (t *triggered) group() uint32 {
	if last := len(t.spare.groups) - 1; last >= 0 {
		g := t.spare.groups[last]
		t.spare.groups = t.spare.groups[:last]
		return g
	}
	g := uint32(t.table.Groups())
	t.table.Grow(int(g) + 1)
	return g
}

// drop empties an accumulator, if there is one, for another use.
func (t *triggered) drop(group *uint32) {
	if *group != 0 {
		t.table.Clear(*group)
		t.spare.groups = append(t.spare.groups, *group)
		*group = 0
	}
}

// at finds or makes a window.
func (l *paneLane) at(start, end int64) *paneWindow {
	i, found := slices.BinarySearchFunc(l.windows, end, func(w *paneWindow, end int64) int { return cmp.Compare(w.end, end) })
	if !found {
		w := &paneWindow{start: start, end: end, early: trigger.Never, over: end <= l.watermark, at: map[uint32]uint32{}}
		l.windows = slices.Insert(l.windows, i, w)
	}
	return l.windows[i]
}

// Open appends the windows that have rows and are not forgotten.
func (t *triggered) Open(list []waiting.Window) []waiting.Window {
	for i := range t.lanes {
		for _, w := range t.lanes[i].windows {
			o := waiting.Window{Start: w.start, End: w.end, Lane: t.laneOf(int32(i)), Fires: w.end, Frees: waiting.Never, Fired: w.over}
			if gone, ever := plus(w.end, t.late.Allowed); ever {
				o.Frees = gone
			}
			for _, n := range t.list(w, func(*paneCell) bool { return true }) {
				c := &t.cells[n]
				rows := c.onTime + c.waits
				if w.over { // of its phase, which late rows are
					rows += c.progress.All
				}
				o.Keys, o.Rows = append(o.Keys, c.key), append(o.Rows, rows)
			}
			list = append(list, o)
		}
	}
	return list
}
