package frontier

import (
	"cmp"
	"slices"
	"sort"

	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
)

// lanes are the moments at which the frontiers that fire windows rose: one list for
// all windows, or across own one for each partition.
func (t *Trace) lanes() [][]moment {
	if t.opts.Own {
		return t.rises
	}
	if t.opts.Partitions == 1 {
		return t.rises[:1]
	}
	type rise struct {
		moment
		partition int
	}
	var all []rise
	for p, list := range t.rises {
		for _, m := range list {
			all = append(all, rise{m, p})
		}
	}
	slices.SortStableFunc(all, func(a, b rise) int { return cmp.Compare(a.at, b.at) })
	least := watermark.NewCombiner(t.opts.Partitions)
	var out []moment
	for _, r := range all {
		if f, grew := least.Advance(r.partition, r.frontier); grew {
			if n := len(out); n > 0 && out[n-1].at == r.at {
				out[n-1].frontier = f
				continue
			}
			out = append(out, moment{f, r.at})
		}
	}
	return [][]moment{out}
}

// reached is the index of the first moment at which the frontier is at least x, from
// a place on.
func reached(list []moment, from int, x int64) int {
	return from + sort.Search(len(list)-from, func(i int) bool { return list[from+i].frontier >= x })
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
	list := t.lanes()[lane]
	i := reached(list, 0, end+d)
	if i == len(list) || list[i].frontier == column.NoFrontier {
		return 0, false
	}
	return list[i].at, true
}
