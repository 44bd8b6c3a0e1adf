package fold

import (
	"bytes"
	"cmp"
	"slices"
	"sort"

	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
)

// ref names a window of a lane.
type ref struct {
	start, end int64
	lane       int32
}

// output is what rows are made in.
type output struct {
	refs    []ref
	entries []entry
	sorted  []uint64 // ranks of their keys, and places in entries
	at      []int32  // 1 + place in entries of a key, by number; 0: none
	sums    *aggregate.Table
	used    uint32
	keys    []uint32
	groups  []uint32
	counts  column.Column
	bytes   []byte
}

// entry is a row on its way.
type entry struct {
	key   uint32
	lane  int32
	table *aggregate.Table // or nil: nothing counts
	group uint32
	pairs [fates]int64
}

// Rows is a copy of all rows in canonical order, appended to rows.
func (f *Fold) Rows(rows []Row) []Row {
	f.Scan(-1<<63, 1<<63-1, func(r *Row) bool {
		c := *r
		c.Accumulators = bytes.Clone(r.Accumulators)
		rows = append(rows, c)
		return true
	})
	return rows
}

// Scan calls yield with the rows of windows that begin in [from, to], in canonical order,
// until it returns false. A row's accumulators are valid until yield returns.
func (f *Fold) Scan(from, to int64, yield func(*Row) bool) {
	f.sortKeys()
	f.scan(from, to, nil, yield)
}

// ScanKey is Scan for the rows of one key.
func (f *Fold) ScanKey(key []byte, from, to int64, yield func(*Row) bool) {
	f.encode()
	if number, known := f.numbers[string(key)]; known {
		f.scan(from, to, &number, yield)
	}
}

func (f *Fold) scan(from, to int64, only *uint32, yield func(*Row) bool) {
	o := &f.out
	f.listWindows(from, to)
	if o.sums == nil {
		o.sums = aggregate.NewTable(f.fns)
	}
	for at := 0; at < len(o.refs); {
		if c := f.alone(at); c != nil && only == nil {
			if !f.showAlone(c, o.refs[at], yield) {
				return
			}
			at++
			continue
		}
		o.begin(f.Keys())
		start := o.refs[at].start
		for ; at < len(o.refs) && o.refs[at].start == start; at++ {
			f.gather(o.refs[at], only)
		}
		if !f.show(o.refs[at-1], yield) {
			return
		}
	}
}

// alone is the class that all rows of a window are of, on time, held densely: what nearly
// all windows are like. It is nil if there is more to be added.
func (f *Fold) alone(at int) *class {
	refs := f.out.refs
	w := refs[at]
	if at+1 < len(refs) && refs[at+1].start == w.start {
		return nil
	}
	l := &f.lanes[w.lane]
	i := sort.Search(len(l.slices), func(i int) bool { return l.slices[i].start >= w.start })
	if i == len(l.slices) || i+1 < len(l.slices) && l.slices[i+1].start < w.end || l.whole[w.start] != nil {
		return nil
	}
	if s := l.slices[i]; len(s.classes) == 1 && s.classes[0] == s.prime && s.prime.dense {
		return s.prime
	}
	return nil
}

// showAlone yields the rows of a window that are all of one class.
func (f *Fold) showAlone(c *class, w ref, yield func(*Row) bool) bool {
	o := &f.out
	o.keys, o.groups = c.list(o.keys[:0], o.groups[:0])
	o.counts.Reset(column.TypeOf(column.Int64), nil)
	f.rows.table.FinishColumn(o.groups, f.countAt, &o.counts)
	for _, key := range f.order {
		if key >= c.size || o.counts.Ints[key] == 0 {
			continue
		}
		o.bytes = f.rows.table.AppendFirst(len(f.fns), c.base+key, o.bytes[:0])
		row := Row{
			Key: f.keys[key], Start: w.start, End: w.end, Partition: w.lane, OnTime: o.counts.Ints[key], Accumulators: o.bytes,
		}
		if !yield(&row) {
			return false
		}
	}
	return true
}

// listWindows lists the windows that begin in [from, to], those of one start together.
func (f *Fold) listWindows(from, to int64) {
	refs := f.out.refs[:0]
	add := func(start, end int64, lane int) {
		if from <= start && start <= to {
			refs = append(refs, ref{start, end, int32(lane)})
		}
	}
	for i := range f.lanes {
		l := &f.lanes[i]
		l.sort()
		done := int64(-1 << 63)
		// A window that begins at from or later has no slice that begins before.
		slicesFrom := sort.Search(len(l.slices), func(i int) bool { return l.slices[i].start >= from })
		for _, s := range l.slices[slicesFrom:] {
			if s.n > 0 && f.window.Start(s.first) > to {
				break
			}
			for s.last > done {
				done = s.end(s.closed(done, f.window.Every), f.window.Every)
				add(f.window.Start(done), done, i)
			}
		}
		wholesFrom := sort.Search(len(l.windows), func(i int) bool { return l.windows[i].start >= from })
		for _, w := range l.windows[wholesFrom:] {
			if w.start > to {
				break
			}
			add(w.start, w.end, i)
		}
	}
	slices.SortFunc(refs, func(a, b ref) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.lane, b.lane))
	})
	f.out.refs = slices.Compact(refs)
}

func (o *output) begin(keys int) {
	o.entries, o.used, o.bytes = o.entries[:0], 0, o.bytes[:0]
	o.sums.Reset()
	for len(o.at) < keys {
		o.at = append(o.at, 0)
	}
}

// gather makes entries of a window's keys, or of one key.
func (f *Fold) gather(w ref, only *uint32) {
	l, o := &f.lanes[w.lane], &f.out
	first := len(o.entries)
	at := sort.Search(len(l.slices), func(i int) bool { return l.slices[i].start >= w.start })
	for ; at < len(l.slices) && l.slices[at].start < w.end; at++ {
		s := l.slices[at]
		i, ok := s.index(w.end, f.window.Every)
		if !ok {
			continue
		}
		for _, c := range s.classes {
			f.gatherClass(c, c.fate(i), w.lane, only)
		}
	}
	if m := l.whole[w.start]; m != nil {
		o.list(&m.cell, only)
		for i, key := range o.keys {
			group := o.groups[i]
			if int(group) >= len(f.pairs) {
				continue
			}
			if p := f.pairs[group]; p[onTime]|p[revised]|p[dropped] != 0 {
				e := o.entry(key, w.lane)
				for j := range p {
					e.pairs[j] += p[j]
				}
				o.add(e, f.merged.table, group)
			}
		}
	}
	for i := first; i < len(o.entries); i++ {
		o.at[o.entries[i].key] = 0
	}
}

// gatherClass takes a class's keys into the entries of a window.
func (f *Fold) gatherClass(c *class, fate fate, lane int32, only *uint32) {
	o := &f.out
	o.list(&c.cell, only)
	table, at := f.rows.table, f.countAt
	if c.lost {
		table, at = f.lost.table, 0
	}
	o.counts.Reset(column.TypeOf(column.Int64), nil)
	table.FinishColumn(o.groups, at, &o.counts)
	for i, n := range o.counts.Ints {
		if n == 0 {
			continue
		}
		e := o.entry(o.keys[i], lane)
		e.pairs[fate] += n
		if fate != dropped || f.count {
			o.add(e, table, o.groups[i])
		}
	}
}

// list lists a cell's keys and groups.
func (o *output) list(c *cell, only *uint32) {
	o.keys, o.groups = o.keys[:0], o.groups[:0]
	if only == nil {
		o.keys, o.groups = c.list(o.keys, o.groups)
	} else if group, ok := c.find(*only); ok {
		o.keys, o.groups = append(o.keys, *only), append(o.groups, group)
	}
}

// entry is that of a key in the window at hand.
func (o *output) entry(key uint32, lane int32) *entry {
	if o.at[key] == 0 {
		o.entries = append(o.entries, entry{key: key, lane: lane})
		o.at[key] = int32(len(o.entries))
	}
	return &o.entries[o.at[key]-1]
}

// add adds a group to an entry; the first is only noted.
func (o *output) add(e *entry, table *aggregate.Table, group uint32) {
	if e.table == nil {
		e.table, e.group = table, group
		return
	}
	if e.table != o.sums {
		sum := o.empty()
		o.sums.Merge(sum, e.table, e.group)
		e.table, e.group = o.sums, sum
	}
	o.sums.Merge(e.group, table, group)
}

// empty is a group of the sums without rows.
func (o *output) empty() uint32 {
	o.used++
	o.sums.Grow(int(o.used))
	return o.used - 1
}

// show yields the entries of the windows of one start in order.
func (f *Fold) show(w ref, yield func(*Row) bool) bool {
	o := &f.out
	o.sorted = o.sorted[:0]
	for i := range o.entries {
		rank := uint32(0)
		if len(o.entries) > 1 {
			rank = f.rank[o.entries[i].key]
		}
		// Entries of one key are there by lane, ascending.
		o.sorted = append(o.sorted, uint64(rank)<<32|uint64(i))
	}
	slices.Sort(o.sorted)
	for _, at := range o.sorted {
		e := &o.entries[uint32(at)]
		if e.table == nil {
			e.table, e.group = o.sums, o.empty()
		}
		o.bytes = e.table.AppendFirst(len(f.fns), e.group, o.bytes[:0])
		row := Row{
			Key: f.keys[e.key], Start: w.start, End: w.end, Partition: e.lane,
			OnTime: e.pairs[onTime], Revised: e.pairs[revised], Dropped: e.pairs[dropped],
			Accumulators: o.bytes,
		}
		if !yield(&row) {
			return false
		}
	}
	return true
}
