package operator

import (
	"math"
	"slices"

	"parallax/engine/flow/trigger"
)

// AppendTo appends the operator's state.
//
//	version 1 · closed · partitions
//	each: frontier · rows · behind · dropped · pairs on time, revised, dropped
//	clock · lanes
//	each: windows; each, ascending: start · end (the watermark tells which are over)
//	  keys; each, ascending: difference
//	    rows on time · accumulators
//	    waiting rows · their accumulators, if there are any
//	    new rows · all rows of the phase · stage · done
//	      next due and last due: by the watermark · by the clock
//	    panes · of which not early · if there was one
//	      the last one's record · retracting: its accumulators
//	panes kept; each: kind · lane · watermark · start · end · rows
//	  each: key · record · accumulators
//
// A record is timing and flags (1 first, 2 last, 4 × timing) · index · on-time index
// · new rows · clock.
func (t *triggered) AppendTo(b []byte) []byte {
	b = t.inputs.appendTo(append(b, formatVersion))
	b = appendUint(appendInt(b, t.clock), uint64(len(t.lanes)))
	for i := range t.lanes {
		b = appendUint(b, uint64(len(t.lanes[i].windows)))
		for _, w := range t.lanes[i].windows {
			b = appendInt(appendInt(b, w.start), w.end)
			b = appendUint(b, uint64(len(w.cells)))
			next := uint32(0)
			for _, n := range t.list(w, func(*paneCell) bool { return true }) {
				c := &t.cells[n]
				b = t.appendCell(appendUint(b, uint64(c.key-next)), c)
				next = c.key + 1
			}
		}
	}
	b = appendUint(b, uint64(len(t.kept.list)-t.kept.first))
	for i := t.kept.first; i < len(t.kept.list); i++ {
		p := &t.kept.list[i]
		b = appendUint(append(b, byte(p.kind)), uint64(p.lane))
		b = appendInt(appendInt(appendInt(b, p.watermark), p.start), p.end)
		b = appendUint(b, uint64(len(p.keys)))
		for j, key := range p.keys {
			b = appendRecord(appendUint(b, uint64(key)), &p.records[j])
			b = t.kept.table.AppendTo(p.groups[j], b)
		}
	}
	return b
}

func (t *triggered) appendCell(b []byte, c *paneCell) []byte {
	b = t.table.AppendTo(c.sum, appendUint(b, uint64(c.onTime)))
	if b = appendUint(b, uint64(c.waits)); c.waits > 0 {
		b = t.table.AppendTo(c.waiting, b)
	}
	p := &c.progress
	b = appendUint(appendUint(appendUint(b, uint64(p.New)), uint64(p.All)), uint64(p.Stage))
	b = append(b, 0)
	if p.Done {
		b[len(b)-1] = 1
	}
	for _, d := range [...]trigger.Dues{p.Next, p.Last} {
		b = appendInt(appendInt(b, d.Event), d.Clock)
	}
	b = appendUint(appendUint(b, uint64(c.number.Panes)), uint64(c.number.Known))
	if c.number.Panes == 0 {
		return b
	}
	b = appendRecord(b, &c.last)
	if t.spec.Panes == trigger.Retracting {
		b = t.table.AppendTo(c.told, b)
	}
	return b
}

func appendRecord(b []byte, r *trigger.Record) []byte {
	flags := byte(4 * r.Timing)
	if r.First {
		flags |= 1
	}
	if r.Last {
		flags |= 2
	}
	b = appendInt(appendUint(append(b, flags), uint64(r.Index)), r.OnTimeIndex)
	return appendInt(appendUint(b, uint64(r.Rows)), r.At)
}

// Load makes a new operator the one that was saved, whose keys are numbered below
// keyCount, and returns what follows. An error leaves it unusable.
func (t *triggered) Load(b []byte, keyCount int) (rest []byte, err error) {
	t.keys = keyCount
	d := decoder{b: b}
	d.version("panes")
	t.inputs.load(&d)
	t.clock = d.int()
	if n := d.count(); n != len(t.lanes) {
		d.fail("%d lanes, want %d", n, len(t.lanes))
	}
	for i := range t.lanes {
		l := &t.lanes[i]
		l.watermark = t.least.Least()
		if len(t.lanes) > 1 {
			l.watermark = t.least.Input(i)
		}
		last := int64(math.MinInt64)
		for range d.count() {
			if last = t.loadWindow(&d, uint32(i), last); d.err != nil {
				return nil, d.err
			}
		}
	}
	for range d.count() {
		if t.loadKept(&d); d.err != nil {
			return nil, d.err
		}
	}
	return d.b, d.err
}

// loadWindow reads a window that ends behind last, and returns its end.
func (t *triggered) loadWindow(d *decoder, lane uint32, last int64) int64 {
	start, end := d.int(), d.int()
	t.loadEdges(d, start, end)
	if end <= last && d.err == nil {
		d.fail("the window to %d is behind the one to %d", end, last)
	}
	keys := d.count()
	if d.err != nil {
		return last
	}
	l := &t.lanes[lane]
	w := l.at(start, end)
	if due, ever := t.due(w); ever && w.over && due <= l.watermark || keys == 0 {
		d.fail("the window to %d is over, or has no keys", end)
	}
	next := uint64(0)
	for range keys {
		key := next + d.uint()
		if d.err != nil || key < next || key >= uint64(t.keys) {
			d.fail("key %d of %d", key, t.keys)
			return end
		}
		next = key + 1
		n := t.cell(lane, start, end, uint32(key))
		if t.loadCell(d, n); d.err != nil {
			return end
		}
		t.watch(n)
	}
	return end
}

// loadEdges wants the edges of a window that there is.
func (t *triggered) loadEdges(d *decoder, start, end int64) {
	t.starts = t.window.Assign(start, t.starts[:0])
	if d.err == nil && (!slices.Contains(t.starts, start) || t.window.End(start) != end) {
		d.fail("no window is [%d, %d)", start, end)
	}
}

func (t *triggered) loadCell(d *decoder, n uint32) {
	c := &t.cells[n]
	c.onTime = t.loadCount(d)
	t.loadGroup(d, &c.sum)
	if c.waits = t.loadCount(d); c.waits > 0 {
		c.waiting = t.group()
		t.loadGroup(d, &c.waiting)
	}
	p := &c.progress
	p.New, p.All, p.Stage = t.loadCount(d), t.loadCount(d), int(d.below(math.MaxUint16, "stage"))
	p.Done = d.below(2, "done") == 1
	for _, due := range [...]*trigger.Dues{&p.Next, &p.Last} {
		due.Event, due.Clock = d.int(), d.int()
	}
	c.number = trigger.Numbering{Panes: t.loadCount(d), Known: t.loadCount(d)}
	if d.err == nil && (p.New > p.All || c.number.Known > c.number.Panes || c.waits > 0 && c.window.over || !t.valid(c)) {
		d.fail("key %d in the window to %d: %+v, %+v", c.key, c.window.end, *p, c.number)
	}
	if d.err != nil || c.number.Panes == 0 {
		return
	}
	c.last = loadRecord(d)
	if d.err == nil && (c.last.Index != c.number.Panes-1 || c.last.At > t.clock) {
		d.fail("key %d: pane %d of %d", c.key, c.last.Index, c.number.Panes)
	}
	if t.spec.Panes == trigger.Retracting {
		c.told = t.group()
		t.loadGroup(d, &c.told)
	}
}

// valid tells whether a cell can be waiting for what it says: nothing that is due
// has been passed over.
func (t *triggered) valid(c *paneCell) bool {
	f := t.firings(c.window)
	if c.progress.Stage > 0 && c.progress.Stage >= len(f.AfterEach) {
		return false
	}
	due := f.Due(&c.progress)
	waits := func(due, now int64) bool { return due > now || due == trigger.Never } // at the end, now is as great
	return waits(due.Event, t.lanes[c.lane].watermark) && waits(due.Clock, t.clock)
}

// loadCount reads a number of rows or panes.
func (t *triggered) loadCount(d *decoder) int64 {
	n := d.uint()
	if n > math.MaxInt64 {
		d.fail("%d rows", n)
		return 0
	}
	return int64(n)
}

// loadGroup reads accumulators into a group.
func (t *triggered) loadGroup(d *decoder, group *uint32) {
	if d.err != nil {
		return
	}
	rest, err := t.table.Load(*group, d.b)
	if err != nil {
		d.fail("%v", err)
		return
	}
	d.b = rest
}

func loadRecord(d *decoder) trigger.Record {
	flags := d.below(4*uint64(trigger.Late)+4, "record")
	r := trigger.Record{Timing: trigger.Timing(flags / 4), First: flags&1 != 0, Last: flags&2 != 0}
	r.Index, r.OnTimeIndex, r.Rows, r.At = int64(d.uint()), d.int(), int64(d.uint()), d.int()
	if d.err == nil && (r.Index < 0 || r.OnTimeIndex < -1 || r.OnTimeIndex > r.Index || r.Rows < 0 || r.First != (r.Index == 0)) {
		d.fail("record %+v", r)
	}
	return r
}

// loadKept reads a pane that waits.
func (t *triggered) loadKept(d *decoder) {
	p := keptPane{kind: Kind(d.below(uint64(Early)+1, "kind")), lane: d.below(uint64(len(t.lanes)), "lane")}
	p.watermark, p.start, p.end = d.int(), d.int(), d.int()
	t.loadEdges(d, p.start, p.end)
	n := d.count()
	if d.err == nil && n == 0 {
		d.fail("a pane without rows")
	}
	for range n {
		p.keys = append(p.keys, d.below(uint64(t.keys), "key"))
		p.records = append(p.records, loadRecord(d))
		if d.err != nil {
			return
		}
		group := t.kept.group()
		rest, err := t.kept.table.Load(group, d.b)
		if err != nil {
			d.fail("%v", err)
			return
		}
		d.b, p.groups = rest, append(p.groups, group)
	}
	if d.err == nil {
		t.kept.list = append(t.kept.list, p)
	}
}
