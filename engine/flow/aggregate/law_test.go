package aggregate

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"parallax/engine/flow/column"
)

// orderLaw says that neither the order of rows, nor how they are split, nor how the
// parts are merged, leaves a trace.
func orderLaw(f Function, c Call, lines []line, seed uint64) error {
	rng := rand.New(rand.NewPCG(seed, 1))
	whole := newTable(f, 1)
	feed(whole, c, 0, lines)

	shuffled := append([]line(nil), lines...)
	rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	other := newTable(f, 1)
	feed(other, c, 0, shuffled)
	if err := sameGroup("order", whole, 0, other, 0); err != nil {
		return err
	}

	const parts = 5
	split := newTable(f, parts)
	byPart := [parts][]line{}
	for _, l := range shuffled {
		p := rng.IntN(parts)
		byPart[p] = append(byPart[p], l)
	}
	for p, lines := range byPart {
		feed(split, c, uint32(p), lines)
	}
	left := []uint32{0, 1, 2, 3, 4}
	for len(left) > 1 {
		rng.Shuffle(len(left), func(i, j int) { left[i], left[j] = left[j], left[i] })
		split.Merge(left[0], split, left[1])
		left = append(left[:1], left[2:]...)
	}
	return sameGroup("split and merge", whole, 0, split, left[0])
}

func TestLawOrder(t *testing.T) {
	eachCall(t, func(t *rapid.T, f Function, c Call) {
		if err := orderLaw(f, c, drawLines(t, c), rapid.Uint64().Draw(t, "seed")); err != nil {
			t.Fatal(err)
		}
	})
}

// TestLawMonoid: merging is commutative and associative, and the empty accumulator
// is neutral, by bytes; merging does not change its source.
func TestLawMonoid(t *testing.T) {
	eachCall(t, func(t *rapid.T, f Function, c Call) {
		x := newTable(f, 4) // group 3 stays empty
		for g := range uint32(3) {
			feed(x, c, g, drawLines(t, c))
		}
		source := x.AppendTo(1, nil)
		merged := func(groups ...uint32) *Table {
			y := newTable(f, 1)
			for _, g := range groups {
				y.Merge(0, x, g)
			}
			return y
		}
		right := newTable(f, 2)
		right.Merge(1, x, 1)
		right.Merge(1, x, 2)
		right.Merge(0, x, 0)
		right.Merge(0, right, 1)
		empty := newTable(f, 1)
		for _, err := range []error{
			sameGroup("commutative", merged(0, 1), 0, merged(1, 0), 0),
			sameGroup("associative", merged(0, 1, 2), 0, right, 0),
			sameGroup("neutral on the right", merged(0, 3), 0, x, 0),
			sameGroup("neutral on the left", merged(3, 0), 0, x, 0),
			sameGroup("empty", empty, 0, x, 3),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(source, x.AppendTo(1, nil)) {
			t.Fatal("merging changed its source")
		}
	})
}

// TestLawLoad: a loaded accumulator is the one that was written, goes on as it
// would have, and no proper prefix loads.
func TestLawLoad(t *testing.T) {
	eachCall(t, func(t *rapid.T, f Function, c Call) {
		before, after := drawLines(t, c), drawLines(t, c)
		x, y := newTable(f, 1), newTable(f, 2)
		feed(x, c, 0, before)
		feed(y, c, 1, after) // to be replaced
		b := x.AppendTo(0, nil)
		rest, err := y.Load(1, append(append([]byte(nil), b...), "rest"...))
		if err != nil || string(rest) != "rest" {
			t.Fatalf("Load(% x) left %q: %v", b, rest, err)
		}
		if err := sameGroup("load", x, 0, y, 1); err != nil {
			t.Fatal(err)
		}
		feed(x, c, 0, after)
		feed(y, c, 1, after)
		if err := sameGroup("load and go on", x, 0, y, 1); err != nil {
			t.Fatal(err)
		}
		cut := rapid.IntRange(0, len(b)-1).Draw(t, "cut")
		if _, err := y.Load(1, b[:cut]); !errors.Is(err, ErrEncoding) {
			t.Fatalf("Load of %d of %d bytes: %v", cut, len(b), err)
		}
		if err := sameGroup("failed load", y, 1, newTable(f, 1), 0); err != nil {
			t.Fatal(err)
		}
	})
}

// TestLawBatch: rows added by range, by list or one by one give the same, over
// several groups; Clear and Reset empty.
func TestLawBatch(t *testing.T) {
	eachCall(t, func(t *rapid.T, f Function, c Call) {
		lines := drawLines(t, c)
		for i := range lines {
			lines[i].partition, lines[i].offset = 1, int64(i)+7
		}
		groups, rows := make([]uint32, len(lines)), make([]int32, len(lines))
		one, ranged, listed := newTable(f, 3), newTable(f, 3), newTable(f, 3)
		for i := range lines {
			groups[i], rows[i] = uint32(rapid.IntRange(0, 2).Draw(t, "group")), int32(i)
		}
		for g := range uint32(3) {
			var mine []line
			for i := range lines {
				if groups[i] == g {
					mine = append(mine, lines[i])
				}
			}
			feed(one, c, g, mine)
		}
		in := inputOf(c, lines, rand.New(rand.NewPCG(1, 1)))
		ranged.AddRange(in, groups, 0, len(lines))
		listed.AddRows(in, groups, rows)
		for g := range uint32(3) {
			if err := errors.Join(sameGroup("range", one, g, ranged, g), sameGroup("rows", one, g, listed, g)); err != nil {
				t.Fatal(err)
			}
		}
		empty := newTable(f, 3)
		ranged.Clear(1)
		listed.Reset()
		listed.Grow(3)
		if err := errors.Join(sameGroup("clear", empty, 1, ranged, 1), sameGroup("reset", empty, 2, listed, 2),
			sameGroup("other than cleared", one, 0, ranged, 0)); err != nil {
			t.Fatal(err)
		}
	})
}

// TestLawRetract: what was merged can be taken out again, if the function says so.
func TestLawRetract(t *testing.T) {
	eachCall(t, func(t *rapid.T, f Function, c Call) {
		x := newTable(f, 3)
		feed(x, c, 0, drawLines(t, c))
		feed(x, c, 1, drawLines(t, c))
		x.Merge(2, x, 0)
		x.Merge(2, x, 1)
		if !f.Retracts() {
			defer func() {
				if recover() == nil {
					t.Fatal("retracted what cannot be")
				}
			}()
		}
		x.Retract(2, x, 1)
		if err := sameGroup("retract", x, 2, x, 0); err != nil {
			t.Fatal(err)
		}
	})
}

// TestLawFinishColumn: finishing many groups equals finishing each.
func TestLawFinishColumn(t *testing.T) {
	eachCall(t, func(t *rapid.T, f Function, c Call) {
		x := newTable(f, 3)
		feed(x, c, 0, drawLines(t, c))
		feed(x, c, 2, drawLines(t, c))
		var out column.Column
		out.Reset(f.Result(), &column.Dict{})
		overflows := x.FinishColumn([]uint32{2, 0, 1, 2}, 0, &out)
		for i, g := range []uint32{2, 0, 1, 2} {
			if x.Overflows(g, 0) {
				overflows--
			}
			if v, w := out.Value(i), x.Finish(g, 0); v.Compare(w) != 0 {
				t.Fatalf("row %d is %q, group %d is %q", i, v.Text(), g, w.Text())
			}
		}
		if overflows != 0 {
			t.Fatalf("overflows differ by %d", overflows)
		}
	})
}

// sumNaive is the planted defect: a sum of floats in arrival order.
type sumNaive struct{ *sumFloat }

func (s sumNaive) add(c *chunk) {
	for i, v := range c.floats(0) {
		p := s.words(c.groups[i])
		sum, _ := twoSum(math.Float64frombits(p[0]), v)
		p[0] = math.Float64bits(sum)
	}
}

func (s sumNaive) merge(group uint32, src store, from uint32) {
	s.sumFloat.merge(group, src.(sumNaive).sumFloat, from)
}

// TestPlantedArrivalOrder: the law of order catches a float sum in arrival order.
func TestPlantedArrivalOrder(t *testing.T) {
	c := Call{Name: "sum", Args: []column.Type{column.TypeOf(column.Float64)}}
	planted := &function{
		call: c, result: c.Args[0], words: 2,
		open: func(c cell) store { return sumNaive{&sumFloat{cell: c}} },
	}
	var lines []line
	for i, v := range []float64{1e16, 1, -1e16, 0.1, 0.2, 0.3, 1e-3, 12345.678} {
		lines = append(lines, line{offset: int64(i), keep: true, args: []column.Value{{Type: c.Args[0], Float: v}}})
	}
	caught := 0
	for seed := range uint64(20) {
		if err := orderLaw(planted, c, lines, seed); err != nil {
			caught++
		}
		if err := orderLaw(mustNew(t, c), c, lines, seed); err != nil {
			t.Fatal(fmt.Errorf("seed %d: the exact sum: %w", seed, err))
		}
	}
	if caught < 15 {
		t.Fatalf("a sum in arrival order was caught in %d of 20 orders", caught)
	}
}
