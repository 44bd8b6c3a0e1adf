package scenarios

import (
	"encoding/json"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/waiting"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
	"parallax/scenarios/why"
)

// some is a time, or nil for none of them.
func some(t, none int64) *int64 {
	if t == none {
		return nil
	}
	return &t
}

// facts collects what the path waits for at the moment.
func (r *replay) facts() *why.Facts {
	state := r.path.Waiting()
	w := &why.Facts{
		Format: "parallax.why/v1", Job: r.job.Name, At: r.at, First: r.first, Last: r.last, Arrived: r.arrived, Rows: r.rows,
		Windows: []why.Window{}, Pipeline: &r.job.Pipeline, Spec: r.plan.Window, Listed: state.Listed, Above: len(r.plan.After),
	}
	if r.job.Pipeline.Watermark.Across == watermark.Min {
		w.Watermark = some(state.Watermark, watermark.None)
		if state.Holder >= 0 {
			w.HeldBy = &state.Holder
		}
	}
	for i := range state.Inputs {
		w.Partitions = append(w.Partitions, r.partition(&state, i))
	}
	for i := range state.Open {
		if o := &state.Open[i]; r.narrow(o) {
			w.Windows = append(w.Windows, r.open(&state, o))
		}
	}
	if h := r.asked; h != nil {
		w.Asked = h.answer(w.Windows)
	}
	return w
}

// narrow leaves of an open window the keys that are asked about, and tells whether
// it is asked about at all.
func (r *replay) narrow(o *waiting.Window) bool {
	if r.asked != nil && !r.asked.covers(o.Start, o.End) {
		return false
	}
	if len(r.keys) == 0 {
		return true
	}
	keys, rows := o.Keys, o.Rows
	o.Keys, o.Rows = nil, nil
	for i, key := range keys {
		if !r.wanted(key) {
			continue
		}
		o.Keys = append(o.Keys, key)
		if rows != nil {
			o.Rows = append(o.Rows, rows[i])
		}
	}
	return len(o.Keys) > 0
}

func (r *replay) partition(state *waiting.Report, i int) why.Partition {
	in := &state.Inputs[i]
	p := why.Partition{
		Partition: i, Values: r.file.Partitions()[i].Values, Standing: "counts", Next: in.Next, Held: r.gate.Held(i),
		Frontier: some(in.Frontier, column.NoFrontier), Watermark: some(in.Watermark, watermark.None),
		Newest: some(in.Newest, column.NoFrontier), IdleAt: some(in.IdleAt, waiting.Never), JudgedBy: some(r.judge(state, i), watermark.None),
	}
	switch {
	case in.Paused:
		p.Standing = "paused"
	case in.Idle:
		p.Standing = "idle"
	case in.Behind:
		p.Standing = "behind"
	}
	if in.Next > 0 {
		silent := max(0, r.at-in.Last)
		p.LastAt, p.SilentFor = &in.Last, &silent
	}
	if in.Set >= 0 && in.Next > 0 {
		p.SetBy = &why.Cause{Partition: i, Offset: in.Set, EventTime: in.SetTime, At: in.SetAppend, Watermark: some(in.Watermark, watermark.None)}
	}
	if r.job.Pipeline.Watermark.Kind == watermark.PerKey && in.Next > 0 {
		key := in.Slowest
		if in.IsNull {
			key = "null"
		}
		p.Slowest = &key
	}
	return p
}

// judge is the watermark by which a row of a partition would be judged now.
func (r *replay) judge(state *waiting.Report, i int) int64 {
	p := &r.job.Pipeline
	if p.Late.Rule == flow.Operator && p.Watermark.Across == watermark.Min {
		return state.Watermark
	}
	return state.Inputs[i].Watermark
}

func (r *replay) open(state *waiting.Report, o *waiting.Window) why.Window {
	w := why.Window{
		Start: o.Start, End: o.End, State: "open", Keys: len(o.Keys), Needs: []why.Need{}, Accepts: []why.Accepts{},
		Fires: some(o.Fires, waiting.Never), Frees: some(o.Frees, waiting.Never),
	}
	switch {
	case o.Early:
		w.State = "early"
	case o.Fired:
		w.State = "fired"
	}
	if o.Lane >= 0 {
		w.Partition = &o.Lane
	}
	if r.plan.Window.Kind == window.Session {
		w.Key = r.keyValues(o.Keys[0])
	}
	if o.Rows != nil {
		sum := int64(0)
		for _, n := range o.Rows {
			sum += n
		}
		w.Rows = &sum
	}
	bound := r.job.Pipeline.Watermark.Bounded
	if r.job.Pipeline.Watermark.Kind == watermark.PerKey {
		bound = 0
	}
	for i := range state.Inputs {
		in := &state.Inputs[i]
		if o.Lane >= 0 && i != o.Lane {
			continue
		}
		if r.plan.Window.Kind != window.Session {
			as := watermark.Classify(r.judge(state, i), o.End, r.job.Pipeline.Late.Allowed)
			w.Accepts = append(w.Accepts, why.Accepts{Partition: i, As: as.String()})
		}
		if o.Fired || in.Idle || in.Behind || in.Watermark >= o.Fires {
			continue
		}
		n := why.Need{Partition: i, Frontier: window.Add(o.Fires, bound), IdleAt: some(in.IdleAt, waiting.Never)}
		if in.Frontier != column.NoFrontier {
			more := window.Sub(n.Frontier, in.Frontier)
			n.More = &more
		}
		w.Needs = append(w.Needs, n)
	}
	return w
}

// answer is what has become of the window; open lists those that still are.
func (h *history) answer(open []why.Window) *why.Asked {
	a := &why.Asked{
		Start: h.start, End: h.end, Verdict: "empty", Reached: h.reached, Freed: h.freed,
		Firings: append([]why.Firing{}, h.firings...), Late: append([]why.LateRow{}, h.late...),
	}
	if len(h.firings) > 0 || len(h.late) > 0 || h.above && h.freed != nil {
		a.Verdict = "forgotten"
	}
	for i := range open {
		switch {
		case open[i].State != "fired":
			a.Verdict = "open"
		case a.Verdict != "open":
			a.Verdict = "fired"
		}
	}
	if len(open) > 0 {
		a.Freed = nil
	}
	return a
}

// findRows looks, in a second replay, for the rows that the open sessions end with.
func (r *replay) findRows(w *why.Facts) error {
	if r.plan.Window.Kind != window.Session || len(w.Windows) == 0 {
		return nil
	}
	type place struct {
		key  string
		time int64
	}
	of := func(key []string, time int64) place {
		id, err := json.Marshal(key)
		if err != nil {
			panic(err) // of texts
		}
		return place{string(id), time}
	}
	wanted := map[place][]*why.Window{}
	for i := range w.Windows {
		v := &w.Windows[i]
		at := of(v.Key, r.plan.Window.Start(v.End))
		wanted[at] = append(wanted[at], v)
	}
	again := replay{input: r.input, at: r.at, rows: r.rows}
	return again.run(func(b *column.Batch) error {
		var pane operator.Pane
		for again.path.Next(&pane) { // what fires is known already
		}
		if b == nil {
			return again.path.Err()
		}
		selected, keys := again.path.Counted()
		if selected != nil && len(selected) == 0 {
			return nil
		}
		for _, v := range wanted[of(again.keyValues(keys[0]), b.Times[0])] {
			if v.KeptBy == nil {
				v.KeptBy = &why.Cause{Partition: int(b.Partition), Offset: b.Offset, EventTime: b.Times[0], At: again.gate.Now()}
			}
		}
		return nil
	})
}
