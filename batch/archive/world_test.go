package archive_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"parallax/batch/archive"
	"parallax/batch/manifest"
	"parallax/batch/zone"
	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/store"
	"parallax/engine/commitlog/tail"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
	"parallax/sim"
	"parallax/sim/fault"
	"parallax/sim/tape"
)

const (
	storeNode engine.NodeID = 1 + iota
	tapeNode
	archiverNode
)

// errWrong is an archive that is not what it should be.
var errWrong = errors.New("the archive is wrong")

// yard is a world with a tape, a store and an archiver.
type yard struct {
	*sim.World
	tape     *tape.Tape
	opts     archive.Options
	versions map[string]uint64 // of the tables' pointers, as they were judged last
	whole    int               // states that were judged
}

// yardOptions are what a yard is made of.
type yardOptions struct {
	seed        uint64
	partitions  int
	generations int
	every       int64 // ns; 0 means a second
	world       sim.Options
	trouble     store.Trouble
	defect      archive.Defect
}

func newYard(o yardOptions) (*yard, error) {
	spec := watermark.Spec{Bounded: 300_000}
	if o.seed%3 == 0 {
		spec.AheadMax = 500_000
	}
	if o.every == 0 {
		o.every = engine.Second
	}
	t, err := tape.Draw(tape.Options{
		Seed: o.seed, Partitions: o.partitions, Generations: o.generations, Every: o.every, Watermark: spec,
	})
	if err != nil {
		return nil, err
	}
	y := &yard{World: sim.New(o.world), tape: t, versions: map[string]uint64{}}
	y.opts = archive.Options{
		Log:     tail.Options{Topic: tape.Topic, Partitions: int32(o.partitions), Brokers: []engine.NodeID{tapeNode}, Credit: 2000},
		Markers: tape.Markers, Schema: tape.Schema, Watermark: spec, Store: storeNode, Table: "raw", Code: "v1", FileRows: 20,
		Refined: &archive.Refined{
			Table: "refined", Columns: []string{"riders", "city"}, Anonymous: []string{"city"}, Secret: []byte("salt"),
		},
		Defect: o.defect,
	}
	y.Boot("store", store.Start(store.Options{Trouble: o.trouble}), store.Decode)
	y.Boot("tape", t.Start(archive.Holder), tape.Decode)
	y.Boot("archiver", archive.Start(y.opts), archive.Decode)
	y.OnStep(y.step)
	return y, nil
}

// step judges a table whenever its pointer has moved.
func (y *yard) step(w *sim.World) error {
	s, ok := w.Actor(storeNode).(*store.Store)
	if !ok {
		return nil
	}
	for _, table := range []string{"raw", "refined"} {
		version := uint64(0)
		s.Objects(func(name string, info blob.Info, _ string) bool {
			if name == manifest.Pointer(table) {
				version = info.Version
			}
			return version == 0
		})
		if version <= y.versions[table] {
			continue
		}
		y.versions[table] = version
		y.whole++
		if err := y.judge(s, table); err != nil {
			return fmt.Errorf("%w: %s at version %d: %w", errWrong, table, version, err)
		}
	}
	return nil
}

// contents is everything that a store has.
func contents(s *store.Store) map[string][]byte {
	all := map[string][]byte{}
	s.Contents(func(name string, data []byte) bool {
		all[name] = bytes.Clone(data)
		return true
	})
	return all
}

// judge compares a table with what the tape has below the cut of its last batch.
func (y *yard) judge(s *store.Store, table string) error {
	all := contents(s)
	state, err := manifest.Table(table, 0, func(name string) []byte { return all[name] })
	if err != nil {
		return err
	}
	batch := state.Batch("archiver")
	if batch == 0 {
		return errors.New("a table without a batch")
	}
	cut := y.tape.Cut(int(batch - 1))
	if !slices.Equal(state.Cut, cut) {
		return fmt.Errorf("batch %d at %v, its marker is at %v", batch, state.Cut, cut)
	}
	for p := range cut {
		want, err := y.want(int32(p), cut[p].Offset, table == "refined")
		if err != nil {
			return err
		}
		var got []string
		for _, f := range state.Files {
			if int(f.Partition) != p {
				continue
			}
			lines, err := y.lines(f, state, all[f.Name], table)
			if err != nil {
				return err
			}
			got = append(got, lines...)
		}
		if table == "raw" {
			got, err = withoutPoison(got, y.tape.Poison(int32(p), cut[p].Offset))
			if err != nil {
				return err
			}
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("partition %d of batch %d:\n%s\nwant\n%s", p, batch, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	return nil
}

// withoutPoison wants a rejected row for each batch that nobody can read, and leaves those
// out.
func withoutPoison(lines []string, offsets []int64) ([]string, error) {
	for _, offset := range offsets {
		at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, fmt.Sprint(offset, " ")) })
		if at < 0 || !strings.Contains(lines[at], " true true") && !strings.Contains(lines[at], "true  true") {
			return nil, fmt.Errorf("no rejected row for the batch at offset %d", offset)
		}
		lines = slices.Delete(lines, at, at+1)
	}
	return lines, nil
}

// want is the rows of a partition below an offset as text, stamped one by one.
func (y *yard) want(part int32, to int64, refined bool) (lines []string, err error) {
	frontier := column.NoFrontier
	spec := y.opts.Watermark
	err = y.tape.Rows(part, 0, to, func(b *column.Batch, idle int64) error {
		if b == nil {
			frontier = max(frontier, idle)
			return nil
		}
		for row := range b.Rows {
			ahead := spec.Ahead(b.Times[row], b.Appends[row])
			if !ahead || !refined {
				lines = append(lines, y.line(b, row, frontier, ahead, refined))
			}
			if !ahead {
				frontier = max(frontier, b.Times[row])
			}
		}
		return nil
	})
	return lines, err
}

func (y *yard) line(b *column.Batch, row int, frontier int64, ahead, refined bool) string {
	s := fmt.Sprint(b.Offset+int64(row), b.Times[row], b.Appends[row], frontier, ahead)
	if refined {
		return s + " " + b.Columns[1].Value(row).Text() + fmt.Sprint(b.Columns[1].IsNull(row))
	}
	for i := range b.Columns {
		s += " " + b.Columns[i].Value(row).Text() + fmt.Sprint(b.Columns[i].IsNull(row))
	}
	return s
}

// lines is the rows of a file as text. In a refined zone nobody can read a city.
func (y *yard) lines(f manifest.File, state *manifest.State, content []byte, table string) (lines []string, err error) {
	input := tape.Schema
	refined := table == "refined"
	if refined {
		input = column.Schema{{Name: "city", Type: column.TypeOf(column.String)}, tape.Schema[1]}
	}
	if bytes.Contains(content, []byte("city-")) && refined {
		return nil, fmt.Errorf("%s: a name is in it", f.Name)
	}
	r, err := zone.Open(f, &state.Schemas[f.Schema-1], input, content, zone.Options{Appends: true, Frontiers: true})
	if err != nil {
		return nil, err
	}
	var b column.Batch
	for {
		if err := r.Next(&b); err == io.EOF {
			return lines, nil
		} else if err != nil {
			return nil, err
		}
		for row := range b.Rows {
			ahead := b.Select != nil && !slices.Contains(b.Select, int32(row))
			lines = append(lines, y.line(&b, row, b.Frontiers[row], ahead, refined))
		}
	}
}

// finish runs to the end, without faults at last, and wants everything archived.
func (y *yard) finish() error {
	if err := y.RunUntil(y.tape.Ends()); err != nil {
		return err
	}
	y.Calm()
	for range 100 {
		if a, ok := y.Actor(archiverNode).(*archive.Archiver); ok && a.Marker() == uint64(y.tape.Generations()) {
			return nil
		}
		if err := y.RunFor(200 * engine.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: not all %d generations are archived: %v", errWrong, y.tape.Generations(), y.Fatal(archiverNode))
}

// storm is a yard under all faults.
func storm(seed uint64, defect archive.Defect) yardOptions {
	return yardOptions{
		seed: seed, partitions: 1 + int(seed%3), generations: 6, world: sim.Swarm(seed), defect: defect,
		trouble: store.Trouble{Seed: seed, Busy: 30_000, Lose: 60_000},
	}
}

// TestLawArchive: whatever happens, a table is at every moment what the log holds below
// the cut of a marker, and in the end all of it is there.
func TestLawArchive(t *testing.T) {
	n := uint64(30)
	if os.Getenv("PARALLAX_SOAK") != "" {
		n = 2000
	}
	whole, resumed := 0, uint64(0)
	for seed := uint64(1); seed <= n; seed++ {
		y, err := newYard(storm(seed, archive.DefectNone))
		if err == nil {
			err = y.finish()
		}
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		whole += y.whole
		resumed += y.Probes()["archive.resume"]
	}
	if resumed == 0 {
		t.Error("no archiver went on from a table")
	}
	t.Logf("%d seeds, %d states whole, %d archivers went on", n, whole, resumed)
}

// TestLawArchiveSameBytes: a run leaves the same objects when it is played again.
func TestLawArchiveSameBytes(t *testing.T) {
	var first map[string][]byte
	for range 2 {
		y, err := newYard(storm(9, archive.DefectNone))
		if err == nil {
			err = y.finish()
		}
		if err != nil {
			t.Fatal(err)
		}
		all := contents(y.Actor(storeNode).(*store.Store))
		if first == nil {
			first = all
		}
		for name, data := range first {
			if !bytes.Equal(data, all[name]) {
				t.Errorf("%s is another", name)
			}
		}
	}
}

// TestLawCrashEverywhere: an archiver that crashes at any of its steps, and a store that
// crashes at any of its writes, leave a table whole, as it was before or as it is to be.
func TestLawCrashEverywhere(t *testing.T) {
	small := yardOptions{seed: 5, partitions: 2, generations: 2, every: 200 * engine.Millisecond}
	y, err := newYard(small)
	if err != nil {
		t.Fatal(err)
	}
	steps := 0
	y.OnTrace(func(tr sim.Trace) {
		if tr.To == archiverNode && (tr.Op == "message" || tr.Op == "timer" || tr.Op == "start") {
			steps++
		}
	})
	if err := y.finish(); err != nil {
		t.Fatal(err)
	}
	whole := y.whole
	crashes := 0
	for at := 0; at < steps; at++ {
		if err := crashArchiver(small, at); err != nil {
			t.Fatalf("crash at step %d: %v", at, err)
		}
		crashes++
	}
	for k := uint64(1); k < 30; k++ {
		for _, moment := range []fault.Moment{fault.Issued, fault.InSync, fault.Durable, fault.Released} {
			y, err := newYard(small)
			if err != nil {
				t.Fatal(err)
			}
			y.CrashAtPersist(storeNode, k, moment)
			if err := y.finish(); err != nil {
				t.Fatalf("the store crashes %v write %d: %v", moment, k, err)
			}
			crashes++
		}
	}
	t.Logf("%d crashes, of an archiver with %d steps; %d states in a calm run", crashes, steps, whole)
}

// crashArchiver crashes the archiver behind one of its steps; it comes back at once.
func crashArchiver(o yardOptions, at int) error {
	y, err := newYard(o)
	if err != nil {
		return err
	}
	n := 0
	y.OnTrace(func(tr sim.Trace) {
		if tr.To == archiverNode && (tr.Op == "message" || tr.Op == "timer" || tr.Op == "start") {
			n++
		}
	})
	y.OnStep(func(w *sim.World) error {
		if n == at+1 && w.Actor(archiverNode) != nil {
			n = at + 2
			w.Crash(archiverNode)
			w.Restart(archiverNode)
		}
		return y.step(w)
	})
	return y.finish()
}

// TestPlantedDefects: each mistake of an archiver is found.
func TestPlantedDefects(t *testing.T) {
	for _, d := range []archive.Defect{archive.DefectEarlyCommit, archive.DefectStaleMarker, archive.DefectNoRejects} {
		found := false
		for seed := uint64(1); seed <= 40 && !found; seed++ {
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

// TestVectorRefined: a refined zone that cannot be made is refused with the reason.
func TestVectorRefined(t *testing.T) {
	for want, r := range map[string]archive.Refined{
		`no column "town"`:     {Table: "r", Columns: []string{"town"}},
		`"city" is to be anon`: {Table: "r", Columns: []string{"fare"}, Anonymous: []string{"city"}},
		"that needs a secret":  {Table: "r", Anonymous: []string{"city"}},
		"of the raw zone":      {Table: "raw"},
	} {
		_, err := archive.Start(archive.Options{Table: "raw", Schema: tape.Schema, Refined: &r})(engine.Env{}, &engine.Effects{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", r, err, want)
		}
	}
}
