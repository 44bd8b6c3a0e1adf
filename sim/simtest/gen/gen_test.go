package gen_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parallax/engine/flow/column"
	"parallax/sim/simtest/gen"
)

// Rows fit their schemas, and what is named awkward is drawn.
func TestLawRows(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		schema := gen.Schemas(30).Draw(t, "schema")
		for i, f := range schema {
			if schema.Index(f.Name) != i {
				t.Fatalf("two columns %q", f.Name)
			}
			if typ, err := column.ParseType(f.Type.String()); err != nil || typ != f.Type {
				t.Fatalf("%v: %v", f.Type, err)
			}
		}
		const partitions = 3
		last := time.Duration(math.MinInt64)
		for _, r := range gen.Rows(schema, partitions, 40).Draw(t, "rows") {
			if len(r.Values) != len(schema) || r.Partition < 0 || r.Partition >= partitions {
				t.Fatalf("%+v", r)
			}
			count(seen, "negative time", r.Time < 0)
			count(seen, "equal time", r.Time == last)
			count(seen, "out of order", r.Time < last)
			count(seen, "an hour off", r.Time <= last-time.Hour+10*time.Second)
			last = r.Time
			for i, v := range r.Values {
				if v.Type != schema[i].Type {
					t.Fatalf("%v in a column of %v", v, schema[i].Type)
				}
				if v.Type.Kind == column.Decimal128 && !v.Decimal.Fits(v.Type.Precision) {
					t.Fatalf("%s does not fit %s", v.Text(), v.Type)
				}
				count(seen, "null", v.Null)
				count(seen, "NaN", v.Float != v.Float)
				count(seen, "-0", v.Type.Kind == column.Float64 && v.Float == 0 && math.Signbit(v.Float))
				count(seen, "infinity", math.IsInf(v.Float, 0))
				count(seen, "1e16", v.Float == 1e16)
				count(seen, "greatest integer", v.Int == math.MaxInt64)
				count(seen, "no UTF-8", v.String == "\xff")
			}
		}
	})
	for what, n := range seen {
		if n == 0 {
			t.Errorf("%s was never drawn", what)
		}
	}
}

func count(seen map[string]int, what string, is bool) {
	if is {
		seen[what]++
	} else {
		seen[what] += 0
	}
}

// Rows of a seed are the same rows whenever they are drawn.
func TestLawArguments(t *testing.T) {
	types := []column.Type{column.TypeOf(column.Float64), column.TypeOf(column.String)}
	different := 0
	for seed := range uint64(50) {
		a, b := fmt.Sprint(gen.Arguments(types)(seed)), fmt.Sprint(gen.Arguments(types)(seed))
		if a != b {
			t.Errorf("seed %d: %s, then %s", seed, a, b)
		}
		if a != fmt.Sprint(gen.Arguments(types)(seed+1)) {
			different++
		}
	}
	if different < 40 {
		t.Errorf("only %d seeds differ from the next", different)
	}
	if rows := gen.Arguments(nil)(7); slices.ContainsFunc(rows, func(r []column.Value) bool { return len(r) != 0 }) {
		t.Error(rows)
	}
}

// A test of one's own by rapid: a number is itself, whatever it is.
func ExampleFloats() {
	TestItself := func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			if f := gen.Floats().Draw(t, "f"); column.CompareFloats(f, f) != 0 {
				t.Fatalf("%v is not itself", f)
			}
		})
	}
	_ = TestItself // go test runs it
	fmt.Println(gen.Floats().Example(1))
	// Output: 700.89
}
