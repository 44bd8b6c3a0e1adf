package operator

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

const second = 1_000_000

// sparkPath counts rows in windows of 5 s by the profile spark, with a delay of 10 s.
func sparkPath(t *testing.T, partitions int, rows, every int64) *Path {
	t.Helper()
	call, err := expr.ParseCall("count()")
	if err != nil {
		t.Fatal(err)
	}
	w := window.Tumble(5*second, 0)
	p := &flow.Pipeline{
		Watermark: watermark.Spec{Bounded: 10 * second, BatchRows: rows, BatchEvery: every},
		Steps:     []flow.Step{{Window: &w}, {Aggregates: []flow.Aggregate{{Name: "n", Call: call}}}},
	}
	for _, profile := range flow.Profiles() {
		if profile.Name == "spark" {
			p.Late.Rule, p.Watermark.Across = profile.Rule, profile.Across
		}
	}
	plan, err := p.Plan(column.Schema{})
	if err != nil {
		t.Fatal(err)
	}
	return NewPath(plan, partitions)
}

// shown lists what is due, in seconds, as "start:count".
func shown(p *Path) (out []string) {
	var pane Pane
	for p.Next(&pane) {
		out = append(out, fmt.Sprintf("%d:%d", pane.Start/second, pane.Table.Finish(pane.Groups[0], 0).Int))
	}
	return out
}

// arrive processes rows of event times in seconds that all arrive at a second.
func arrive(t *testing.T, p *Path, partition int32, at int64, times ...int64) (out []string) {
	t.Helper()
	b := &column.Batch{Partition: partition, Rows: len(times)}
	for _, s := range times {
		b.Times, b.Appends = append(b.Times, s*second), append(b.Appends, at*second)
	}
	if err := p.Process(b); err != nil {
		t.Fatal(err)
	}
	return shown(p)
}

// TestVectorS28Spark: the vector in its engine's profile. A batch begins every second;
// where one is over and nothing comes in the next, a batch without rows fires windows.
// After each batch two windows are kept; the late 10 is dropped.
func TestVectorS28Spark(t *testing.T) {
	p := sparkPath(t, 1, 0, second)
	kept := func(now int64, fired ...string) {
		t.Helper()
		p.Pass(now * second)
		if got, windows := shown(p), p.Windowed().State().Windows; !slices.Equal(got, fired) || windows != 2 {
			t.Errorf("at %d s: fired %v, %d windows kept; want %v and 2", now, got, windows, fired)
		}
	}
	if out := arrive(t, p, 0, 0, 10, 11, 12, 13, 14, 15); out != nil {
		t.Errorf("fired %v", out)
	}
	kept(2)
	if out := arrive(t, p, 0, 2, 25); out != nil {
		t.Errorf("fired %v", out)
	}
	kept(4, "10:5")
	if out := arrive(t, p, 0, 4, 10); out != nil || p.Windowed().Counts(0).PairsDropped != 1 {
		t.Errorf("fired %v, %+v", out, p.Windowed().Counts(0))
	}
	kept(6)
}

// TestVectorS28Known: without Pass, the same windows fire and the same row is dropped,
// when the next record comes.
func TestVectorS28Known(t *testing.T) {
	p := sparkPath(t, 1, 0, second)
	out := arrive(t, p, 0, 0, 10, 11, 12, 13, 14, 15)
	out = append(out, arrive(t, p, 0, 2, 25)...)
	if out != nil {
		t.Errorf("fired %v", out)
	}
	if out = arrive(t, p, 0, 4, 10); !slices.Equal(out, []string{"10:5"}) || p.Windowed().Counts(0).PairsDropped != 1 {
		t.Errorf("fired %v, %+v", out, p.Windowed().Counts(0))
	}
}

// TestVectorMicroBatchLags: where batches follow each other without a pause, a batch
// fires by the watermark that was known when it began and judges by the one before: 10
// counts in the batch behind the 25, and not in the one after.
func TestVectorMicroBatchLags(t *testing.T) {
	p := sparkPath(t, 1, 2, 0)
	for i, batch := range []struct {
		times []int64
		fired []string // by its first row: the batch before it is over
	}{
		{times: []int64{10, 11}},
		{times: []int64{12, 25}},
		{times: []int64{10, 12}}, // judged by 1, the watermark when the second began
		{times: []int64{12}, fired: []string{"10:5"}},
	} {
		if out := arrive(t, p, 0, 0, batch.times...); !slices.Equal(out, batch.fired) {
			t.Errorf("batch %d: fired %v, want %v", i, out, batch.fired)
		}
	}
	if c := p.Windowed().Counts(0); c.PairsOnTime != 6 || c.PairsDropped != 1 {
		t.Errorf("%+v", c)
	}
}

// TestVectorMicroBatchGreatest: no partition is waited for, and an idle record has
// nothing to tell.
func TestVectorMicroBatchGreatest(t *testing.T) {
	p := sparkPath(t, 2, 1, 0)
	p.Idle(1, watermark.End)
	var out []string
	for _, at := range []int64{10, 30, 31, 32} {
		out = append(out, arrive(t, p, 0, 0, at)...)
	}
	if !slices.Equal(out, []string{"10:1"}) || p.Entry().Frontier(1) != column.NoFrontier {
		t.Errorf("fired %v, partition 1 at %d", out, p.Entry().Frontier(1))
	}
	if arrive(t, p, 1, 0, 12); p.Windowed().Counts(1).PairsDropped != 1 {
		t.Errorf("%+v", p.Windowed().Counts(1))
	}
}

// TestLawMicroBatchSaved: a loaded micro-batch goes on as the saved one would, and what
// is accepted is what would have been written.
func TestLawMicroBatchSaved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := watermark.Spec{BatchRows: rapid.Int64Range(1, 3).Draw(t, "rows")}
		if rapid.Bool().Draw(t, "period") {
			spec = watermark.Spec{BatchEvery: rapid.Int64Range(1, 9).Draw(t, "every")}
		}
		a, b := newMicrobatch(spec), newMicrobatch(spec)
		at, frontier := int64(-20), column.NoFrontier
		n := rapid.IntRange(1, 20).Draw(t, "records")
		cut := rapid.IntRange(0, n).Draw(t, "cut")
		for i := range n {
			if i == cut {
				rest, err := b.load(append(a.appendTo(nil), 7))
				if err != nil || !slices.Equal(rest, []byte{7}) || !slices.Equal(b.appendTo(nil), a.appendTo(nil)) {
					t.Fatalf("%v, rest %v", err, rest)
				}
			}
			at += rapid.Int64Range(0, 12).Draw(t, "step")
			frontier = max(frontier, rapid.Int64Range(-50, 50).Draw(t, "frontier"))
			a.arrive(at, frontier)
			if a.used > a.next || a.next > frontier {
				t.Fatalf("%+v by %d", a, frontier)
			}
			if b.arrive(at, frontier); i >= cut && *a != *b {
				t.Fatalf("%+v, loaded %+v", a, b)
			}
		}
	})
}

// FuzzMicroBatchLoad: whatever is accepted is what would have been written.
func FuzzMicroBatchLoad(f *testing.F) {
	m := newMicrobatch(watermark.Spec{BatchRows: 2})
	f.Add(m.appendTo(nil))
	m.arrive(0, 5)
	f.Add(m.appendTo(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, spec := range []watermark.Spec{{BatchRows: 2}, {BatchEvery: 3}} {
			m := newMicrobatch(spec)
			rest, err := m.load(b)
			if err != nil {
				if !errors.Is(err, ErrState) {
					t.Fatal(err)
				}
				continue
			}
			if !slices.Equal(append(m.appendTo(nil), rest...), b) {
				t.Fatalf("%x is written as %x", b, m.appendTo(nil))
			}
		}
	})
}

// microBatches feeds rows in batches and lists the panes, the times of dropped rows
// and the windows that are kept after each. With apart, each row's frontier is that
// before the batch, as in Spark: the previous batch's watermark filters, this one's
// evicts.
func microBatches(t *testing.T, apart bool, batches ...[]int64) (s *script, kept []int) {
	t.Helper()
	const delay = 10
	s = newScript(t, window.Tumble(5, 0), 0)
	newest := int64(0)
	for _, rows := range batches {
		for _, at := range rows {
			s.row(1, at)
			if newest = max(newest, at); !apart {
				s.frontier = max(s.frontier, newest-delay)
				s.advance()
			}
		}
		s.frontier = max(s.frontier, newest-delay)
		s.advance()
		kept = append(kept, s.windowed.State().Windows)
	}
	return s, kept
}

// TestVectorS28MicroBatch: by rows or by batches, the answers are the vector's.
func TestVectorS28MicroBatch(t *testing.T) {
	for _, apart := range []bool{true, false} {
		s, kept := microBatches(t, apart, []int64{10, 11, 12, 13, 14, 15}, []int64{25}, []int64{10})
		s.want("k1 5=5@[10,15)", 10)
		if kept[0] != 2 || kept[1] != 2 || kept[2] != 2 {
			t.Errorf("windows kept: %v, want 2 after each batch", kept)
		}
	}
}

// TestVectorMicroBatchDiffers: the second 10 counts where its batch begins before
// the 25, and is dropped where each row is judged by those before it.
func TestVectorMicroBatchDiffers(t *testing.T) {
	s, _ := microBatches(t, true, []int64{10, 25, 10})
	s.want("k1 2=2@[10,15)")
	s, _ = microBatches(t, false, []int64{10, 25, 10})
	s.want("k1 1=1@[10,15)", 10)
}
