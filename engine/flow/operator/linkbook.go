package operator

import (
	"cmp"
	"slices"

	"parallax/engine/flow/window"
)

// book is the ledger of windows that are there whatever rows come. Event time is cut
// into slices, as a [Windowed] does. If all functions can retract, a slice holds the
// accumulators of each key over the results that stand, and a result that leaves is
// retracted from them. Else it holds the results themselves.
type book struct {
	spec   window.Spec
	onTime *Windowed
	kept   *keptResults
	sums   bool // slices hold accumulators
	slices []*page
	dirty  []changed // windows that changed since they were told of, ascending by end
	pool   slabs
	lent   *slab
	panes  struct{ keys, groups []uint32 }
}

// page is a slice of a book.
type page struct {
	*slice
	sum  *slab
	rows map[uint32][]uint32 // by key: results
}

// changed is the keys of a window that changed, and whether a pane has shown a value
// of each.
type changed struct {
	end   int64
	keys  []uint32 // in the order in which they changed
	shown map[uint32]bool
}

func newBook(spec window.Spec, onTime *Windowed, kept *keptResults, sums bool) *book {
	kept.byEnd = true
	return &book{
		spec: spec, onTime: onTime, kept: kept, sums: sums,
		pool: slabs{fns: onTime.pool.fns, at: onTime.pool.at, few: denseKeys},
	}
}

// page finds or makes the slice around a time.
func (b *book) page(t int64) *page {
	i, found := slices.BinarySearchFunc(b.slices, t, func(p *page, t int64) int {
		switch {
		case p.holds(t):
			return 0
		case p.start > t:
			return 1
		}
		return -1
	})
	if !found {
		p := new(page)
		p.slice = newSlice(b.spec, t)
		if b.sums {
			p.sum = b.pool.take(false)
		} else {
			p.rows = map[uint32][]uint32{}
		}
		b.slices = slices.Insert(b.slices, i, p)
	}
	return b.slices[i]
}

func (b *book) enter(row uint32) {
	r := &b.kept.rows[row]
	p := b.page(r.time())
	if !r.onTime {
		b.change(p, r.by)
	}
	b.put(p, row)
}

func (b *book) put(p *page, row uint32) {
	key := b.kept.rows[row].by
	if b.sums {
		p.sum.merge(key, b.kept.table, row)
		return
	}
	p.rows[key] = append(p.rows[key], row)
}

func (b *book) leave(row uint32) {
	r := &b.kept.rows[row]
	p := b.page(r.time())
	b.change(p, r.by)
	b.take(p, row)
}

func (b *book) take(p *page, row uint32) {
	key := b.kept.rows[row].by
	if b.sums {
		if group, ok := p.sum.find(key); ok {
			p.sum.table.Retract(group, b.kept.table, row)
		}
		return
	}
	list := p.rows[key]
	if i := slices.Index(list, row); i >= 0 {
		list[i] = list[len(list)-1]
		list = list[:len(list)-1]
	}
	if p.rows[key] = list; len(list) == 0 {
		delete(p.rows, key)
	}
}

// fires is the greatest end of a window that has fired.
func (b *book) fires() int64 { return b.onTime.lanes[0].fired }

// change notes that a key's windows in a slice are about to change. A window that
// has fired shows the key if it has results of it; of one that has not, the pane on
// time will tell.
func (b *book) change(p *page, key uint32) {
	for i := range p.n {
		end := p.end(i, b.spec.Every)
		d := b.changed(end)
		if _, known := d.shown[key]; !known {
			d.shown[key] = end <= b.fires() && b.holds(end, key)
			d.keys = append(d.keys, key)
		}
	}
}

func (b *book) changed(end int64) *changed {
	i, found := b.find(end)
	if !found {
		b.dirty = slices.Insert(b.dirty, i, changed{end: end, shown: map[uint32]bool{}})
	}
	return &b.dirty[i]
}

func (b *book) find(end int64) (at int, found bool) {
	return slices.BinarySearchFunc(b.dirty, end, func(d changed, end int64) int { return cmp.Compare(d.end, end) })
}

// within calls f for the slices of a window.
func (b *book) within(end int64, f func(p *page)) {
	for _, p := range b.slices {
		if p.first > end {
			return
		}
		if _, ok := p.index(end, b.spec.Every); ok {
			f(p)
		}
	}
}

// holds tells whether a window has results of a key.
func (b *book) holds(end int64, key uint32) bool {
	found := false
	b.within(end, func(p *page) {
		if !b.sums {
			found = found || len(p.rows[key]) > 0
			return
		}
		group, ok := p.sum.find(key)
		found = found || ok && p.sum.has(group)
	})
	return found
}

func (b *book) fired(p *Pane) {
	i, found := b.find(p.End)
	if !found {
		return
	}
	d := &b.dirty[i]
	for _, key := range p.Keys {
		if _, ok := d.shown[key]; ok {
			d.shown[key] = true
		}
	}
}

// next makes a pane of what changed in a window that has fired: first of the keys
// that have no results left and were shown, then of the others.
func (b *book) next(p *Pane) bool {
	b.settle()
	for len(b.dirty) > 0 && b.dirty[0].end <= b.fires() {
		d := &b.dirty[0]
		slices.Sort(d.keys)
		b.lent = b.pool.take(false)
		b.within(d.end, func(p *page) {
			for _, key := range d.keys {
				b.add(p, key)
			}
		})
		out := &b.panes
		out.keys, out.groups = out.keys[:0], out.groups[:0]
		left := d.keys[:0]
		for _, key := range d.keys {
			if group, ok := b.lent.find(key); ok && b.lent.has(group) {
				left = append(left, key)
				continue
			}
			if d.shown[key] {
				out.keys = append(out.keys, key)
			}
			delete(d.shown, key)
		}
		d.keys = left
		*p = Pane{Kind: Retraction, Start: b.spec.Start(d.end), End: d.end}
		if len(out.keys) > 0 {
			p.Keys = out.keys
			return true
		}
		b.dirty = slices.Delete(b.dirty, 0, 1)
		out.keys, out.groups = b.pool.sorted(b.lent, out.keys, out.groups)
		if p.Kind, p.Keys, p.Groups, p.Table = Revision, out.keys, out.groups, b.lent.table; len(p.Keys) > 0 {
			return true
		}
		b.settle()
	}
	return false
}

// add adds to the slab lent what a slice has of a key.
func (b *book) add(p *page, key uint32) {
	if b.sums {
		if group, ok := p.sum.find(key); ok && p.sum.has(group) {
			b.lent.merge(key, p.sum.table, group)
		}
		return
	}
	for _, row := range p.rows[key] {
		b.lent.merge(key, b.kept.table, row)
	}
}

// settle takes back what the last pane lent.
func (b *book) settle() {
	if b.lent != nil {
		b.pool.give(b.lent)
		b.lent = nil
	}
}

// over tells whether all windows of a slice have fired and been told of, and do not
// change any more.
func (b *book) over(p *page, settled int64) bool {
	return p.last <= settled && p.last <= b.fires() && (len(b.dirty) == 0 || p.last < b.dirty[0].end)
}

func (b *book) owes(settled int64) bool {
	if b.sums && len(b.kept.ends) > 0 && b.kept.ends[0].end <= settled {
		return true
	}
	return len(b.slices) > 0 && b.over(b.slices[0], settled)
}

// forget drops the slices that are over, and the results that were kept so that
// they could leave, or for their slices' sake.
func (b *book) forget(settled int64) {
	n := 0
	for n < len(b.slices) && b.over(b.slices[n], settled) {
		if p := b.slices[n]; b.sums {
			b.pool.give(p.sum)
		} else {
			b.kept.dropTo(window.Add(p.start, int64(min(p.length, 1<<62)))) // ends are one behind times
		}
		n++
	}
	b.slices = slices.Delete(b.slices, 0, n)
	if b.sums {
		b.kept.dropTo(settled)
	}
}

func (b *book) state() Footprint {
	f := Footprint{Slices: len(b.slices), Windows: len(b.dirty), Slots: len(b.kept.at)}
	for _, p := range b.slices {
		if b.sums {
			keys, _ := b.pool.list(p.sum, nil, nil)
			f.Slots += len(keys)
		}
	}
	return f
}

var _ ledger = (*book)(nil)
