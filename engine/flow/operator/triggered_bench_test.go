package operator

import (
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/trigger"
	"parallax/engine/flow/window"
)

// BenchmarkTriggered is the row path with triggers beside the one without, which
// knows nothing of them: count and sum of a thousand keys in tumbling windows, rows in
// order, in turn in one run, by processor time.
//
//	none, plain: without a trigger, and with one that changes nothing
//	early: a pane for each hundred rows of a key, accumulating
//	clock: a pane for each key 100 ms after its first new row, retracting
func BenchmarkTriggered(b *testing.B) {
	const distinct, rows = 1000, 1 << 17
	in := newBenchInput(rows, distinct, 4096)
	specs := []struct {
		name string
		spec *trigger.Spec
	}{
		{"none", nil},
		{"plain", &trigger.Spec{}},
		{"early", &trigger.Spec{Early: trigger.Firings{Rule: trigger.Rule{Count: 100}}}},
		{"clock", &trigger.Spec{Early: trigger.Firings{Rule: trigger.Rule{Processing: 100_000}}, Panes: trigger.Retracting}},
	}
	spent := make([]float64, len(specs))
	panes := make([]int, len(specs))
	for b.Loop() {
		for i, s := range specs {
			path := NewPath(benchTriggerPlan(b, in.size, s.spec), 1)
			start := cpu()
			panes[i] = in.passTriggered(b, path)
			spent[i] += float64(cpu() - start)
		}
	}
	for i, s := range specs {
		b.ReportMetric(spent[i]/float64(b.N)/rows, s.name+"-ns/row")
		b.ReportMetric(spent[i]/spent[0], s.name+"-ratio")
		b.ReportMetric(float64(panes[i])/rows, s.name+"-panes/row")
	}
	b.ReportMetric(0, "ns/op")
}

func benchTriggerPlan(b *testing.B, size int64, spec *trigger.Spec) *flow.Plan {
	w := window.Tumble(size, 0)
	p := &flow.Pipeline{Steps: []flow.Step{{KeyBy: []string{"k"}}, {Window: &w}}}
	if spec != nil {
		p.Steps = append(p.Steps, flow.Step{Trigger: spec})
	}
	var calls []flow.Aggregate
	for _, src := range []string{"count()", "sum(v)"} {
		call, err := expr.ParseCall(src)
		if err != nil {
			b.Fatal(err)
		}
		calls = append(calls, flow.Aggregate{Name: call.Func, Call: call})
	}
	p.Steps = append(p.Steps, flow.Step{Aggregates: calls})
	plan, err := p.Plan(column.Schema{{Name: "k", Type: column.TypeOf(column.Int64)}, {Name: "v", Type: column.TypeOf(column.Int64)}})
	if err != nil {
		b.Fatal(err)
	}
	return plan
}

// passTriggered feeds all rows and counts the (key, window)s of the panes.
func (in *benchInput) passTriggered(b *testing.B, path *Path) (panes int) {
	var pane Pane
	keys := make([]int64, in.batch)
	drain := func() {
		for path.Next(&pane) {
			panes += len(pane.Keys)
		}
	}
	for from := 0; from < len(in.keys); from += in.batch {
		for i, key := range in.keys[from : from+in.batch] {
			keys[i] = int64(key)
		}
		integer := column.TypeOf(column.Int64)
		batch := column.Batch{
			Offset: int64(from), Rows: in.batch, Times: in.times[from : from+in.batch], Appends: in.times[from : from+in.batch],
			Columns: []column.Column{{Type: integer, Ints: keys}, {Type: integer, Ints: in.ints[from : from+in.batch]}},
		}
		if err := path.Process(&batch); err != nil {
			b.Fatal(err)
		}
		drain()
	}
	path.Close()
	drain()
	return panes
}
