package frontier

import (
	"cmp"
	"slices"
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
	type edge struct {
		end  int64
		lane uint32
	}
	at := make(map[edge]int)
	var out []firing
	n := -1
	for i := range windows {
		w := &windows[i]
		// A key's windows come in the order of their ends, as those of the keys before.
		n++
		ok := n < len(out) && out[n].end == w.end && out[n].lane == w.lane
		if !ok {
			n, ok = at[edge{w.end, w.lane}]
		}
		if !ok {
			n = len(out)
			at[edge{w.end, w.lane}] = n
			out = append(out, firing{end: w.end, lane: w.lane})
		}
		out[n].least = append(out[n].least, w.least)
	}
	slices.SortFunc(out, func(a, b firing) int {
		return cmp.Or(cmp.Compare(a.lane, b.lane), cmp.Compare(a.end, b.end))
	})
	var s sorter[int64]
	for i := range out {
		s.sort(out[i].least)
	}
	return out
}

// Fires is when the windows of a lane that end at some time fire with delay d; ok is
// false if only the end of the input lets them.
func (t *Trace) Fires(lane int, end, d int64) (at int64, ok bool) {
	lines := t.lanes()
	return lines[lane].reached(end + d)
}
