package replay_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"parallax/batch/manifest"
	"parallax/batch/replay"
	"parallax/batch/zone"
	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
	"parallax/serving"
	"parallax/sim/tape"
)

// job is a pipeline over a tape, and over how many partitions.
type job struct {
	name       string
	pipeline   *flow.Pipeline
	partitions int
}

func parsed(src string) expr.Expr {
	e, err := expr.Parse(src)
	if err != nil {
		panic(err)
	}
	return e
}

// counting groups by city, and counts and sums in a window.
func counting(w window.Spec) *flow.Pipeline {
	sum, err := expr.ParseCall("sum(rate)")
	if err != nil {
		panic(err)
	}
	return &flow.Pipeline{
		Watermark: watermark.Spec{Bounded: 300_000}, Late: flow.Late{Allowed: 900_000},
		Steps: []flow.Step{
			{KeyBy: []string{"city"}},
			{Window: &w},
			{Aggregates: []flow.Aggregate{{Name: "n", Call: expr.CallExpr{Func: "count"}}, {Name: "rate", Call: sum}}},
		},
	}
}

// jobs are of every kind that is served by replay.
func jobs() []job {
	sessions, touching := window.Sessions(400_000, window.Overlapping), window.Sessions(250_000, window.Touching)
	plain := func(w window.Spec, change func(*flow.Pipeline)) *flow.Pipeline {
		p := counting(w)
		if change != nil {
			change(p)
		}
		return p
	}
	tumble, twice := window.Tumble(500_000, 0), window.Tumble(1_000_000, 0)
	over := func(p *flow.Pipeline) {
		p.Steps = append(p.Steps, flow.Step{Window: &twice}, flow.Step{Aggregates: []flow.Aggregate{{Name: "all", Call: expr.CallExpr{Func: "count"}}}})
	}
	return []job{
		{"sessions", plain(sessions, nil), 3},
		{"sessions that merge by touching", plain(touching, nil), 3},
		{"sessions, far rows rejected", plain(sessions, func(p *flow.Pipeline) { p.Watermark.AheadMax = 400_000 }), 3},
		{"windows over results", plain(tumble, over), 3},
		{"sliding", plain(window.Slide(300_000, 1000), nil), 3},
		{"count", plain(window.Count(3), func(p *flow.Pipeline) { p.Late.Allowed = 0 }), 3},
		{"sessions by the rule operator", plain(sessions, func(p *flow.Pipeline) { p.Late.Rule = flow.Operator }), 1},
		{"percentile", plain(tumble, func(p *flow.Pipeline) {
			p.Watermark = watermark.Spec{Kind: watermark.Percentile, Millionths: 900_000, Bounded: 100_000}
		}), 3},
		{"punctuated", plain(sessions, func(p *flow.Pipeline) {
			p.Watermark, p.Marker = watermark.Spec{Kind: watermark.Punctuated, Bounded: 100_000}, parsed("riders % 3 = 0")
		}), 3},
		{"per key", plain(tumble, func(p *flow.Pipeline) {
			p.Watermark, p.Marker = watermark.Spec{Kind: watermark.PerKey, Bounded: 800_000}, parsed("city")
		}), 3},
	}
}

// idles tells whether brokers may tell idle partitions the frontier of others.
func (j *job) idles() bool { return j.pipeline.Watermark.Kind == watermark.BoundedDisorder }

func (j *job) run(t *testing.T, defect replay.Defect) *replay.Run {
	t.Helper()
	r, err := replay.New(replay.Options{Pipeline: j.pipeline, Schema: tape.Schema, Partitions: j.partitions, Defect: defect})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// records are those of a partition up to a cut; what cannot be read, and idle records that
// nobody may use, are markers.
func (j *job) records(t *testing.T, log *tape.Tape, part int32, to protocol.Cut) (list []*protocol.Batch) {
	t.Helper()
	next := int64(0)
	skip := func(to int64) {
		if to > next {
			list = append(list, &protocol.Batch{Base: next, Count: int32(to - next), Idle: true, Producer: tape.Markers, TimeMax: math.MinInt64})
			next = to
		}
	}
	err := log.Rows(part, 0, to.Offset, func(b *column.Batch, idle int64) error {
		if b == nil {
			// Where it lies the tape does not say; only that nothing of the partition
			// stands between it and what comes next.
			if j.idles() {
				list = append(list, &protocol.Batch{Base: -1, Count: 1, Idle: true, TimeMax: idle})
			}
			return nil
		}
		if n := len(list); n > 0 && list[n-1].Base < 0 {
			list = idled(list, &next)
		}
		skip(b.Offset)
		list = append(list, encoded(b.Offset, b))
		next = b.Offset + int64(b.Rows)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	list = idled(list, &next)
	skip(to.Offset)
	return list
}

// idled gives the idle records at the end of a list their places.
func idled(list []*protocol.Batch, next *int64) []*protocol.Batch {
	for _, b := range list {
		if b.Base < 0 {
			b.Base = *next
			*next++
		}
	}
	return list
}

// straight is a run from the beginning to a cut, over the log, partitions in turn or one
// behind the other.
func (j *job) straight(t *testing.T, log *tape.Tape, cut []protocol.Cut, turns bool) *replay.Run {
	t.Helper()
	r := j.run(t, "")
	lists := make([][]*protocol.Batch, j.partitions)
	for p := range lists {
		lists[p] = j.records(t, log, int32(p), cut[p])
	}
	for busy := true; busy; {
		busy = false
		for p := range lists {
			for len(lists[p]) > 0 {
				busy = true
				if _, err := r.Take(p, lists[p][0]); err != nil {
					t.Fatal(err)
				}
				if lists[p] = lists[p][1:]; turns {
					break
				}
			}
		}
	}
	return r
}

// file is the rows of a partition between two cuts as an archiver leaves them.
func (j *job) file(t *testing.T, log *tape.Tape, part int32, from, to protocol.Cut) (manifest.File, []byte) {
	t.Helper()
	rows, frontier := zone.NewRows(zone.Schema(tape.Schema)), from.Frontier
	err := log.Rows(part, from.Offset, to.Offset, func(b *column.Batch, idle int64) error {
		if b == nil {
			frontier = max(frontier, idle)
			return nil
		}
		b.Frontiers = make([]int64, b.Rows)
		var ahead []int32
		frontier, ahead = j.pipeline.Watermark.Stamp(frontier, b.Times, b.Appends, b.Frontiers, nil)
		rows.Append(b, ahead, "too far")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	content, f, err := rows.Encode(part, from.Offset, to.Offset)
	if err != nil {
		t.Fatal(err)
	}
	f.Name = fmt.Sprint(part, "/", from.Offset)
	return f, content
}

// shown is what a run shows, as text; without saying what is revised, if that may depend
// on batches.
func shown(r *replay.Run, revisions bool) string {
	var b bytes.Buffer
	r.Shown().Ask(&serving.Query{From: math.MinInt64, To: math.MaxInt64}, func(row *serving.Row) bool {
		fmt.Fprintf(&b, "%q %d %d %v %x\n", row.Key, row.Start, row.End, revisions && row.Revision, row.Accumulators)
		return true
	})
	counted, dropped := r.Pairs()
	fmt.Fprintln(&b, counted, dropped, r.Watermark(), r.Cut())
	return b.String()
}

var errOther = errors.New("other rows are shown")

// archived brings runs from marker to marker over an archive, each from what the one
// before has saved, and compares every one with runs over the log.
func (j *job) archived(t *testing.T, log *tape.Tape, defect replay.Defect) error {
	t.Helper()
	schema := zone.Schema(tape.Schema)
	from := make([]protocol.Cut, j.partitions)
	for p := range from {
		from[p] = protocol.LogStart()
	}
	var state []byte
	var rows []serving.Row
	for marker := range log.Generations() {
		cut := log.Cut(marker)
		r := j.run(t, defect)
		if state != nil {
			if err := r.Load(state, rows); err != nil {
				return err
			}
		}
		for left := parts(j.partitions); len(left) > 0; {
			at := 0
			for i := range left {
				if r.Behind(left[i], left[at]) {
					at = i
				}
			}
			p := left[at]
			left = slices.Delete(left, at, at+1)
			f, content := j.file(t, log, p, from[p], cut[p])
			if _, err := r.AddFile(f, schema, content); err != nil {
				return err
			}
		}
		if err := r.Stand(cut); err != nil {
			return err
		}
		for _, turns := range []bool{false, true} {
			if want := shown(j.straight(t, log, cut, turns), true); want != shown(r, true) {
				return fmt.Errorf("%w at marker %d:\n%s\nshould be\n%s", errOther, marker, shown(r, true), want)
			}
		}
		state, rows, from = r.AppendTo(nil), nil, cut
		r.Shown().Ask(&serving.Query{From: math.MinInt64, To: math.MaxInt64}, func(row *serving.Row) bool {
			own := *row
			own.Accumulators, own.Key = bytes.Clone(row.Accumulators), bytes.Clone(row.Key)
			rows = append(rows, own)
			return true
		})
	}
	return nil
}

func parts(n int) (list []int32) {
	for p := range n {
		list = append(list, int32(p))
	}
	return list
}

// TestDifferentialArchive: over an archive, from one saved state to the next, a run shows
// at every marker what one from the log's beginning shows there, however that one's
// partitions interleave.
func TestDifferentialArchive(t *testing.T) {
	for _, j := range jobs() {
		t.Run(j.name, func(t *testing.T) {
			for seed := uint64(1); seed <= 6; seed++ {
				log, err := tape.Draw(tape.Options{Seed: seed, Partitions: j.partitions, Generations: 4, Every: engine.Second, Watermark: j.pipeline.Watermark})
				if err != nil {
					t.Fatal(err)
				}
				if err := j.archived(t, log, ""); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
			}
		})
	}
}

// TestPlantedDefects: each mistake is found.
func TestPlantedDefects(t *testing.T) {
	j := jobs()[0]
	for _, d := range []replay.Defect{replay.DefectAnew, replay.DefectStands} {
		found := false
		for seed := uint64(1); seed <= 30 && !found; seed++ {
			log, err := tape.Draw(tape.Options{Seed: seed, Partitions: j.partitions, Generations: 4, Every: engine.Second, Watermark: j.pipeline.Watermark})
			if err != nil {
				t.Fatal(err)
			}
			found = errors.Is(j.archived(t, log, d), errOther)
		}
		if !found {
			t.Errorf("%s was not found", d)
		}
	}
}

// TestVectorState: what is no state of the job is refused, and what cannot be gone on with.
func TestVectorState(t *testing.T) {
	j := jobs()[0]
	state := j.run(t, "").AppendTo(nil)
	for n := range state {
		if err := j.run(t, "").Load(state[:n], nil); !errors.Is(err, replay.ErrState) {
			t.Fatalf("%d of %d bytes: %v", n, len(state), err)
		}
	}
	if _, err := j.run(t, "").Take(0, &protocol.Batch{Base: 4, Count: 1, Idle: true}); !errors.Is(err, replay.ErrGap) {
		t.Error(err)
	}
	p := counting(window.Tumble(500_000, 0))
	p.Late.Rule = flow.Operator
	if _, err := replay.New(replay.Options{Pipeline: p, Schema: tape.Schema, Partitions: 2}); !errors.Is(err, replay.ErrJob) {
		t.Error(err)
	}
	slow := jobs()[7]
	if _, err := slow.run(t, "").Take(0, &protocol.Batch{Count: 1, Idle: true, TimeMax: 5}); !errors.Is(err, replay.ErrJob) {
		t.Error(err)
	}
}

// TestVectorIdle: an idle record in front of an archived row has raised its partition's
// frontier to 20 s, so that the row at 1 s is too late for its session of 10 s.
func TestVectorIdle(t *testing.T) {
	for defect, want := range map[replay.Defect][2]int64{"": {0, 1}, replay.DefectSilent: {1, 0}} {
		sessions := window.Sessions(10_000_000, window.Overlapping)
		p := &flow.Pipeline{Steps: []flow.Step{
			{Window: &sessions}, {Aggregates: []flow.Aggregate{{Name: "n", Call: expr.CallExpr{Func: "count"}}}},
		}}
		r, err := replay.New(replay.Options{Pipeline: p, Schema: column.Schema{}, Partitions: 1, Defect: defect})
		if err != nil {
			t.Fatal(err)
		}
		schema := zone.Schema(column.Schema{})
		rows := zone.NewRows(schema)
		rows.Append(&column.Batch{Offset: 1, Rows: 1, Times: []int64{1_000_000}, Appends: []int64{0}, Frontiers: []int64{20_000_000}}, nil, "")
		content, f, err := rows.Encode(0, 0, 2)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := r.AddFile(f, schema, content); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if counted, dropped := r.Pairs(); counted != want[0] || dropped != want[1] {
			t.Errorf("%q: %d counted and %d dropped, want %v", defect, counted, dropped, want)
		}
	}
}
