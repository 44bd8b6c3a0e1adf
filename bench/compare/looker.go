package compare

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"sort"

	"parallax/bench/measure"
	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/fold"
	"parallax/engine/flow/watermark"
	"parallax/serving"
	"parallax/serving/layered"
	"parallax/sim"
	"parallax/speed"
)

// A Lambda system's answers are computed when they are asked for, so that what can be seen
// is known when somebody looks. At windows that are just complete it is looked at once, but
// at most so often in a run; and at everything when the view changes, and about so often
// besides, for late rows that are not too late.
const (
	closingsMost = 12_000
	readings     = 600
)

// looker is a reader of one of the servers, who looks again when there may be something
// new.
type looker struct {
	*reader
	of     func(s *speed.Server) reach
	server engine.NodeID
	counts speed.Counts
	moved  bool // since the last look
	cut    []protocol.Cut
	view   uint64
	whole  bool             // at the cut, everything was looked at
	last   []serving.Result // what was there, ascending by start, then key

	next, every     engine.Instant // of looks at everything
	closed          int            // of the closings
	reached         int64          // the watermark up to which a job that is replayed was looked at
	soonest, spaced engine.Instant // of looks at windows that are complete
	watermark       watermark.Spec
}

// closing is the windows that end at one time: where they start; and the least start of
// these and all that end later.
type closing struct{ end, from, to, least int64 }

// closingsOf are those of a truth, ascending.
func (t *truth) closingsOf() (list []closing) {
	for i := range t.windows {
		w := &t.windows[i]
		list = append(list, closing{w.End, w.Start, w.Start, 0})
	}
	slices.SortFunc(list, func(a, b closing) int { return cmp.Compare(a.end, b.end) })
	n := 0
	for _, c := range list {
		if n > 0 && list[n-1].end == c.end {
			list[n-1].from, list[n-1].to = min(list[n-1].from, c.from), max(list[n-1].to, c.to)
			continue
		}
		list[n] = c
		n++
	}
	list, least := list[:n], int64(1<<63-1)
	for i := range slices.Backward(list) {
		least = min(least, list[i].from)
		list[i].least = least
	}
	return list
}

func newLooker(in *Input, c Case, w *sim.World) *looker {
	l := &looker{
		reader: newReader(in, c, in.replayed == ""), reached: watermark.None, every: max(1, engine.Instant(in.Stage.DataNs()/readings)),
		spaced: max(1, engine.Instant(in.Stage.DataNs()/closingsMost)), watermark: in.with(c.Delay).Watermark,
	}
	for i := range w.Nodes() {
		if id := engine.NodeID(i + 1); w.Name(id) == "server-0" {
			l.server = id
		}
	}
	return l
}

// everything is a range of starts of windows that holds all.
var everything = [2]int64{-1 << 63, 1<<63 - 1}

// look reads what may be new since the last look.
func (l *looker) look(w *sim.World) error {
	s, ok := w.Actor(l.server).(*speed.Server)
	if !ok || s.Head() == nil {
		return nil
	}
	now := w.Now()
	if counts := s.Counts(); counts != l.counts {
		l.counts, l.moved = counts, true
		l.shownAt(micros(now), reach{}, l.mark(s.Cut()), nil)
	}
	if now < l.next && (!l.moved || now < l.soonest) {
		return nil
	}
	cut := s.Cut()
	l.moved = false
	full := now >= l.next || s.Head().ID != l.view
	if slices.Equal(cut, l.cut) && s.Head().ID == l.view && (l.whole || !full) {
		return nil
	}
	starts, closed := l.complete(cut)
	if full {
		starts = everything
	} else if starts[0] >= starts[1] {
		return nil
	}
	rows, mark, ok := l.read(s, starts)
	if !ok {
		return nil // it cannot answer just now
	}
	l.cut, l.view, l.whole, l.closed, l.soonest = cut, s.Head().ID, full, closed, now+l.spaced
	l.reached = mark
	if full {
		l.next = now + l.every
		l.hold(micros(now), s)
	}
	return l.differ(micros(now), l.of(s), mark, rows, starts)
}

// mark is the watermark at a cut.
func (l *looker) mark(cut []protocol.Cut) int64 {
	frontiers := make([]int64, len(cut))
	for p := range cut {
		frontiers[p] = cut[p].Frontier
	}
	return fold.Watermark(l.watermark, frontiers, 0)
}

// complete are the starts of the windows that have become complete at a cut, and how many
// closings have been then. Where partitions have watermarks of their own, there is no one
// watermark to go by, and everything is looked at now and then.
func (l *looker) complete(cut []protocol.Cut) (starts [2]int64, closed int) {
	if closed = l.closed; l.watermark.Across == watermark.Own {
		return starts, closed
	}
	mark, list := l.mark(cut), l.in.closings
	if l.in.replayed != "" {
		return l.ended(mark)
	}
	for ; closed < len(list) && list[closed].end <= mark; closed++ {
		c := &list[closed]
		if closed == l.closed {
			starts = [2]int64{c.from, c.to + 1}
		}
		starts[0], starts[1] = min(starts[0], c.from), max(starts[1], c.to+1)
	}
	return starts, closed
}

// ended is complete for a job that is replayed. Under a delay a session may fall into parts,
// which end sooner than it does, within the truth's windows that end at the last watermark
// looked at or later: what starts with them or behind is looked at whenever the watermark
// has risen.
func (l *looker) ended(mark int64) (starts [2]int64, closed int) {
	list := l.in.closings
	closed = l.closed
	for closed < len(list) && list[closed].end < l.reached {
		closed++
	}
	if mark > l.reached && closed < len(list) {
		starts = [2]int64{list[closed].least, mark}
	}
	return starts, closed
}

// reachOf is how many rows a server's answers are of. Markers have offsets, too.
func reachOf(s *speed.Server) (of reach) {
	head := s.Head()
	for p, cut := range s.Cut() {
		of.kept = append(of.kept, cut.Offset-int64(s.Markers(p)))
		if head.Marker > 0 {
			of.repaired = append(of.repaired, head.Cut[p].Offset-int64(head.Marker-1))
		}
	}
	return of
}

// hold notes what the server has in memory: generations, and the view. One that goes on from
// a state keeps the log as it came, and operators; nothing is noted of it, as that is not
// measured in accumulators.
func (l *looker) hold(at int64, s *speed.Server) {
	if l.in.replayed != "" {
		return
	}
	generations, view := int64(0), int64(0)
	s.Held(func(ofView bool, accumulators []byte) {
		if l.bytes += int64(len(accumulators)); ofView {
			view++
		} else {
			generations++
		}
	})
	l.count += generations + view
	l.trial.Open = append(l.trial.Open, measure.Level{At: at, Amount: generations})
	l.trial.Served = append(l.trial.Served, measure.Level{At: at, Amount: view})
}

// read asks for all pages of the windows that start in a range. A server that has lost its
// memory is behind what was seen, and says so: readers never go back.
func (l *looker) read(s *speed.Server, starts [2]int64) (rows []serving.Result, mark int64, ok bool) {
	ask := layered.Ask{Query: serving.Query{From: starts[0], To: starts[1]}, View: l.view, AtLeast: l.cut}
	for {
		told, err := s.Answer(&ask)
		if err != nil || told.Behind {
			return nil, 0, false
		}
		rows, mark = append(rows, told.Rows...), told.Watermark
		if ask.After = told.Next; told.Next == nil {
			return rows, mark, true
		}
	}
}

// differ takes in what of the windows that start in a range is other than it was. Answers
// are in one order, so that both are gone through once.
func (l *looker) differ(at int64, of reach, mark int64, rows []serving.Result, starts [2]int64) error {
	var changed []finished
	place := func(start int64) int {
		return sort.Search(len(l.last), func(i int) bool { return l.last[i].Start >= start })
	}
	from, to := place(starts[0]), place(starts[1])
	last := l.last[from:to]
	for i := range rows {
		r := &rows[i]
		for len(last) > 0 && inOrder(&last[0], r) < 0 {
			changed, last = append(changed, gone(&last[0])), last[1:]
		}
		if len(last) > 0 && inOrder(&last[0], r) == 0 {
			old := &last[0]
			if last = last[1:]; old.End == r.End && bytes.Equal(old.Values, r.Values) {
				continue
			}
		}
		values, err := serving.DecodeKey(r.Values, l.types)
		if err != nil {
			return fmt.Errorf("compare: %w", err)
		}
		changed = append(changed, finished{key: r.Key, start: r.Start, end: r.End, values: values})
	}
	for i := range last {
		changed = append(changed, gone(&last[i]))
	}
	l.last = slices.Replace(l.last, from, to, rows...)
	l.shownAt(at, of, mark, changed)
	return nil
}

// inOrder is the order of rows in answers.
func inOrder(a, b *serving.Result) int {
	return cmp.Or(cmp.Compare(a.Start, b.Start), bytes.Compare(a.Key, b.Key))
}

// gone is a row that stands no more.
func gone(r *serving.Result) finished { return finished{key: r.Key, start: r.Start} }
