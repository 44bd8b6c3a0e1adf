package column

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestVectorColumnRoundTrip: boxed values come back as they went in, nulls
// included, whatever row the first null stands in.
func TestVectorColumnRoundTrip(t *testing.T) {
	cases := map[string][]Value{
		"bool":         {{Bool: true}, {Null: true}, {Bool: false}},
		"int64":        {{Int: math.MinInt64}, {Int: 7}, {Null: true}, {Int: math.MaxInt64}},
		"timestamp":    {{Null: true}, {Int: -1}},
		"float64":      {{Float: math.Inf(-1)}, {Float: 1e16}, {Null: true}},
		"decimal(9,2)": {{Decimal: DecimalFromInt(-105)}, {Null: true}},
		"string":       {{Null: true}, {String: ""}, {String: "b"}, {String: "a"}, {String: "b"}},
	}
	for name, values := range cases {
		typ, err := ParseType(name)
		if err != nil {
			t.Fatal(err)
		}
		var c Column
		c.Reset(typ, &Dict{})
		for i := range values {
			values[i].Type = typ
			c.Append(values[i])
		}
		if c.Len() != len(values) {
			t.Errorf("%s: Len = %d, want %d", name, c.Len(), len(values))
		}
		for row, want := range values {
			if diff := cmp.Diff(want, c.Value(row)); diff != "" {
				t.Errorf("%s row %d: %s", name, row, diff)
			}
		}
		if typ.String() != name {
			t.Errorf("Type prints %q, want %q", typ, name)
		}
	}
}

func TestVectorParseType(t *testing.T) {
	for _, bad := range []string{"", "int", "decimal", "decimal(0,0)", "decimal(39,0)", "decimal(3,4)", "decimal(3,1", "decimal(3;1)", "decimal(300,1)"} {
		if _, err := ParseType(bad); !errors.Is(err, ErrType) {
			t.Errorf("ParseType(%q) = %v, want ErrType", bad, err)
		}
	}
	if typ, err := ParseType("decimal(38, 18)"); err != nil || typ.Scale != 18 {
		t.Errorf("ParseType with a blank = %v, %v", typ, err)
	}
}

func TestVectorDict(t *testing.T) {
	var d Dict
	d.Append("b") // as a reader fills it
	if got := d.Intern("b"); got != 0 {
		t.Errorf("Intern of an appended string = %d, want 0", got)
	}
	if got := d.Intern("a"); got != 1 || d.Len() != 2 || d.Value(1) != "a" {
		t.Errorf("Intern of a new string = %d, %v", got, d.Values())
	}
	var other Dict
	if other.Intern("a"); other.Hash(0) != d.Hash(1) {
		t.Error("the hash of a string depends on its dictionary")
	}
}

// TestVectorCompare pins the engine's one order of values.
func TestVectorCompare(t *testing.T) {
	floats := []float64{math.Inf(-1), -1, math.Copysign(0, -1), 0, 5e-324, 1, math.Inf(1), math.NaN()}
	for i, a := range floats {
		for j, b := range floats {
			want := 0
			if i != j {
				want = 1
				if i < j {
					want = -1
				}
			}
			if got := CompareFloats(a, b); got != want {
				t.Errorf("CompareFloats(%v, %v) = %d, want %d", a, b, got, want)
			}
		}
	}
	null, zero := Value{Type: TypeOf(Int64), Null: true}, Value{Type: TypeOf(Int64)}
	if null.Compare(zero) != -1 || zero.Compare(null) != 1 || null.Compare(null) != 0 {
		t.Error("null must come first and equal itself")
	}
}

func TestVectorText(t *testing.T) {
	for want, v := range map[string]Value{
		"":       {Type: TypeOf(Int64), Null: true},
		"true":   {Type: TypeOf(Bool), Bool: true},
		"-7":     {Type: TypeOf(Timestamp), Int: -7},
		"0.1":    {Type: TypeOf(Float64), Float: 0.1},
		"1e+16":  {Type: TypeOf(Float64), Float: 1e16},
		"-0.050": {Type: Type{Kind: Decimal128, Precision: 9, Scale: 3}, Decimal: DecimalFromInt(-50)},
		"x":      {Type: TypeOf(String), String: "x"},
	} {
		if got := v.Text(); got != want {
			t.Errorf("Text = %q, want %q", got, want)
		}
	}
}
