package oracle

import (
	"slices"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/window"
)

// TestVectorCount: rows count in the order of their times. What is left over makes no
// window, and its rows are pairs on time all the same.
func TestVectorCount(t *testing.T) {
	p := counting(window.Count(2), 0, 0)
	p.Watermark.Bounded = 20
	r, err := Answer(p, steps(30, 10, 20, 60, 39, 40, 50))
	if err != nil {
		t.Fatal(err)
	}
	var got [][3]int64
	for _, w := range r.Windows {
		got = append(got, [3]int64{w.Start, w.End, w.Last})
		if w.OnTime[0].Int != 2 || w.Final[0].Int != 2 || w.OnTimePairs != 2 {
			t.Errorf("%+v", w)
		}
	}
	if want := [][3]int64{{0, 2, 20}, {2, 4, 40}, {4, 6, 60}}; !slices.Equal(got, want) {
		t.Errorf("windows %v, want %v", got, want)
	}
	if len(r.Drops) != 1 || r.Drops[0].Time != 39 || r.Drops[0].Watermark != 40 || r.All.PairsOnTime != 6 || r.All.RowsDropped != 1 || r.All.Windows != 3 {
		t.Errorf("drops %+v, %+v", r.Drops, r.All)
	}
	onTime, final, r := visits(t, window.Count(2), flow.Late{Rule: flow.Operator}, steps(1, 2, 3))
	if onTime != "2@[0,2)" || final != onTime || r.All.PairsOnTime != 3 || r.All.Windows != 1 {
		t.Errorf("on time %s, final %s, %+v", onTime, final, r.All)
	}
	if row := r.Final[0]; row[len(row)-2].Int != 2 || r.Schema.Index("window_start_row") < 0 || r.Schema.Index("window_end_row") < 0 {
		t.Errorf("%v of %v", row, r.Schema.Names())
	}
}

// TestPlantedCount: the comparison sees these among trials with count windows, of which
// there are enough.
func TestPlantedCount(t *testing.T) {
	for _, d := range []struct {
		name   string
		tamper func(q *flow.Pipeline, w *window.Spec)
		change func(b *column.Batch)
	}{
		{name: "rows in another order", change: func(b *column.Batch) { slices.Reverse(b.Times) }},
		{name: "a window is a row longer", tamper: func(_ *flow.Pipeline, w *window.Spec) { *w = window.Count(w.Size + 1) }},
		{name: "late rows are counted", tamper: func(q *flow.Pipeline, _ *window.Spec) { q.Watermark.Bounded += 4000 }},
	} {
		trial, seen := 0, false
		for seed := 0; seed < 600 && !seen; seed++ {
			r := trials.Example(seed)
			at := slices.IndexFunc(r.trial.pipeline.Steps, func(s flow.Step) bool { return s.Window != nil && s.Window.Numbered() })
			if at < 0 {
				continue
			}
			trial++
			r.change = d.change
			r.tamper = func(p *flow.Pipeline) *flow.Pipeline {
				q, w := *p, *p.Steps[at].Window
				q.Steps = slices.Clone(p.Steps)
				q.Steps[at].Window = &w
				if d.tamper != nil {
					d.tamper(&q, &w)
				}
				return &q
			}
			seen = caughtBy(r) != ""
		}
		if !seen {
			t.Errorf("%s: not caught by %d trials", d.name, trial)
		}
		t.Logf("%s: caught by trial %d with count windows", d.name, trial)
	}
}
