package operator

import (
	"cmp"
	"slices"

	"parallax/engine/flow/waiting"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// sortOpen puts open windows in order.
func sortOpen(list []waiting.Window) {
	slices.SortFunc(list, func(a, b waiting.Window) int {
		return cmp.Or(cmp.Compare(a.End, b.End), cmp.Compare(a.Start, b.Start), cmp.Compare(a.Lane, b.Lane), slices.Compare(a.Keys, b.Keys))
	})
}

// laneOf is a lane's number in a waiting.Window.
func (in *inputs) laneOf(lane int32) int {
	if in.mark.Across == watermark.Own {
		return int(lane)
	}
	return -1
}

// openRows is some rows of a key in the window that ends at end.
type openRows struct {
	end  int64
	key  uint32
	rows int64
}

// Open appends the windows that have rows and are not forgotten.
func (w *Windowed) Open(list []waiting.Window) []waiting.Window {
	for i := range w.lanes {
		l := &w.lanes[i]
		var all []openRows
		gone := window.Sub(l.watermark, w.late.Allowed)
		for _, s := range l.slices {
			for at := s.closed(gone, w.window.Every); at < s.n; at++ {
				all = w.tally(all, s, at)
			}
		}
		slices.SortFunc(all, func(a, b openRows) int { return cmp.Or(cmp.Compare(a.end, b.end), cmp.Compare(a.key, b.key)) })
		for from := len(list); len(all) > 0; all = all[1:] {
			r := all[0]
			if len(list) == from || list[len(list)-1].End != r.end {
				list = append(list, w.opened(i, r.end))
			}
			o := &list[len(list)-1]
			if n := len(o.Keys); n > 0 && o.Keys[n-1] == r.key {
				o.Rows[n-1] += r.rows
				continue
			}
			o.Keys, o.Rows = append(o.Keys, r.key), append(o.Rows, r.rows)
		}
	}
	return list
}

// opened is the open window of a lane that ends at end.
func (w *Windowed) opened(lane int, end int64) waiting.Window {
	frees, ever := plus(end, w.late.Allowed)
	if !ever {
		frees = waiting.Never
	}
	return waiting.Window{
		Start: w.window.Start(end), End: end, Lane: w.laneOf(int32(lane)),
		Fires: end, Frees: frees, Fired: end <= w.lanes[lane].fired,
	}
}

// tally appends what a slice has for one of its windows.
func (w *Windowed) tally(all []openRows, s *slice, at int32) []openRows {
	for _, c := range s.classes {
		if c.kept > at {
			continue
		}
		keys, groups := w.pool.sorted(c.slab, nil, nil)
		for i, key := range keys {
			all = append(all, openRows{s.end(at, w.window.Every), key, c.table.Finish(groups[i], c.at).Int})
		}
	}
	return all
}

// Open appends the sessions that may fire, be revised or be shown anew.
func (s *Sessions) Open(list []waiting.Window) []waiting.Window {
	for n := range s.nodes {
		v := &s.nodes[n]
		if v.list == noList {
			continue
		}
		o := waiting.Window{
			Start: v.start, End: v.end, Lane: s.laneOf(v.lane), Fires: waiting.Never, Frees: waiting.Never,
			Fired: v.list == restList, Early: v.list == earlyList, Keys: []uint32{v.key},
		}
		if due, ever := s.closes(v.end); ever {
			o.Fires = due
		}
		if due, ever := s.leaves(v.end); ever {
			o.Frees = due
		}
		if s.countAt > 0 && n < s.table.Groups() {
			o.Rows = []int64{s.table.Finish(uint32(n), s.countAt-1).Int}
		}
		list = append(list, o)
	}
	return list
}
