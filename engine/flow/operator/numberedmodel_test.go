package operator

import (
	"cmp"
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"parallax/engine/flow"
	"parallax/engine/flow/window"
)

// newNumberedStory is a story with count windows, of few keys, with times that meet.
func newNumberedStory(seed uint64, rule flow.Rule) story {
	s := newStory(seed, rule)
	rng := rand.New(rand.NewPCG(seed, 44))
	s.window, s.late.Allowed = window.Count(1+rng.Int64N(4)), 0
	if rng.IntN(2) == 0 { // so that rows are at the watermark
		s.mark.Bounded = 2000 * rng.Int64N(3)
	}
	for _, log := range s.logs {
		for i := range log {
			if rng.IntN(2) == 0 {
				log[i].key = "k0" + log[i].key[2:]
			}
			if rng.IntN(3) > 0 {
				log[i].time = int64(math.Floor(float64(log[i].time)/2000)) * 2000
			}
		}
	}
	return s
}

// numberedRow is a row on time, and where it is from.
type numberedRow struct {
	time, v int64
	p, i    int
}

// solveNumbered answers a story from scratch under the rule "log".
func (s story) solveNumbered() answer {
	upTo := make([]int, len(s.logs))
	for p := range upTo {
		upTo[p] = len(s.logs[p])
	}
	a, _ := s.numberedAt(upTo, nil)
	return a
}

// numberedAt answers for the first so many records of each partition. shown is what has
// fired, if all rows before a partition's mark have been counted.
func (s story) numberedAt(upTo []int, marks []int64) (a answer, shown map[place][2]int64) {
	a = answer{onTime: map[place][2]int64{}, final: map[place][2]int64{}}
	shown = map[place][2]int64{}
	rows := map[string][]numberedRow{}
	for p, log := range s.logs {
		var c Counts
		frontier := int64(math.MinInt64)
		for i, r := range log[:upTo[p]] {
			if s.mark.AheadMax > 0 && r.time > appendTime(i)+s.mark.AheadMax {
				a.rejected++
				continue
			}
			mark := frontier - s.mark.Bounded
			if frontier == math.MinInt64 {
				mark = frontier
			}
			frontier = max(frontier, r.time)
			if r.v < -15 {
				continue
			}
			c.Rows++
			if r.time < mark {
				c.RowsBehind++
				c.RowsDropped++
				c.PairsDropped++
				a.drops = append(a.drops, Drop{Partition: int32(p), Offset: int64(i), Time: r.time, Watermark: mark, Dropped: 1, Windows: 1})
				continue
			}
			c.PairsOnTime++
			key := r.key
			if r.null {
				key = "null"
			}
			rows[key] = append(rows[key], numberedRow{r.time, r.v, p, i})
		}
		a.counts = append(a.counts, c)
	}
	for key, list := range rows {
		slices.SortFunc(list, func(a, b numberedRow) int {
			return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.p, b.p), cmp.Compare(a.i, b.i))
		})
		n := int(s.window.Size)
		for k := 0; k+n <= len(list); k += n {
			value := [2]int64{}
			for _, r := range list[k : k+n] {
				value[0]++
				if r.v%3 == 0 {
					value[1] += r.v
				}
			}
			at := place{key: key, start: int64(k), end: int64(k + n)}
			a.onTime[at], a.final[at] = value, value
			if last := list[k+n-1]; marks != nil && last.time < marks[last.p] {
				shown[at] = value
			}
		}
	}
	return a, shown
}

// takeNumbered takes the rows of a pane of count windows.
func (w *telling) takeNumbered(p *Pane) {
	b, overflows, err := w.path.Results(p)
	if err != nil || overflows != 0 || b.Rows != len(p.Keys) || b.Rows == 0 || p.Kind != OnTime {
		w.complain("results of %+v: %d overflows, %v", p, overflows, err)
		return
	}
	for row := range b.Rows {
		key := b.Columns[0].Value(row).String
		if b.Columns[0].IsNull(row) {
			key = "null"
		}
		start, end := p.Window(row)
		if row > 0 && cmp.Or(cmp.Compare(p.Keys[row-1], p.Keys[row]), cmp.Compare(p.Ends[row-1], end)) >= 0 {
			w.complain("pane %+v out of order", p)
		}
		if b.Columns[1].Ints[row] != start || b.Columns[2].Ints[row] != end {
			w.complain("edges of [%d, %d): %d, %d", start, end, b.Columns[1].Ints[row], b.Columns[2].Ints[row])
		}
		w.show(p.Kind, place{key: key, start: start, end: end}, [2]int64{b.Columns[3].Ints[row], b.Columns[4].Ints[row]})
	}
}

// checkNumbered wants what was shown so far to be that which follows from the rows and
// the watermarks, however they came, and nothing to be kept but rows that wait and
// windows that are not full.
func (w *telling) checkNumbered() {
	s := w.path.last.(*numbered)
	live, open := 0, 0
	for lane := range s.waits {
		for _, r := range s.waits[lane].rows {
			if live++; r.time < s.lanes[lane].watermark || s.closed {
				w.complain("the row at %d waits at watermark %d", r.time, s.lanes[lane].watermark)
			}
		}
	}
	for _, k := range s.keys {
		if k.open != 0 {
			open++
		}
	}
	if f := s.State(); f.Slots != live+open || f.Windows != open {
		w.complain("%+v for %d rows and %d windows", f, live, open)
	}
	if w.late.Rule != flow.Log {
		return
	}
	marks := make([]int64, len(w.logs))
	for p := range marks {
		if marks[p] = s.Watermark(p); s.closed {
			marks[p] = math.MaxInt64
		}
	}
	if _, shown := w.numberedAt(w.next, marks); !maps.Equal(shown, w.got.final) {
		w.complain("shown at %v is %v, want %v", marks, w.got.final, shown)
	}
}
