package operator

import (
	"cmp"
	"slices"

	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/trigger"
	"parallax/engine/flow/watermark"
)

// Advance tells a partition's frontier behind the rows added so far, or behind
// an idle record. One that goes back is ignored.
func (t *triggered) Advance(partition int, frontier int64) {
	if frontier <= t.frontiers[partition] {
		return
	}
	t.frontiers[partition] = frontier
	t.raise(partition, t.mark.Watermark(frontier))
}

// Close ends all partitions: every window is complete, and forgotten.
func (t *triggered) Close() {
	t.closed = true
	for p := range t.frontiers {
		t.raise(p, watermark.End)
	}
	for i := range t.lanes {
		t.fireTo(uint32(i))
	}
}

// Next sets p to the next pane, or returns false when none is due. The pane is valid
// until the next call of a method.
func (t *triggered) Next(p *Pane) bool { return t.kept.next(p) }

// raise moves the watermark that a partition contributes to.
func (t *triggered) raise(partition int, mark int64) {
	least, _ := t.least.Advance(partition, mark)
	lane := t.lane(partition)
	if len(t.lanes) > 1 {
		least = t.least.Input(partition)
	}
	l := &t.lanes[lane]
	if least <= l.watermark {
		return
	}
	l.watermark = least
	if l.next <= least {
		t.fireTo(lane)
	}
}

// due is when the watermark does something to a window; ever is false if that lies
// beyond time.
func (t *triggered) due(w *paneWindow) (due int64, ever bool) {
	if !w.over {
		return min(w.early, w.end), true
	}
	due, ever = plus(w.end, t.late.Allowed)
	if !ever && t.closed {
		return watermark.End, true
	}
	return due, ever
}

// fireTo does all that is due to a lane's watermark, in the order of its time and
// then of the windows' ends. What lies on the way to the watermark is passed one by
// one, so that it does not matter in how many steps the watermark came.
func (t *triggered) fireTo(lane uint32) {
	t.flush()
	l := &t.lanes[lane]
	for {
		var first *paneWindow
		l.next = trigger.Never
		for _, w := range l.windows {
			if due, ever := t.due(w); ever && (first == nil || due < l.next) {
				first, l.next = w, due
			}
		}
		if first == nil || l.next > l.watermark {
			return
		}
		switch {
		case first.over:
			t.closeWindow(lane, first)
		case l.next < first.end:
			t.early(lane, first, l.next)
		default:
			t.complete(lane, first)
		}
	}
}

// early shows the cells of a window that are due by the watermark before its end.
func (t *triggered) early(lane uint32, w *paneWindow, due int64) {
	cells := t.list(w, func(c *paneCell) bool { return t.spec.Early.Due(&c.progress).Event <= due })
	t.emit(lane, w, trigger.Early, cells, false)
	w.early = trigger.Never
	for _, n := range cells {
		t.fired(n)
	}
	for _, n := range w.cells {
		w.early = min(w.early, t.spec.Early.Due(&t.cells[n].progress).Event)
	}
}

// complete shows what is on time when the watermark reaches a window's end, and then
// the revisions that waited for that, if there are enough of them.
func (t *triggered) complete(lane uint32, w *paneWindow) {
	last := t.late.Allowed == 0
	always := !t.spec.OnTimeIfNew || last && t.spec.ClosingAlways
	t.emit(lane, w, trigger.OnTime, t.list(w, func(c *paneCell) bool {
		return c.onTime > 0 && (always || c.progress.New > 0)
	}), last)
	w.over, w.early = true, trigger.Never
	due := w.cells[:0:0]
	for _, n := range w.cells {
		if t.reveal(n) {
			due = append(due, n)
		}
	}
	t.sort(due)
	t.emit(lane, w, trigger.Late, due, false)
	for _, n := range due {
		t.fired(n)
	}
}

// reveal begins the phase behind a cell's pane on time with the revisions that
// waited, and tells whether they are to be shown at once.
func (t *triggered) reveal(n uint32) bool {
	c := &t.cells[n]
	c.progress = trigger.Progress{}
	due := false
	if c.waits > 0 {
		t.table.Merge(c.sum, t.table, c.waiting)
		t.drop(&c.waiting)
		due = t.after.Add(&c.progress, c.waits, t.moment(c.lane, c.window))
		c.waits = 0
	}
	t.watch(n)
	return due
}

// closeWindow shows what no pane has shown, and forgets the window.
func (t *triggered) closeWindow(lane uint32, w *paneWindow) {
	always := t.spec.ClosingAlways && t.late.Allowed > 0 // else the pane on time was the last
	t.emit(lane, w, trigger.Late, t.list(w, func(c *paneCell) bool { return always || c.progress.New > 0 }), true)
	for _, n := range w.cells {
		c := &t.cells[n]
		c.progress = trigger.Progress{}
		t.watch(n)
		t.drop(&c.sum)
		t.drop(&c.told)
		*c = paneCell{}
		t.spare.cells = append(t.spare.cells, n)
	}
	l := &t.lanes[lane]
	l.windows = slices.DeleteFunc(l.windows, func(o *paneWindow) bool { return o == w })
}

// list is the cells of a window of which something holds, ascending by key.
func (t *triggered) list(w *paneWindow, holds func(c *paneCell) bool) []uint32 {
	var cells []uint32
	for _, n := range w.cells {
		if holds(&t.cells[n]) {
			cells = append(cells, n)
		}
	}
	t.sort(cells)
	return cells
}

// sort orders cells of a window by key.
func (t *triggered) sort(cells []uint32) {
	slices.SortFunc(cells, func(a, b uint32) int { return cmp.Compare(t.cells[a].key, t.cells[b].key) })
}

// firings is those of the phase in which a window is.
func (t *triggered) firings(w *paneWindow) *trigger.Firings {
	if w.over {
		return &t.after
	}
	return &t.spec.Early
}

func (t *triggered) moment(lane uint32, w *paneWindow) trigger.At {
	return trigger.At{Watermark: t.lanes[lane].watermark, Clock: t.clock, Start: w.start, End: w.end}
}

// count says that a cell has new rows, and fires it if that makes a pane due.
func (t *triggered) count(n uint32, rows int64) {
	c := &t.cells[n]
	w, lane := c.window, c.lane
	if t.firings(w).Add(&c.progress, rows, t.moment(lane, w)) {
		t.fireOne(n)
		return
	}
	t.watch(n)
}

// fireOne shows one cell by a rule.
func (t *triggered) fireOne(n uint32) {
	t.flush()
	c := &t.cells[n]
	timing := trigger.Early
	if c.window.over {
		timing = trigger.Late
	}
	t.emit(c.lane, c.window, timing, []uint32{n}, false)
	t.fired(n)
}

// fired says that a cell has been shown by a rule.
func (t *triggered) fired(n uint32) {
	c := &t.cells[n]
	t.firings(c.window).Fired(&c.progress, t.moment(c.lane, c.window))
	t.watch(n)
}

// watch makes sure that a cell is looked at when it is due.
func (t *triggered) watch(n uint32) {
	c := &t.cells[n]
	w := c.window
	due := t.firings(w).Due(&c.progress)
	if !w.over && due.Event < w.early {
		w.early = due.Event
		t.lanes[c.lane].next = min(t.lanes[c.lane].next, due.Event)
	}
	if due.Clock == c.timer {
		return
	}
	timer := clockTimer{due: c.timer, lane: c.lane, end: w.end, key: c.key, cell: n}
	if at, found := slices.BinarySearchFunc(t.timers, timer, clockTimer.compare); found {
		if at == 0 { // as nearly always: the others stay where they are
			t.timers = t.timers[1:]
		} else {
			t.timers = slices.Delete(t.timers, at, at+1)
		}
	}
	if c.timer = due.Clock; c.timer == trigger.Never {
		return
	}
	timer.due = c.timer
	at, _ := slices.BinarySearchFunc(t.timers, timer, clockTimer.compare)
	t.timers = slices.Insert(t.timers, at, timer)
}

// tick moves the clock, and shows what is due to that.
func (t *triggered) tick(appended int64) {
	if appended <= t.clock {
		return
	}
	t.clock = appended
	for len(t.timers) > 0 && t.timers[0].due <= t.clock {
		t.fireOne(t.timers[0].cell)
	}
}

// emit makes a pane of some cells of a window, and if panes are retracting another
// before it that takes back what they showed last.
func (t *triggered) emit(lane uint32, w *paneWindow, timing trigger.Timing, cells []uint32, last bool) {
	if len(cells) == 0 {
		return
	}
	out := keptPane{lane: lane, kind: kinds[timing], watermark: t.lanes[lane].watermark, start: w.start, end: w.end}
	if t.spec.Panes == trigger.Retracting {
		t.takeBack(out, cells)
	}
	for _, n := range cells {
		c := &t.cells[n]
		c.last = c.number.Next(timing, last, c.progress.New, t.clock)
		t.kept.add(&out, c.key, c.last, t.table, c.sum)
		switch t.spec.Panes {
		case trigger.Discarding:
			t.table.Clear(c.sum)
		case trigger.Retracting:
			t.drop(&c.told)
			c.told = t.group()
			t.table.Merge(c.told, t.table, c.sum)
		}
	}
	t.kept.list = append(t.kept.list, out)
}

// kinds is the kind of a pane by its timing.
var kinds = [...]Kind{trigger.Early: Early, trigger.OnTime: OnTime, trigger.Late: Revision}

// takeBack makes a pane of what the last panes of some cells showed.
func (t *triggered) takeBack(out keptPane, cells []uint32) {
	out.kind = Retraction
	for _, n := range cells {
		c := &t.cells[n]
		if c.told == 0 {
			continue
		}
		record := c.last
		record.At = t.clock
		t.kept.add(&out, c.key, record, t.table, c.told)
	}
	if len(out.keys) > 0 {
		t.kept.list = append(t.kept.list, out)
	}
}

// add adds a row to a pane that is being made.
func (k *keptPanes) add(c *keptPane, key uint32, record trigger.Record, table *aggregate.Table, group uint32) {
	c.keys, c.records, c.groups = append(c.keys, key), append(c.records, record), append(c.groups, k.group())
	k.table.Merge(c.groups[len(c.groups)-1], table, group)
}
