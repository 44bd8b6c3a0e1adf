package sim

import (
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"parallax/engine"
	"parallax/sim/fault"
)

// TestLawQueueOrder holds the heap against a sorted slice.
func TestLawQueueOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q queue
		var model []place
		now := int64(0)
		for range rapid.IntRange(1, 300).Draw(t, "operations") {
			if q.size != len(model) {
				t.Fatalf("%d events in the queue, %d in the model", q.size, len(model))
			}
			if len(model) > 0 && rapid.Bool().Draw(t, "pop") {
				var ev event
				want := model[0]
				if _, _, ok := q.pop(want.at-1, &ev); ok {
					t.Fatal("popped an event behind the limit")
				}
				at, seq, _ := q.pop(want.at, &ev)
				model = model[1:]
				if at != want.at || seq != want.seq || ev.key != seq {
					t.Fatalf("popped %d/%d with %d, want %d/%d", at, seq, ev.key, want.at, want.seq)
				}
				now = at
				continue
			}
			at := now + rapid.OneOf(
				rapid.Int64Range(0, 20), rapid.Int64Range(0, 1<<20), rapid.Int64Range(0, 1<<30),
			).Draw(t, "in")
			ev := q.push(at)
			ev.key = q.seq
			p := place{at: at, seq: q.seq}
			i, _ := slices.BinarySearchFunc(model, p, func(a, b place) int {
				if a.before(&b) {
					return -1
				}
				return 1
			})
			model = slices.Insert(model, i, p)
		}
	})
}

// TestLawOccurrences holds the counter of names against a map.
func TestLawOccurrences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var o occurrences
		model := map[uint64]uint64{}
		for _, name := range rapid.SliceOfN(rapid.Uint64Range(0, 200), 0, 1000).Draw(t, "names") {
			if got := o.count(name); got != model[name] {
				t.Fatalf("name %d: counted %d, want %d", name, got, model[name])
			}
			model[name]++
		}
	})
}

// The counts of names seen lately outlive a change of generation.
func TestVectorOccurrencesAreForgottenLate(t *testing.T) {
	var o occurrences
	o.count(42)
	for n := range uint64(namesMax) {
		o.count(1<<32 + n)
	}
	if got := o.count(42); got != 1 {
		t.Errorf("a name of the last generation was counted %d times, want 1", got)
	}
	if got := o.count(43); got != 1 {
		t.Errorf("a new name starts at %d in generation 1", got)
	}
	if o.young.used > namesMax || len(o.young.cells) > 4*namesMax {
		t.Errorf("%d names, %d cells", o.young.used, len(o.young.cells))
	}
}

// TestLawChancesAreFair bounds the frequency of a fault by five deviations.
func TestLawChancesAreFair(t *testing.T) {
	o := Options{Seed: 1}
	for i := range o.Faults {
		o.Faults[i].Rate = 50_000
	}
	w := New(o)
	const n = 200_000
	for _, f := range fault.All() {
		hits := 0
		for i := range uint64(n) {
			if _, ok := w.fires(f, join(i, 1)); ok {
				hits++
			}
		}
		if hits < 10_000-490 || hits > 10_000+490 {
			t.Errorf("%s: %d of %d fired at 5 %%", f, hits, n)
		}
	}
	for _, h := range []uint64{0, 1 << 63, 1<<64 - 1} {
		if v := between(h, -3, 4); v < -3 || v > 4 {
			t.Errorf("between(%d) = %d", h, v)
		}
	}
}

func TestVectorFileClass(t *testing.T) {
	same := [][2]string{{"view-0001-2.seg", "view-17-99.seg"}, {"a1", "a22"}}
	for _, p := range same {
		if fileClass(p[0]) != fileClass(p[1]) {
			t.Errorf("%q and %q differ", p[0], p[1])
		}
	}
	if fileClass("a1") == fileClass("b1") || fileClass("a") == fileClass("a1") {
		t.Error("classes collide")
	}
}

// Every op has a word in the trace.
func TestVectorOpNames(t *testing.T) {
	if len(opNames) != int(opReplace)+1 {
		t.Errorf("%d names for %d ops", len(opNames), opReplace+1)
	}
}

// Two tables hash alike only if they are alike, in every field.
func TestVectorCostsHash(t *testing.T) {
	tables := []Costs{
		{},
		DefaultCosts(),
		{Version: 1},
		{MessageNs: 1},
		{BytePs: 1},
		{NetworkBytePs: 1},
		{FsyncNs: 1},
		{WriteBytePs: 1},
		{ReadNs: 1},
		{ReadBytePs: 1},
		{StartNs: 1},
	}
	var hashes []uint64
	for _, c := range tables {
		hashes = append(hashes, c.Hash())
	}
	slices.Sort(hashes)
	if len(slices.Compact(hashes)) != len(tables) {
		t.Error("two tables share a hash")
	}
	if New(Options{}).opts.Costs != DefaultCosts() {
		t.Error("the zero table is not the default")
	}
	var _ engine.Disk = NewDisk()
}

// BenchmarkQueue holds n events and puts one in for each that it takes out.
func BenchmarkQueue(b *testing.B) {
	for _, n := range []int{6, 1000, 100_000, 1_000_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			var q queue
			h := uint64(1)
			next := func() int64 { h = mix(h + golden); return int64(below(h, 2_000_000)) }
			for range n {
				q.push(next())
			}
			var ev event
			for b.Loop() {
				at, _, _ := q.pop(maxInstant, &ev)
				*q.push(at + next()) = ev
			}
		})
	}
}
