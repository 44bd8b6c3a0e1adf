package operator

import (
	"cmp"
	"slices"

	"parallax/engine/flow/watermark"
)

// appendTo appends the link's state.
//
//	version 1 · keyer · windows of results on time · counts
//	if there are revisions: results kept · ledger
func (l *link) appendTo(b []byte) []byte {
	b = l.keyer.AppendTo(append(b, formatVersion))
	b = l.onTime.AppendTo(b)
	for _, n := range l.counts.fields() {
		b = appendUint(b, uint64(*n))
	}
	if l.kept == nil {
		return b
	}
	return l.ledger.AppendTo(l.kept.appendTo(b))
}

func (c *stageCounts) fields() [5]*int64 {
	return [...]*int64{&c.RowsOnTime, &c.PairsOnTime, &c.Rows, &c.Pairs, &c.Overflows}
}

// load makes a new link the one that was saved and returns what follows; the keys of
// the stage before are numbered below keys.
func (l *link) load(b []byte, keys int) (rest []byte, err error) {
	d := decoder{b: b}
	d.version("link")
	if d.err != nil {
		return nil, d.err
	}
	if b, err = l.keyer.Load(d.b); err != nil {
		return nil, err
	}
	if b, err = l.onTime.Load(b, l.keyer.Len()); err != nil {
		return nil, err
	}
	l.watermark = l.onTime.Watermark(0)
	l.closed = l.watermark == watermark.End
	d.b = b
	for _, n := range l.counts.fields() {
		*n = int64(d.uint())
	}
	if l.kept == nil || d.err != nil {
		return d.b, d.err
	}
	l.kept.load(&d, keys, l.keyer.Len(), l.pairs)
	if d.err != nil {
		return nil, d.err
	}
	return l.ledger.Load(d.b, l.keyer.Len())
}

// appendTo appends the results in the order of their cells.
//
//	results; each: end · length · key · key of the link · on time + 2·fresh · accumulators
func (k *keptResults) appendTo(b []byte) []byte {
	list := k.listed()
	b = appendUint(b, uint64(len(list)))
	for _, n := range list {
		r := &k.rows[n]
		flags := uint64(0)
		if r.onTime {
			flags = 1
		}
		if r.fresh {
			flags += 2
		}
		b = appendUint(appendInt(b, r.end), uint64(r.end)-uint64(r.start))
		b = appendUint(appendUint(appendUint(b, uint64(r.key)), uint64(r.by)), flags)
		b = k.table.AppendTo(n, b)
	}
	return b
}

func (k *keptResults) load(d *decoder, keys, by int, pairs func(int64) int32) {
	var last cell
	for i := range d.count() {
		r := keptResult{}
		r.end = d.int()
		r.start = int64(uint64(r.end) - d.uint())
		r.key = d.below(uint64(keys), "key")
		r.by = d.below(uint64(by), "key")
		flags := d.below(4, "flags")
		r.onTime, r.fresh = flags&1 != 0, flags&2 != 0
		switch {
		case d.err != nil:
			return
		case r.start >= r.end || i > 0 && last.compare(r.cell) >= 0:
			d.fail("a result of [%d, %d) is out of order", r.start, r.end)
			return
		case pairs(r.time()) == 0:
			d.fail("a result of [%d, %d) is in no window", r.start, r.end)
			return
		}
		last = r.cell
		n := k.add(r)
		rest, err := k.table.Load(n, d.b)
		if err != nil || k.table.Finish(n, k.count).Int != 1 {
			d.fail("result of [%d, %d) is not one row, or %v", r.start, r.end, err)
			return
		}
		d.b = rest
	}
}

// AppendTo appends the book's state. What it knows of results that are kept follows
// from them.
//
//	slices with results that are not kept; each: start · keys · their accumulators
//	windows that changed; each: end · keys, ascending; each: key · shown
func (b *book) AppendTo(out []byte) []byte {
	b.settle()
	if b.sums {
		out = b.appendPages(out)
	} else {
		out = appendUint(out, 0)
	}
	list := slices.DeleteFunc(slices.Clone(b.dirty), func(d changed) bool { return len(d.keys) == 0 })
	out = appendUint(out, uint64(len(list)))
	for _, d := range list {
		slices.Sort(d.keys)
		out = appendKeys(appendInt(out, d.end), d.keys)
		for _, key := range d.keys {
			out = appendFlag(out, d.shown[key])
		}
	}
	return out
}

// appendPages appends the slices without the results that are kept.
func (b *book) appendPages(out []byte) []byte {
	kept := b.kept.listed()
	for _, row := range kept {
		b.take(b.page(b.kept.rows[row].time()), row)
	}
	n := 0
	var pages []byte
	for _, p := range b.slices {
		keys, groups := b.standing(p)
		if len(keys) == 0 {
			continue
		}
		n++
		pages = appendKeys(appendInt(pages, p.start), keys)
		for _, group := range groups {
			pages = p.sum.table.AppendTo(group, pages)
		}
	}
	for _, row := range kept {
		b.put(b.page(b.kept.rows[row].time()), row)
	}
	return append(appendUint(out, uint64(n)), pages...)
}

// standing is the keys of a page that have results, ascending, and their groups.
func (b *book) standing(p *page) (keys, groups []uint32) {
	all, of := b.pool.sorted(p.sum, nil, nil)
	for i, key := range all {
		if p.sum.has(of[i]) {
			keys, groups = append(keys, key), append(groups, of[i])
		}
	}
	return keys, groups
}

func appendFlag(b []byte, set bool) []byte {
	if set {
		return append(b, 1)
	}
	return append(b, 0)
}

// Load makes a new book the one that was saved, over results that are kept.
func (b *book) Load(data []byte, keyCount int) (rest []byte, err error) {
	d := decoder{b: data}
	for i := range d.count() {
		start := d.int()
		if d.err != nil || !b.sums || i > 0 && b.slices[len(b.slices)-1].start >= start {
			d.fail("no slice begins at %d, or not here", start)
			return nil, d.err
		}
		p := b.page(start)
		keys := d.keys(keyCount)
		if d.err != nil || p.start != start || p.n == 0 || len(keys) == 0 {
			d.fail("slice %d", start)
			return nil, d.err
		}
		for _, key := range keys {
			group := p.sum.insert(key)
			if d.b, err = p.sum.table.Load(group, d.b); err != nil || !p.sum.has(group) {
				d.fail("key %d of slice %d has no results, or %v", key, start, err)
				return nil, d.err
			}
		}
	}
	for _, row := range b.kept.listed() {
		b.put(b.page(b.kept.rows[row].time()), row)
	}
	for range d.count() {
		b.loadChanged(&d, keyCount)
	}
	return d.b, d.err
}

func (b *book) loadChanged(d *decoder, keyCount int) {
	c := changed{end: d.int(), keys: d.keys(keyCount), shown: map[uint32]bool{}}
	if n := len(b.dirty); d.err == nil && (len(c.keys) == 0 || n > 0 && b.dirty[n-1].end >= c.end) {
		d.fail("changed window to %d", c.end)
	}
	if d.err == nil && !b.window(c.end) {
		d.fail("no window ends at %d", c.end)
	}
	for _, key := range c.keys {
		c.shown[key] = d.below(2, "shown") == 1
	}
	if d.err == nil {
		b.dirty = append(b.dirty, c)
	}
}

// window tells whether a window ends at end.
func (b *book) window(end int64) bool {
	s := newSlice(b.spec, end-1)
	_, ok := s.index(end, b.spec.Every)
	return ok
}

// AppendTo appends what the spans know beside the results that are kept.
//
//	keys of which there is something; each: key · changed
//	  sessions shown; each: start · length · changed
//	  times of results that left before their session fired, ascending
func (s *spans) AppendTo(b []byte) []byte {
	var list []uint32
	for i := range s.keys {
		if k := &s.keys[i]; k.dirty || len(k.shown) > 0 || len(k.gone) > 0 {
			list = append(list, uint32(i))
		}
	}
	b = appendKeys(b, list)
	for _, key := range list {
		k := &s.keys[key]
		b = appendUint(appendFlag(b, k.dirty), uint64(len(k.shown)))
		for _, v := range k.shown {
			b = appendFlag(appendUint(appendInt(b, v.start), uint64(v.end)-uint64(v.start)), v.changed)
		}
		slices.Sort(k.gone)
		b = appendUint(b, uint64(len(k.gone)))
		for _, t := range k.gone {
			b = appendInt(b, t)
		}
	}
	return b
}

// Load makes new spans those that were saved, over results that are kept.
func (s *spans) Load(b []byte, keyCount int) (rest []byte, err error) {
	d := decoder{b: b}
	for _, row := range s.kept.listed() {
		r, e := &s.kept.rows[row], s.own(row)
		k := s.key(r.by)
		k.rows = append(k.rows, row) // they come in the order of their times
		s.watch(r.by, e.end)
		if !r.onTime {
			k.late++
		}
		if due, ever := s.onTime.closes(e.end); r.fresh && !r.onTime && ever {
			s.wakes.push(due, r.by)
		}
	}
	for _, key := range d.keys(keyCount) {
		s.loadKey(&d, key)
	}
	slices.Sort(s.dirty)
	return d.b, d.err
}

func (s *spans) loadKey(d *decoder, key uint32) {
	k := s.key(key)
	if d.below(2, "changed") == 1 {
		s.change(key)
	}
	for i := range d.count() {
		v := shownSpan{}
		v.start = d.int()
		v.end = int64(uint64(v.start) + d.uint())
		v.changed = d.below(2, "changed") == 1
		if d.err == nil && (v.end <= v.start || i > 0 && cmp.Compare(v.start, k.shown[i-1].end) < 0) {
			d.fail("session [%d, %d) is out of order", v.start, v.end)
		}
		if d.err != nil {
			return
		}
		k.shown = append(k.shown, v)
	}
	for range d.count() {
		t := d.int()
		if n := len(k.gone); d.err == nil && n > 0 && k.gone[n-1] > t {
			d.fail("time %d is out of order", t)
		}
		if d.err != nil {
			return
		}
		k.gone = append(k.gone, t)
	}
	if !k.dirty && len(k.shown) == 0 && len(k.gone) == 0 {
		d.fail("nothing of key %d", key)
	}
}
