package simtest_test

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/sim/simtest"
)

var (
	integer  = column.TypeOf(column.Int64)
	errBytes = errors.New("not a spread")
)

// spread is the greatest value less the least, and the ways to get it wrong.
type spread struct {
	defect string
	seen   bool
	lo, hi int64
	notes  map[int64]bool
}

func spreads(defect string) simtest.Function {
	f := simtest.Function{
		Name: "spread", Args: []column.Type{integer}, Result: integer,
		New: func() aggregate.Accumulator { return &spread{defect: defect, notes: map[int64]bool{}} },
	}
	f.Scratch = func(rows [][]column.Value) column.Value {
		var all []int64
		for _, r := range rows {
			all = append(all, r[0].Int)
		}
		if len(all) == 0 {
			return column.Value{Null: true}
		}
		return column.Value{Int: slices.Max(all) - slices.Min(all)}
	}
	return f
}

func (s *spread) Add(args []column.Value) {
	v := args[0].Int
	switch {
	case s.defect == "last wins" || !s.seen:
		s.lo, s.hi = v, v
	default:
		s.lo, s.hi = min(s.lo, v), max(s.hi, v)
	}
	s.seen = true
	s.notes[v] = true
}

func (s *spread) Merge(other aggregate.Accumulator) {
	o := other.(*spread)
	switch {
	case s.defect == "no merge":
	case s.defect == "second wins" && o.seen:
		s.seen, s.lo, s.hi = true, o.lo, o.hi
	case s.defect == "zero is nothing":
		s.seen, s.lo, s.hi = true, min(s.lo, o.lo), max(s.hi, o.hi)
	case !o.seen:
	case !s.seen:
		s.seen, s.lo, s.hi = true, o.lo, o.hi
	default:
		s.lo, s.hi = min(s.lo, o.lo), max(s.hi, o.hi)
	}
	if s.defect == "eats its source" {
		o.seen, o.lo, o.hi = false, 0, 0
	}
	for v := range o.notes {
		s.notes[v] = true
	}
}

func (s *spread) AppendTo(b []byte) []byte {
	if s.defect == "map order" {
		for v := range s.notes {
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		}
		return b
	}
	if !s.seen {
		return b
	}
	b = binary.LittleEndian.AppendUint64(b, uint64(s.lo))
	if s.defect == "forgets to save" {
		return binary.LittleEndian.AppendUint64(b, uint64(s.lo))
	}
	return binary.LittleEndian.AppendUint64(b, uint64(s.hi))
}

func (s *spread) Load(b []byte) error {
	switch {
	case len(b) == 0:
		return nil
	case len(b) != 16 && s.defect != "trusts bytes":
		return errBytes
	}
	s.seen, s.lo, s.hi = true, int64(binary.LittleEndian.Uint64(b)), int64(binary.LittleEndian.Uint64(b[8:]))
	return nil
}

func (s *spread) Finish() column.Value {
	if s.defect == "finish resets" {
		defer func() { *s = spread{defect: s.defect, notes: map[int64]bool{}} }()
	}
	if s.defect == "off by one" {
		return column.Value{Int: s.hi - s.lo + 1, Null: !s.seen}
	}
	return column.Value{Int: s.hi - s.lo, Null: !s.seen}
}

// total retracts; planted, it does not.
type total struct {
	sum    int64
	defect bool
}

func totals(defect bool) simtest.Function {
	return simtest.Function{
		Name: "total", Args: []column.Type{integer}, Result: integer,
		New: func() aggregate.Accumulator { return &total{defect: defect} },
	}
}

func (s *total) Add(args []column.Value)           { s.sum += args[0].Int }
func (s *total) Merge(other aggregate.Accumulator) { s.sum += other.(*total).sum }
func (s *total) Finish() column.Value              { return column.Value{Int: s.sum} }
func (s *total) AppendTo(b []byte) []byte {
	return binary.LittleEndian.AppendUint64(b, uint64(s.sum))
}

func (s *total) Load(b []byte) error {
	if len(b) != 8 {
		return errBytes
	}
	s.sum = int64(binary.LittleEndian.Uint64(b))
	return nil
}

func (s *total) Retract(other aggregate.Accumulator) {
	if !s.defect {
		s.sum -= other.(*total).sum
	}
}

// Each mistake is found by the law that is there for it, with few rows.
func TestPlantedAggregates(t *testing.T) {
	for _, c := range []struct{ defect, law, rows string }{
		{"last wins", "the order of rows leaves no trace", "rows needed: 2 of"},
		{"second wins", "merging commutes", "rows needed: 2 of"},
		{"no merge", "nothing is neutral", "rows needed: 1 of"},
		{"zero is nothing", "nothing is neutral", "rows needed: "},
		{"eats its source", "merging spares its source", "rows needed: 1 of"},
		{"map order", "the same twice", "rows needed: "},
		{"forgets to save", "saved and loaded", "rows needed: 2 of"},
		{"trusts bytes", "bytes that are damaged", "rows needed: 1 of"},
		{"finish resets", "", "rows needed: "},
		{"off by one", "the result from scratch", "rows needed: 1 of"},
	} {
		r := record(t, "TestSpread")
		simtest.Aggregate(r, spreads(c.defect))
		r.says(t, `aggregate spread breaks the law "`+c.law, c.rows, "cure: ", "PARALLAX_SEED=")
	}
	r := record(t, "TestTotal")
	simtest.Aggregate(r, totals(true))
	r.says(t, "retracting undoes merging", "rows needed: 1 of")
}

func TestLawAggregates(t *testing.T) {
	simtest.Aggregate(t, spreads(""))
	simtest.Aggregate(t, totals(false))
	bad := spreads("")
	bad.Name = "sum"
	r := record(t, "TestName")
	simtest.Aggregate(r, bad)
	r.says(t, "the engine has a function of that name")
}

// A declaration gives name and types, whatever has parentheses; what is none is refused.
func TestVectorDeclare(t *testing.T) {
	empty := func() simtest.Accumulator { return &spread{} }
	money := column.Type{Kind: column.Decimal128, Precision: 10, Scale: 2}
	for text, want := range map[string]simtest.Function{
		"newest(int64) int64":                    {Name: "newest", Args: []column.Type{integer}, Result: integer},
		"rows() int64":                           {Name: "rows", Result: integer},
		"a(decimal(10,2), string) decimal(10,2)": {Name: "a", Args: []column.Type{money, column.TypeOf(column.String)}, Result: money},
	} {
		f := simtest.Declare(t, text, empty)
		if f.Name != want.Name || !slices.Equal(f.Args, want.Args) || f.Result != want.Result || f.New == nil {
			t.Errorf("%s: %+v", text, f)
		}
	}
	for _, c := range [][2]string{
		{"newest", "a name, types in parentheses and the type of the result were expected"},
		{"newest(int64", "such as newest(int64) int64"},
		{"newest(int) int64", `"int"; one of bool, int64`},
		{"newest(int64)", `"";`},
	} {
		r := record(t, "TestDeclare")
		r.run(func() { simtest.Declare(r, c[0], empty) })
		r.says(t, c[1])
	}
	r := record(t, "TestTumbling")
	r.run(func() { simtest.Tumbling(r, "", 1, 0, []string{"count()"}) })
	r.says(t, "a name, = and a call were expected, such as total = sum(price)")
}

// Functions of two arguments and of texts are held against the laws, too.
func TestLawAggregateOfTexts(t *testing.T) {
	longest := simtest.Function{
		Name: "longest", Args: []column.Type{column.TypeOf(column.String), column.TypeOf(column.Float64)}, Result: column.TypeOf(column.String),
		New: func() simtest.Accumulator { return &text{} },
	}
	simtest.Aggregate(t, longest)
	longest.New = func() simtest.Accumulator { return &text{first: true} }
	r := record(t, "TestLongest")
	simtest.Aggregate(r, longest)
	r.says(t, "the order of rows leaves no trace", "rows needed: 2 of", `("`)
}

// text is the longest text, of several the least; planted, of several the first.
type text struct {
	s     string
	first bool
}

func (a *text) Add(args []simtest.Value) { a.take(args[0].String) }

func (a *text) Merge(other simtest.Accumulator) { a.take(other.(*text).s) }

func (a *text) take(s string) {
	if len(s) > len(a.s) || len(s) == len(a.s) && s < a.s && !a.first {
		a.s = s
	}
}

func (a *text) AppendTo(b []byte) []byte { return append(b, a.s...) }

func (a *text) Load(b []byte) error {
	a.s = string(b)
	return nil
}

func (a *text) Finish() simtest.Value { return simtest.Value{String: a.s} }
