package compare

import (
	"cmp"
	"errors"
	"slices"

	"parallax/bench/measure"
	"parallax/engine"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/fold"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
	"parallax/scenarios"
	"parallax/scenarios/source"
	"parallax/serving"
)

// Input is what all runs of a comparison are given alike, and the truth about it.
type Input struct {
	Job   *scenarios.Job
	Stage *scenarios.Stage

	counting  flow.Pipeline // the job's up to its aggregates, with the count of rows behind them
	plan      *flow.Plan    // of it
	replayed  string        // why two layers go on from a state at a cut; "": they add their answers up
	truth     truth
	rows      []row
	perWindow [][]int32         // numbers of rows, ascending by partition and offset
	closings  []closing         // of the truth
	frontiers [][]measure.Mark  // by lane: how the frontier that fires windows rises
	bytes     int64             // of the log
	censored  []bool            // by window
	dues      map[int64][]int64 // by delay and window: see due
}

// row is a row that reaches the windows.
type row struct {
	partition     int32
	offset        int64
	time, arrival int64 // µs
	frontier      int64 // its partition's, just before it
	windows       int32 // the first of its windows in the truth; the others follow
	windowsUntil  int32
}

// rowsName is the hidden aggregate's. No name in a job file has a space.
const rowsName = "rows in it"

// ErrEmpty is returned for data without rows.
var ErrEmpty = errors.New("compare: the source has no rows: there is nothing to compare")

// newInput reads a job's data. Mistakes are as of [scenarios.RunCluster].
func newInput(job *scenarios.Job, pace int64) (*Input, error) {
	stage, err := job.Stage(pace)
	if err != nil {
		return nil, err
	}
	if stage.Rows == 0 {
		return nil, ErrEmpty
	}
	in := &Input{Job: job, Stage: stage, counting: counting(&job.Pipeline)}
	for _, part := range stage.Feed {
		for i := range part {
			in.bytes += int64(len(part[i].Payload))
		}
	}
	rows, err := job.Open(nil)
	if err != nil {
		return nil, err
	}
	if in.plan, err = rows.Plan(&in.counting); err != nil {
		return nil, err
	}
	if way, why := fold.Choose(in.plan, stage.Partitions); way == fold.Replay {
		in.replayed = why
	}
	if err := in.answerAll(rows); err != nil {
		return nil, err
	}
	if err := in.read(rows); err != nil {
		return nil, err
	}
	return in, nil
}

// counting is a pipeline up to its aggregates, and the count of rows behind those. Its
// watermark is of a bounded delay.
func counting(p *flow.Pipeline) flow.Pipeline {
	out := *p
	at := slices.IndexFunc(p.Steps, func(s flow.Step) bool { return s.Aggregates != nil })
	out.Steps = slices.Clone(p.Steps[:at+1])
	out.Steps[at].Aggregates = append(slices.Clone(out.Steps[at].Aggregates), flow.Aggregate{Name: rowsName, Call: countCall})
	w := p.Watermark
	out.Watermark, out.Marker = watermark.Spec{Bounded: w.Bounded, Across: w.Across, AheadMax: w.AheadMax}, nil
	return out
}

// with is the counting pipeline with a delay.
func (in *Input) with(delay int64) *flow.Pipeline {
	p := in.counting
	p.Watermark.Bounded = delay
	return &p
}

// read goes over the rows as the windows see them: which windows each is in, by which
// frontier it is judged, and how the frontiers rise.
func (in *Input) read(rows *scenarios.Rows) error {
	path := operator.NewPath(in.plan, len(rows.Partitions()))
	rises := make([][]measure.Mark, len(rows.Partitions()))
	ranges := []span{}
	err := rows.Each(source.ReadOptions{}, func(b *column.Batch) error {
		args, err := path.Front(b)
		if err != nil {
			return err
		}
		p := int(b.Partition)
		after := path.Entry().Frontier(p)
		for i := range b.Rows {
			next := after
			if i+1 < b.Rows {
				next = b.Frontiers[i+1]
			}
			if line := rises[p]; len(line) == 0 && next != column.NoFrontier || len(line) > 0 && next > line[len(line)-1].Watermark {
				rises[p] = append(line, measure.Mark{At: b.Appends[i], Watermark: next})
			}
		}
		selected, keys := path.Counted()
		take := func(i int) {
			for int(keys[i]) >= len(ranges) {
				ranges = append(ranges, in.truth.of(in.key(path, uint32(len(ranges)))))
			}
			r := row{
				partition: b.Partition, offset: b.Offset + int64(i), time: b.Times[i], arrival: b.Appends[i], frontier: b.Frontiers[i],
			}
			r.windows, r.windowsUntil = in.truth.covering(ranges[keys[i]], r.time)
			in.truth.rank(&r, args, i)
			in.rows = append(in.rows, r)
		}
		if selected == nil {
			for i := range b.Rows {
				take(i)
			}
		}
		for _, i := range selected {
			take(int(i))
		}
		return nil
	})
	if err != nil {
		return err
	}
	in.settle(rises)
	return nil
}

// key is the encoding of a key by its number.
func (in *Input) key(path *operator.Path, number uint32) []byte {
	tuple := make([]column.Value, len(in.plan.Keys))
	for c := range tuple {
		tuple[c] = path.RowKeyer().Value(number, c)
	}
	return serving.AppendKey(nil, tuple...)
}

// settle puts rows into the order of their partitions and combines frontiers.
func (in *Input) settle(rises [][]measure.Mark) {
	slices.SortFunc(in.rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.partition, b.partition), cmp.Compare(a.offset, b.offset))
	})
	in.closings = in.truth.closingsOf()
	in.perWindow = make([][]int32, len(in.truth.windows))
	for i := range in.rows {
		for w := in.rows[i].windows; w < in.rows[i].windowsUntil; w++ {
			in.perWindow[w] = append(in.perWindow[w], int32(i))
		}
	}
	in.frontiers = rises
	if in.counting.Watermark.Across != watermark.Own {
		in.frontiers = [][]measure.Mark{least(rises)}
	}
}

// least is how the least of several frontiers rises.
func least(rises [][]measure.Mark) []measure.Mark {
	type step struct {
		measure.Mark
		part int
	}
	var steps []step
	for p, line := range rises {
		for _, m := range line {
			steps = append(steps, step{m, p})
		}
	}
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(a.At, b.At) })
	now := make([]int64, len(rises))
	for p := range now {
		now[p] = column.NoFrontier
	}
	combined := watermark.NewCombiner(len(rises))
	var out []measure.Mark
	for _, s := range steps {
		f, grew := combined.Advance(s.part, s.Watermark)
		if !grew {
			continue
		}
		if n := len(out); n > 0 && out[n-1].At == s.At {
			out[n-1].Watermark = f
		} else {
			out = append(out, measure.Mark{At: s.At, Watermark: f})
		}
	}
	return out
}

// lane is the frontier that fires a window.
func (in *Input) lane(window int32) []measure.Mark {
	if len(in.frontiers) == 1 {
		return in.frontiers[0]
	}
	return in.frontiers[in.rows[in.perWindow[window][0]].partition]
}

// reached is when a frontier was at least x for the first time, or Never.
func reached(line []measure.Mark, x int64) int64 {
	i, _ := slices.BinarySearchFunc(line, x, func(m measure.Mark, x int64) int { return cmp.Compare(m.Watermark, x) })
	if i == len(line) {
		return measure.Never
	}
	return line[i].At
}

// dropped tells whether a row comes too late for a window under a delay, by the rule
// "log".
func (in *Input) dropped(r *row, w *measure.Window, delay int64) bool {
	if r.frontier == column.NoFrontier {
		return false
	}
	late, mark := &in.counting.Late, window.Sub(r.frontier, delay)
	if late.PerElement && mark > window.Add(r.time, late.Allowed) {
		return true
	}
	end := w.End
	if in.plan.Window.Kind == window.Session {
		end = window.Add(r.time, in.plan.Window.Size)
	}
	return mark >= window.Add(end, late.Allowed)
}

// onTime tells whether a row is in the first answer of a window under a delay.
func (in *Input) onTime(r *row, w *measure.Window, delay int64) bool {
	if r.frontier == column.NoFrontier {
		return true
	}
	mark := window.Sub(r.frontier, delay)
	if in.plan.Window.Kind == window.Session {
		return mark <= r.time
	}
	return mark < w.End
}

// due is when the policy permits a window's first answer under a delay: when the
// watermark reaches its end, or, if none of its rows is on time, when the first of those
// that are kept has arrived, too.
func (in *Input) due(w int32, delay int64) int64 {
	h := &in.truth.windows[w]
	if in.plan.Window.Kind == window.Session {
		return in.duePart(w, delay)
	}
	at := reached(in.lane(w), window.Add(h.End, delay))
	if at == measure.Never {
		return at
	}
	first := measure.Never
	for _, i := range in.perWindow[w] {
		r := &in.rows[i]
		if in.onTime(r, h, delay) {
			return at
		}
		if !in.dropped(r, h, delay) {
			first = min(first, r.arrival)
		}
	}
	if first == measure.Never {
		return first
	}
	return max(at, first)
}

// micros is an instant of the world on the data's clock.
func micros(at engine.Instant) int64 { return int64(at) / engine.Microsecond }
