package operator

import (
	"maps"
	"math"
	"math/rand/v2"

	"parallax/engine/flow"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// newSlidingStory is a story whose windows slide.
func newSlidingStory(seed uint64, rule flow.Rule) story {
	s := newStory(seed, rule)
	rng := rand.New(rand.NewPCG(seed, 43))
	s.window = window.Slide(1000*rng.Int64N(8), 1000)
	for _, log := range s.logs { // keys are fewer, so that rows meet
		for i := range log {
			if rng.IntN(2) == 0 {
				log[i].key = "k0" + log[i].key[2:]
			}
			if i > 0 && rng.IntN(4) == 0 { // at the edge of another's window, perhaps
				log[i].time = log[i-1].time + (rng.Int64N(3)-1)*(s.window.Size-1000*rng.Int64N(2))
			}
		}
	}
	return s
}

// slidRow is a row of a key, and the watermark that judged it.
type slidRow struct{ ms, mark, v int64 }

// solveSliding answers a story from scratch under the rule "log".
func (s story) solveSliding() answer {
	upTo := make([]int, len(s.logs))
	for p := range upTo {
		upTo[p] = len(s.logs[p])
	}
	a, _ := s.slidingAt(upTo, nil)
	return a
}

// slidingAt answers for the first so many records of each partition. shown is what a
// view holds then, if the windows of a partition's rows fire by marks.
func (s story) slidingAt(upTo []int, marks []int64) (a answer, shown map[place][2]int64) {
	a = answer{onTime: map[place][2]int64{}, final: map[place][2]int64{}}
	shown = map[place][2]int64{}
	rows, fires := map[string][]slidRow{}, map[string]int64{}
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
			}
			key := r.key
			if r.null {
				key = "null"
			}
			if marks != nil {
				fires[key] = marks[p]
			}
			row := slidRow{ms: int64(math.Floor(float64(r.time) / 1000)), mark: mark, v: r.v}
			rows[key] = append(rows[key], row)
			s.judgeSliding(&a, &c, Drop{Partition: int32(p), Offset: int64(i), Time: r.time, Watermark: mark, Dropped: 1, Windows: 1}, row)
		}
		a.counts = append(a.counts, c)
	}
	for key, list := range rows {
		s.slide(list, func(at place, value [2]int64, onTime bool) {
			at.key = key
			if onTime {
				a.onTime[at] = value
				return
			}
			a.final[at] = value
			if marks != nil && at.end <= fires[key] {
				shown[at] = value
			}
		})
	}
	return a, shown
}

// judgeSliding counts a row by the window that ends at it, its first.
func (s story) judgeSliding(a *answer, c *Counts, d Drop, r slidRow) {
	switch end := 1000 * (r.ms + 1); watermark.Classify(r.mark, end, s.late.Allowed) {
	case watermark.OnTime:
		c.PairsOnTime++
	case watermark.Revision:
		c.PairsRevised++
	default:
		c.PairsDropped++
		a.drops = append(a.drops, d)
		if r.mark-s.late.Allowed >= 1000*r.ms+s.window.Size { // the last that holds it
			c.RowsDropped++
		}
	}
}

// slide shows all windows of a key's rows to each: for every millisecond at which one
// could begin, whether a row makes it, and what counts in it; on time, and then finally.
func (s story) slide(rows []slidRow, each func(at place, value [2]int64, onTime bool)) {
	length := s.window.Size / 1000 // of times, both ends included, and one more
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	for _, r := range rows {
		low, high = min(low, r.ms-length), max(high, r.ms+1)
	}
	for start := low; start <= high; start++ {
		end := 1000 * (start + length)
		for _, worst := range []watermark.Class{watermark.OnTime, watermark.Revision} {
			made, value := false, [2]int64{}
			for _, r := range rows {
				if watermark.Classify(r.mark, end, s.late.Allowed) > worst {
					continue
				}
				made = made || start+length-1 == r.ms || start == r.ms+1
				if start <= r.ms && r.ms < start+length {
					value[0]++
					if r.v%3 == 0 {
						value[1] += r.v
					}
				}
			}
			if made && value[0] > 0 {
				each(place{start: 1000 * start, end: end}, value, worst == watermark.OnTime)
			}
		}
	}
}

// checkSlid wants what was shown so far to be that which follows from the rows and the
// watermarks, however they came.
func (w *telling) checkSlid() {
	if w.late.Rule != flow.Log {
		return
	}
	marks := make([]int64, len(w.logs))
	for p := range marks {
		marks[p] = w.path.last.(*slides).Watermark(p)
	}
	if _, shown := w.slidingAt(w.next, marks); !maps.Equal(shown, w.got.final) {
		w.complain("shown at %v is %v, want %v", marks, w.got.final, shown)
	}
}

// checkTracks wants state to be what the specification allows and needs: of each key
// the times whose last window takes revisions still, and nothing that waits to be seen.
func (w *telling) checkTracks() {
	s := w.path.last.(*slides)
	live := 0
	for n := range s.tracks {
		t := &s.tracks[n]
		mark := s.lanes[t.lane].watermark
		check := func(at int64) {
			live++
			if end := at + 1000 + s.spec.Size; watermark.Classify(mark, end, s.late.Allowed) == watermark.Dropped {
				w.complain("rows of key %d at %d are kept at watermark %d", t.key, at, mark)
			}
		}
		for l := t.first; l != 0; l = s.leaves[l].next {
			check(s.leaves[l].at)
		}
		if n == 0 || t.first == 0 && len(t.late) == 0 {
			continue
		}
		for i := range t.late {
			check(t.late[i].at)
		}
		if len(t.dirty) > 0 {
			w.complain("windows of key %d at %v wait to be revised", t.key, t.dirty)
		}
	}
	if f := s.State(); f.Slots != live {
		w.complain("%d accumulators for %d times", f.Slots, live)
	}
}
