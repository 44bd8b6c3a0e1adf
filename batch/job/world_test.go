package job_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"parallax/batch/archive"
	"parallax/batch/job"
	"parallax/batch/view"
	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/store"
	"parallax/engine/commitlog/tail"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/fold"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
	"parallax/sim"
	"parallax/sim/fault"
	"parallax/sim/tape"
)

const (
	storeNode engine.NodeID = 1 + iota
	tapeNode
	archiverNode
	jobNode // folds on; behind it one that folds everything, into a view of its own, and a rival of the first
)

// errWrong is a view that is not what it should be.
var errWrong = errors.New("the view is wrong")

// errGone is a store that does not know any more what it has told.
var errGone = errors.New("what somebody was told of is gone")

// pipeline counts and sums by city, in windows of a second, every half second.
func pipeline(spec watermark.Spec) *flow.Pipeline {
	hop := window.Hop(1_000_000, 500_000, 0)
	sum := func(name string) expr.CallExpr {
		return expr.CallExpr{Func: "sum", Args: []expr.Expr{&expr.Field{Name: name}}}
	}
	return &flow.Pipeline{
		Watermark: spec, Late: flow.Late{Allowed: 700_000},
		Steps: []flow.Step{
			{KeyBy: []string{"city"}},
			{Window: &hop},
			{Aggregates: []flow.Aggregate{
				{Name: "n", Call: expr.CallExpr{Func: "count"}},
				{Name: "riders", Call: sum("riders")},
				{Name: "fare", Call: sum("fare")},
				{Name: "rate", Call: sum("rate")},
			}},
		},
	}
}

// yard is a world with a tape, a store, an archiver, and jobs.
type yard struct {
	*sim.World
	tape     *tape.Tape
	pipeline *flow.Pipeline
	parts    int
	complete bool
	alone    bool
	versions map[string]uint64
	markers  map[string]uint64
	asked    map[asked]request
	told     map[string]told     // by view
	sums     map[string][]uint64 // of a view's files, by view and marker
	whole    int
}

type yardOptions struct {
	seed        uint64
	generations int
	every       int64
	world       sim.Options
	trouble     store.Trouble
	defect      job.Defect
	store       store.Defect
	alone       bool // one job
}

func newYard(o yardOptions) (*yard, error) {
	spec := watermark.Spec{Bounded: 300_000, AheadMax: 500_000}
	if o.every == 0 {
		o.every = engine.Second
	}
	y := &yard{
		World: sim.New(o.world), pipeline: pipeline(spec), parts: 1 + int(o.seed%3), complete: o.seed%2 == 0, alone: o.alone,
		versions: map[string]uint64{}, markers: map[string]uint64{}, sums: map[string][]uint64{},
		asked: map[asked]request{}, told: map[string]told{},
	}
	var err error
	y.tape, err = tape.Draw(tape.Options{Seed: o.seed, Partitions: y.parts, Generations: o.generations, Every: o.every, Watermark: spec})
	if err != nil {
		return nil, err
	}
	y.Boot("store", store.Start(store.Options{Trouble: o.trouble, Defect: o.store}), store.Decode)
	y.Boot("tape", y.tape.Start(archive.Holder), tape.Decode)
	y.Boot("archiver", archive.Start(archive.Options{
		Log:     tail.Options{Topic: tape.Topic, Partitions: int32(y.parts), Brokers: []engine.NodeID{tapeNode}, Credit: 2000},
		Markers: tape.Markers, Schema: tape.Schema, Watermark: spec, Store: storeNode, Table: "raw", Code: "v1",
	}), archive.Decode)
	for i, name := range []string{"view", "full", "view"} {
		opts := job.Options{
			Pipeline: y.pipeline, Schema: tape.Schema, Partitions: int32(y.parts), Store: storeNode, Table: "raw", View: name, Code: "v1",
			Late: job.Late{Complete: y.complete, Full: name == "full", Poll: o.every / 5}, FileRows: 30, Defect: o.defect,
		}
		y.Boot(fmt.Sprint("job-", i), job.Start(opts), job.Decode)
		if o.alone {
			break
		}
	}
	y.OnStep(y.step)
	y.OnTrace(y.note)
	return y, nil
}

// asked is a request for an object.
type asked struct {
	by     engine.NodeID
	number uint64
}

// request is what is asked for, and the content that is to be written.
type request struct {
	name    string
	content []byte
}

// told is what somebody has been told of a view.
type told struct{ version, marker uint64 }

// note learns what the store has told of views. When it starts again, what its memory
// showed and nobody was told of may be lost; what somebody was told may not.
func (y *yard) note(tr sim.Trace) {
	switch {
	case tr.Op == "start" && tr.To == storeNode:
		clear(y.versions)
		clear(y.markers)
		for name, t := range y.told {
			y.versions[name], y.markers[name] = t.version, t.marker
		}
	case tr.Op != "message" || tr.From != storeNode && tr.To != storeNode:
	default:
		switch m, _ := blob.Decode(tr.Kind, tr.Data); m := m.(type) {
		case blob.Get:
			y.asked[asked{tr.From, m.Request}] = request{name: m.Name}
		case blob.Put:
			y.asked[asked{tr.From, m.Request}] = request{m.Name, bytes.Clone(m.Data)}
		case blob.Got:
			y.tell(y.asked[asked{tr.To, m.Request}].name, m.Code, m.Info, m.Data)
		case blob.Done:
			r := y.asked[asked{tr.To, m.Request}]
			y.tell(r.name, m.Code, m.Info, r.content)
		}
	}
}

// tell notes what somebody is told of an object, if it is a view's pointer.
func (y *yard) tell(object string, code blob.Code, info blob.Info, content []byte) {
	for _, name := range []string{"full", "view"} {
		if object != view.Pointer(name) || code != blob.OK || info.Version <= y.told[name].version {
			continue
		}
		if h, err := view.DecodeHead(content); err == nil {
			y.told[name] = told{info.Version, h.Marker}
		}
	}
}

// step judges a view whenever its pointer has moved.
func (y *yard) step(w *sim.World) error {
	s, ok := w.Actor(storeNode).(*store.Store)
	if !ok {
		return nil
	}
	for _, name := range []string{"full", "view"} {
		version := uint64(0)
		s.Objects(func(object string, info blob.Info, _ string) bool {
			if object == view.Pointer(name) {
				version = info.Version
			}
			return version == 0
		})
		if version < y.told[name].version {
			return fmt.Errorf("%w: version %d of %s, which is at %d", errGone, y.told[name].version, name, version)
		}
		if version <= y.versions[name] {
			continue
		}
		y.versions[name] = version
		y.whole++
		if err := y.judge(s, name); err != nil {
			return fmt.Errorf("%w: %s at version %d: %w", errWrong, name, version, err)
		}
	}
	return nil
}

// judge compares a view with the fold of all rows below its cut, and with the other view
// at the same marker.
func (y *yard) judge(s *store.Store, name string) error {
	all := map[string][]byte{}
	s.Contents(func(object string, data []byte) bool {
		all[object] = bytes.Clone(data)
		return true
	})
	h, err := view.DecodeHead(all[view.Pointer(name)])
	if err != nil {
		return err
	}
	if h.Marker <= y.markers[name] {
		return fmt.Errorf("marker %d behind %d", h.Marker, y.markers[name])
	}
	y.markers[name] = h.Marker
	if !slices.Equal(h.Cut, y.tape.Cut(int(h.Marker-1))) {
		return fmt.Errorf("the cut is %v, the marker's %v", h.Cut, y.tape.Cut(int(h.Marker-1)))
	}
	plan, err := y.pipeline.Plan(tape.Schema)
	if err != nil {
		return err
	}
	var rows []fold.Row
	var sums []uint64
	for i := range h.Files {
		f := &h.Files[i]
		if rows, err = view.DecodeFile(plan, f, all[f.Name], rows); err != nil {
			return err
		}
		sums = append(sums, f.Sum)
	}
	key := fmt.Sprint(h.Marker)
	if other, ok := y.sums[key]; ok && !slices.Equal(sums, other) {
		return fmt.Errorf("marker %d: folded on and from the beginning are other bytes", h.Marker)
	}
	y.sums[key] = sums
	if err := y.sameAsStream(h, rows); err != nil {
		return err
	}
	return y.sameAsScratch(h, plan, rows)
}

// sameAsStream compares with one fold that reads the log as a stream.
func (y *yard) sameAsStream(h *view.Head, rows []fold.Row) error {
	plan, err := y.pipeline.Plan(tape.Schema)
	if err != nil {
		return err
	}
	f, err := fold.New(plan, y.parts, fold.Options{CountDropped: y.complete})
	if err != nil {
		return err
	}
	for p := range h.Cut {
		err := y.tape.Rows(int32(p), 0, h.Cut[p].Offset, func(b *column.Batch, idle int64) error {
			if b == nil {
				f.SetFrontier(p, idle)
				return nil
			}
			return f.Add(b)
		})
		if err != nil {
			return err
		}
		if f.Frontier(p) != h.Cut[p].Frontier {
			return fmt.Errorf("partition %d: frontier %d, the cut has %d", p, f.Frontier(p), h.Cut[p].Frontier)
		}
	}
	want := f.Rows(nil)
	if len(want) != len(rows) {
		return fmt.Errorf("%d rows, want %d", len(rows), len(want))
	}
	for i := range want {
		a, b := &rows[i], &want[i]
		if a.Compare(b) != 0 || a.End != b.End || a.OnTime != b.OnTime || a.Revised != b.Revised || a.Dropped != b.Dropped ||
			!bytes.Equal(a.Accumulators, b.Accumulators) {
			return fmt.Errorf("row %d is\n%+v, want\n%+v", i, *a, *b)
		}
	}
	return nil
}

// finish runs to the end and wants the last marker in all views.
func (y *yard) finish() error {
	if err := y.RunUntil(y.tape.Ends()); err != nil {
		return err
	}
	y.Calm()
	for range 200 {
		if err := y.RunFor(100 * engine.Millisecond); err != nil {
			return err
		}
		last := uint64(y.tape.Generations())
		if y.markers["view"] == last && (y.alone || y.markers["full"] == last) {
			return nil
		}
	}
	return fmt.Errorf("%w: of %d generations: %v (%v, %v)", errWrong, y.tape.Generations(), y.markers, y.Fatal(jobNode), y.Fatal(archiverNode))
}

func storm(seed uint64, defect job.Defect) yardOptions {
	return yardOptions{
		seed: seed, generations: 5, world: sim.Swarm(seed), defect: defect,
		trouble: store.Trouble{Seed: seed, Busy: 30_000, Lose: 60_000},
	}
}

// TestLawJob: whatever happens, a view is at every moment the fold of all rows below its
// cut, its marker only rises, and in the end it is at the last.
func TestLawJob(t *testing.T) {
	n := uint64(30)
	if os.Getenv("PARALLAX_SOAK") != "" {
		n = 2000
	}
	whole := 0
	probes := map[string]uint64{}
	for seed := uint64(1); seed <= n; seed++ {
		y, err := newYard(storm(seed, job.DefectNone))
		if err == nil {
			err = y.finish()
		}
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		whole += y.whole
		for name, k := range y.Probes() {
			probes[name] += k
		}
	}
	for _, name := range []string{"job.incremental", "job.published-already", "job.file-there"} {
		if probes[name] == 0 {
			t.Errorf("%s never happened", name)
		}
	}
	t.Logf("%d seeds, %d views whole, %d folded on", n, whole, probes["job.incremental"])
}

// TestLawCrashEverywhere: a job that crashes at any of its steps, and a store that crashes
// at any of its writes, leave the old view whole or the new view whole.
func TestLawCrashEverywhere(t *testing.T) {
	small := yardOptions{seed: 6, generations: 2, every: 200 * engine.Millisecond, alone: true}
	y, err := newYard(small)
	if err != nil {
		t.Fatal(err)
	}
	steps := y.steps()
	if err := y.finish(); err != nil {
		t.Fatal(err)
	}
	for at := range *steps {
		y, err := newYard(small)
		if err != nil {
			t.Fatal(err)
		}
		n, crashed := y.steps(), false
		y.OnStep(func(w *sim.World) error {
			if *n == at+1 && !crashed && w.Actor(jobNode) != nil {
				crashed = true
				w.Crash(jobNode)
				w.Restart(jobNode)
			}
			return y.step(w)
		})
		if err := y.finish(); err != nil {
			t.Fatalf("the job crashes behind step %d: %v", at, err)
		}
	}
	writes := 0
	for k := uint64(1); k < 40; k++ {
		for _, moment := range []fault.Moment{fault.Issued, fault.InSync, fault.Durable, fault.Released} {
			y, err := newYard(small)
			if err != nil {
				t.Fatal(err)
			}
			y.CrashAtPersist(storeNode, k, moment)
			if err := y.finish(); err != nil {
				t.Fatalf("the store crashes at write %d, moment %v: %v", k, moment, err)
			}
			writes++
		}
	}
	t.Logf("%d crashes of a job, %d of the store, %d views in a calm run", *steps, writes, y.whole)
}

// steps counts the job's.
func (y *yard) steps() *int {
	n := new(int)
	y.OnTrace(func(tr sim.Trace) {
		if tr.To == jobNode && (tr.Op == "message" || tr.Op == "timer" || tr.Op == "start") {
			*n++
		}
	})
	return n
}

// TestPlantedDefects: each mistake of a job is found.
func TestPlantedDefects(t *testing.T) {
	for _, d := range []job.Defect{job.DefectTwice, job.DefectGoesBack, job.DefectEarlySwap, job.DefectForgetLate} {
		found := false
		for seed := uint64(1); seed <= 60 && !found; seed++ {
			y, err := newYard(storm(seed, d))
			if err == nil {
				err = y.finish()
			}
			if found = errors.Is(err, errWrong); found {
				t.Logf("%s: seed %d", d, seed)
			}
		}
		if !found {
			t.Errorf("%s was not found", d)
		}
	}
}

// TestPlantedStore: a store that tells of a view before that is durable is found.
func TestPlantedStore(t *testing.T) {
	for at := uint64(12); at < 240; at++ {
		y, err := newYard(yardOptions{
			seed: 6, generations: 2, every: 200 * engine.Millisecond, alone: true, store: store.DefectEagerReply,
			world: sim.Options{Seed: at}, // what a crash takes away is drawn
		})
		if err != nil {
			t.Fatal(err)
		}
		y.CrashAtPersist(storeNode, at%12, fault.InSync)
		if err := y.finish(); errors.Is(err, errGone) {
			t.Logf("write %d: %v", at%12, err)
			return
		}
	}
	t.Error("not found")
}

// TestVectorRefused: a pipeline that does not merge has no late: complete, and one that
// does not follow from a cut has no view; both are told the reason.
func TestVectorRefused(t *testing.T) {
	sessions, batches := pipeline(watermark.Spec{}), pipeline(watermark.Spec{Across: watermark.Max})
	w := window.Sessions(1_000_000, 0)
	sessions.Steps[1].Window = &w
	batches.Late = flow.Late{Rule: flow.Operator}
	for _, c := range []struct {
		pipeline *flow.Pipeline
		why      string
	}{{sessions, "session windows together"}, {batches, "do not follow from a cut"}} {
		_, err := job.Start(job.Options{
			Pipeline: c.pipeline, Schema: tape.Schema, Partitions: 2, Late: job.Late{Complete: true},
		})(engine.Env{}, &engine.Effects{})
		if err == nil || !bytes.Contains([]byte(err.Error()), []byte(c.why)) {
			t.Error(err)
		}
	}
}
