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
	f := s.judged(upTo)
	a := answer{onTime: map[place][2]int64{}, final: map[place][2]int64{}, counts: f.counts, drops: f.drops, rejected: f.rejected}
	kept := maps.Clone(f.revised)
	for key, rows := range f.onTime {
		kept[key] = slices.Concat(kept[key], rows)
	}
	s.group(f.onTime, a.onTime, nil)
	s.group(kept, a.final, nil)
	return a
}

// fates is the rows of each key by what became of them.
type fates struct {
	onTime, revised map[string][]keptRow
	counts          []Counts
	drops           []Drop
	rejected        int64
}

// judged judges the first so many records of each partition.
func (s story) judged(upTo []int) fates {
	f := fates{onTime: map[string][]keptRow{}, revised: map[string][]keptRow{}}
	for p, log := range s.logs {
		var c Counts
		frontier := int64(math.MinInt64)
		for i, r := range log[:upTo[p]] {
			if s.mark.AheadMax > 0 && r.time > appendTime(i)+s.mark.AheadMax {
				f.rejected++
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
				f.onTime[key] = append(f.onTime[key], row)
			case mark < r.time+s.window.Size+s.late.Allowed:
				c.PairsRevised++
				f.revised[key] = append(f.revised[key], row)
			default:
				c.PairsDropped++
				c.RowsDropped++
				f.drops = append(f.drops, Drop{Partition: int32(p), Offset: int64(i), Time: r.time, Watermark: mark, Dropped: 1, Windows: 1})
			}
		}
		f.counts = append(f.counts, c)
	}
	return f
}

// shown is the rows that a view holds if the sessions of a partition's rows fire by
// marks: those of complete sessions on time and the revisions whose own windows are
// over.
func (s story) shown(f *fates, marks []int64) map[string][]keptRow {
	over := map[string][]keptRow{}
	complete := func(last keptRow) bool { return s.window.Closes(last.time+s.window.Size) <= marks[last.partition] }
	s.group(f.onTime, map[place][2]int64{}, func(key string, rows []keptRow) {
		if complete(rows[len(rows)-1]) {
			over[key] = append(over[key], rows...)
		}
	})
	for key, rows := range f.revised {
		for _, r := range rows {
			if complete(r) {
				over[key] = append(over[key], r)
			}
		}
	}
	return over
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

// takeSessions takes the rows of a pane whose windows are each key's own into what a
// view would hold.
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
		if end-start < w.window.Size || p.Watermark < w.window.Closes(end) || end < last && w.window.Kind == window.Session {
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
	rows, shown := w.judged(w.next), map[place][2]int64{}
	if w.group(w.shown(&rows, marks), shown, nil); !maps.Equal(shown, w.got.final) {
		w.complain("shown at %v is %v, want %v", marks, w.got.final, shown)
	}
}

// checkState wants state to be as small as the specification allows, by either rule:
// a session that is over by its watermark is gone once all panes were taken.
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
