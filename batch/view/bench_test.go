package view_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"parallax/batch/sheet"
	"parallax/batch/view"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/fold"
	"parallax/engine/flow/tuple"
	"parallax/engine/flow/window"
)

// million is a fold of a million groups: 1,000 keys in 1,000 windows of a second.
func million(b *testing.B) (*flow.Plan, *fold.Fold) {
	b.Helper()
	w := window.Tumble(1_000_000, 0)
	schema := column.Schema{{Name: "key", Type: column.TypeOf(column.Int64)}, {Name: "v", Type: column.TypeOf(column.Int64)}}
	p := &flow.Pipeline{Steps: []flow.Step{{KeyBy: []string{"key"}}, {Window: &w}, {Aggregates: []flow.Aggregate{
		{Name: "n", Call: expr.CallExpr{Func: "count"}},
		{Name: "s", Call: expr.CallExpr{Func: "sum", Args: []expr.Expr{&expr.Field{Name: "v"}}}},
	}}}}
	plan, err := p.Plan(schema)
	if err != nil {
		b.Fatal(err)
	}
	f, err := fold.New(plan, 1, fold.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for second := range int64(1000) {
		r := column.Batch{Schema: schema, Offset: second * 1000, Rows: 1000, Columns: []column.Column{{Type: schema[0].Type}, {Type: schema[1].Type}}}
		for key := range int64(1000) {
			r.Times = append(r.Times, second*1_000_000+key)
			r.Columns[0].Ints = append(r.Columns[0].Ints, key)
			r.Columns[1].Ints = append(r.Columns[1].Ints, second+key)
		}
		r.Appends = r.Times
		if err := f.Add(&r); err != nil {
			b.Fatal(err)
		}
	}
	return plan, f
}

// BenchmarkPoint asks for one group of a million: of a map, of a fold, and of a view's
// files, in which nothing is decoded beforehand.
func BenchmarkPoint(b *testing.B) {
	plan, f := million(b)
	rows := f.Rows(nil)
	type group struct{ key, second int64 }
	index := map[group]int32{}
	for i := range rows {
		v, err := tuple.Decode(rows[i].Key, []column.Type{column.TypeOf(column.Int64)})
		if err != nil {
			b.Fatal(err)
		}
		index[group{v[0].Int, rows[i].Start / 1_000_000}] = int32(i)
	}
	if len(index) != 1_000_000 {
		b.Fatalf("%d groups", len(index))
	}
	pick := func(rng *rand.Rand) (group, []byte) {
		g := group{rng.Int64N(1000), rng.Int64N(1000)}
		return g, tuple.Append(nil, column.Value{Type: column.TypeOf(column.Int64), Int: g.key})
	}
	b.Run("map", func(b *testing.B) {
		rng := rand.New(rand.NewPCG(1, 1))
		sum := int64(0)
		for range b.N {
			g, _ := pick(rng)
			sum += rows[index[g]].OnTime
		}
		if sum != int64(b.N) {
			b.Fatal(sum)
		}
	})
	b.Run("fold", func(b *testing.B) {
		rng := rand.New(rand.NewPCG(1, 1))
		for range b.N {
			g, key := pick(rng)
			n := int64(0)
			f.ScanKey(key, g.second*1_000_000, g.second*1_000_000+1, func(r *fold.Row) bool { n += r.OnTime; return true })
			if n != 1 {
				b.Fatalf("%d rows in group %v", n, g)
			}
		}
	})
	b.Run("files", func(b *testing.B) { filesPoint(b, plan, rows) })
}

func filesPoint(b *testing.B, plan *flow.Plan, rows []fold.Row) {
	const fileRows = 250_000
	var files []view.File
	var contents [][]byte
	for from := 0; from < len(rows); from += fileRows {
		part := rows[from : from+fileRows]
		content, err := view.EncodeFile(plan, part)
		if err != nil {
			b.Fatal(err)
		}
		first, last := part[0], part[fileRows-1]
		files = append(files, view.File{
			Name: fmt.Sprint(from), Rows: fileRows, Bytes: int64(len(content)), Sum: sheet.Sum(content),
			First: view.Place{Start: first.Start, Key: first.Key}, Last: view.Place{Start: last.Start, Key: last.Key},
		})
		contents = append(contents, content)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	b.ResetTimer()
	for range b.N {
		r := &rows[rng.IntN(len(rows))]
		var found []fold.Row
		for i := range files {
			var err error
			if found, err = view.Find(plan, &files[i], contents[i], r.Key, r.Start, r.Start+1, found); err != nil {
				b.Fatal(err)
			}
		}
		if len(found) != 1 || found[0].OnTime != r.OnTime {
			b.Fatalf("%d rows", len(found))
		}
	}
}
