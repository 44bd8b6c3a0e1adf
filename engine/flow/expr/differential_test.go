package expr

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parallax/engine/flow/column"
)

var schema = column.Schema{
	{Name: "i", Type: column.TypeOf(column.Int64)},
	{Name: "j", Type: column.TypeOf(column.Int64)},
	{Name: "f", Type: column.TypeOf(column.Float64)},
	{Name: "g", Type: column.TypeOf(column.Float64)},
	{Name: "d", Type: column.Type{Kind: column.Decimal128, Precision: 12, Scale: 3}},
	{Name: "e", Type: column.Type{Kind: column.Decimal128, Precision: 38, Scale: 10}},
	{Name: "s", Type: column.TypeOf(column.String)},
	{Name: "t", Type: column.TypeOf(column.String)},
	{Name: "b", Type: column.TypeOf(column.Bool)},
	{Name: "c", Type: column.TypeOf(column.Bool)},
	{Name: "at", Type: column.TypeOf(column.Timestamp)},
}

var (
	someInts     = []int64{0, 1, -1, 2, 3, 10, 1000, -7, 1 << 31, 1 << 53, 1<<53 + 1, math.MaxInt64, math.MinInt64, math.MaxInt64 - 1}
	someFloats   = []float64{0, math.Copysign(0, -1), 1, -1.5, 2.5, 0.1, 1e18, 9.3e18, -9223372036854775808, 1e300, math.Inf(1), math.Inf(-1), math.NaN()}
	someDecimals = []string{"0", "1", "-1", "0.5", "-0.5", "2.500", "-2.499", "999999999.999", "-12.345", "123456.7"}
	wideDecimals = []string{"9999999999999999999999999999.9999999999", "-9999999999999999999999999999.9999999999", "12345678901234567890.5", "9223372036854775808"}
	someStrings  = []string{"", "a", "A", "ab", "aB", "b", "12", "-7", "1.5", "99999999999999999999", "äÖ", "true"}
)

func drawValue(t *rapid.T, f column.Field) column.Value {
	v := column.Value{Type: f.Type}
	nullable := f.Name != "i" && f.Name != "f" && f.Name != "s" && f.Name != "b"
	if nullable && rapid.IntRange(0, 3).Draw(t, "null") == 0 {
		v.Null = true
		return v
	}
	switch f.Type.Kind {
	case column.Bool:
		v.Bool = rapid.Bool().Draw(t, f.Name)
	case column.Int64, column.Timestamp:
		v.Int = rapid.SampledFrom(someInts).Draw(t, f.Name)
	case column.Float64:
		v.Float = rapid.SampledFrom(someFloats).Draw(t, f.Name)
	case column.Decimal128:
		pool := someDecimals
		if f.Name == "e" && rapid.Bool().Draw(t, "wide") {
			pool = wideDecimals
		}
		d, err := column.ParseDecimal(rapid.SampledFrom(pool).Draw(t, f.Name), f.Type)
		if err != nil {
			panic(err)
		}
		v.Decimal = d
	case column.String:
		v.String = rapid.SampledFrom(someStrings).Draw(t, f.Name)
	}
	return v
}

// segment is the dictionaries of one log segment.
type segment struct{ dicts [2]*column.Dict }

func newSegment() *segment { return &segment{dicts: [2]*column.Dict{{}, {}}} }

func drawBatch(t *rapid.T, seg *segment) (*column.Batch, [][]column.Value) {
	b := &column.Batch{Schema: schema, Partition: 3, Offset: 100, Rows: rapid.IntRange(0, 6).Draw(t, "rows")}
	b.Columns = make([]column.Column, len(schema))
	for i := range schema {
		dict := seg.dicts[0]
		if schema[i].Name == "t" {
			dict = seg.dicts[1]
		}
		b.Columns[i].Reset(schema[i].Type, dict)
	}
	rows := make([][]column.Value, b.Rows)
	for r := range rows {
		for i, f := range schema {
			v := drawValue(t, f)
			rows[r] = append(rows[r], v)
			b.Columns[i].Append(v)
		}
	}
	if rapid.Bool().Draw(t, "select") {
		b.Select = []int32{}
		for r := range rows {
			if rapid.Bool().Draw(t, "selected") {
				b.Select = append(b.Select, int32(r))
			}
		}
	}
	return b, rows
}

func constant(v column.Value) *Literal { return &Literal{Value: v} }

func drawLiteral(t *rapid.T, k column.Kind) *Literal {
	v := column.Value{Type: column.TypeOf(k)}
	switch k {
	case column.Bool:
		v.Bool = rapid.Bool().Draw(t, "literal")
	case column.Int64:
		v.Int = rapid.SampledFrom(someInts).Draw(t, "literal")
	case column.Float64:
		v.Float = rapid.SampledFrom(someFloats[:10]).Draw(t, "literal") // no text for the others
	case column.String:
		v.String = rapid.SampledFrom(someStrings).Draw(t, "literal")
	case column.Decimal128:
		e, err := Parse(rapid.SampledFrom([]string{"0.5", "-2.50", "12.345", "1.000000000000", "123456789012345678901234567890"}).Draw(t, "literal"))
		if err != nil {
			panic(err)
		}
		return e.(*Literal)
	}
	return constant(v)
}

var fieldsOf = map[column.Kind][]string{
	column.Bool: {"b", "c"}, column.Int64: {"i", "j"}, column.Float64: {"f", "g"},
	column.Decimal128: {"d", "e"}, column.String: {"s", "t"}, column.Timestamp: {"at"},
}

var numbers = []column.Kind{column.Int64, column.Float64, column.Decimal128}

func sample[T any](t *rapid.T, label string, of ...T) T { return rapid.SampledFrom(of).Draw(t, label) }

// drawExpr makes an expression of a kind; it may still be refused, when a product
// has too many digits.
func drawExpr(t *rapid.T, k column.Kind, depth int) Expr {
	if depth == 0 || rapid.IntRange(0, 4).Draw(t, "leaf") == 0 {
		if k != column.Timestamp && rapid.Bool().Draw(t, "constant") {
			return drawLiteral(t, k)
		}
		return &Field{Name: rapid.SampledFrom(fieldsOf[k]).Draw(t, "field")}
	}
	sub := func(k column.Kind) Expr { return drawExpr(t, k, depth-1) }
	number := func() Expr { return sub(sample(t, "number", numbers...)) }
	switch rapid.IntRange(0, 5).Draw(t, "general") {
	case 0:
		return &Func{Name: "if", Args: []Expr{sub(column.Bool), sub(k), sub(k)}}
	case 1:
		return &Func{Name: "coalesce", Args: []Expr{sub(k), sub(k), sub(k)}}
	}
	switch k {
	case column.Bool:
		return drawBool(t, depth)
	case column.Int64:
		switch rapid.IntRange(0, 7).Draw(t, "int") {
		case 0:
			return &Func{Name: "length", Args: []Expr{sub(column.String)}}
		case 1:
			kind := sample(t, "from", column.Bool, column.Int64, column.Float64, column.Decimal128, column.String, column.Timestamp)
			return &Func{Name: "int", Args: []Expr{sub(kind)}}
		case 2:
			return &Binary{Op: "-", L: sub(column.Timestamp), R: sub(column.Timestamp)}
		case 3:
			return &Func{Name: "abs", Args: []Expr{sub(k)}}
		}
		return drawArith(t, sub(k), sub(k), "+", "-", "*", "%")
	case column.Float64:
		switch rapid.IntRange(0, 4).Draw(t, "float") {
		case 0:
			return &Binary{Op: "/", L: number(), R: number()}
		case 1:
			return &Func{Name: "float", Args: []Expr{sub(sample(t, "from", column.Int64, column.Float64, column.Decimal128, column.String))}}
		case 2:
			return &Func{Name: sample(t, "round", "floor", "ceil", "round", "abs"), Args: []Expr{sub(k)}}
		}
		return drawArith(t, sub(k), number(), "+", "-", "*", "/")
	case column.Decimal128:
		if rapid.IntRange(0, 3).Draw(t, "decimal") == 0 {
			return &Func{Name: sample(t, "round", "floor", "ceil", "round", "abs"), Args: []Expr{sub(k)}}
		}
		return drawArith(t, sub(k), sub(sample(t, "with", column.Int64, column.Decimal128)), "+", "-", "*")
	case column.String:
		if rapid.Bool().Draw(t, "text") {
			kind := sample(t, "from", column.Bool, column.Int64, column.Float64, column.Decimal128, column.String, column.Timestamp)
			return &Func{Name: "string", Args: []Expr{sub(kind)}}
		}
		return &Func{Name: sample(t, "case", "lower", "upper"), Args: []Expr{sub(k)}}
	}
	return &Binary{Op: sample(t, "op", Op("+"), "-"), L: sub(column.Timestamp), R: sub(column.Int64)}
}

func drawArith(t *rapid.T, l, r Expr, ops ...Op) Expr {
	if rapid.IntRange(0, 7).Draw(t, "negate") == 0 {
		return &Unary{Op: "-", X: l}
	}
	return &Binary{Op: rapid.SampledFrom(ops).Draw(t, "op"), L: l, R: r}
}

func drawBool(t *rapid.T, depth int) Expr {
	sub := func(k column.Kind) Expr { return drawExpr(t, k, depth-1) }
	switch rapid.IntRange(0, 7).Draw(t, "bool") {
	case 0, 1:
		return &Binary{Op: sample(t, "op", Op("and"), "or"), L: sub(column.Bool), R: sub(column.Bool)}
	case 2:
		return &Unary{Op: "not", X: sub(column.Bool)}
	case 3:
		kind := sample(t, "of", column.Bool, column.Int64, column.Float64, column.Decimal128, column.String)
		in := &In{X: sub(kind), Not: rapid.Bool().Draw(t, "not")}
		for range rapid.IntRange(1, 3).Draw(t, "list") {
			of := kind
			if kind == column.Int64 || kind == column.Decimal128 || kind == column.Float64 {
				of = sample(t, "number", numbers...)
			}
			in.List = append(in.List, drawLiteral(t, of))
		}
		if rapid.IntRange(0, 3).Draw(t, "null") == 0 {
			in.List = append(in.List, constant(column.Value{Null: true}))
		}
		return in
	case 4:
		return &IsNull{X: sub(sample(t, "of", column.Int64, column.String, column.Bool)), Not: rapid.Bool().Draw(t, "not")}
	case 5:
		return &Func{Name: sample(t, "test", "starts_with", "ends_with", "contains"), Args: []Expr{sub(column.String), sub(column.String)}}
	}
	op := sample(t, "compare", Op("="), "!=", "<", "<=", ">", ">=")
	kind := sample(t, "of", column.Bool, column.String, column.Timestamp, column.Int64, column.Float64, column.Decimal128)
	with := kind
	switch kind {
	case column.Int64, column.Float64, column.Decimal128:
		with = sample(t, "number", numbers...)
	case column.Timestamp:
		with = sample(t, "time", column.Int64, column.Timestamp)
	}
	return &Binary{Op: op, L: sub(kind), R: sub(with)}
}

// differ tells how a program and the naive evaluator of e differ on one batch,
// "" if they do not.
func differ(e Expr, p *Program, b *column.Batch, rows [][]column.Value) string {
	want := make([]datum, len(rows))
	failed := make([]bool, len(rows))
	for r := range rows {
		var err error
		want[r], err = naive{schema: schema, row: rows[r]}.eval(e)
		failed[r] = err != nil
	}
	first := -1
	for r := range rows {
		if first < 0 && failed[r] && (b.Select == nil || slices.Contains(b.Select, int32(r))) {
			first = r
		}
	}
	got, err := p.Eval(b)
	var rowErr *RowError
	if first >= 0 {
		if !errors.As(err, &rowErr) || rowErr.Row != first || rowErr.Offset != 100+int64(first) || rowErr.Partition != 3 {
			return fmt.Sprintf("%s: row %d has no value, Eval says %v; row %v", e, first, err, rows[first])
		}
		return ""
	}
	if err != nil {
		return fmt.Sprintf("%s: %v", e, err)
	}
	if got.Type != p.Type() || got.Len() != len(rows) {
		return fmt.Sprintf("%s: a column of %d %s, want %d %s", e, got.Len(), got.Type, len(rows), p.Type())
	}
	for r := range rows {
		if v := got.Value(r); !failed[r] && !same(v, want[r]) {
			return fmt.Sprintf("%s = %q (null %v), want %+v; row %v", e, v.Text(), v.Null, want[r], rows[r])
		}
	}
	return ""
}

// TestDifferentialEval compares compiled expressions with a naive evaluator that
// works row by row on rational numbers.
func TestDifferentialEval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := sample(t, "kind", column.Bool, column.Int64, column.Float64, column.Decimal128, column.String, column.Timestamp)
		e := drawExpr(t, kind, 3)
		p, err := Compile(e, schema)
		if err != nil {
			var refused *Error
			if !errors.As(err, &refused) {
				t.Fatalf("%s: %v", e, err)
			}
			return // too many digits
		}
		again, err := Parse(e.String())
		if err != nil || again.String() != e.String() {
			t.Fatalf("%s parses to %v, %v", e, again, err)
		}
		segments := []*segment{newSegment(), newSegment()}
		for range 3 {
			b, rows := drawBatch(t, rapid.SampledFrom(segments).Draw(t, "segment"))
			if problem := differ(e, p, b, rows); problem != "" {
				t.Fatal(problem)
			}
		}
	})
}

// TestDifferentialSees plants defects: programs of expressions that are almost
// the one that is checked.
func TestDifferentialSees(t *testing.T) {
	for _, c := range [][2]string{
		{"i < 3", "i <= 3"},
		{"b and c", "b and coalesce(c, false)"},
		{"i + j", "int(float(i) + float(j))"},
		{"s < t", "s <= t"},
		{"f = g", "string(f) = string(g)"},
		{"j % 2", "j % -2 + 0 * (1 % i)"},
		{"e not in (0.5, null)", "e not in (0.5)"},
		{"round(d)", "floor(d + 0.5)"},
		{"if(c, i, j)", "if(not c, j, i)"},
	} {
		t.Run(c[0], func(t *testing.T) {
			right, wrong := mustParse(t, c[0]), mustParse(t, c[1])
			p, err := Compile(wrong, schema)
			if err != nil {
				t.Fatal(err)
			}
			seen := false
			rapid.Check(t, func(t *rapid.T) {
				b, rows := drawBatch(t, newSegment())
				seen = seen || differ(right, p, b, rows) != ""
			})
			if !seen {
				t.Errorf("%s passes for %s", c[1], c[0])
			}
		})
	}
}

func mustParse(t testing.TB, src string) Expr {
	e, err := Parse(src)
	if err != nil {
		t.Fatalf("Parse(%q): %v", src, err)
	}
	return e
}

// TestLawSelect: Select keeps the selected rows for which Eval is true.
func TestLawSelect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawExpr(t, column.Bool, 1)
		p, err := Compile(e, schema)
		if err != nil {
			return
		}
		b, _ := drawBatch(t, newSegment())
		c, err := p.Eval(b)
		var want []int32
		for r := int32(0); err == nil && int(r) < b.Rows; r++ {
			if v := c.Value(int(r)); v.Bool && !v.Null && (b.Select == nil || slices.Contains(b.Select, r)) {
				want = append(want, r)
			}
		}
		got, again := p.Select(b, []int32{-7})
		if fmt.Sprint(err) != fmt.Sprint(again) || got[0] != -7 || !slices.Equal(got[1:], want) {
			t.Fatalf("%s: %v, %v; want %v, %v", e, got, again, want, err)
		}
	})
}
