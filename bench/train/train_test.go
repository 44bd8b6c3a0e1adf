package train

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"gonum.org/v1/gonum/stat"

	"parallax/batch/manifest"
	"parallax/batch/zone"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
)

var input = column.Schema{
	{Name: "a", Type: column.TypeOf(column.Float64)},
	{Name: "b", Type: column.TypeOf(column.Int64)},
	{Name: "c", Type: column.Type{Kind: column.Decimal128, Precision: 9, Scale: 2}},
	{Name: "y", Type: column.TypeOf(column.Float64)},
	{Name: "won", Type: column.TypeOf(column.Bool)},
	{Name: "name", Type: column.TypeOf(column.String)},
}

// archive is a table of files of drawn rows whose target is a known function, but for noise;
// some have nulls, and some were rejected.
func archive(t testing.TB, rows int, noise float64, target func(a, b, c float64) float64) (*manifest.State, map[string][]byte) {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 4))
	schema, objects := zone.Schema(input), map[string][]byte{}
	change := manifest.Change{Writer: "w", Batch: 1, Operation: manifest.Append, Schema: schema}
	const files = 3
	for n := range int64(files) {
		b := &column.Batch{Schema: input, Offset: n * int64(rows), Rows: rows, Columns: make([]column.Column, len(input))}
		for i, f := range input {
			b.Columns[i].Reset(f.Type, new(column.Dict))
		}
		var refused []int32
		for i := range rows {
			x, k, d := rng.Float64()*10-5, rng.Int64N(9), rng.Int64N(1000)
			y := target(x, float64(k), float64(d)/100) + noise*rng.NormFloat64()
			for c, v := range []column.Value{
				{Float: x, Null: rng.IntN(20) == 0},
				{Int: k},
				{Decimal: column.DecimalFromInt(d)},
				{Float: y},
				{Bool: rng.Float64() < 1/(1+math.Exp(-y))},
				{String: "n"},
			} {
				v.Type = input[c].Type
				b.Columns[c].Append(v)
			}
			if rng.IntN(20) == 0 {
				refused = append(refused, int32(i))
				b.Columns[3].Floats[i] = 1e9 // what was rejected must not be learned from
			}
			b.Times, b.Appends, b.Frontiers = append(b.Times, int64(i)), append(b.Appends, int64(i)), append(b.Frontiers, int64(i))
		}
		r := zone.NewRows(schema)
		r.Append(b, refused, "test")
		content, f, err := r.Encode(int32(n), 0, (n+1)*int64(rows))
		if err != nil {
			t.Fatal(err)
		}
		f.Name = fmt.Sprint("f", n)
		objects[f.Name] = content
		change.Add = append(change.Add, f)
	}
	state := &manifest.State{Schemas: []manifest.Schema{*schema}, Files: change.Add, ID: 77}
	return state, objects
}

// TestVectorLinear: weights that the rows were made from are found again.
func TestVectorLinear(t *testing.T) {
	state, objects := archive(t, 200, 0, func(a, b, c float64) float64 { return 3 - 2*a + 0.5*b + 0.25*c })
	m, err := Fit("t", state, func(n string) []byte { return objects[n] }, Options{Kind: Linear, Features: []string{"a", "b", "c"}, Target: "y"})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{3, -2, 0.5, 0.25} {
		got := m.Intercept
		if i > 0 {
			got = m.Weights[i-1].Value
		}
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("weight %d is %v, want %v", i, got, want)
		}
	}
	if m.Loss > 1e-15 || m.Snapshot != "000000000000004d" || m.Rows < 400 || m.Rows > 570 {
		t.Errorf("%+v", m)
	}
}

// TestDifferentialLinear: of one feature, another implementation finds the same line.
func TestDifferentialLinear(t *testing.T) {
	state, objects := archive(t, 300, 1, func(a, _, _ float64) float64 { return 1 + a })
	get := func(n string) []byte { return objects[n] }
	m, err := Fit("t", state, get, Options{Kind: Linear, Features: []string{"a"}, Target: "y"})
	if err != nil {
		t.Fatal(err)
	}
	s := sample{n: 2}
	if err := s.read(state, get, []string{"a", "y"}); err != nil {
		t.Fatal(err)
	}
	var x []float64
	for i := range s.y {
		x = append(x, s.x[2*i+1])
	}
	alpha, beta := stat.LinearRegression(x, s.y, nil, false)
	if math.Abs(alpha-m.Intercept) > 1e-9 || math.Abs(beta-m.Weights[0].Value) > 1e-9 {
		t.Errorf("%v + %v a, want %v + %v a", m.Intercept, m.Weights[0].Value, alpha, beta)
	}
}

// TestLawLogistic: the gradient is nothing at the optimum, whoever computes it, and weights
// are near those that the rows were drawn from.
func TestLawLogistic(t *testing.T) {
	state, objects := archive(t, 3000, 0, func(a, b, _ float64) float64 { return -1 + 0.8*a + 0.3*b })
	get := func(n string) []byte { return objects[n] }
	m, err := Fit("t", state, get, Options{Kind: Logistic, Features: []string{"a", "b"}, Target: "won"})
	if err != nil {
		t.Fatal(err)
	}
	s := sample{n: 3}
	if err := s.read(state, get, []string{"a", "b", "won"}); err != nil {
		t.Fatal(err)
	}
	gradient := make([]float64, 3)
	for i, y := range s.y {
		x := s.x[3*i : 3*i+3]
		p := 1 / (1 + math.Exp(-m.Score(x[1:])))
		for j := range gradient {
			gradient[j] += x[j] * (y - p) / float64(len(s.y))
		}
	}
	for j, g := range gradient {
		if math.Abs(g) > 1e-9 {
			t.Errorf("gradient %d is %v", j, g)
		}
	}
	if math.Abs(m.Weights[0].Value-0.8) > 0.1 || math.Abs(m.Weights[1].Value-0.3) > 0.1 || m.Loss > math.Ln2 {
		t.Errorf("%+v", m)
	}
}

// TestOracleExpr: a model's expression, run as pipelines run it, has the model's score to
// the last bit.
func TestOracleExpr(t *testing.T) {
	m := &Model{Kind: Linear, Intercept: -0.1, Weights: []Weight{{"a", 1.0 / 3}, {"b", -7e-5}, {"c", 12345.678}}}
	e, err := expr.Parse(m.Expr())
	if err != nil {
		t.Fatalf("%s: %v", m.Expr(), err)
	}
	program, err := expr.Compile(e, input)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	b := &column.Batch{Schema: input, Rows: 1, Columns: make([]column.Column, len(input))}
	for range 500 {
		for i, f := range input {
			b.Columns[i].Reset(f.Type, new(column.Dict))
			b.Columns[i].Append(column.Value{Type: f.Type, Float: rng.NormFloat64(), Int: rng.Int64N(1e6), Decimal: column.DecimalFromInt(rng.Int64N(1e8))})
		}
		b.Times, b.Appends = []int64{0}, []int64{0}
		out, err := program.Eval(b)
		if err != nil {
			t.Fatal(err)
		}
		want := m.Score([]float64{numeric(&b.Columns[0], 0), numeric(&b.Columns[1], 0), numeric(&b.Columns[2], 0)})
		if math.Float64bits(out.Floats[0]) != math.Float64bits(want) {
			t.Fatalf("%v, want %v", out.Floats[0], want)
		}
	}
}

// TestVectorModel: a model comes back, its version tells it from others, and what is none
// is refused.
func TestVectorModel(t *testing.T) {
	m := &Model{Kind: Logistic, Target: "won", Intercept: 0.1, Weights: []Weight{{"a", -2}}, Table: "t", Snapshot: "4d", Rows: 9, Loss: 0.5}
	b, err := m.AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(b)
	if err != nil || !reflect.DeepEqual(got, m) {
		t.Errorf("%+v, %v", got, err)
	}
	v, err := m.Version()
	m.Intercept = 0.2
	if w, _ := m.Version(); v == w || err != nil || ObjectName("rides", v) != "models/rides/"+v+".json" {
		t.Errorf("%s and %s, %v", v, w, err)
	}
	for _, bad := range []string{"", "{}", `{"kind":"magic"}`, `{"kind":"linear","weight":1}`} {
		if _, err := Decode([]byte(bad)); !errors.Is(err, ErrModel) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestVectorRefused: what cannot be fitted is refused with the reason.
func TestVectorRefused(t *testing.T) {
	state, objects := archive(t, 50, 0, func(a, b, _ float64) float64 { return 100 * a })
	for _, o := range []Options{
		{Kind: "tree"},
		{Kind: Linear, Features: []string{"nope"}, Target: "y"},
		{Kind: Linear, Features: []string{"name"}, Target: "y"},
		{Kind: Linear, Features: []string{"won"}, Target: "y"},
		{Kind: Linear, Features: []string{"a", "a"}, Target: "y"},
		{Kind: Logistic, Features: []string{"a"}, Target: "b"},
	} {
		if _, err := Fit("t", state, func(n string) []byte { return objects[n] }, o); !errors.Is(err, ErrData) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := Fit("t", &manifest.State{}, nil, Options{Kind: Linear, Target: "y"}); !errors.Is(err, ErrData) {
		t.Error(err)
	}
}
