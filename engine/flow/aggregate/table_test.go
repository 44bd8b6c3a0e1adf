package aggregate

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"parallax/engine/flow/column"
)

func TestVectorNew(t *testing.T) {
	text, whole := column.TypeOf(column.String), column.TypeOf(column.Int64)
	money := column.Type{Kind: column.Decimal128, Precision: 12, Scale: 3}
	for _, c := range []struct {
		call   Call
		result string
		err    error
	}{
		{Call{Name: "count"}, "int64", nil},
		{Call{Name: "sum", Args: []column.Type{money}}, "decimal(38,3)", nil},
		{Call{Name: "max", Args: []column.Type{money}}, "decimal(12,3)", nil},
		{Call{Name: "mean", Args: []column.Type{whole}}, "float64", nil},
		{Call{Name: "hll", Args: []column.Type{text}}, "int64", nil},
		{Call{Name: "quantile", Args: []column.Type{money}, Params: []column.Value{number(1)}}, "float64", nil},
		{Call{Name: "topk", Args: []column.Type{text, money}, Params: []column.Value{number(1)}}, "string", nil},
		{Call{Name: "summ", Args: []column.Type{whole}}, "", ErrName},
		{Call{Name: "sum", Args: []column.Type{text}}, "", ErrArguments},
		{Call{Name: "sum"}, "", ErrArguments},
		{Call{Name: "sum", Args: []column.Type{whole, whole}}, "", ErrArguments},
		{Call{Name: "count", Args: []column.Type{whole, whole}}, "", ErrArguments},
		{Call{Name: "hll", Args: []column.Type{text}, Params: []column.Value{number(3)}}, "", ErrParameter},
		{Call{Name: "hll", Args: []column.Type{text}, Params: []column.Value{fraction(5, 0)}}, "", ErrParameter},
		{Call{Name: "quantile", Args: []column.Type{whole}}, "", ErrParameter},
		{Call{Name: "quantile", Args: []column.Type{whole}, Params: []column.Value{fraction(101, 2)}}, "", ErrParameter},
		{Call{Name: "quantile", Args: []column.Type{whole}, Params: []column.Value{{Type: column.TypeOf(column.Float64), Float: math.NaN()}}}, "", ErrParameter},
		{Call{Name: "quantile", Args: []column.Type{text}, Params: []column.Value{number(1)}}, "", ErrArguments},
		{Call{Name: "topk", Args: []column.Type{text}, Params: []column.Value{number(0)}}, "", ErrParameter},
		{Call{Name: "topk", Args: []column.Type{text, text}, Params: []column.Value{number(1)}}, "", ErrArguments},
	} {
		f, err := New(c.call)
		if !errors.Is(err, c.err) || err == nil && (f.Result().String() != c.result || f.String() != c.call.String()) {
			t.Errorf("New(%s) = %v, %v; want %s, %v", c.call, f, err, c.result, c.err)
		}
		if err != nil && !strings.Contains(err.Error(), "sum") && !strings.Contains(err.Error(), c.call.Name+"(") {
			t.Errorf("New(%s): %q does not say what is taken", c.call, err)
		}
	}
	if !slices.IsSorted(Names()) || Parameters("quantile") != 1 || Parameters("sum") != 0 || Parameters("no") != 0 {
		t.Errorf("Names %v, Parameters %d %d %d", Names(), Parameters("quantile"), Parameters("sum"), Parameters("no"))
	}
}

// TestVectorOverflow: a sum beyond its type is null and reported, and comes back
// when later rows bring it into range.
func TestVectorOverflow(t *testing.T) {
	c := Call{Name: "sum", Args: []column.Type{column.TypeOf(column.Int64)}}
	x := newTable(mustNew(t, c), 2)
	add := func(group uint32, v ...int64) {
		for _, v := range v {
			feed(x, c, group, []line{{args: []column.Value{number(v)}, keep: true}})
		}
	}
	add(1, math.MaxInt64, 1)
	if v := x.Finish(1, 0); !v.Null || !x.Overflows(1, 0) || x.Overflows(0, 0) {
		t.Errorf("2^63 is %q", v.Text())
	}
	var out column.Column
	out.Reset(c.Args[0], nil)
	if n := x.FinishColumn([]uint32{0, 1}, 0, &out); n != 1 || out.IsNull(0) || !out.IsNull(1) {
		t.Errorf("%d overflows, nulls %v", n, out.Null)
	}
	if got, want := x.AppendTo(1, nil), []byte{1, 9, 0, 0, 0, 0, 0, 0, 0, 0x80, 0}; !bytes.Equal(got, want) {
		t.Errorf("2^63 is % x, want % x", got, want)
	}
	add(1, -1)
	if v := x.Finish(1, 0); v.Null || v.Int != math.MaxInt64 {
		t.Errorf("2^63 - 1 is %q", v.Text())
	}
	add(0, math.MinInt64, math.MinInt64)
	x.Merge(1, x, 0)
	add(1, math.MaxInt64, 1, 1)
	if v := x.Finish(1, 0); v.Null || v.Int != 0-1+1 {
		t.Errorf("0 is %q", v.Text())
	}
}

// TestVectorTopK shows results as they are printed.
func TestVectorTopK(t *testing.T) {
	text := column.TypeOf(column.String)
	c := Call{Name: "topk", Args: []column.Type{text, column.TypeOf(column.Float64)}, Params: []column.Value{number(3)}}
	x := newTable(mustNew(t, c), 1)
	for i, s := range []string{"b", "a", "line\nbreak", "zero", "b", "a"} {
		w := []float64{0.1, 0.3, math.Inf(1), 0, 0.2, 0}[i]
		feed(x, c, 0, []line{{keep: true, args: []column.Value{{Type: text, String: s}, {Type: c.Args[1], Float: w}}}})
	}
	// 0.1 + 0.2, rounded once, is 0.30000000000000004 in a loop of floats too, and
	// so is greater than 0.3.
	want := `[["line\u000abreak","+Inf"],["b",0.30000000000000004],["a",0.3]]`
	if got := x.Finish(0, 0).String; got != want {
		t.Errorf("topk is %s, want %s", got, want)
	}
}

// TestVectorFirstLast: nulls are skipped, ties of the time go by partition and
// offset.
func TestVectorFirstLast(t *testing.T) {
	c := Call{Name: "first", Args: []column.Type{column.TypeOf(column.Int64)}}
	x := newTable(mustNew(t, c), 1)
	null := column.Value{Type: c.Args[0], Null: true}
	feed(x, c, 0, []line{
		{time: 5, partition: 1, offset: 3, keep: true, args: []column.Value{number(53)}},
		{time: 5, partition: 0, offset: 9, keep: true, args: []column.Value{number(9)}},
		{time: 5, partition: 0, offset: 8, keep: true, args: []column.Value{number(8)}},
		{time: 4, partition: 0, offset: 0, keep: true, args: []column.Value{null}},
		{time: 4, partition: 0, offset: 1, keep: false, args: []column.Value{number(4)}},
	})
	if got := x.Finish(0, 0).Int; got != 8 {
		t.Errorf("first is %d, want 8", got)
	}
}

// FuzzLoad: no bytes make Load panic, and bytes that load are the canonical ones.
func FuzzLoad(f *testing.F) {
	calls := testCalls(f)
	for i, c := range calls {
		x := newTable(mustNew(f, c), 1)
		f.Add(uint8(i), x.AppendTo(0, nil))
		var args []column.Value
		for _, typ := range c.Args {
			args = append(args, column.Value{Type: typ, Int: 77, Float: 1.25, Decimal: column.DecimalFromInt(-5), String: "text", Bool: true})
		}
		feed(x, c, 0, []line{{time: 9, offset: 8, keep: true, args: args}, {time: 10, offset: 9, keep: true, args: args}})
		f.Add(uint8(i), x.AppendTo(0, nil))
	}
	f.Fuzz(func(t *testing.T, call uint8, b []byte) {
		fn := mustNew(t, calls[int(call)%len(calls)])
		x := newTable(fn, 1)
		rest, err := x.Load(0, b)
		if err != nil {
			if !errors.Is(err, ErrEncoding) {
				t.Fatalf("%s: %v", fn, err)
			}
			if err := sameGroup("failed load", x, 0, newTable(fn, 1), 0); err != nil {
				t.Fatal(err)
			}
			return
		}
		if got := x.AppendTo(0, nil); !bytes.Equal(got, b[:len(b)-len(rest)]) {
			t.Fatalf("%s: % x loads, but is written as % x", fn, b[:len(b)-len(rest)], got)
		}
		x.Finish(0, 0)
		y := newTable(fn, 1)
		y.Merge(0, x, 0)
		if err := sameGroup("merge into empty", x, 0, y, 0); err != nil {
			t.Fatal(err)
		}
	})
}

// TestVectorRefused are encodings that say something a second way.
func TestVectorRefused(t *testing.T) {
	sum, float := Call{Name: "sum", Args: testTypes[1:2]}, callSumFloat
	for _, c := range []struct {
		call Call
		b    []byte
	}{
		{Call{Name: "count"}, []byte{2, 0}},        // another version
		{Call{Name: "count"}, []byte{1, 0x80, 0}},  // uvarint of 0 in two bytes
		{sum, []byte{1, 1, 0}},                     // 0 in one byte
		{sum, []byte{1, 2, 5, 0}},                  // 5 in two
		{sum, []byte{1, 2, 0xff, 0xff}},            // -1 in two
		{float, []byte{1, 0, 1, 2, 0}},             // even m
		{float, []byte{1, 1, 0, 0, 0, 0}},          // special terms, none there
		{float, []byte{1, 0, 1, 1, 0xff, 0xff, 3}}, // far below the least float
		{Call{Name: "max", Args: testTypes[2:3]}, slices.Concat([]byte{1, 1}, bytes.Repeat([]byte{0xff}, 8))}, // a second NaN
		{Call{Name: "max", Args: testTypes[0:1]}, []byte{1, 1, 0, 0, 0, 0, 0, 0, 0, 2}},                       // neither false nor true
		{Call{Name: "distinct", Args: testTypes[4:5]}, []byte{1, 2, 1, 'b', 1, 'a'}},                          // descending
		{Call{Name: "distinct", Args: testTypes[4:5]}, []byte{1, 2, 1, 'a', 1, 'a'}},                          // twice
		{Call{Name: "variance", Args: testTypes[1:2]}, []byte{1, 1, 1, 1, 1, 0xff}},                           // negative squares
	} {
		x := newTable(mustNew(t, c.call), 1)
		if _, err := x.Load(0, c.b); !errors.Is(err, ErrEncoding) {
			t.Errorf("%s: % x: %v", c.call, c.b, err)
		}
	}
}
