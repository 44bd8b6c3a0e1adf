package operator

import "parallax/engine/flow/watermark"

// AppendTo appends the operator's state.
//
//	version 1 · closed · partitions
//	each: frontier · rows · behind · dropped · pairs on time, revised, dropped
//	lanes; each: end up to which windows have fired · keys with rows
//	  each: key (as difference)
//	    times of rows on time; each: time (as difference) · accumulators
//	    times of late rows; each: time (as difference) · watermark · accumulators
//	    windows to be revised; each: start (as difference)
//
// The first time or start of a list is a signed number.
func (s *slides) AppendTo(b []byte) []byte {
	b = s.inputs.appendTo(append(b, formatVersion))
	s.ready()
	b = appendUint(b, uint64(len(s.lanes)))
	for lane, list := range s.byLane() {
		b = appendUint(appendInt(b, s.marks[lane].fired), uint64(len(list)))
		next := uint32(0)
		for _, n := range list {
			t := &s.tracks[n]
			b = appendUint(b, uint64(t.key-next))
			next = t.key + 1
			b = s.appendTrack(b, t)
		}
	}
	return b
}

// byLane lists the tracks of each lane by key.
func (s *slides) byLane() [][]uint32 {
	lists := make([][]uint32, len(s.lanes))
	for _, first := range s.keys {
		for n := first; n != 0; n = s.tracks[n].next {
			lists[s.tracks[n].lane] = append(lists[s.tracks[n].lane], n)
		}
	}
	return lists
}

func (s *slides) appendTrack(b []byte, t *track) []byte {
	count := 0
	for l := t.first; l != 0; l = s.leaves[l].next {
		count++
	}
	b = appendUint(b, uint64(count))
	var last instants
	for l := t.first; l != 0; l = s.leaves[l].next {
		b = s.table.AppendTo(rowsOf(l), last.appendTo(b, s.leaves[l].at))
	}
	b, last = appendUint(b, uint64(len(t.late))), instants{}
	for _, v := range t.late {
		b = s.table.AppendTo(rowsOf(v.leaf), appendInt(last.appendTo(b, v.at), v.mark))
	}
	b, last = appendUint(b, uint64(len(t.dirty))), instants{}
	for _, start := range t.dirty {
		b = last.appendTo(b, start)
	}
	return b
}

// instants is a list of ascending times on its way to bytes or back.
type instants struct {
	some bool
	last int64
}

func (i *instants) appendTo(b []byte, at int64) []byte {
	if !i.some {
		b = appendInt(b, at)
	} else {
		b = appendUint(b, uint64(at)-uint64(i.last))
	}
	i.some, i.last = true, at
	return b
}

// load reads the next time, which is not less than the one before.
func (i *instants) load(d *decoder) int64 {
	if !i.some {
		i.some, i.last = true, d.int()
		return i.last
	}
	before := i.last
	if i.last = int64(uint64(before) + d.uint()); i.last < before {
		d.fail("%d comes after %d", i.last, before)
	}
	return i.last
}

// Load makes a new operator the one that was saved, whose keys are numbered below
// keyCount, and returns what follows. An error leaves it unusable.
func (s *slides) Load(b []byte, keyCount int) (rest []byte, err error) {
	s.keys, s.keyCount = make([]uint32, keyCount), keyCount
	d := decoder{b: b}
	d.version("sliding windows")
	s.inputs.load(&d)
	if n := d.count(); n != len(s.lanes) {
		d.fail("%d lanes, want %d", n, len(s.lanes))
	}
	for i := range s.lanes {
		l, m := &s.lanes[i], &s.marks[i]
		l.watermark = s.least.Least()
		if len(s.lanes) > 1 {
			l.watermark = s.least.Input(i)
		}
		if m.fired = d.int(); m.fired > l.watermark {
			d.fail("windows that end by %d have fired at watermark %d", m.fired, l.watermark)
		}
		next := uint64(0)
		for range d.count() {
			key := next + d.uint()
			if d.err != nil || key < next || key >= uint64(keyCount) {
				d.fail("key %d of %d", key, keyCount)
				return nil, d.err
			}
			next = key + 1
			if s.loadTrack(&d, s.track(uint32(key), int32(i))); d.err != nil {
				return nil, d.err
			}
		}
	}
	return d.b, d.err
}

func (s *slides) loadTrack(d *decoder, n uint32) {
	t := &s.tracks[n]
	var last instants
	for range d.count() {
		before := last
		at := s.loadTime(d, &last)
		if before.some && at == before.last {
			d.fail("rows at %d twice", at)
		}
		l := s.leaf(at)
		if s.leaves[l].prev = t.last; t.last != 0 {
			s.leaves[t.last].next = l
		} else {
			t.first = l
		}
		t.last = l
		s.loadRows(d, l)
	}
	last = instants{}
	for range d.count() {
		v := lateLeaf{at: s.loadTime(d, &last), mark: d.int()}
		if k := len(t.late); k > 0 && t.late[k-1].compare(v) >= 0 {
			d.fail("late rows at %d out of order", v.at)
		}
		if own, after := s.made(&v); own == watermark.OnTime || after == watermark.Dropped {
			d.fail("late rows at %d by watermark %d", v.at, v.mark)
		}
		v.leaf = s.leaf(v.at)
		t.late = append(t.late, v)
		s.loadRows(d, v.leaf)
	}
	last = instants{}
	for range d.count() {
		start := last.load(d)
		if k := len(t.dirty); k > 0 && t.dirty[k-1] == start || s.spec.End(start) > s.marks[t.lane].fired {
			d.fail("a revision of the window at %d", start)
		}
		t.dirty = append(t.dirty, start)
	}
	if d.err == nil && t.first == 0 && len(t.late) == 0 {
		d.fail("key %d without rows", t.key)
	}
	if d.err == nil {
		s.resume(n)
	}
}

// loadTime reads a time of rows, which is on the grid.
func (s *slides) loadTime(d *decoder, last *instants) int64 {
	at := last.load(d)
	if u, ok := s.spec.Grid(at); d.err == nil && (!ok || u != at) {
		d.fail("rows at %d", at)
	}
	return at
}

func (s *slides) loadRows(d *decoder, l uint32) {
	s.ready()
	if d.err != nil {
		return
	}
	rest, err := s.table.Load(rowsOf(l), d.b)
	if err != nil {
		d.fail("rows at %d: %v", s.leaves[l].at, err)
		return
	}
	d.b = rest
}

// resume brings a track that was loaded to the window that fired last: a leaf has
// entered if the window that ends at it has fired, and left if the one just after it
// has.
func (s *slides) resume(n uint32) {
	t, m := &s.tracks[n], &s.marks[s.tracks[n].lane]
	for l := t.first; l != 0; l = s.leaves[l].next {
		own := s.leaves[l].at + s.spec.Every
		if t.head == 0 && own+s.spec.Size > m.fired {
			t.head = l
		}
		if t.enter == 0 && own > m.fired {
			t.enter = l
		}
	}
	s.ready()
	if s.sums.how == byStacks {
		s.turn(n, t)
	} else {
		t.turn = t.enter
		for l := t.head; s.sums.how == byRetracting && l != t.enter; l = s.leaves[l].next {
			s.sums.back.Merge(n, s.table, rowsOf(l))
		}
	}
	if len(t.dirty) > 0 {
		m.revised = append(m.revised, n)
		s.enqueue(t.lane)
	}
	s.watch(n)
}
