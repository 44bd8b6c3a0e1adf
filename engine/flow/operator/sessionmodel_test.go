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

// newSessionStory is a story whose windows are sessions.
func newSessionStory(seed uint64, rule flow.Rule) story {
	s := newStory(seed, rule)
	rng := rand.New(rand.NewPCG(seed, 42))
	s.window = window.Sessions(1000*(1+rng.Int64N(6)), window.Merge(rng.IntN(2)))
	for _, log := range s.logs { // keys are fewer, so that sessions meet
		for i := range log {
			if rng.IntN(2) == 0 {
				log[i].key = "k0" + log[i].key[2:]
			}
			if i > 0 && rng.IntN(4) == 0 { // exactly the gap apart, perhaps
				log[i].time = log[i-1].time + (rng.Int64N(3)-1)*s.window.Size
			}
		}
	}
	return s
}

// keptRow is a row of a key that was not dropped.
type keptRow struct {
	time, v   int64
	partition int
}

// solveSessions answers a story from scratch under the rule "log".
func (s story) solveSessions() answer {
	upTo := make([]int, len(s.logs))
	for p := range upTo {
		upTo[p] = len(s.logs[p])
	}
	a, _ := s.sessionsAt(upTo, nil)
	return a
}

// sessionsAt answers for the first so many records of each partition. shown is what
// a view holds then, if the sessions of a partition's rows fire by marks: the rows of
// complete sessions on time and the revisions whose own windows are over.
func (s story) sessionsAt(upTo []int, marks []int64) (a answer, shown map[place][2]int64) {
	a = answer{onTime: map[place][2]int64{}, final: map[place][2]int64{}}
	onTime, kept, over := map[string][]keptRow{}, map[string][]keptRow{}, map[string][]keptRow{}
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
			row := keptRow{r.time, r.v, p}
			switch {
			case mark <= r.time:
				c.PairsOnTime++
				onTime[key] = append(onTime[key], row)
			case mark < r.time+s.window.Size+s.late.Allowed:
				c.PairsRevised++
				if marks != nil && s.window.Closes(r.time+s.window.Size) <= marks[p] {
					over[key] = append(over[key], row)
				}
			default:
				c.PairsDropped++
				c.RowsDropped++
				a.drops = append(a.drops, Drop{Partition: int32(p), Offset: int64(i), Time: r.time, Watermark: mark, Dropped: 1, Windows: 1})
				continue
			}
			kept[key] = append(kept[key], row)
		}
		a.counts = append(a.counts, c)
	}
	s.group(onTime, a.onTime, func(key string, rows []keptRow) {
		last := rows[len(rows)-1]
		if marks != nil && s.window.Closes(last.time+s.window.Size) <= marks[last.partition] {
			over[key] = append(over[key], rows...)
		}
	})
	s.group(kept, a.final, nil)
	shown = map[place][2]int64{}
	s.group(over, shown, nil)
	return a, shown
}

// group makes the sessions of each key's rows, and shows their rows to each.
func (s story) group(rows map[string][]keptRow, out map[place][2]int64, each func(key string, rows []keptRow)) {
	most := s.window.Size - 1
	if s.window.Merge == window.Touching {
		most = s.window.Size
	}
	for key, list := range rows {
		slices.SortFunc(list, func(a, b keptRow) int { return cmp.Compare(a.time, b.time) })
		var value [2]int64
		from := 0
		for i, r := range list {
			value[0]++
			if r.v%3 == 0 {
				value[1] += r.v
			}
			if i+1 == len(list) || list[i+1].time-r.time > most {
				out[place{key: key, start: list[from].time, end: r.time + s.window.Size}] = value
				if each != nil {
					each(key, list[from:i+1])
				}
				value, from = [2]int64{}, i+1
			}
		}
	}
}

// takeSessions takes a pane's rows into what a view would hold.
func (w *telling) takeSessions(p *Pane) {
	if p.Kind == Retraction {
		for i, key := range p.Keys {
			v := w.path.first.keyer.Value(key, 0)
			if v.Null {
				v.String = "null"
			}
			w.retract(place{key: v.String, start: p.Starts[i], end: p.Ends[i]})
		}
		return
	}
	b, overflows, err := w.path.Results(p)
	if err != nil || overflows != 0 || b.Rows != len(p.Keys) || b.Rows == 0 {
		w.complain("results of %+v: %d overflows, %v", p, overflows, err)
		return
	}
	last := int64(math.MinInt64)
	for row := range b.Rows {
		key := b.Columns[0].Value(row).String
		if b.Columns[0].IsNull(row) {
			key = "null"
		}
		start, end := p.Window(row)
		if end-start < w.window.Size || p.Watermark < w.window.Closes(end) || end < last {
			w.complain("session [%d, %d) in a pane at %d, behind one that ends at %d", start, end, p.Watermark, last)
		}
		last = end
		if b.Columns[1].Ints[row] != milliseconds(start) || b.Columns[2].Ints[row] != milliseconds(end) {
			w.complain("edges of [%d, %d): %d, %d", start, end, b.Columns[1].Ints[row], b.Columns[2].Ints[row])
		}
		w.show(p.Kind, place{key: key, start: start, end: end}, [2]int64{b.Columns[3].Ints[row], b.Columns[4].Ints[row]})
	}
}

func (w *telling) show(kind Kind, at place, value [2]int64) {
	if _, stands := w.got.final[at]; kind == OnTime {
		if stands {
			w.complain("%v is on time twice, or after a revision", at)
		}
		w.got.onTime[at] = value
	}
	w.got.final[at] = value
}

func (w *telling) retract(at place) {
	if _, stands := w.got.final[at]; !stands {
		w.complain("%v is retracted and does not stand", at)
	}
	delete(w.got.final, at)
}

// checkShown wants what was shown so far to be that which follows from the rows and
// the watermarks, however they came.
func (w *telling) checkShown() {
	if w.late.Rule != flow.Log {
		return
	}
	marks := make([]int64, len(w.logs))
	for p := range marks {
		marks[p] = w.path.last.(*Sessions).Watermark(p)
	}
	if _, shown := w.sessionsAt(w.next, marks); !maps.Equal(shown, w.got.final) {
		w.complain("shown at %v is %v, want %v", marks, w.got.final, shown)
	}
}

// checkState wants state to be as small as the specification allows: a session that
// is over by its watermark is gone once all panes were taken.
func (w *telling) checkState() {
	s := w.path.last.(*Sessions)
	for n := range s.nodes {
		v := &s.nodes[n]
		if v.list == noList {
			continue
		}
		mark := s.lanes[v.lane].watermark
		keep := v.end + s.spec.Size + s.late.Allowed
		if s.late.Rule == flow.Operator {
			keep = s.spec.Closes(v.end) + s.late.Allowed - 1
		}
		if v.list == openList && mark >= s.spec.Closes(v.end) || mark > keep && !s.blocked(uint32(n)) {
			w.complain("%+v is kept at watermark %d", *v, mark)
		}
	}
}
