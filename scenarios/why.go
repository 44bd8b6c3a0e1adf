package scenarios

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/gate"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
	"parallax/scenarios/source"
	"parallax/scenarios/why"
)

// Why replays the job up to a moment and says what its windows wait for then.
// Mistakes in the job are *[Error], those in its data *[source.Error], those in the
// question wrap [why.ErrAsk].
func (j *Job) Why(q why.Question) (*why.Facts, error) {
	if err := j.checkWhy(); err != nil {
		return nil, err
	}
	in, err := j.open(q.Progress)
	if err != nil {
		return nil, err
	}
	r := replay{input: in}
	if err := r.ask(&q); err != nil {
		return nil, err
	}
	if err := r.run(r.take); err != nil {
		return nil, in.explain(err)
	}
	w := r.facts()
	if err := r.findRows(w); err != nil {
		return nil, in.explain(err)
	}
	return w, nil
}

// checkWhy refuses what has no partition to wait for, or no window's end to be late by.
func (j *Job) checkWhy() error {
	switch w := j.Pipeline.Watermark; {
	case w.Across == watermark.Max:
		return j.refuse("watermark.across", "no partition is waited for by across: max, so that there is nobody to name; use min")
	case w.InBatches():
		return j.refuse("watermark.move", "windows wait for micro-batches to end, and it is rows and partitions that are named; use move: row")
	case j.Pipeline.Late.PerElement:
		return j.refuse("late.per", "what a window still takes is told by the window's end, and per: element judges rows by their own time; use per: window")
	}
	return nil
}

// replay is a run up to a moment, row by row, so that it is known which of them did
// what.
type replay struct {
	*input
	path        *operator.Path
	first, last int64 // arrivals
	rows        int64 // of the whole file
	at          int64 // the moment
	arrived     int64
	gate        *gate.Gate
	keys        []keyFilter
	asked       *history // of the window that is asked about, or nil
}

// keyFilter wants a value, as it is written, in a key column.
type keyFilter struct {
	column int // of the plan's keys
	text   string
}

// ask understands the question.
func (r *replay) ask(q *why.Question) error {
	if r.plan.Window.Numbered() {
		return fmt.Errorf("%w: the edges of count windows are numbers of rows, which rows that come later may change until they are counted; "+
			"ask about a job whose windows are of time", why.ErrAsk)
	}
	if err := r.survey(); err != nil {
		return err
	}
	var err error
	if r.at, err = r.moment(q.At); err != nil {
		return err
	}
	names := make([]string, len(r.plan.Keys))
	for i, at := range r.plan.Keys {
		names[i] = r.plan.Schema[at].Name
	}
	for _, k := range q.Keys {
		name, text, ok := strings.Cut(k, "=")
		f := keyFilter{column: -1, text: text}
		for i, n := range names {
			if n == name {
				f.column = i
			}
		}
		switch {
		case len(names) == 0:
			return fmt.Errorf("%w: --key %s: the job groups by no column (key_by), leave --key out", why.ErrAsk, k)
		case !ok || f.column < 0:
			hint := ""
			if near := expr.Nearest(name, names); near != "" && ok {
				hint = fmt.Sprintf("; did you mean %s=%s?", near, text)
			}
			return fmt.Errorf("%w: --key %s: NAME=VALUE was expected, NAME being one of %s%s", why.ErrAsk, k, list(names), hint)
		}
		r.keys = append(r.keys, f)
	}
	if q.Window != "" {
		r.asked, err = r.window(q.Window)
	}
	return err
}

// survey goes over all rows once, for when they arrive.
func (r *replay) survey() error {
	r.first, r.last = math.MaxInt64, math.MinInt64
	return r.file.Read(source.ReadOptions{}, func(b *column.Batch) error {
		for _, at := range b.Appends[:b.Rows] {
			r.first, r.last = min(r.first, at), max(r.last, at)
		}
		r.rows += int64(b.Rows)
		return nil
	})
}

// moment understands a moment of processing time.
func (r *replay) moment(s string) (int64, error) {
	if r.rows == 0 {
		r.first, r.last = 0, 0
	}
	if s == "" || s == "end" {
		return r.last, nil
	}
	if t, ok := parseInstant(s); ok {
		return t, nil
	}
	if d, err := flow.ParseDuration(s); err == nil {
		return window.Add(r.first, d), nil
	}
	return 0, fmt.Errorf("%w: --at %s: a moment is written as %s (RFC 3339), as %d (milliseconds since 1970), "+
		"as 1m30s (since the first arrival) or as end; rows arrive from %s to %s",
		why.ErrAsk, s, why.Instant(r.first), milliseconds(r.first), why.Instant(r.first), why.Instant(r.last))
}

// parseInstant reads RFC 3339, or milliseconds since the epoch, as microseconds.
func parseInstant(s string) (us int64, ok bool) {
	if ms, err := strconv.ParseInt(s, 10, 64); err == nil {
		return ms * 1000, ms <= math.MaxInt64/1000 && ms >= math.MinInt64/1000
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	return t.UnixMicro(), err == nil
}

// window understands which window is asked about.
func (r *replay) window(s string) (*history, error) {
	spec := r.plan.Window
	left, right, both := strings.Cut(s, "/")
	h := &history{spec: spec, above: len(r.plan.After) > 0}
	var okLeft, okRight bool
	h.start, okLeft = parseInstant(left)
	h.end, okRight = parseInstant(right)
	if !okLeft || both && !okRight {
		return nil, fmt.Errorf("%w: --window %s: START or START/END was expected, as window_start_ms and window_end_ms give them "+
			"or as 2024-05-06T07:08:00Z", why.ErrAsk, s)
	}
	fixed := spec.Kind == window.Tumbling || spec.Kind == window.Hopping
	if !fixed {
		if !both {
			h.end = h.start
		}
		if h.end < h.start {
			return nil, fmt.Errorf("%w: --window %s: it ends before it starts", why.ErrAsk, s)
		}
		return h, nil
	}
	h.exact = true
	starts := spec.Assign(h.start, nil)
	there := len(starts) > 0 && starts[len(starts)-1] == h.start
	if there && !both {
		h.end = spec.End(h.start)
	}
	if !there || h.end != spec.End(h.start) {
		var near []string
		for i, start := range starts {
			if i == 3 {
				near = append(near, "…")
				break
			}
			near = append(near, fmt.Sprintf("%d/%d", milliseconds(start), milliseconds(spec.End(start))))
		}
		hint := "; no window holds that time"
		if near != nil {
			hint = "; that time is in " + strings.Join(near, ", ")
		}
		return nil, fmt.Errorf("%w: --window %s: the job has no such window%s", why.ErrAsk, s, hint)
	}
	return h, nil
}

// run replays the rows that have arrived by the moment, and then lets time pass up
// to it.
func (r *replay) run(take func(b *column.Batch) error) error {
	plan := *r.plan
	plan.Having = nil
	r.path = operator.NewPath(&plan, len(r.file.Partitions()))
	r.gate = gate.New(r.path, len(r.file.Partitions()), func(b *column.Batch) error {
		if b != nil {
			if err := r.path.Process(b); err != nil {
				return err
			}
		}
		return take(b)
	})
	o := source.ReadOptions{BatchRows: 1, FileOrder: true}
	err := r.file.Read(o, func(b *column.Batch) error {
		if b.Appends[0] > r.at {
			return nil
		}
		r.arrived++
		return r.gate.Offer(kept(b, r.job.Pipeline.AlignDrift > 0))
	})
	if err != nil || r.rows == 0 {
		return r.held(err)
	}
	if err := r.gate.Pass(r.at); err != nil {
		return err
	}
	return take(nil)
}

// take looks at what a row did, or, without one, time.
func (r *replay) take(b *column.Batch) error {
	cause := why.Cause{Partition: -1, At: r.gate.Now()}
	if b != nil {
		cause = why.Cause{Partition: int(b.Partition), Offset: b.Offset, EventTime: b.Times[0], At: max(b.Appends[0], r.gate.Now())}
	}
	if r.asked != nil && b != nil {
		r.asked.dropped(r, r.path.Windowed().Drops(), &cause)
	}
	var pane operator.Pane
	for r.path.Next(&pane) {
		if r.asked != nil && len(r.plan.After) == 0 { // else panes are of windows over results
			r.asked.pane(r, &pane, cause)
		}
	}
	if r.asked != nil {
		r.asked.passed(r, cause)
	}
	return r.path.Err()
}

// wanted tells whether a key is one that is asked about.
func (r *replay) wanted(key uint32) bool {
	for _, f := range r.keys {
		if r.path.RowKeyer().Value(key, f.column).Text() != f.text {
			return false
		}
	}
	return true
}

// keyValues is a key in words: its columns' values as they are written.
func (r *replay) keyValues(key uint32) []string {
	values := make([]string, len(r.plan.Keys))
	for i := range values {
		values[i] = r.path.RowKeyer().Value(key, i).Text()
	}
	return values
}
