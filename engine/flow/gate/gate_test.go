package gate

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/window"
)

// gated is a path that counts rows in windows of 10 ms, and the rows that were let
// through, as partition@event time, with the moment if that is not their arrival.
type gated struct {
	*Gate
	path   *operator.Path
	passed []string
}

func open(t testing.TB, partitions int, drift, idleAfter int64) *gated {
	call, err := expr.ParseCall("count()")
	if err != nil {
		t.Fatal(err)
	}
	w := window.Tumble(10_000, 0)
	p := &flow.Pipeline{
		Late: flow.Late{Rule: flow.Operator}, IdleAfter: idleAfter, AlignDrift: drift,
		Steps: []flow.Step{{Window: &w}, {Aggregates: []flow.Aggregate{{Name: "n", Call: call}}}},
	}
	plan, err := p.Plan(column.Schema{})
	if err != nil {
		t.Fatal(err)
	}
	g := &gated{path: operator.NewPath(plan, partitions)}
	g.Gate = New(g.path, partitions, func(b *column.Batch) error {
		if b == nil {
			return nil
		}
		row := fmt.Sprint(b.Partition, "@", b.Times[0])
		if g.Now() != b.Appends[0] {
			row += fmt.Sprint(" at ", g.Now())
		}
		g.passed = append(g.passed, row)
		return g.path.Process(b)
	})
	return g
}

// offer offers a row and expects what that lets through.
func (g *gated) offer(t *testing.T, partition int32, event, at int64, want ...string) {
	t.Helper()
	g.passed = nil
	if err := g.Offer(&column.Batch{Partition: partition, Rows: 1, Times: []int64{event}, Appends: []int64{at}}); err != nil {
		t.Fatal(err)
	}
	g.expect(t, want...)
}

func (g *gated) expect(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(g.passed, want) {
		t.Errorf("let through %v, want %v", g.passed, want)
	}
}

// TestVectorAlign: a partition that is more than 100 ahead waits, and goes on when the
// least is near enough; of what may go on the earliest event goes first.
func TestVectorAlign(t *testing.T) {
	g := open(t, 3, 100, 0)
	g.offer(t, 0, 1000, 1, "0@1000")
	g.offer(t, 0, 1010, 2) // the others have said nothing
	g.offer(t, 1, 1500, 3, "1@1500")
	g.offer(t, 1, 1510, 4)
	g.offer(t, 2, 950, 5, "2@950", "0@1010 at 5") // the least is 950, and may be 1050 elsewhere
	g.offer(t, 0, 1060, 6, "0@1060")
	g.offer(t, 0, 1020, 7)
	if g.Held(0) != 1 || g.Held(1) != 1 || !g.path.Paused(1) || g.path.Paused(2) {
		t.Errorf("held %d and %d", g.Held(0), g.Held(1))
	}
	g.offer(t, 2, 1450, 8, "2@1450", "0@1020 at 8") // the least is now 1060: 1 may not
	g.offer(t, 0, 1420, 9, "0@1420", "1@1510 at 9")
	g.offer(t, 1, 1400, 10, "1@1400")
	g.offer(t, 1, 1700, 11, "1@1700")
	g.offer(t, 1, 1710, 12)
	g.passed = nil
	if err := g.Finish(); err != nil || g.Held(1) != 0 {
		t.Error(err)
	}
	g.expect(t, "1@1710")
}

// TestVectorAlignIdle: the silence of a partition that is paused means nothing; when
// the one that all wait for falls silent, rows follow at that moment and not at the
// next arrival.
func TestVectorAlignIdle(t *testing.T) {
	g := open(t, 2, 100, 50)
	g.offer(t, 0, 1000, 0, "0@1000")
	g.offer(t, 1, 9000, 10, "1@9000") // paused from 10 on
	g.offer(t, 0, 1001, 40, "0@1001")
	g.offer(t, 0, 1002, 80, "0@1002")
	if w := g.path.Waiting(); !w.Inputs[1].Paused || w.Inputs[1].Idle {
		t.Errorf("%+v", w.Inputs[1])
	}
	g.offer(t, 1, 9001, 90)
	// 0 is idle at 130; 1 is let through, counts from then, and is idle at 180, in
	// between to a row of its own.
	g.offer(t, 1, 9002, 170, "1@9001 at 130", "1@9002")
	if w := g.path.Waiting(); !w.Inputs[0].Idle || w.Inputs[1].IdleAt != 220 || w.Watermark != 9002 {
		t.Errorf("%+v", w)
	}
	if err := g.Pass(300); err != nil || !g.path.Waiting().Inputs[1].Idle {
		t.Error(err)
	}
}

// TestVectorAlignFull: what is held back has a limit, and says so.
func TestVectorAlignFull(t *testing.T) {
	g := open(t, 2, 1, 0)
	g.most = 2
	g.offer(t, 0, 10, 1, "0@10")
	g.offer(t, 0, 11, 2)
	g.offer(t, 0, 12, 3)
	err := g.Offer(&column.Batch{Partition: 0, Offset: 3, Rows: 1, Times: []int64{13}, Appends: []int64{4}})
	if !errors.Is(err, ErrHeld) {
		t.Error(err)
	}
	if err := g.Offer(&column.Batch{Partition: 9}); !errors.Is(err, operator.ErrPartition) {
		t.Error(err)
	}
}

// TestLawAlignSaved: a path that is loaded anew pauses whom the saved one paused.
func TestLawAlignSaved(t *testing.T) {
	g := open(t, 2, 100, 50)
	g.offer(t, 0, 1000, 0, "0@1000")
	g.offer(t, 1, 9000, 10, "1@9000")
	q := open(t, 2, 100, 50).path
	if _, err := q.Load(g.path.AppendTo(nil)); err != nil {
		t.Fatal(err)
	}
	if q.Paused(0) || !q.Paused(1) {
		t.Error("another is paused")
	}
	q.Pass(60) // 0 was paused until 10, when 1 showed its first row
	if w := q.Waiting(); !w.Inputs[0].Idle || w.Inputs[1].Idle || w.Inputs[1].Paused || w.Watermark != 9000 {
		t.Errorf("%+v", w)
	}
	if _, err := open(t, 2, 100_000, 50).path.Load(g.path.AppendTo(nil)); !errors.Is(err, operator.ErrState) {
		t.Errorf("a state under another drift: %v", err)
	}
}

// Partition 1 is 90 ms ahead of partition 0 where 20 ms are allowed: its second row
// waits until partition 0 has come near.
func Example() {
	g := open(new(testing.T), 2, 20_000, 0)
	for i, row := range []struct {
		partition int32
		ms        int64
	}{{0, 10}, {1, 100}, {1, 101}, {0, 50}, {0, 85}} {
		b := &column.Batch{Partition: row.partition, Rows: 1, Times: []int64{row.ms * 1000}, Appends: []int64{int64(i)}}
		if err := g.Offer(b); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(g.passed)
	// Output:
	// [0@10000 1@100000 0@50000 0@85000 1@101000 at 4]
}
