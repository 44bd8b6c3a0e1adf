package manifest

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/column"
)

const table = "t"

var firstSchema = &Schema{ID: 1, Fields: []Field{{1, "k", column.TypeOf(column.String)}, {2, "v", column.TypeOf(column.Int64)}}}

// appendOf is an append of one file of a partition.
func appendOf(writer string, batch uint64, partition int32, from, to int64, schema *Schema) Change {
	cut := make([]protocol.Cut, 2)
	cut[partition] = protocol.Cut{Offset: to, Frontier: to * 10}
	return Change{
		Writer: writer, Batch: batch, Operation: Append, Code: "v1", Cut: cut, Schema: schema,
		Add: []File{{
			Name: FileName(table, writer, batch, &File{Partition: partition, From: from, To: to}), Partition: partition, From: from, To: to, Rows: to - from, Schema: 1,
			Stats: []Stat{{Field: 2, Min: intValue(from), Max: intValue(to - 1)}},
		}},
	}
}

func intValue(v int64) column.Value { return column.Value{Type: column.TypeOf(column.Int64), Int: v} }

// shelf is a store without a world: what a store does, at once.
type shelf struct {
	objects map[string][]byte
	version map[string]uint64
	last    uint64
}

func newShelf() *shelf { return &shelf{map[string][]byte{}, map[string]uint64{}, 0} }

func (s *shelf) answer(m engine.Message) engine.Message {
	switch m := m.(type) {
	case blob.Get:
		data, ok := s.objects[m.Name]
		if !ok {
			return blob.Got{Request: m.Request, Code: blob.Missing}
		}
		return blob.Got{Request: m.Request, Info: blob.Info{Version: s.version[m.Name]}, Data: data}
	case blob.Put:
		if s.version[m.Name] != m.Expect {
			return blob.Done{Request: m.Request, Code: blob.Mismatch}
		}
		s.last++
		s.objects[m.Name], s.version[m.Name] = m.Data, s.last
		return blob.Done{Request: m.Request}
	}
	panic("not a request")
}

// run carries a commit on until a request of a kind is next, or it is done.
func run(t *testing.T, s *shelf, c *Commit, m engine.Message, until func(engine.Message) bool) engine.Message {
	t.Helper()
	for m != nil && !until(m) {
		next, err := c.Answer(s.answer(m))
		if err != nil {
			t.Fatal(err)
		}
		m = next
	}
	return m
}

func never(engine.Message) bool { return false }

// swap is the put of the pointer.
func swap(m engine.Message) bool {
	p, ok := m.(blob.Put)
	return ok && p.Name == Pointer(table)
}

func commit(t *testing.T, s *shelf, change Change) *Commit {
	t.Helper()
	c := NewCommit(table, change, 0)
	run(t, s, c, c.Start(), never)
	if !c.Done() {
		t.Fatal("not done")
	}
	return c
}

func read(t *testing.T, s *shelf) *State {
	t.Helper()
	c, err := newChain(s.objects[Pointer(table)])
	if err != nil {
		t.Fatal(err)
	}
	for {
		name, more := c.Want()
		if !more {
			break
		}
		if err := c.Take(s.objects[name]); err != nil {
			t.Fatal(err)
		}
	}
	state, err := c.State()
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// TestVectorL17: two appends for one base; the second is replayed on the first.
func TestVectorL17(t *testing.T) {
	s := newShelf()
	s1 := commit(t, s, appendOf("setup", 1, 0, 0, 10, firstSchema)).Snapshot()
	w1, w2 := NewCommit(table, appendOf("w1", 1, 0, 10, 15, nil), 0), NewCommit(table, appendOf("w2", 1, 1, 0, 7, nil), 0)
	m1, m2 := run(t, s, w1, w1.Start(), swap), run(t, s, w2, w2.Start(), swap)
	run(t, s, w1, m1, never)
	run(t, s, w2, m2, never)
	s2, s3 := w1.Snapshot(), w2.Snapshot()
	if s1.Sequence != 1 || s2.Sequence != 2 || s2.Parent != s1.ID || s3.Sequence != 3 || s3.Parent != s2.ID || w2.Tries() != 2 {
		t.Errorf("snapshots %+v, %+v, %+v, %d tries", s1, s2, s3, w2.Tries())
	}
	if got := read(t, s); got.Rows() != 22 || got.Cut[0].Offset != 15 || got.Cut[1].Offset != 7 || len(got.Files) != 3 {
		t.Errorf("%+v", got)
	}
}

// TestVectorL18: a compaction whose input is deleted meanwhile must not commit, or what
// was deleted would be back.
func TestVectorL18(t *testing.T) {
	s := newShelf()
	f1 := commit(t, s, appendOf("w", 1, 0, 0, 10, firstSchema)).Snapshot().Add[0]
	f2 := commit(t, s, appendOf("w", 2, 0, 10, 20, nil)).Snapshot().Add[0]
	merged := File{Name: FileName(table, "compactor", 1, &File{From: 0, To: 20}), From: 0, To: 20, Rows: 20, Schema: 1}
	c := NewCommit(table, Change{
		Writer: "compactor", Batch: 1, Operation: Replace, Code: "v1", Add: []File{merged}, Remove: []string{f1.Name, f2.Name},
	}, 0)
	m := run(t, s, c, c.Start(), swap)
	commit(t, s, Change{Writer: "eraser", Batch: 1, Operation: Delete, Code: "v1", Remove: []string{f1.Name}})
	var err error
	for m != nil && err == nil {
		m, err = c.Answer(s.answer(m))
	}
	if !errors.Is(err, ErrGone) || !strings.Contains(err.Error(), f1.Name) {
		t.Errorf("the compaction: %v", err)
	}
	if got := read(t, s); got.Rows() != 10 || len(got.Files) != 1 || got.Files[0].Name != f2.Name {
		t.Errorf("%+v", got.Files)
	}
}

// TestVectorL21: batch 19 is swapped in and nobody hears of it; the writer, restarted,
// finds 18 the last that it knows of and sends 19 again, as another attempt with other
// file names would too. Its rows are there once.
func TestVectorL21(t *testing.T) {
	s := newShelf()
	commit(t, s, appendOf("w", 18, 0, 0, 10, firstSchema))
	lost := NewCommit(table, appendOf("w", 19, 0, 10, 20, nil), 0)
	m := run(t, s, lost, lost.Start(), swap)
	again := NewCommit(table, appendOf("w", 19, 0, 10, 20, nil), 100)
	m2 := run(t, s, again, again.Start(), swap) // made for 18
	s.answer(m)                                 // the old one lands now, and its reply is lost
	run(t, s, again, m2, never)
	if !again.Done() || again.Snapshot() != nil {
		t.Errorf("batch 19 was committed again: %+v", again.Snapshot())
	}
	if got := read(t, s); got.Rows() != 20 || len(got.Files) != 2 {
		t.Errorf("%d rows in %d files", got.Rows(), len(got.Files))
	}
}

func TestVectorMistakes(t *testing.T) {
	s, _, err := (&State{}).Apply(ptr(appendOf("w", 1, 0, 0, 10, firstSchema)))
	if err != nil {
		t.Fatal(err)
	}
	wider := &Schema{ID: 2, Fields: []Field{{1, "key", column.TypeOf(column.String)}, {2, "v", column.TypeOf(column.Float64)}}}
	for _, c := range []struct {
		name   string
		change Change
		want   error
	}{
		{"a batch again", appendOf("w", 1, 0, 10, 20, nil), ErrApplied},
		{"a gap", appendOf("w", 2, 0, 11, 20, nil), ErrPlace},
		{"an overlap", appendOf("w", 2, 0, 9, 20, nil), ErrPlace},
		{"nobody's", appendOf("", 2, 0, 10, 20, nil), ErrChange},
		{"a type that changes", appendOf("w", 2, 0, 10, 20, wider), ErrSchema},
		{"a deletion of nothing", Change{Writer: "w", Batch: 2, Operation: Delete}, ErrChange},
		{"other rows", Change{
			Writer: "c", Batch: 1, Operation: Replace, Remove: []string{s.Files[0].Name}, Add: []File{{Name: "x", To: 10, Rows: 9, Schema: 1}},
		}, ErrPlace},
	} {
		if _, _, err := s.Apply(&c.change); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if s.Rows() != 10 || s.Sequence != 1 {
		t.Errorf("a refused change left %+v", s)
	}
}

func ptr[T any](v T) *T { return &v }

// TestVectorDead: what a commit on its way may still need is not dead.
func TestVectorDead(t *testing.T) {
	s := newShelf()
	live := commit(t, s, appendOf("w", 5, 0, 0, 10, firstSchema)).Snapshot().Add[0].Name
	state := read(t, s)
	none := func(string) bool { return false }
	for name, want := range map[string]bool{
		live: false,
		FileName(table, "w", 5, &File{From: 0, To: 9}):       true,  // of an attempt that was overtaken
		FileName(table, "w", 6, &File{From: 10, To: 20}):     false, // of the next batch
		FileName(table, "other", 1, &File{From: 10, To: 20}): false,
		"t/snapshots/0000000001-00000000000000aa":            true,
		"t/snapshots/0000000002-00000000000000aa":            false,
		"t/head":       false,
		"t/data/w":     false,
		"elsewhere/x":  false,
		"t/data/w/x/y": false,
	} {
		if got := state.Dead(table, name, none); got != want {
			t.Errorf("%s: dead is %v", name, got)
		}
	}
}

// TestVectorBytes: manifests of many small commits stay small, and so does a read.
func TestVectorBytes(t *testing.T) {
	s := newShelf()
	const commits = 500
	total := 0
	for i := range int64(commits) {
		schema := firstSchema
		if i > 0 {
			schema = nil
		}
		commit(t, s, appendOf("archiver", uint64(i+1), 0, i*1000, (i+1)*1000, schema))
	}
	for name, data := range s.objects {
		if name != Pointer(table) {
			total += len(data)
		}
	}
	c, err := newChain(s.objects[Pointer(table)])
	if err != nil {
		t.Fatal(err)
	}
	reads, bytes := 0, 0
	for name, more := c.Want(); more; name, more = c.Want() {
		if err := c.Take(s.objects[name]); err != nil {
			t.Fatal(err)
		}
		reads, bytes = reads+1, bytes+len(s.objects[name])
	}
	t.Logf("%d commits: %d bytes each; a read takes %d objects of %d bytes", commits, total/commits, reads, bytes)
	if total/commits > 1000 {
		t.Errorf("%d bytes of manifest a commit", total/commits)
	}
}

// TestVectorSpan: an append of a span moves the cut over stretches without rows, and
// finds the table where it begins.
func TestVectorSpan(t *testing.T) {
	cut := func(a, b int64) []protocol.Cut {
		return []protocol.Cut{{Offset: a, Frontier: a}, {Offset: b, Frontier: b}}
	}
	file := func(p int32, from, to int64) File {
		f := File{Partition: p, From: from, To: to, Rows: 1, Schema: 1}
		f.Name = FileName(table, "w", 1, &f)
		return f
	}
	span := func(batch uint64, from, to []protocol.Cut, files ...File) *Change {
		return &Change{Writer: "w", Batch: batch, Operation: Append, From: from, Cut: to, Add: files}
	}
	first := span(1, cut(5, 0), cut(9, 3), file(0, 5, 9))
	first.Schema = firstSchema
	one, snapshot, err := (&State{}).Apply(first)
	if err != nil || one.Cut[1] != (protocol.Cut{Offset: 3, Frontier: 3}) {
		t.Fatal(one, err)
	}
	o := object{snapshot: *snapshot}
	if back, err := decodeObject(o.encode()); err != nil || !reflect.DeepEqual(back.snapshot.From, first.From) {
		t.Fatal(back, err)
	}
	two, _, err := one.Apply(span(2, cut(9, 3), cut(9, 8), file(1, 3, 8)))
	if err != nil || two.Cut[0].Offset != 9 || two.Cut[1].Offset != 8 {
		t.Fatal(two, err)
	}
	for _, bad := range []*Change{
		span(2, cut(8, 3), cut(9, 3)),                   // not where the table is
		span(2, cut(9, 3), cut(8, 3)),                   // backwards
		span(2, cut(9, 3), cut(12, 3), file(0, 10, 12)), // a gap before the file
		span(2, cut(9, 3), cut(12, 3), file(0, 9, 11)),  // and behind it
	} {
		if _, _, err := one.Apply(bad); !errors.Is(err, ErrPlace) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if _, _, err := one.Apply(span(2, cut(9, 3)[:1], cut(9, 3))); !errors.Is(err, ErrChange) {
		t.Errorf("a span of one partition on two: %v", err)
	}
}

// TestLawReading: a table that is read as it is now is the one that was committed.
func TestLawReading(t *testing.T) {
	s := newShelf()
	var last *State
	for batch := uint64(1); batch < 20; batch++ {
		var schema *Schema
		if batch == 1 {
			schema = firstSchema
		}
		c := NewCommit(table, appendOf("w", batch, 0, int64(batch-1)*10, int64(batch)*10, schema), 0)
		for m := c.Start(); m != nil; {
			var err error
			if m, err = c.Answer(s.answer(m)); err != nil {
				t.Fatal(err)
			}
		}
		last = c.State()
		r := NewReading(table, 0, c.Request())
		for m := r.Start(); m != nil; {
			var err error
			if m, err = r.Answer(s.answer(m)); err != nil {
				t.Fatal(err)
			}
		}
		shelf, err := Table(table, 0, func(name string) []byte { return s.objects[name] })
		if !reflect.DeepEqual(r.State(), last) || !reflect.DeepEqual(shelf, last) || err != nil || !r.Keeps(last.Files[0].Name) {
			t.Fatalf("batch %d: %v", batch, err)
		}
	}
	for name := range s.objects {
		if strings.Contains(name, "/snapshots/") {
			delete(s.objects, name)
		}
	}
	r := NewReading(table, 0, 0)
	var err error
	for m := r.Start(); m != nil && err == nil; {
		m, err = r.Answer(s.answer(m))
	}
	if !errors.Is(err, ErrStore) {
		t.Errorf("a table without its snapshots: %v", err)
	}
}

// TestVectorTimeTravel: a table is read as of an earlier snapshot, and what that needs is
// kept, until its objects are gone.
func TestVectorTimeTravel(t *testing.T) {
	s := newShelf()
	commit := func(c Change) *State {
		m := NewCommit(table, c, 0)
		for q := m.Start(); q != nil; {
			var err error
			if q, err = m.Answer(s.answer(q)); err != nil {
				t.Fatal(err)
			}
		}
		return m.State()
	}
	first := commit(appendOf("w", 1, 0, 0, 10, firstSchema))
	second := commit(appendOf("w", 2, 0, 10, 20, nil))
	merged := File{From: 0, To: 20, Rows: 20, Schema: 1}
	merged.Name = FileName(table, "compactor", 1, &merged)
	last := commit(Change{
		Writer: "compactor", Batch: 1, Operation: Replace, Add: []File{merged},
		Remove: []string{second.Files[0].Name, second.Files[1].Name},
	})
	get := func(name string) []byte { return s.objects[name] }
	for _, want := range []*State{first, second, last} {
		if got, err := Table(table, want.ID, get); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("as of %016x: %+v, %v", want.ID, got, err)
		}
	}
	if _, err := Table(table, 77, get); !errors.Is(err, errSnapshot) {
		t.Errorf("a snapshot that never was: %v", err)
	}
	for back, keeps := range []bool{false, true, true, true} {
		r := NewReading(table, back, 0)
		for q := r.Start(); q != nil; {
			var err error
			if q, err = r.Answer(s.answer(q)); err != nil {
				t.Fatal(err)
			}
		}
		if !reflect.DeepEqual(r.State(), last) || r.Keeps(first.Files[0].Name) != keeps || !r.Keeps(merged.Name) {
			t.Errorf("%d snapshots back keep a file that was replaced: %v", back, !keeps)
		}
	}
}
