package frontier

import (
	"cmp"
	"slices"
	"sort"
)

// lanes are the frontiers that fire windows: one for all windows, or across own one
// for each partition.
func (t *Trace) lanes() []timeline {
	if t.opts.Own {
		return t.rises
	}
	return []timeline{combine(t.rises)}
}

// firing is the windows of one lane that end together.
type firing struct {
	end   int64
	lane  uint32
	least []int64 // of the windows of all keys, ascending
}

// firings groups windows, in the order of their lanes and ends.
func firings(windows []span) []firing {
	order := slices.Clone(windows)
	slices.SortFunc(order, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.lane, b.lane), cmp.Compare(a.end, b.end), cmp.Compare(a.least, b.least))
	})
	var out []firing
	for i := range order {
		w := &order[i]
		if n := len(out); n == 0 || out[n-1].end != w.end || out[n-1].lane != w.lane {
			out = append(out, firing{end: w.end, lane: w.lane})
		}
		f := &out[len(out)-1]
		f.least = append(f.least, w.least)
	}
	return out
}

// onTime is how many of the windows have a pair on time with delay d.
func (f *firing) onTime(d int64) int64 {
	return int64(sort.Search(len(f.least), func(i int) bool { return f.least[i] >= d }))
}

// Fires is when the windows of a lane that end at some time fire with delay d; ok is
// false if only the end of the input lets them.
func (t *Trace) Fires(lane int, end, d int64) (at int64, ok bool) {
	lines := t.lanes()
	return lines[lane].reached(end + d)
}
