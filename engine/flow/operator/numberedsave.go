package operator

import "slices"

// AppendTo appends the operator's state.
//
//	version 1 · closed · partitions
//	each: frontier · rows · behind · dropped · pairs on time, revised, dropped
//	keys with counted rows; each: key (as difference) · counted rows
//	    if they do not fill windows: accumulators of the last ones
//	lanes; each: rows that wait, in the order in which they are counted
//	    each: time (as difference) · partition · offset · key · accumulators
//
// The first time of a lane is a signed number, as all offsets are.
func (s *numbered) AppendTo(b []byte) []byte {
	b = s.inputs.appendTo(append(b, formatVersion))
	some := 0
	for i := range s.keys {
		if s.keys[i].counted > 0 {
			some++
		}
	}
	b = appendUint(b, uint64(some))
	next := 0
	for i := range s.keys {
		k := &s.keys[i]
		if k.counted == 0 {
			continue
		}
		b = appendUint(appendUint(b, uint64(i-next)), uint64(k.counted))
		next = i + 1
		if k.open != 0 {
			b = s.table.AppendTo(k.open, b)
		}
	}
	b = appendUint(b, uint64(len(s.waits)))
	for lane := range s.waits {
		w := &s.waits[lane]
		rows := slices.Clone(w.rows)
		slices.SortFunc(rows, func(a, b waitingRow) int { return w.compare(&a, &b) })
		b = appendUint(b, uint64(len(rows)))
		var last instants
		for _, r := range rows {
			b = appendUint(last.appendTo(b, r.time), uint64(r.partition))
			b = appendUint(appendInt(b, r.offset), uint64(r.key))
			b = s.table.AppendTo(r.slot, b)
		}
	}
	return b
}

// Load makes a new operator the one that was saved, whose keys are numbered below
// keyCount, and returns what follows. An error leaves it unusable.
func (s *numbered) Load(b []byte, keyCount int) (rest []byte, err error) {
	s.keys = make([]numberedKey, keyCount)
	d := decoder{b: b}
	d.version("count windows")
	s.inputs.load(&d)
	next := uint64(0)
	for range d.count() {
		key := next + d.uint()
		if d.err != nil || key < next || key >= uint64(keyCount) {
			d.fail("key %d of %d", key, keyCount)
			return nil, d.err
		}
		next = key + 1
		s.loadKey(&d, &s.keys[key])
	}
	if n := d.count(); n != len(s.lanes) {
		d.fail("%d lanes, want %d", n, len(s.lanes))
	}
	for i := range s.lanes {
		l := &s.lanes[i]
		l.watermark = s.least.Least()
		if len(s.lanes) > 1 {
			l.watermark = s.least.Input(i)
		}
		if s.loadRows(&d, i); d.err != nil {
			return nil, d.err
		}
		s.wake(int32(i))
	}
	return d.b, d.err
}

func (s *numbered) loadKey(d *decoder, k *numberedKey) {
	n := d.uint()
	if k.counted = int64(n); k.counted <= 0 {
		d.fail("%d rows of a key", n)
	}
	if k.counted%s.size != 0 {
		s.open++
		k.open = s.loadSlot(d)
	}
}

// loadRows reads the rows of a lane; their order makes a heap of them.
func (s *numbered) loadRows(d *decoder, lane int) {
	w := &s.waits[lane]
	var last instants
	for range d.count() {
		r := waitingRow{time: last.load(d), partition: int32(d.below(uint64(len(s.frontiers)), "partition"))}
		r.offset, r.key = d.int(), d.below(uint64(len(s.keys)), "key")
		if n := len(w.rows); n > 0 && w.compare(&w.rows[n-1], &r) >= 0 {
			d.fail("rows at %d out of order", r.time)
		}
		if int(s.lane(int(r.partition))) != lane {
			d.fail("a row of partition %d in lane %d", r.partition, lane)
		}
		if r.slot = s.loadSlot(d); d.err != nil {
			return
		}
		w.rows = append(w.rows, r)
	}
}

// loadSlot reads accumulators.
func (s *numbered) loadSlot(d *decoder) uint32 {
	slot := s.slot()
	s.table.Grow(int(slot) + 1)
	if d.err != nil {
		return slot
	}
	rest, err := s.table.Load(slot, d.b)
	if err != nil {
		d.fail("accumulators: %v", err)
		return slot
	}
	d.b = rest
	return slot
}
