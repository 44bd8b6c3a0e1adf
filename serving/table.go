package serving

import (
	"bytes"
	"cmp"
	"slices"
	"sort"

	"parallax/engine/commitlog/protocol"
)

// table is what a view knows: its cut, and the last row of every (window, key).
type table struct {
	epoch     uint32
	cut       []protocol.Cut
	watermark int64
	rows      []Row             // in the order in which they first came
	keys      map[string]uint32 // numbers
	place     map[cell]int32    // into rows
	windows   []window          // ascending by start
	bytes     int               // of all rows, encoded
}

// cell is a (window, key).
type cell struct {
	start int64
	key   uint32
}

// window is the rows of one window, ascending by key if sorted.
type window struct {
	start  int64
	rows   []int32
	sorted bool
}

func newTable(partitions int) *table {
	t := &table{
		cut: make([]protocol.Cut, partitions), watermark: protocol.LogStart().Frontier,
		keys: map[string]uint32{}, place: map[cell]int32{},
	}
	for i := range t.cut {
		t.cut[i] = protocol.LogStart()
	}
	return t
}

// find is the row of a (window, key), nil if there is none.
func (t *table) find(start int64, key []byte) *Row {
	if number, known := t.keys[string(key)]; known {
		if at, ok := t.place[cell{start, number}]; ok {
			return &t.rows[at]
		}
	}
	return nil
}

// put stores a row in place of the one before, or takes that away. Its slices are
// copied.
func (t *table) put(r *Row) {
	number, known := t.keys[string(r.Key)]
	if len(r.Accumulators) == 0 {
		if known {
			t.remove(cell{r.Start, number})
		}
		return
	}
	if !known {
		number = uint32(len(t.keys))
		t.keys[string(r.Key)] = number
	}
	c := cell{r.Start, number}
	if at, ok := t.place[c]; ok {
		old := &t.rows[at]
		t.bytes += len(r.Accumulators) - len(old.Accumulators)
		old.End, old.Revision = r.End, r.Revision
		old.Accumulators = append(old.Accumulators[:0], r.Accumulators...)
		return
	}
	at := int32(len(t.rows))
	t.place[c] = at
	t.bytes += len(r.Accumulators) + len(r.Key) + rowBytesMin
	t.rows = append(t.rows, Row{
		Key: bytes.Clone(r.Key), Start: r.Start, End: r.End, Revision: r.Revision,
		Accumulators: bytes.Clone(r.Accumulators),
	})
	w := t.window(r.Start)
	w.sorted = w.sorted && (len(w.rows) == 0 || bytes.Compare(t.rows[w.rows[len(w.rows)-1]].Key, r.Key) < 0)
	w.rows = append(w.rows, at)
}

// remove takes a row away, if it is there. The last row takes its place.
func (t *table) remove(c cell) {
	at, ok := t.place[c]
	if !ok {
		return
	}
	last := int32(len(t.rows) - 1)
	t.bytes -= len(t.rows[at].Accumulators) + len(t.rows[at].Key) + rowBytesMin
	t.renumber(c.start, at, -1)
	delete(t.place, c)
	if at != last {
		moved := &t.rows[last]
		t.renumber(moved.Start, last, at)
		t.place[cell{moved.Start, t.keys[string(moved.Key)]}] = at
		t.rows[at] = *moved
	}
	t.rows[last] = Row{}
	t.rows = t.rows[:last]
}

// renumber gives a row of a window another number; below 0 it leaves the window,
// which goes when it is empty.
func (t *table) renumber(start int64, from, to int32) {
	number := t.from(start)
	w := &t.windows[number]
	at := slices.Index(w.rows, from)
	if to >= 0 {
		w.rows[at] = to
		return
	}
	if w.rows = slices.Delete(w.rows, at, at+1); len(w.rows) == 0 {
		t.windows = slices.Delete(t.windows, number, number+1)
	}
}

// from is the index of the first window that begins at start or later.
func (t *table) from(start int64) int {
	return sort.Search(len(t.windows), func(i int) bool { return t.windows[i].start >= start })
}

func (t *table) window(start int64) *window {
	at := t.from(start)
	if at == len(t.windows) || t.windows[at].start != start {
		t.windows = slices.Insert(t.windows, at, window{start: start, sorted: true})
	}
	return &t.windows[at]
}

// sort puts a window's rows in order.
func (t *table) sort(w *window) {
	if !w.sorted {
		slices.SortFunc(w.rows, func(a, b int32) int { return bytes.Compare(t.rows[a].Key, t.rows[b].Key) })
		w.sorted = true
	}
}

// scan calls yield with the rows of the windows that begin at from or later, behind
// the place after if that is not nil, ascending by (start, key), until it returns
// false.
func (t *table) scan(from int64, after *place, yield func(*Row) bool) {
	at := t.from(from)
	if after != nil {
		at = max(at, t.from(after.start))
	}
	for ; at < len(t.windows); at++ {
		w := &t.windows[at]
		t.sort(w)
		i := 0
		if after != nil && after.start == w.start {
			i = sort.Search(len(w.rows), func(i int) bool { return bytes.Compare(t.rows[w.rows[i]].Key, after.key) > 0 })
		}
		for ; i < len(w.rows); i++ {
			if !yield(&t.rows[w.rows[i]]) {
				return
			}
		}
	}
}

// scanKey is scan for the rows of one key.
func (t *table) scanKey(key []byte, from int64, after *place, yield func(*Row) bool) {
	number, known := t.keys[string(key)]
	if !known {
		return
	}
	for at := t.from(from); at < len(t.windows); at++ {
		start := t.windows[at].start
		if after != nil && cmp.Or(cmp.Compare(start, after.start), bytes.Compare(key, after.key)) <= 0 {
			continue
		}
		if i, ok := t.place[cell{start, number}]; ok && !yield(&t.rows[i]) {
			return
		}
	}
}

// ask calls yield with the rows that a query wants, its limit apart, until it returns
// false.
func (t *table) ask(q *Query, yield func(*Row) bool) {
	below := func(r *Row) bool { return r.Start < q.To && yield(r) }
	if q.Point {
		t.scanKey(q.Key, q.From, decodePlace(q.After), below)
	} else {
		t.scan(q.From, decodePlace(q.After), below)
	}
}

// place is where a row stands in the order of answers, and its encoding is one
// that bytes.Compare orders alike:
//
//	start 8, big-endian, its sign turned | key
type place struct {
	start int64
	key   []byte
}

func (p place) append(b []byte) []byte {
	u := uint64(p.start) ^ 1<<63
	for shift := 56; shift >= 0; shift -= 8 {
		b = append(b, byte(u>>shift))
	}
	return append(b, p.key...)
}

// decodePlace reads a place; nil if b is too short to be one.
func decodePlace(b []byte) *place {
	if len(b) < 8 {
		return nil
	}
	u := uint64(0)
	for _, x := range b[:8] {
		u = u<<8 | uint64(x)
	}
	return &place{start: int64(u ^ 1<<63), key: b[8:]}
}

// Table is the rows of a view without a server: the last of every (window, key). The zero
// value has none.
type Table struct{ rows *table }

// Put stores a row in place of the one before, or, without accumulators, takes that away.
// Its slices are copied.
func (t *Table) Put(r *Row) {
	if t.rows == nil {
		t.rows = newTable(0)
	}
	t.rows.put(r)
}

// Ask calls yield with the rows that a query wants, its limit apart, ascending by (start,
// key), until it returns false. A row is valid until the next Put.
func (t *Table) Ask(q *Query, yield func(*Row) bool) {
	if t.rows != nil {
		t.rows.ask(q, yield)
	}
}
