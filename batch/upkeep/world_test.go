package upkeep_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"testing"

	"parallax/batch/archive"
	"parallax/batch/job"
	"parallax/batch/manifest"
	"parallax/batch/upkeep"
	"parallax/batch/view"
	"parallax/batch/zone"
	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/store"
	"parallax/engine/commitlog/tail"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
	"parallax/sim"
	"parallax/sim/tape"
)

const (
	storeNode engine.NodeID = 1 + iota
	tapeNode
	archiverNode
	jobNode
	keeperNode // and a second one behind it
)

// errWrong is a store that lacks what is needed, or an archive with other rows.
var errWrong = errors.New("upkeep is wrong")

// yard is a world with everything of a batch layer in it, and two keepers.
type yard struct {
	*sim.World
	tape    *tape.Tape
	kept    int    // snapshots that stay readable
	objects int    // in the store at the last look
	version uint64 // of the table
	needed  []string
	whole   int
}

func newYard(seed uint64, world sim.Options, defect upkeep.Defect) (*yard, error) {
	spec := watermark.Spec{Bounded: 300_000, AheadMax: 500_000}
	parts := 1 + int(seed%2)
	y := &yard{World: sim.New(world), kept: int(seed % 3)}
	var err error
	y.tape, err = tape.Draw(tape.Options{Seed: seed, Partitions: parts, Generations: 12, Every: 500 * engine.Millisecond, Watermark: spec})
	if err != nil {
		return nil, err
	}
	w := window.Tumble(1_000_000, 0)
	p := &flow.Pipeline{Watermark: spec, Steps: []flow.Step{
		{KeyBy: []string{"city"}}, {Window: &w}, {Aggregates: []flow.Aggregate{{Name: "n", Call: expr.CallExpr{Func: "count"}}}},
	}}
	y.Boot("store", store.Start(store.Options{Trouble: store.Trouble{Seed: seed, Busy: 30_000, Lose: 60_000, SlowList: 200_000}}), store.Decode)
	y.Boot("tape", y.tape.Start(archive.Holder), tape.Decode)
	y.Boot("archiver", archive.Start(archive.Options{
		Log:     tail.Options{Topic: tape.Topic, Partitions: int32(parts), Brokers: []engine.NodeID{tapeNode}},
		Markers: tape.Markers, Schema: tape.Schema, Watermark: spec, Store: storeNode, Table: "raw", Code: "v1",
	}), archive.Decode)
	y.Boot("job", job.Start(job.Options{
		Pipeline: p, Schema: tape.Schema, Partitions: int32(parts), Store: storeNode, Table: "raw", View: "view", Code: "v1", FileRows: 8,
		Late: job.Late{Poll: 200 * engine.Millisecond},
	}), job.Decode)
	for i := range 2 {
		y.Boot(fmt.Sprint("keeper-", i), upkeep.Start(upkeep.Options{
			Store: storeNode, Tables: []string{"raw"}, Views: []string{"view"}, FilesMin: 2, FilesMax: 5, SmallRows: 60, Snapshots: y.kept,
			Every: 300 * engine.Millisecond, Defect: defect,
		}), upkeep.Decode)
	}
	y.OnStep(y.step)
	return y, nil
}

// step wants, after every event, that nothing that is needed was deleted, and judges the
// table when it has moved.
func (y *yard) step(w *sim.World) error {
	s, ok := w.Actor(storeNode).(*store.Store)
	if !ok {
		return nil
	}
	n, version := 0, uint64(0)
	s.Objects(func(name string, info blob.Info, _ string) bool {
		n++
		if name == manifest.Pointer("raw") || name == view.Pointer("view") {
			version += info.Version
		}
		return true
	})
	if n >= y.objects && version == y.version {
		y.objects = n
		return nil
	}
	y.objects = n
	all := map[string][]byte{}
	s.Contents(func(name string, data []byte) bool {
		all[name] = bytes.Clone(data)
		return true
	})
	if version != y.version {
		y.version = version
		if err := y.judge(all); err != nil {
			return fmt.Errorf("%w: %w", errWrong, err)
		}
	}
	for _, name := range y.needed {
		if all[name] == nil {
			return fmt.Errorf("%w: %s is needed and is not there", errWrong, name)
		}
	}
	return nil
}

// judge reads the table as of its last snapshots and the view, and notes what they need.
func (y *yard) judge(all map[string][]byte) error {
	get := func(name string) []byte { return all[name] }
	y.needed = y.needed[:0]
	h, err := view.DecodeHead(all[view.Pointer("view")])
	if err != nil {
		return err
	}
	for _, f := range h.Files {
		y.needed = append(y.needed, f.Name)
	}
	if all[manifest.Pointer("raw")] == nil {
		return nil
	}
	now, err := manifest.Table("raw", 0, get)
	if err != nil {
		return err
	}
	y.whole++
	if err := y.rows(now, all); err != nil {
		return err
	}
	for _, f := range now.Files {
		y.needed = append(y.needed, f.Name)
	}
	for back, state := 0, now; back < y.kept && state.Sequence > 1; back++ {
		if state, err = manifest.Table("raw", state.Parent, get); err != nil {
			return fmt.Errorf("%d snapshots back: %w", back+1, err)
		}
		for _, f := range state.Files {
			y.needed = append(y.needed, f.Name)
		}
	}
	return nil
}

// rows compares the table's rows with the tape's, by place and time.
func (y *yard) rows(state *manifest.State, all map[string][]byte) error {
	cut := y.tape.Cut(int(state.Batch("archiver") - 1))
	for p := range cut {
		var want, got []string
		poison := y.tape.Poison(int32(p), cut[p].Offset)
		err := y.tape.Rows(int32(p), 0, cut[p].Offset, func(b *column.Batch, _ int64) error {
			for row := 0; b != nil && row < b.Rows; row++ {
				want = append(want, fmt.Sprint(b.Offset+int64(row), b.Times[row], b.Columns[0].Value(row).Text(), b.Columns[3].Value(row).Text()))
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, f := range state.Files {
			if int(f.Partition) != p {
				continue
			}
			r, err := zone.Open(f, &state.Schemas[0], tape.Schema, all[f.Name], zone.Options{})
			if err != nil {
				return err
			}
			var b column.Batch
			for {
				if err := r.Next(&b); err == io.EOF {
					break
				} else if err != nil {
					return err
				}
				for row := range b.Rows {
					if slices.Contains(poison, b.Offset+int64(row)) {
						continue
					}
					got = append(got, fmt.Sprint(b.Offset+int64(row), b.Times[row], b.Columns[0].Value(row).Text(), b.Columns[3].Value(row).Text()))
				}
			}
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("partition %d has %d rows, the log %d:\n%q\n%q", p, len(got), len(want), got, want)
		}
	}
	return nil
}

func (y *yard) finish() error {
	if err := y.RunUntil(y.tape.Ends()); err != nil {
		return err
	}
	y.Calm()
	for range 100 {
		if err := y.RunFor(100 * engine.Millisecond); err != nil {
			return err
		}
		j, ok := y.Actor(jobNode).(*job.Job)
		if ok && j.Head() != nil && j.Head().Marker == uint64(y.tape.Generations()) {
			return y.RunFor(2 * engine.Second)
		}
	}
	return fmt.Errorf("%w: the view is not at the end: %v, %v, %v", errWrong, y.Fatal(archiverNode), y.Fatal(jobNode), y.Fatal(keeperNode))
}

// TestLawUpkeep: while an archiver appends and a job reads, files are put together and
// deleted; the rows stay the same, and nothing that is needed is ever missing.
func TestLawUpkeep(t *testing.T) {
	n := uint64(25)
	if os.Getenv("PARALLAX_SOAK") != "" {
		n = 2000
	}
	probes, whole := map[string]uint64{}, 0
	for seed := uint64(1); seed <= n; seed++ {
		y, err := newYard(seed, sim.Swarm(seed), upkeep.DefectNone)
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
	for _, name := range []string{"upkeep.replace", "upkeep.delete", "upkeep.overtaken"} {
		if probes[name] == 0 {
			t.Errorf("%s never happened", name)
		}
	}
	t.Logf("%d seeds, %d tables whole; %d times files were put together, %d objects deleted, %d times overtaken, %d times a job found a file gone",
		n, whole, probes["upkeep.replace"], probes["upkeep.delete"], probes["upkeep.overtaken"], probes["job.file-gone"])
}

// TestPlantedDefects: a keeper that deletes too much is found.
func TestPlantedDefects(t *testing.T) {
	for _, d := range []upkeep.Defect{upkeep.DefectEager, upkeep.DefectForgets} {
		found := false
		for seed := uint64(1); seed <= 60 && !found; seed++ {
			y, err := newYard(seed, sim.Swarm(seed), d)
			if err == nil {
				err = y.finish()
			}
			if found = errors.Is(err, errWrong); found {
				t.Logf("%s: seed %d: %.100v", d, seed, err)
			}
		}
		if !found {
			t.Errorf("%s was not found", d)
		}
	}
}
