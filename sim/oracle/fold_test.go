package oracle

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parallax/engine/flow"
	engine "parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/fold"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/tuple"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// folding feeds a trial to folds that follow each other, as generations do, and to a
// path beside them.
type folding struct {
	runner
	count   bool                                // dropped pairs
	distort func(*flow.Pipeline) *flow.Pipeline // planted defect: of the pipeline that is folded
	blind   bool                                // planted defect: a generation begins at a cut without its frontiers
	hasty   bool                                // planted defect: windows are complete a microsecond early
	fold    *fold.Fold                          // the whole
	part    *fold.Fold                          // the generation at hand
	parts   [][]fold.Row
	shown   map[string]string // by (key, window): what the path's last pane said
	fronts  []int64
}

func (r *folding) newFold() *fold.Fold {
	p := r.trial.pipeline
	if r.distort != nil {
		p = r.distort(p)
	}
	plan, err := p.Plan(r.trial.input.Schema)
	if err != nil {
		r.fatal("plan: %v", err)
	}
	f, err := fold.New(plan, r.trial.input.Partitions, fold.Options{CountDropped: r.count})
	if err != nil {
		r.fatal("%v", err)
	}
	return f
}

// foldName is a row as text, but for what it counts.
func foldName(r *fold.Row) string { return fmt.Sprintf("%x@%d-%d", r.Key, r.Start, r.End) }

// play runs everything over the log; it is false if a row cannot be computed.
func (r *folding) play() bool {
	in := r.trial.input
	r.dicts, r.logs, r.shown = map[string]*column.Dict{}, make([]logSegment, in.Partitions), map[string]string{}
	r.path, r.fold, r.part = r.open(), r.newFold(), r.newFold()
	for range in.Partitions {
		r.fronts = append(r.fronts, watermark.None)
	}
	for at := 0; at < len(in.Rows); r.steps++ {
		n := 1
		if row := &in.Rows[at]; row.Idle {
			r.path.Idle(int(row.Partition), row.Time)
			r.fold.SetFrontier(int(row.Partition), row.Time)
			r.part.SetFrontier(int(row.Partition), row.Time)
		} else {
			most := r.feed.lengths[r.steps%len(r.feed.lengths)]
			for n < most && at+n < len(in.Rows) && in.Rows[at+n].Partition == row.Partition && !in.Rows[at+n].Idle {
				n++
			}
			if !r.take(in.Rows[at : at+n]) {
				return false
			}
		}
		r.compare(int(in.Rows[at].Partition))
		r.turn()
		at += n
	}
	r.parts = append(r.parts, r.part.Rows(nil))
	return true
}

func (r *folding) take(rows []Row) bool {
	b := r.batch(rows)
	whole, part := *b, *b
	whole.Frontiers, part.Frontiers = nil, nil
	for _, err := range []error{r.path.Process(b), r.fold.Add(&whole), r.part.Add(&part)} {
		var row *expr.RowError
		switch {
		case errors.As(err, &row):
			return false
		case err != nil:
			r.fatal("%v", err)
		}
	}
	return true
}

// compare holds what is complete in the fold against the path's panes so far.
func (r *folding) compare(partition int) {
	var pane operator.Pane
	for r.path.Next(&pane) {
		for i, key := range pane.Keys {
			var id []byte
			for c := range r.trial.keyCount() {
				id = tuple.Append(id, r.path.Keyer().Value(key, c))
			}
			row := fold.Row{Key: id, Start: pane.Start, End: pane.End}
			r.shown[foldName(&row)] = fmt.Sprintf("%v %x", pane.Kind == operator.Revision,
				pane.Table.AppendFirst(len(r.fold.Functions()), pane.Groups[i], nil))
		}
	}
	r.fronts[partition] = r.fold.Frontier(partition)
	ended := !slices.ContainsFunc(r.fronts, func(f int64) bool { return f != watermark.End })
	if r.count || ended { // at the end of time a path waits to be closed
		return
	}
	got := map[string]string{}
	mark := r.trial.pipeline.Watermark
	early := int64(0)
	if r.hasty {
		early = 1
	}
	for _, row := range r.fold.Rows(nil) {
		if row.Counted(false) > 0 && row.End-early <= fold.Watermark(mark, r.fronts, row.Partition) {
			got[foldName(&row)] = fmt.Sprintf("%v %x", row.Revised > 0, row.Accumulators)
		}
	}
	if diff := cmp.Diff(r.shown, got); diff != "" {
		r.fatal("- panes, + fold, at frontiers %v:\n%s", r.fronts, diff)
	}
}

// turn begins another generation here and there, beside the last or from its cut, and
// saves and loads the whole.
func (r *folding) turn() {
	if r.feed.drains[r.steps%len(r.feed.drains)] {
		r.parts = append(r.parts, r.part.Rows(nil))
		r.part = r.part.Beside(fold.Options{CountDropped: r.count})
		if r.steps%2 == 0 {
			r.part = r.newFold()
			for p, f := range r.fronts {
				if !r.blind {
					r.part.SetFrontier(p, f)
				}
			}
		}
	}
	if !r.feed.saves[r.steps%len(r.feed.saves)] {
		return
	}
	state := r.fold.AppendTo(nil)
	r.fold = r.newFold()
	if rest, err := r.fold.Load(append(slices.Clone(state), 9)); err != nil || !bytes.Equal(rest, []byte{9}) {
		r.fatal("load: %v, %d bytes left", err, len(rest))
	}
	if again := r.fold.AppendTo(nil); !bytes.Equal(again, state) {
		r.fatal("a loaded fold saves %d other bytes than the %d it was loaded from", len(again), len(state))
	}
}

// keyCount is how many columns the first stage's keys have.
func (t *trial) keyCount() (n int) {
	for _, s := range t.pipeline.Steps {
		if n += len(s.KeyBy); s.Aggregates != nil {
			break
		}
	}
	return n
}

// printRows is rows as text, all there is of them.
func printRows(rows []fold.Row) (lines []string) {
	for i := range rows {
		r := &rows[i]
		lines = append(lines, fmt.Sprintf("%s/%d: %d %d %d %x", foldName(r), r.Partition, r.OnTime, r.Revised, r.Dropped, r.Accumulators))
	}
	return lines
}

// merged adds the generations' rows, by a merger.
func (r *folding) merged() []fold.Row {
	var all []*fold.Row
	for i := range r.parts {
		for j := range r.parts[i] {
			all = append(all, &r.parts[i][j])
		}
	}
	slices.SortStableFunc(all, func(a, b *fold.Row) int { return a.Compare(b) })
	plan, _ := r.trial.pipeline.Plan(r.trial.input.Schema)
	m := fold.NewMerger(&plan.Stage)
	var out []fold.Row
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].Compare(all[0]) == 0 {
			n++
		}
		row, err := m.Merge(all[:n], nil)
		if err != nil {
			r.fatal("merge: %v", err)
		}
		out, all = append(out, row), all[n:]
	}
	return out
}

// check plays a trial and says what is wrong.
func (r *folding) check() string {
	if !r.play() {
		return ""
	}
	whole := printRows(r.fold.Rows(nil))
	if diff := cmp.Diff(whole, printRows(r.merged())); diff != "" {
		return "- the whole, + its generations by a merger:\n" + diff
	}
	sum := r.newFold()
	slices.Reverse(r.parts)
	for _, rows := range r.parts {
		if err := sum.Merge(rows); err != nil {
			return err.Error()
		}
	}
	if diff := cmp.Diff(whole, printRows(sum.Rows(nil))); diff != "" {
		return "- the whole, + its generations in a fold, backwards:\n" + diff
	}
	return r.scratch()
}

// scratch compares the fold with the oracle. Where dropped pairs count, that is the one
// of a pipeline that waits for ever.
func (r *folding) scratch() string {
	result, err := Answer(r.trial.pipeline, r.trial.input)
	if err != nil {
		return ""
	}
	final := result
	if r.count {
		for i := range r.trial.input.Rows {
			if t := r.trial.input.Rows[i].Time; t > 1<<62 || t < -1<<62 {
				return "" // nobody can wait for as long as that
			}
		}
		patient := *r.trial.pipeline
		patient.Late.Allowed = math.MaxInt64
		if final, err = Answer(&patient, r.trial.input); err != nil {
			return ""
		}
	}
	plan, _ := r.trial.pipeline.Plan(r.trial.input.Schema)
	table := engine.NewTable(plan.Functions())
	table.Grow(1)
	want, got := map[string]string{}, map[string]string{}
	for i, w := range result.Windows {
		row := fold.Row{Key: tuple.Append(nil, w.Key...), Start: w.Start, End: w.End}
		want[foldName(&row)] = fmt.Sprintf("%d %d %d %s", w.OnTimePairs, w.RevisedPairs, w.DroppedPairs, text(final.Windows[i].Final))
	}
	for _, row := range r.fold.Rows(nil) {
		line := ""
		if row.Counted(r.count) > 0 {
			if _, err := table.Load(0, row.Accumulators); err != nil {
				return err.Error()
			}
			var values []column.Value
			for i := range plan.Aggregates {
				values = append(values, table.Finish(0, i))
			}
			line = text(values)
		}
		got[foldName(&row)] = fmt.Sprintf("%d %d %d %s", row.OnTime, row.Revised, row.Dropped, line)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return "- oracle, + fold:\n" + diff
	}
	return ""
}

// plainer is a trial whose pipeline merges: without what does not, and up to its first
// aggregation.
func plainer(tr trial) trial {
	p := *tr.pipeline
	w := watermark.Spec{Bounded: p.Watermark.Bounded, Across: p.Watermark.Across, AheadMax: p.Watermark.AheadMax}
	if w.Across == watermark.Max {
		w.Across = watermark.Min
	}
	p.Watermark, p.Marker, p.IdleAfter, p.AlignDrift = w, nil, 0, 0
	p.Late.Rule, p.Steps = flow.Log, nil
	for _, s := range tr.pipeline.Steps {
		if s.Trigger != nil {
			continue
		}
		if w := s.Window; w != nil && (w.Kind == window.Session || w.Kind == window.Sliding || w.Kind == window.Counting) {
			hop := window.Hop(3000, 2000, 1000)
			s.Window = &hop
		}
		if p.Steps = append(p.Steps, s); s.Aggregates != nil {
			break
		}
	}
	tr.pipeline = &p
	return tr
}

// foldingOf feeds a runner's trial to folds.
func foldingOf(r runner, count bool) folding {
	r.trial = plainer(r.trial)
	return folding{runner: r, count: count}
}

// TestDifferentialFold: for drawn pipelines over drawn logs, what a fold says is complete
// at every cut is what the operators' panes say, and at the end what the oracle says of
// every (key, window), with or without dropped rows; however the log is cut into
// generations, and in whatever order those are merged, by folds or by mergers.
func TestDifferentialFold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := foldingOf(runner{trial: drawTrial(t), feed: drawFeed(t), t: t}, rapid.Bool().Draw(t, "count"))
		if report := r.check(); report != "" {
			t.Fatalf("%s\n%s", r.trial.src, report)
		}
	})
}

// TestDifferentialFoldSeeds is TestDifferentialFold over trials that do not depend on how
// the test is called.
func TestDifferentialFoldSeeds(t *testing.T) {
	from, to := seeds(t)
	if os.Getenv("PARALLAX_SOAK") == "" {
		to = 60
	}
	for seed := from; seed <= to; seed++ {
		r := foldingOf(trials.Example(seed), seed%2 == 0)
		r.t = t
		if report := r.check(); report != "" {
			t.Fatalf("PARALLAX_SOAK=1 PARALLAX_SEEDS=%d..%d go test -run TestDifferentialFoldSeeds ./sim/oracle\n%s\n%s",
				seed, seed, r.trial.src, report)
		}
	}
}

// report plays a trial and says what is wrong, also if the test fails on the way.
func (r folding) report() (report string) {
	defer func() {
		if c, ok := recover().(caught); ok {
			report = string(c)
		}
	}()
	r.t = catcher{}
	return r.check()
}

// TestPlantedFold: each mistake that a fold could make is found by the trials above.
func TestPlantedFold(t *testing.T) {
	pipeline := func(change func(*flow.Pipeline)) func(*folding) {
		return func(r *folding) {
			r.distort = func(p *flow.Pipeline) *flow.Pipeline {
				q := *p
				change(&q)
				return &q
			}
		}
	}
	for name, plant := range map[string]func(*folding){
		"the watermark is a microsecond early":            pipeline(func(p *flow.Pipeline) { p.Watermark.Bounded++ }),
		"lateness is allowed a microsecond less":          pipeline(func(p *flow.Pipeline) { p.Late.Allowed = max(0, p.Late.Allowed-1) }),
		"rows are judged as a whole":                      pipeline(func(p *flow.Pipeline) { p.Late.PerElement = true }),
		"a generation begins without its cut's frontiers": func(r *folding) { r.blind = true },
		"windows are complete before their end":           func(r *folding) { r.hasty = true },
	} {
		t.Run(name, func(t *testing.T) {
			for seed := 1; seed <= 1000; seed++ {
				r := foldingOf(trials.Example(seed), false)
				if plant(&r); r.report() != "" {
					t.Logf("found with seed %d", seed)
					return
				}
			}
			t.Error("not found")
		})
	}
}
