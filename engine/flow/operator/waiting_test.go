package operator

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/waiting"
	"parallax/engine/flow/watermark"
)

// toldRow is a row that was processed.
type toldRow struct {
	partition        int
	offset, time, at int64
}

// expectWaiting is what is to be waited for behind some rows, from the words of the
// rule "log": windows of 10 ms, d and L.
func expectWaiting(rows []toldRow, partitions int, d, allowed int64) string {
	newest, set := make([]int64, partitions), make([]int64, partitions)
	seen := make([]bool, partitions)
	windows := map[int64]int64{}
	for _, r := range rows {
		p := r.partition
		end := (r.time/10_000 + 1) * 10_000
		if !seen[p] || newest[p]-d < end+allowed {
			windows[end]++
		}
		if !seen[p] || r.time > newest[p] {
			newest[p], set[p], seen[p] = r.time, r.offset, true
		}
	}
	holder := 0
	for p := range partitions {
		if !seen[p] {
			holder = p
			break
		}
		if newest[p] < newest[holder] {
			holder = p
		}
	}
	s := fmt.Sprintf("held by %d", holder)
	if seen[holder] {
		s += fmt.Sprintf(" at %d because of %d", newest[holder]-d, set[holder])
	}
	for end := int64(0); end < 1_000_000; end += 10_000 {
		if n := windows[end]; n > 0 && (!seen[holder] || newest[holder]-d < end+allowed) {
			s += fmt.Sprintf(" %d:%d", end, n)
			if seen[holder] && newest[holder]-d >= end {
				s += " fired"
			}
		}
	}
	return s
}

// told is what the path says, in the same words.
func told(w waiting.Report) string {
	s := fmt.Sprintf("held by %d", w.Holder)
	if in := w.Inputs[w.Holder]; in.Frontier != column.NoFrontier {
		s += fmt.Sprintf(" at %d because of %d", in.Watermark, in.Set)
	}
	for _, o := range w.Open {
		n := int64(0)
		for _, rows := range o.Rows {
			n += rows
		}
		s += fmt.Sprintf(" %d:%d", o.End, n)
		if o.Fired {
			s += " fired"
		}
	}
	return s
}

// TestOracleWaiting: who holds the watermark, because of which row, and which
// windows are open with how many rows, is what follows from all rows so far,
// whatever batches they come in.
func TestOracleWaiting(t *testing.T) {
	seen := false
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		partitions, d, allowed := 1+rng.IntN(3), rng.Int64N(8000), rng.Int64N(2)*7000
		p := countingPath(t, partitions, 0)
		p.plan.Pipeline.Late = flow.Late{Allowed: allowed}
		p.plan.Pipeline.Watermark = watermark.Spec{Bounded: d}
		p = NewPath(p.plan, partitions)
		var rows []toldRow
		next := make([]int64, partitions)
		for at := int64(0); at < 300_000; {
			part := rng.IntN(partitions)
			b := &column.Batch{Partition: int32(part), Offset: next[part]}
			for range 1 + rng.IntN(4) {
				at += rng.Int64N(6000)
				when := max(0, at-rng.Int64N(25_000))
				b.Times, b.Appends = append(b.Times, when), append(b.Appends, at)
				rows = append(rows, toldRow{part, next[part], when, at})
				next[part]++
				b.Rows++
			}
			if err := p.Process(b); err != nil {
				t.Fatal(err)
			}
			for pane := (Pane{}); p.Next(&pane); {
			}
			got, want := told(p.Waiting()), expectWaiting(rows, partitions, d, allowed)
			if got != want {
				t.Fatalf("seed %d, after %v:\n got %s\nwant %s", seed, rows, got, want)
			}
			seen = seen || got != expectWaiting(rows, partitions, d+1, allowed)
		}
	}
	if !seen {
		t.Error("a bound that is off by one passes")
	}
}

// TestVectorWaitingIdle: time alone lets a partition be idle; who is, is not waited
// for, and who wakes behind the others neither.
func TestVectorWaitingIdle(t *testing.T) {
	p := countingPath(t, 2, 100)
	fire(t, p, 0, [2]int64{1000, 0}, [2]int64{12_000, 40})
	w := p.Waiting()
	if w.Holder != 1 || w.Inputs[1].Frontier != column.NoFrontier || w.Inputs[1].IdleAt != 100 || w.Inputs[0].IdleAt != 140 {
		t.Errorf("%+v", w)
	}
	p.Pass(99)
	if p.Waiting().Inputs[1].Idle {
		t.Error("idle after 99")
	}
	p.Pass(100)
	if w = p.Waiting(); !w.Inputs[1].Idle || w.Holder != 0 || w.Watermark != 12_000 || w.Inputs[0].Set != 1 {
		t.Errorf("after 100: %+v", w)
	}
	var pane Pane
	if !p.Next(&pane) || pane.End != 10_000 {
		t.Errorf("time fires nothing: %+v", pane)
	}
	fire(t, p, 1, [2]int64{3000, 120})
	if w = p.Waiting(); w.Inputs[1].Idle || !w.Inputs[1].Behind || w.Holder != 0 {
		t.Errorf("awake: %+v", w)
	}
	q := countingPath(t, 2, 100)
	if _, err := q.Load(p.AppendTo(nil)); err != nil {
		t.Fatal(err)
	}
	if l := q.Waiting(); l.Holder != w.Holder || l.Watermark != w.Watermark || l.Inputs[0].Set != -1 || !slices.EqualFunc(l.Open, w.Open, func(a, b waiting.Window) bool {
		return fmt.Sprint(a) == fmt.Sprint(b)
	}) {
		t.Errorf("loaded: %+v", l)
	}
}
