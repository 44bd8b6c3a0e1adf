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

// line is one row of a test's input with its place in the order.
type line struct {
	time      int64
	partition int32
	offset    int64
	args      []column.Value
	keep      bool // the where clause
}

var testTypes = []column.Type{
	column.TypeOf(column.Bool), column.TypeOf(column.Int64), column.TypeOf(column.Float64),
	{Kind: column.Decimal128, Precision: 38, Scale: 2},
	column.TypeOf(column.String), column.TypeOf(column.Timestamp),
}

func number(n int64) column.Value {
	return column.Value{Type: column.TypeOf(column.Int64), Int: n}
}

func fraction(digits int64, scale uint8) column.Value {
	return column.Value{Type: column.Type{Kind: column.Decimal128, Precision: 38, Scale: scale}, Decimal: column.DecimalFromInt(digits)}
}

// testCalls is every function with every argument type that it takes.
func testCalls(tb testing.TB) []Call {
	calls := []Call{{Name: "count"}}
	params := map[string][]column.Value{"topk": {number(3)}, "quantile": {fraction(99, 2)}, "hll": {number(5)}}
	try := func(c Call) {
		_, err := New(c)
		switch {
		case err == nil:
			calls = append(calls, c)
		case !errors.Is(err, ErrArguments):
			tb.Fatalf("New(%s): %v", c, err)
		}
	}
	for _, name := range Names() {
		for _, t := range testTypes {
			try(Call{Name: name, Args: []column.Type{t}, Params: params[name]})
		}
	}
	for _, t := range testTypes {
		try(Call{Name: "topk", Args: []column.Type{testTypes[4], t}, Params: params["topk"]})
	}
	return calls
}

// mustNew binds a call that is known to be right.
func mustNew(tb testing.TB, c Call) Function {
	tb.Helper()
	f, err := New(c)
	if err != nil {
		tb.Fatalf("New(%s): %v", c, err)
	}
	return f
}

var hardFloats = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.1, 0.2, -0.3, 1e16, -1e16, 1e16 + 2, 1e308, -1e308, math.MaxFloat64, -math.MaxFloat64,
	5e-324, -5e-324, 2.2250738585072014e-308, 1.5e-323, 1.0 / 3, math.Pi, 1 << 53, 1e-300, 65536.0000000001,
}

var hardInts = []int64{0, 1, -1, math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, 1 << 53, 255, -256}

func drawFloat(t *rapid.T, specials bool) float64 {
	switch n := rapid.IntRange(0, 9).Draw(t, "float"); {
	case specials && n == 0:
		return rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Float64frombits(0xfff8000000000123)}).Draw(t, "special")
	case n < 4:
		return float64(rapid.IntRange(-100_000, 100_000).Draw(t, "cents")) / 100
	case n < 8:
		return rapid.SampledFrom(hardFloats).Draw(t, "hard")
	}
	return rapid.Float64().Draw(t, "any")
}

func drawDecimal(t *rapid.T) column.Decimal {
	if rapid.Bool().Draw(t, "small") {
		return column.DecimalFromInt(rapid.Int64Range(-1000, 1000).Draw(t, "cents"))
	}
	largest, _ := column.Decimal{Lo: 1}.Rescale(38)
	d := column.Decimal{Hi: rapid.Int64Range(-(largest.Hi-1), largest.Hi-1).Draw(t, "hi"), Lo: rapid.Uint64().Draw(t, "lo")}
	return d
}

func drawValue(t *rapid.T, typ column.Type, specials bool) column.Value {
	v := column.Value{Type: typ}
	if rapid.IntRange(0, 7).Draw(t, "null") == 0 {
		v.Null = true
		return v
	}
	switch typ.Kind {
	case column.Bool:
		v.Bool = rapid.Bool().Draw(t, "bool")
	case column.Float64:
		v.Float = drawFloat(t, specials)
	case column.Decimal128:
		v.Decimal = drawDecimal(t)
	case column.String:
		v.String = rapid.SampledFrom([]string{"", "a", "b", "ab", "ä", "\"\n\\", "\xff", "zzz", "c", "d", "e", "f"}).Draw(t, "text")
	default:
		if rapid.Bool().Draw(t, "small") {
			v.Int = int64(rapid.IntRange(-5, 20).Draw(t, "int"))
		} else {
			v.Int = rapid.SampledFrom(hardInts).Draw(t, "hardInt")
		}
	}
	return v
}

// drawLines draws rows for a call; their places in the order are distinct.
func drawLines(t *rapid.T, c Call) []line {
	specials := rapid.IntRange(0, 3).Draw(t, "specials") == 0
	lines := make([]line, rapid.IntRange(0, 24).Draw(t, "rows"))
	for i := range lines {
		l := &lines[i]
		l.time, l.partition, l.offset = int64(rapid.IntRange(-2, 2).Draw(t, "time")), int32(i%3), int64(i)
		l.keep = rapid.IntRange(0, 5).Draw(t, "where") > 0
		for _, typ := range c.Args {
			l.args = append(l.args, drawValue(t, typ, specials))
		}
	}
	return lines
}

// inputOf makes one batch of rows; dictionaries are new and in an order of their
// own, as in another segment. Offsets count from the first row's.
func inputOf(c Call, lines []line, rng *rand.Rand) *Input {
	b := &column.Batch{Rows: len(lines)}
	if len(lines) > 0 {
		b.Partition, b.Offset = lines[0].partition, lines[0].offset
	}
	in := &Input{Args: [][]*column.Column{nil}, Where: [][]bool{nil}, Batch: b}
	for a, typ := range c.Args {
		col := &column.Column{}
		col.Reset(typ, &column.Dict{})
		for range 3 {
			col.Dict.Intern(fmt.Sprint(rng.IntN(100)))
		}
		for _, l := range lines {
			col.Append(l.args[a])
		}
		in.Args[0] = append(in.Args[0], col)
	}
	for _, l := range lines {
		b.Times = append(b.Times, l.time)
		if in.Where[0] == nil && !l.keep {
			in.Where[0] = make([]bool, len(lines))
		}
	}
	if in.Where[0] != nil {
		for i, l := range lines {
			in.Where[0][i] = l.keep
		}
	}
	return in
}

// feedScratch is shared by all inputs of feed, which no tests run side by side.
var feedScratch = new(scratch)

// feed adds rows to a group one by one, so that each keeps its own offset.
func feed(t *Table, c Call, group uint32, lines []line) {
	rng := rand.New(rand.NewPCG(uint64(len(lines)), 7))
	for i := range lines {
		in := inputOf(c, lines[i:i+1], rng)
		in.scratch = feedScratch
		t.AddRange(in, []uint32{group}, 0, 1)
	}
}

// newTable is a table of one function with some groups.
func newTable(f Function, groups int) *Table {
	t := NewTable([]Function{f})
	t.Grow(groups)
	return t
}

// sameGroup is an error if two groups differ in bytes or result.
func sameGroup(law string, a *Table, ga uint32, b *Table, gb uint32) error {
	x, y := a.AppendTo(ga, nil), b.AppendTo(gb, nil)
	if !bytes.Equal(x, y) {
		return fmt.Errorf("%s: % x differs from % x", law, x, y)
	}
	v, w := a.Finish(ga, 0), b.Finish(gb, 0)
	if v.Compare(w) != 0 || v.Text() != w.Text() {
		return fmt.Errorf("%s: equal bytes, but results %q and %q", law, v.Text(), w.Text())
	}
	return nil
}

// eachCall runs a property for every call.
func eachCall(t *testing.T, run func(t *rapid.T, f Function, c Call)) {
	for _, c := range testCalls(t) {
		f := mustNew(t, c)
		t.Run(c.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { run(t, f, c) })
		})
	}
}
