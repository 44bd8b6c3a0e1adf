package compare

import (
	"fmt"

	"parallax/bench/measure"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
	"parallax/serving"
)

// reader looks at publications as they come and writes down what there is to see of every
// window.
type reader struct {
	in      *Input
	trial   *Trial
	table   *aggregate.Table
	types   []column.Type // of finished values
	fns     int
	parts   map[string]part // what is shown, by key and start
	shown   [][]string      // by window: its parts that are shown, more than one only of sessions
	pending [][]lane        // by window: its rows that are in no answer yet, and will be
	seen    []int64         // by window: how many of its rows are in an answer
	stamp   []int           // by window: the number of the publication that changed it last
	changed []int32
	bytes   int64 // of accumulators that were published
	count   int64
}

// part is a row of the view: a window, or of a session a part of one.
type part struct {
	window     int32
	start, end int64
	rows       int64
	values     []column.Value
	key        []byte
	extra      bool // no window of the truth holds it
}

// lane is rows of one partition that wait, ascending by offset: those that the delay
// keeps, or those that it drops.
type lane struct {
	rows    []int32
	dropped bool
}

// reach is how many rows of each partition an answer is of: of those that are kept, and of
// those that are dropped and repaired. A log has offsets for other things than rows, so
// that these are not the offsets of its cut.
type reach struct{ kept, repaired []int64 }

// newReader begins a trial's record. Rows that are dropped under the delay never wait,
// unless the architecture repairs that.
func newReader(in *Input, c Case, repairs bool) *reader {
	r := &reader{
		in: in, table: aggregate.NewTable(in.plan.Functions()), fns: len(in.plan.Aggregates), parts: map[string]part{},
		shown: make([][]string, len(in.truth.windows)), pending: make([][]lane, len(in.truth.windows)),
		seen: make([]int64, len(in.truth.windows)), stamp: make([]int, len(in.truth.windows)),
		trial: &Trial{Case: c, Histories: make(measure.Histories, len(in.truth.windows)), Rows: make(measure.Rows, len(in.rows))},
	}
	r.table.Grow(1)
	for _, f := range in.plan.Functions() {
		r.types = append(r.types, f.Result())
	}
	for i := range in.rows {
		r.trial.Rows[i] = measure.Row{Time: in.rows[i].time, Arrival: in.rows[i].arrival, Seen: measure.Never}
	}
	for w := range in.truth.windows {
		h := &r.trial.Histories[w]
		h.Window = &in.truth.windows[w]
		r.pending[w] = in.lanes(int32(w), c.Delay, repairs)
	}
	return r
}

// lanes are the rows of a window that count under a delay, those that are dropped among
// them if that is repaired.
func (in *Input) lanes(w int32, delay int64, repairs bool) (list []lane) {
	h, partition := &in.truth.windows[w], int32(-1)
	var now [2]lane // of a partition: rows kept, rows dropped
	end := func() {
		for k := range now {
			if len(now[k].rows) > 0 {
				list = append(list, now[k])
			}
		}
		now = [2]lane{1: {dropped: true}}
	}
	end()
	for _, i := range in.perWindow[w] {
		row := &in.rows[i]
		if row.partition != partition {
			end()
			partition = row.partition
		}
		if !in.dropped(row, h, delay) {
			now[0].rows = append(now[0].rows, i)
		} else if repairs {
			now[1].rows = append(now[1].rows, i)
		}
	}
	end()
	return list
}

// finished is one row of an answer: its values, the hidden count behind them. Without
// values it stands no more.
type finished struct {
	key        []byte
	start, end int64
	values     []column.Value
}

// publish takes in rows of a view that can be seen from an instant (µs) on, and the cut
// up to which they know the log, which holds nothing but rows.
func (r *reader) publish(at int64, cut []protocol.Cut, mark int64, rows []serving.Row) error {
	below := make([]int64, len(cut))
	for p := range cut {
		below[p] = cut[p].Offset
	}
	list := make([]finished, len(rows))
	for i := range rows {
		f, err := r.finishRow(&rows[i])
		if err != nil {
			return err
		}
		list[i] = f
	}
	r.shownAt(at, reach{kept: below}, mark, list)
	return nil
}

// finishRow finishes the accumulators of a row.
func (r *reader) finishRow(row *serving.Row) (finished, error) {
	f := finished{key: row.Key, start: row.Start, end: row.End}
	if len(row.Accumulators) == 0 {
		return f, nil
	}
	rest, err := r.table.Load(0, row.Accumulators)
	if err != nil || len(rest) > 0 {
		return f, fmt.Errorf("compare: %d bytes behind the accumulators, %w", len(rest), err)
	}
	r.bytes, r.count = r.bytes+int64(len(row.Accumulators)), r.count+1
	for fn := range r.fns {
		f.values = append(f.values, r.table.Finish(0, fn))
	}
	return f, nil
}

// shownAt takes in finished rows.
func (r *reader) shownAt(at int64, of reach, mark int64, rows []finished) {
	t := r.trial
	if mark > watermark.None {
		t.Marks = append(t.Marks, measure.Mark{At: at, Watermark: mark})
	}
	if len(rows) == 0 {
		return
	}
	t.News = append(t.News, at)
	r.changed = r.changed[:0]
	for i := range rows {
		r.put(&rows[i])
	}
	for _, w := range r.changed {
		r.show(w, at)
		r.see(w, at, &of)
	}
}

// nameOf names a row of an answer.
func nameOf(key []byte, start int64) string { return fmt.Sprintf("%d %s", start, key) }

// put replaces one row of the answer.
func (r *reader) put(row *finished) {
	name := nameOf(row.key, row.start)
	if old, ok := r.parts[name]; ok {
		r.forget(name, &old)
	}
	if row.values == nil {
		return
	}
	last := len(row.values) - 1
	p := part{start: row.start, end: row.end, key: row.key, values: row.values[:last:last], rows: row.values[last].Int}
	w, ok := r.in.truth.holding(row.key, row.start, row.end)
	if p.window, p.extra = w, !ok; p.extra {
		r.trial.Extra += p.rows
	} else {
		r.shown[w] = append(r.shown[w], name)
		r.note(w)
	}
	r.parts[name] = p
}

// forget takes a part away.
func (r *reader) forget(name string, p *part) {
	delete(r.parts, name)
	if p.extra {
		return
	}
	list := r.shown[p.window]
	for i := range list {
		if list[i] == name {
			r.shown[p.window] = append(list[:i], list[i+1:]...)
			break
		}
	}
	r.note(p.window)
}

// note remembers that a window has changed.
func (r *reader) note(w int32) {
	if r.stamp[w] != len(r.trial.News) {
		r.stamp[w] = len(r.trial.News)
		r.changed = append(r.changed, w)
	}
}

// show notes what is to be seen of a window: the rows of all its parts, and the values of
// the one that has its edges, or is the only one.
func (r *reader) show(w int32, at int64) {
	h := &r.trial.Histories[w]
	s := measure.Showing{At: at}
	for _, name := range r.shown[w] {
		p := r.parts[name]
		s.Rows += p.rows
		if len(r.shown[w]) == 1 || p.start == h.Start && p.end == h.End {
			s.Values = p.values
		}
	}
	h.Show(s)
}

// see notes which rows are in an answer for the first time: of those that it is of the
// oldest, as many as it holds. But of sessions, which may lack what a later row joins, it
// holds just those.
func (r *reader) see(w int32, at int64, of *reach) {
	h := &r.trial.Histories[w]
	left := h.Shown[len(h.Shown)-1].Rows - r.seen[w]
	for k := range r.pending[w] {
		l := &r.pending[w][k]
		for ; left > 0 && of.holds(r.in, l); left-- {
			i := l.rows[0]
			r.trial.Rows[i].Seen = min(r.trial.Rows[i].Seen, at)
			l.rows = l.rows[1:]
			r.seen[w]++
		}
		if of.holds(r.in, l) {
			r.trial.misplaced++
		}
	}
	r.trial.misplaced += max(0, left)
}

// holds tells whether the first row of a lane is among those that an answer is of.
func (r *reach) holds(in *Input, l *lane) bool {
	if len(l.rows) == 0 {
		return false
	}
	below, row := r.kept, &in.rows[l.rows[0]]
	if l.dropped {
		below = r.repaired
	}
	return below != nil && row.offset < below[row.partition]
}

// finish notes what stands in the end.
func (r *reader) finish() *Trial {
	var sum checksum
	for _, p := range r.parts {
		sum.add(p.key, p.start, p.end, append(p.values, column.Value{Type: column.TypeOf(column.Int64), Int: p.rows}))
	}
	r.trial.Answers = sum.finale
	if r.count > 0 {
		r.trial.AccumulatorBytes = float64(r.bytes) / float64(r.count)
	}
	return r.trial
}
