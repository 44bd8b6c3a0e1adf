package operator

import (
	"fmt"
	"slices"

	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
)

// AppendTo appends the path's state: frontiers, keys, windows. Equal states give
// equal bytes. What the last calls returned for reading (panes, drops, rejects)
// is not part of it, and panes become invalid.
//
//	version 1 · entry · keyer · windows · links, from the first
func (p *Path) AppendTo(b []byte) []byte {
	b = p.entry.AppendTo(append(b, formatVersion))
	b = p.first.keyer.AppendTo(b)
	b = p.last.AppendTo(b)
	for _, l := range p.links {
		b = l.appendTo(b)
	}
	return b
}

// Load makes a new path the one that was saved, under the same plan and number
// of partitions, and returns what follows. An error leaves the path unusable.
func (p *Path) Load(b []byte) (rest []byte, err error) {
	d := decoder{b: b}
	d.version("path")
	if d.err != nil {
		return nil, d.err
	}
	if b, err = p.entry.Load(d.b); err != nil {
		return nil, err
	}
	if b, err = p.first.keyer.Load(b); err != nil {
		return nil, err
	}
	keys := p.first.keyer.Len()
	if b, err = p.last.Load(b, keys); err != nil {
		return nil, err
	}
	for _, l := range p.links {
		if b, err = l.load(b, keys); err != nil {
			return nil, err
		}
		keys = l.keyer.Len()
	}
	return b, nil
}

// AppendTo appends the entry's state.
//
//	version 1 · partitions · frontier and rejected count of each
//	strategies that keep more · idleness, if there is such
func (e *Entry) AppendTo(b []byte) []byte {
	b = appendUint(append(b, formatVersion), uint64(len(e.frontiers)))
	for p, f := range e.frontiers {
		b = appendUint(appendInt(b, f), uint64(e.rejected[p]))
	}
	for _, p := range e.progress {
		b = p.AppendTo(b)
	}
	if e.idling != nil {
		b = e.idling.appendTo(b)
	}
	return b
}

// Load makes a new entry the one that was saved and returns what follows.
func (e *Entry) Load(b []byte) (rest []byte, err error) {
	d := decoder{b: b}
	d.version("entry")
	if n := d.count(); n != len(e.frontiers) {
		d.fail("%d partitions, want %d", n, len(e.frontiers))
	}
	for p := range e.frontiers {
		e.frontiers[p], e.rejected[p] = d.int(), int64(d.uint())
	}
	if d.err != nil {
		return nil, d.err
	}
	b = d.b
	for p, progress := range e.progress {
		if b, err = progress.Load(b); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrState, err)
		}
		if progress.Frontier() != e.frontiers[p] {
			return nil, fmt.Errorf("%w: partition %d has two frontiers", ErrState, p)
		}
		if e.amnesia {
			*progress = *e.spec.Progress()
			progress.Raise(e.frontiers[p])
		}
	}
	if e.idling != nil {
		return e.idling.load(b)
	}
	return b, nil
}

// AppendTo appends the operator's state.
//
//	version 1 · closed · partitions
//	each: frontier · rows · behind · dropped · pairs on time, revised, dropped
//	lanes; each: how far it fired (the watermark follows from the frontiers)
//	  slices; each: start
//	    classes; each: on time from · kept from · keys · their accumulators
//	  revised windows; each: end · keys
func (w *Windowed) AppendTo(b []byte) []byte {
	w.settle()
	b = w.inputs.appendTo(append(b, formatVersion))
	b = appendUint(b, uint64(len(w.lanes)))
	for i := range w.lanes {
		l := &w.lanes[i]
		w.free(l)
		b = appendUint(appendInt(b, l.fired), uint64(len(l.slices)))
		for _, s := range l.slices {
			b = appendUint(appendInt(b, s.start), uint64(len(s.classes)))
			for _, c := range s.classes {
				b = w.appendClass(b, c)
			}
		}
		b = appendUint(b, uint64(len(l.revised)))
		for _, r := range l.revised {
			slices.Sort(r.keys)
			b = appendKeys(appendInt(b, r.end), slices.Compact(slices.Clone(r.keys)))
		}
	}
	return b
}

func (w *Windowed) appendClass(b []byte, c *class) []byte {
	b = appendUint(appendUint(b, uint64(c.onTime)), uint64(c.kept))
	keys, groups := w.pool.sorted(c.slab, nil, nil)
	b = appendKeys(b, keys)
	for _, group := range groups {
		b = c.table.AppendTo(group, b)
	}
	return b
}

// fields lists the counts in the order of their encoding.
func (c *Counts) fields() [6]*int64 {
	return [...]*int64{&c.Rows, &c.RowsBehind, &c.RowsDropped, &c.PairsOnTime, &c.PairsRevised, &c.PairsDropped}
}

// Load makes a new operator the one that was saved, whose keys are numbered below
// keyCount, and returns what follows. An error leaves it unusable.
func (w *Windowed) Load(b []byte, keyCount int) (rest []byte, err error) {
	w.keys = keyCount
	d := decoder{b: b}
	d.version("windows")
	w.inputs.load(&d)
	if n := d.count(); n != len(w.lanes) {
		d.fail("%d lanes, want %d", n, len(w.lanes))
	}
	for i := range w.lanes {
		l := &w.lanes[i]
		l.watermark = w.least.Least()
		if len(w.lanes) > 1 {
			l.watermark = w.least.Input(i)
		}
		w.loadLane(&d, l)
		if d.err != nil {
			return nil, d.err
		}
		if len(l.revised) > 0 || l.fired < l.watermark {
			w.enqueue(l, int32(i))
		}
	}
	return d.b, d.err
}

func (w *Windowed) loadLane(d *decoder, l *lane) {
	if l.fired = d.int(); l.fired > l.watermark {
		d.fail("fired to %d at watermark %d", l.fired, l.watermark)
	}
	if w.defect == defectRefire {
		l.fired = watermark.None
	}
	for i := range d.count() {
		start := d.int()
		s := newSlice(w.window, start)
		if s.start != start || i > 0 && start <= l.slices[i-1].start {
			d.fail("no slice begins at %d, or not here", start)
			return
		}
		w.loadSlice(d, s)
		if d.err != nil {
			return
		}
		l.slices = append(l.slices, s)
		for _, c := range s.classes {
			if l.sums.on {
				l.expect(s, c)
			}
		}
	}
	last := column.NoFrontier
	for range d.count() {
		r := dirty{end: d.int(), keys: d.keys(w.keys)}
		if d.err == nil && (r.end <= last || r.end > l.fired || len(r.keys) == 0) {
			d.fail("window revised to %d", r.end)
		}
		if last = r.end; d.err == nil && !w.known(l, r) {
			d.fail("a revised key has no rows in window %d", r.end)
		}
		if d.err != nil {
			return
		}
		l.revised = append(l.revised, r)
	}
	n := len(l.slices)
	if w.free(l); n != len(l.slices) {
		d.fail("a slice is over")
	}
}

// known tells whether all keys of a revised window have rows in it.
func (w *Windowed) known(l *lane, r dirty) bool {
	return !slices.ContainsFunc(r.keys, func(key uint32) bool {
		return !slices.ContainsFunc(l.slices, func(s *slice) bool {
			i, ok := s.index(r.end, w.window.Every)
			return ok && slices.ContainsFunc(s.classes, func(c *class) bool {
				group, found := c.slab.find(key)
				return c.kept <= i && found && c.has(group)
			})
		})
	})
}

func (w *Windowed) loadSlice(d *decoder, s *slice) {
	n := d.count()
	if n == 0 || s.n == 0 {
		d.fail("slice %d without rows or windows", s.start)
		return
	}
	order := int64(-1)
	for range n {
		c := &class{onTime: int32(d.below(uint64(s.n)+1, "class"))}
		c.kept = int32(d.below(min(uint64(c.onTime)+1, uint64(s.n)), "class"))
		keys := d.keys(w.keys)
		if d.err == nil && (c.order() <= order || len(keys) == 0) {
			d.fail("class %d, %d", c.onTime, c.kept)
		}
		if order = c.order(); d.err != nil {
			return
		}
		c.slab = w.pool.take(w.keys <= w.pool.few)
		for i, group := range w.pool.groupsOf(c.slab, keys, w.keys) {
			rest, err := c.table.Load(group, d.b)
			if err != nil {
				d.fail("key %d: %v", keys[i], err)
				return
			}
			if d.b = rest; !c.has(group) {
				d.fail("key %d has no rows", keys[i])
				return
			}
		}
		if order == 0 {
			s.prime = c
		}
		s.classes = append(s.classes, c)
	}
}
