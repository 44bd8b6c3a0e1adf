package view_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"parallax/batch/sheet"
	"parallax/batch/view"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/fold"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

var (
	text   = column.TypeOf(column.String)
	number = column.TypeOf(column.Float64)
	money  = column.Type{Kind: column.Decimal128, Precision: 12, Scale: 2}
	input  = column.Schema{
		{Name: "city", Type: text},
		{Name: "rate", Type: number},
		{Name: "fare", Type: money},
		{Name: "riders", Type: column.TypeOf(column.Int64)},
	}
)

// rides groups by a text and a float, which has many patterns, and counts and sums.
func rides(t testing.TB) *flow.Plan {
	tumble := window.Tumble(1_000_000, 0)
	call := func(f, arg string) expr.CallExpr {
		return expr.CallExpr{Func: f, Args: []expr.Expr{&expr.Field{Name: arg}}}
	}
	p := flow.Pipeline{
		Watermark: watermark.Spec{Bounded: 200_000},
		Late:      flow.Late{Allowed: 300_000},
		Steps: []flow.Step{
			{KeyBy: []string{"city", "rate"}},
			{Window: &tumble},
			{Aggregates: []flow.Aggregate{
				{Name: "_start", Call: expr.CallExpr{Func: "count"}}, // a name that files have too
				{Name: "fares", Call: call("sum", "fare")},
				{Name: "rates", Call: call("sum", "rate")},
				{Name: "names", Call: call("distinct", "city")},
				{Name: "last", Call: call("last", "city")},
			}},
		},
	}
	plan, err := p.Plan(input)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// drawn is rows of a fold over a drawn story.
func drawn(t testing.TB, seed uint64) []fold.Row {
	rng := rand.New(rand.NewPCG(seed, 5))
	f, err := fold.New(rides(t), 1, fold.Options{CountDropped: seed%2 == 0})
	if err != nil {
		t.Fatal(err)
	}
	floats := []float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), 0.1, 1e300}
	b := column.Batch{Schema: input, Columns: make([]column.Column, len(input)), Rows: rng.IntN(300)}
	for i, c := range input {
		b.Columns[i].Reset(c.Type, new(column.Dict))
	}
	for i := range b.Rows {
		b.Times = append(b.Times, int64(i)*20_000+rng.Int64N(1_500_000))
		for c, typ := range input {
			b.Columns[c].Append(column.Value{
				Type: typ.Type, Null: rng.IntN(6) == 0, String: fmt.Sprint("c", rng.IntN(4)), Float: floats[rng.IntN(len(floats))],
				Decimal: column.DecimalFromInt(rng.Int64N(1000)), Int: rng.Int64N(9),
			})
		}
	}
	b.Appends = b.Times
	if err := f.Add(&b); err != nil {
		t.Fatal(err)
	}
	return f.Rows(nil)
}

// file encodes rows and describes them.
func file(t testing.TB, rows []fold.Row) (*view.File, []byte) {
	content, err := view.EncodeFile(rides(t), rows)
	if err != nil {
		t.Fatal(err)
	}
	f := &view.File{Name: "v/file", Rows: int64(len(rows)), Bytes: int64(len(content)), Sum: sheet.Sum(content)}
	if n := len(rows); n > 0 {
		f.First = view.Place{Start: rows[0].Start, Key: rows[0].Key}
		f.Last = view.Place{Start: rows[n-1].Start, Key: rows[n-1].Key}
	}
	return f, content
}

// TestLawFile: rows come back as they went in, and a key's alone when they are looked
// for.
func TestLawFile(t *testing.T) {
	for seed := range uint64(60) {
		rows := drawn(t, seed)
		f, content := file(t, rows)
		got, err := view.DecodeFile(rides(t), f, content, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(rows) || len(rows) > 0 && !reflect.DeepEqual(got, rows) {
			t.Fatalf("seed %d:\n%+v\n%+v", seed, got, rows)
		}
		again, err := view.EncodeFile(rides(t), got)
		if err != nil || !bytes.Equal(again, content) {
			t.Fatalf("seed %d: other bytes, %v", seed, err)
		}
		for _, r := range rows[:min(5, len(rows))] {
			var want []fold.Row
			for _, o := range rows {
				if bytes.Equal(o.Key, r.Key) && o.Start >= r.Start && o.Start < r.Start+3_000_000 {
					want = append(want, o)
				}
			}
			found, err := view.Find(rides(t), f, content, r.Key, r.Start, r.Start+3_000_000, nil)
			if err != nil || !reflect.DeepEqual(found, want) {
				t.Fatalf("seed %d: %v\n%+v\n%+v", seed, err, found, want)
			}
			if !f.Overlaps(r.Start, r.Start+1, r.Key) || f.Overlaps(f.Last.Start+1, math.MaxInt64, nil) {
				t.Fatal("a file's bounds")
			}
		}
	}
}

// TestLawDamage: a file or head that was torn, cut short or flipped is refused.
func TestLawDamage(t *testing.T) {
	f, content := file(t, drawn(t, 3)[:3])
	h := head()
	encoded := h.AppendTo(nil)
	for n := range content {
		bad := bytes.Clone(content)
		bad[n] ^= 1 << (n % 8)
		for _, b := range [][]byte{bad, content[:n]} {
			if _, err := view.DecodeFile(rides(t), f, b, nil); !errors.Is(err, sheet.ErrDamaged) {
				t.Fatalf("byte %d: %v", n, err)
			}
		}
	}
	for n := 1; n < len(encoded); n++ {
		for bit := range 8 {
			bad := bytes.Clone(encoded)
			bad[n] ^= 1 << bit
			if _, err := view.DecodeHead(bad); !errors.Is(err, view.ErrHead) {
				t.Fatalf("head, byte %d: %v", n, err)
			}
		}
		if _, err := view.DecodeHead(encoded[:n]); !errors.Is(err, view.ErrHead) {
			t.Fatalf("head of %d bytes: %v", n, err)
		}
	}
}

func head() *view.Head {
	return &view.Head{
		ID: 7, Marker: 4, Code: "v2", Complete: true,
		Cut: []protocol.Cut{{Offset: 10, Frontier: 99}, protocol.LogStart()},
		Files: []view.File{
			{Name: view.FileName("v", 4, 0, 1), Rows: 3, Bytes: 100, Sum: 1, First: view.Place{Start: -5, Key: []byte("a")}, Last: view.Place{Start: 6, Key: []byte{}}},
			{Name: view.FileName("v", 3, 1, 2), Rows: 4, Bytes: 50, Sum: 2, First: view.Place{Key: []byte{}}, Last: view.Place{Key: []byte{}}},
		},
	}
}

// TestVectorHead: a head comes back, none is the zero head, and what it passed is dead.
func TestVectorHead(t *testing.T) {
	h := head()
	for flags := range 4 {
		h.Replay, h.Damaged = flags&1 != 0, flags&2 != 0
		got, err := view.DecodeHead(h.AppendTo(nil))
		if err != nil || !reflect.DeepEqual(got, h) || got.Rows() != 7 {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if none, err := view.DecodeHead(nil); err != nil || none.ID != 0 || none.Marker != 0 {
		t.Errorf("%+v, %v", none, err)
	}
	for object, want := range map[string]bool{
		view.FileName("v", 4, 0, 1): false, // live
		view.FileName("v", 4, 0, 9): true,  // of another try at the same marker
		view.FileName("v", 3, 0, 2): true,
		view.FileName("v", 5, 0, 2): false, // may be on its way
		view.FileName("w", 3, 0, 2): false,
		view.Pointer("v"):           false,
	} {
		if h.Dead("v", object) != want {
			t.Errorf("%s: dead is %v", object, !want)
		}
	}
}

// TestLawOrder: a fold's rows are in the order that files want.
func TestLawOrder(t *testing.T) {
	rows := drawn(t, 1)
	if !slices.IsSortedFunc(rows, func(a, b fold.Row) int { return a.Compare(&b) }) {
		t.Error("out of order")
	}
}
