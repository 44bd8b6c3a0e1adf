package oracle

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/segment"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// outcome is what either side says, as text. OnTime and Final map a (key, window)
// to its values; the views are what the steps above the aggregate made of them.
type outcome struct {
	OnTime, Final         map[string]string
	OnTimeView, FinalView map[string]int // how often a row is there
	Counts, Drops         []string
	Failed                bool
}

func newOutcome() outcome {
	return outcome{
		OnTime: map[string]string{}, Final: map[string]string{},
		OnTimeView: map[string]int{}, FinalView: map[string]int{},
	}
}

func text(values []column.Value) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = v.Type.Kind.String() + ":" + v.Text()
		if v.Null {
			parts[i] = v.Type.Kind.String() + " null"
		}
	}
	return strings.Join(parts, "|")
}

// expected is the oracle's outcome.
func expected(p *flow.Pipeline, in Input) (outcome, error) {
	o := newOutcome()
	r, err := Answer(p, in)
	if err != nil {
		if !errors.Is(err, errValue) {
			return o, err
		}
		return outcome{Failed: true}, nil
	}
	for _, w := range r.Windows {
		id := text(w.Key) + fmt.Sprint("@", w.Start, "-", w.End)
		if w.OnTime != nil {
			o.OnTime[id] = text(w.OnTime)
		}
		if w.Final != nil {
			o.Final[id] = text(w.Final)
		}
	}
	for _, row := range r.OnTime {
		o.OnTimeView[text(row)]++
	}
	for _, row := range r.Final {
		o.FinalView[text(row)]++
	}
	for p, c := range r.Partitions {
		o.Counts = append(o.Counts, fmt.Sprint(p, c.RowsBehindWatermark, c.RowsDropped, c.PairsOnTime, c.PairsRevised, c.PairsDropped, c.RowsAhead))
	}
	for _, c := range r.After {
		o.Counts = append(o.Counts, fmt.Sprintf("%+v", c))
	}
	for _, d := range r.Drops {
		o.Drops = append(o.Drops, fmt.Sprint(d.Partition, "/", d.Offset, " t ", d.Time, " end ", d.End, " W ", d.Watermark))
	}
	return o, nil
}

// feed says how a log is cut into batches and what happens between them.
type feed struct {
	lengths  []int  // of batches, used in turn
	drains   []bool // whether panes are taken out after a batch
	saves    []bool // whether the path is saved and loaded
	segments []bool // whether a partition's next batch opens a segment
	encoded  bool   // whether batches go through segments' bytes
}

// fatal is a test, of package testing or of rapid.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

// runner feeds a log to the operators.
type runner struct {
	t        fatal
	trial    trial
	feed     feed
	path     *operator.Path
	out      outcome
	last     map[string]string // of FinalView, by (key, window)
	full     map[string]int64  // of count windows: the event time of the last row, by (key, window)
	lastTime map[string]string
	dicts    map[string]*column.Dict // by partition and column
	logs     []logSegment
	shown    *frontiers
	drained  []*big.Int // the watermarks at the last drain: each partition's, then the least
	steps    int
	refused  int                   // rows
	log      *paneLog              // of panes under a trigger, or nil
	change   func(b *column.Batch) // planted defect in what is fed, or nil
	tamper   func(p *flow.Pipeline) *flow.Pipeline
	plant    string // planted defect of the path, or ""
}

type logSegment struct {
	writer *segment.Writer
	reader *segment.Reader
	count  uint64
}

func (r *runner) open() *operator.Path {
	p := r.trial.pipeline
	if r.tamper != nil {
		p = r.tamper(p)
	}
	plan, err := p.Plan(r.trial.input.Schema)
	if err != nil {
		r.fatal("plan: %v", err)
	}
	path := operator.NewPath(plan, r.trial.input.Partitions)
	path.Plant(r.plant)
	if r.trial.input.Refuse {
		path.Refuse()
	}
	return path
}

func (r *runner) fatal(format string, args ...any) {
	r.t.Helper()
	r.t.Fatalf("%s\n%s", r.trial.src, fmt.Sprintf(format, args...))
}

// run is the operators' outcome.
func (r *runner) run() outcome {
	in := r.trial.input
	r.out, r.last, r.lastTime = newOutcome(), map[string]string{}, map[string]string{}
	r.dicts, r.logs = map[string]*column.Dict{}, make([]logSegment, in.Partitions)
	r.shown = newFrontiers(r.trial.pipeline, &in)
	r.path = r.open()
	r.fill()
	for at := 0; at < len(in.Rows); r.steps++ {
		if row := &in.Rows[at]; row.Idle {
			r.path.Idle(int(row.Partition), row.Time)
			r.shown.show(row, column.Value{})
			at++
			continue
		}
		n := 1
		most := r.feed.lengths[r.steps%len(r.feed.lengths)]
		for n < most && at+n < len(in.Rows) && in.Rows[at+n].Partition == in.Rows[at].Partition && !in.Rows[at+n].Idle {
			n++
		}
		if !r.step(in.Rows[at : at+n]) {
			return outcome{Failed: true}
		}
		at += n
	}
	for p := range in.Partitions {
		c := r.path.Windowed().Counts(p)
		r.out.Counts = append(r.out.Counts, fmt.Sprint(p, c.RowsBehind, c.RowsDropped, c.PairsOnTime, c.PairsRevised, c.PairsDropped,
			r.path.Entry().Rejected(p)))
	}
	r.path.Close()
	r.drain(true)
	for i := range len(r.stages()) - 1 {
		c, _ := r.path.After(i)
		r.out.Counts = append(r.out.Counts, fmt.Sprintf("%+v", StageCounts{c.RowsOnTime, c.PairsOnTime, c.Rows, c.Pairs}))
	}
	for _, row := range r.lastTime {
		r.out.OnTimeView[row]++
	}
	for _, row := range r.last {
		r.out.FinalView[row]++
	}
	delete(r.out.OnTimeView, "")
	delete(r.out.FinalView, "")
	return r.out
}

// fill finds out when count windows are full.
func (r *runner) fill() {
	if !windowOf(r.stages()[0]).Numbered() {
		return
	}
	r.full = map[string]int64{}
	result, err := Answer(r.trial.pipeline, r.trial.input)
	if err != nil {
		return // of a row that the operators cannot compute either
	}
	for _, w := range result.Windows {
		r.full[text(w.Key)+fmt.Sprint("@", w.Start, "-", w.End)] = w.Last
	}
}

// step feeds one batch; it is false if the batch has a row that cannot be
// computed.
func (r *runner) step(rows []Row) bool {
	b := r.batch(rows)
	if r.change != nil {
		r.change(b)
	}
	if err := r.path.Process(b); err != nil {
		var row *expr.RowError
		if !errors.As(err, &row) {
			r.fatal("process: %v", err)
		}
		return false
	}
	r.refused += len(r.path.Refusals())
	for i := range rows {
		r.shown.arrive(&rows[i])
		mark, err := r.shown.mark(&rows[i])
		if r.shown.ahead(&rows[i]) || err != nil {
			r.shown.tell(&rows[i])
		} else {
			r.shown.show(&rows[i], mark)
		}
	}
	first := windowOf(r.stages()[0])
	for _, d := range r.path.Windowed().Drops() {
		for i := range int64(d.Dropped) {
			end := d.FirstEnd + i*first.Every
			r.out.Drops = append(r.out.Drops, fmt.Sprint(d.Partition, "/", d.Offset, " t ", d.Time, " end ", end, " W ", d.Watermark))
		}
	}
	if r.feed.drains[r.steps%len(r.feed.drains)] {
		r.drain(false)
	}
	if r.feed.saves[r.steps%len(r.feed.saves)] {
		state := r.path.AppendTo(nil)
		r.path = r.open()
		if rest, err := r.path.Load(state); err != nil || len(rest) != 0 {
			r.fatal("load: %v, %d bytes left", err, len(rest))
		}
		if again := r.path.AppendTo(nil); !slices.Equal(again, state) {
			r.fatal("a loaded path saves %d other bytes than the %d it was loaded from", len(again), len(state))
		}
	}
	return true
}

// stages is the steps of each aggregation, which they end with.
func (r *runner) stages() [][]flow.Step {
	var out [][]flow.Step
	from := 0
	for i, s := range r.trial.pipeline.Steps {
		if s.Aggregates != nil {
			out = append(out, r.trial.pipeline.Steps[from:i+1])
			from = i + 1
		}
	}
	return out
}

// windowOf is the window of a stage.
func windowOf(steps []flow.Step) *window.Spec {
	return steps[slices.IndexFunc(steps, func(s flow.Step) bool { return s.Window != nil })].Window
}

// closes is the watermark of rows at which a window of the last stage fires: a
// session that touching is enough for waits for the next microsecond, as does
// everything that its results are for.
func (r *runner) closes(end int64) *big.Int {
	w := big.NewInt(end)
	for _, steps := range r.stages() {
		if spec := windowOf(steps); spec.Kind == window.Session && spec.Merge == window.Touching {
			w.Add(w, big.NewInt(1))
		}
	}
	return w
}

// drain takes all panes that are due. A pane on time must come in the first drain
// at which the operator's watermark has reached the window's end, and once.
func (r *runner) drain(closed bool) {
	var pane operator.Pane
	for r.path.Next(&pane) {
		if r.log != nil {
			r.log.take(r, &pane)
			continue
		}
		if pane.Kind == operator.Retraction {
			for i, key := range pane.Keys {
				r.retract(r.id(&pane, i, key))
			}
			continue
		}
		results, _, err := r.path.Results(&pane)
		if err != nil {
			r.fatal("results: %v", err)
		}
		kept := map[int]string{}
		for i := range results.Selected() {
			row := i
			if results.Select != nil {
				row = int(results.Select[i])
			}
			var values []column.Value
			for c := range results.Columns {
				values = append(values, results.Columns[c].Value(row))
			}
			kept[row] = text(values)
		}
		for i, key := range pane.Keys {
			r.pane(&pane, i, key, kept[i], closed)
		}
	}
	if err := r.path.Err(); err != nil {
		r.fatal("%v", err)
	}
	r.drained = nil
	for p := range r.trial.input.Partitions {
		r.drained = append(r.drained, r.shown.of(int32(p)))
	}
	r.drained = append(r.drained, r.shown.least())
}

// tuple is a key's values.
func (r *runner) tuple(key uint32) []column.Value {
	keys, stages := 0, r.stages()
	for _, s := range stages[len(stages)-1] {
		keys += len(s.KeyBy)
	}
	tuple := make([]column.Value, keys)
	for c := range tuple {
		tuple[c] = r.path.Keyer().Value(key, c)
	}
	return tuple
}

// id is the (key, window) of a row of a pane.
func (r *runner) id(pane *operator.Pane, i int, key uint32) string {
	start, end := pane.Window(i)
	return text(r.tuple(key)) + fmt.Sprint("@", start, "-", end)
}

// retract forgets what was final so far for a (key, window), which something must
// be.
func (r *runner) retract(id string) {
	if _, ok := r.out.Final[id]; !ok {
		r.fatal("%s is retracted and does not stand", id)
	}
	delete(r.out.Final, id)
	delete(r.last, id)
}

func (r *runner) pane(pane *operator.Pane, i int, key uint32, kept string, closed bool) {
	calls, stages := 0, r.stages()
	for _, s := range stages[len(stages)-1] {
		calls += len(s.Aggregates)
	}
	tuple, values := r.tuple(key), make([]column.Value, calls)
	for c := range values {
		values[c] = pane.Table.Finish(pane.Groups[i], c)
	}
	id := r.id(pane, i, key)
	r.out.Final[id] = text(values)
	r.last[id] = kept
	if pane.Kind != operator.OnTime {
		return
	}
	if _, again := r.out.OnTime[id]; again {
		r.fatal("%s fired twice on time", id)
	}
	r.out.OnTime[id] = text(values)
	r.lastTime[id] = kept
	at := r.judge(tuple)
	now := r.shown.least()
	if at < r.trial.input.Partitions {
		now = r.shown.of(int32(at))
	}
	_, last := pane.Window(i)
	end := r.closes(last)
	if full, ok := r.full[id]; ok {
		end = new(big.Int).Add(big.NewInt(full), big.NewInt(1))
	}
	if !closed && (now == nil || now.Cmp(end) < 0) {
		r.fatal("%s fired at watermark %v", id, now)
	}
	if r.drained != nil && r.drained[at] != nil && r.drained[at].Cmp(end) >= 0 {
		r.fatal("%s did not fire at watermark %v, but at %v", id, r.drained[at], now)
	}
}

// judge is whose watermark fires a key's windows: a partition's, or the least,
// which follows them.
func (r *runner) judge(key []column.Value) int {
	if r.trial.pipeline.Watermark.Across != watermark.Own || len(r.stages()) > 1 {
		return r.trial.input.Partitions
	}
	for _, s := range r.trial.pipeline.Steps {
		for i, name := range s.KeyBy {
			if name == "p" {
				return int(key[i].Int)
			}
		}
	}
	panic("own without p")
}

// batch makes a batch of rows of one partition.
func (r *runner) batch(rows []Row) *column.Batch {
	p := rows[0].Partition
	fresh := r.feed.segments[r.steps%len(r.feed.segments)]
	schema := r.trial.input.Schema
	b := &column.Batch{Schema: schema, Partition: p, Offset: rows[0].Offset, Rows: len(rows)}
	b.Columns = make([]column.Column, len(schema))
	for c, f := range schema {
		b.Columns[c].Type = f.Type
		if f.Type.Kind == column.String {
			id := fmt.Sprint(p, f.Name)
			if r.dicts[id] == nil || fresh {
				r.dicts[id] = new(column.Dict)
			}
			b.Columns[c].Dict = r.dicts[id]
		}
		for _, row := range rows {
			b.Columns[c].Append(row.Values[c])
		}
	}
	for _, row := range rows {
		b.Times = append(b.Times, row.Time)
		b.Appends = append(b.Appends, row.Append)
	}
	if r.feed.encoded {
		return r.recode(b, fresh)
	}
	return b
}

// recode sends a batch through the bytes of a segment.
func (r *runner) recode(b *column.Batch, fresh bool) *column.Batch {
	l := &r.logs[b.Partition]
	if l.writer == nil || fresh {
		l.count++
		h := segment.Header{ID: l.count, Partition: b.Partition, Schema: b.Schema}
		var err error
		if l.writer, err = segment.NewWriter(h); err != nil {
			r.fatal("segment: %v", err)
		}
		if l.reader, err = segment.NewReader(h); err != nil {
			r.fatal("segment: %v", err)
		}
	}
	raw, err := l.writer.Append(nil, b)
	if err != nil {
		r.fatal("segment: %v", err)
	}
	var out column.Batch
	if err := l.reader.Decode(raw, &out); err != nil {
		r.fatal("segment: %v", err)
	}
	return &out
}
