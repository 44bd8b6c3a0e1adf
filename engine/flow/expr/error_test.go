package expr

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"parallax/engine/flow/column"
)

// TestVectorErrors: what is said of mistakes in the text.
func TestVectorErrors(t *testing.T) {
	named := append(slices.Clone(schema),
		column.Field{Name: "content_length", Type: column.TypeOf(column.Int64)},
		column.Field{Name: "dep-delay", Type: column.TypeOf(column.Int64)})
	for src, want := range map[string]string{
		"":                   "expected a column, a constant or a call, found the end at column 1",
		"i +":                "expected a column, a constant or a call, found the end at column 4",
		"i j":                `expected an operator or the end, found "j" at column 3`,
		"(i":                 `expected ")", found the end at column 3`,
		"i < j < 3":          `comparisons do not chain: use "and" or parentheses at column 7`,
		"i = not b":          `"not" needs parentheses here at column 5`,
		"s = 'x":             "no closing ' at column 5",
		"i # j":              `unexpected character "#" at column 3`,
		"5. + i":             "digits must follow the point at column 2",
		"1e + i":             "digits must follow the exponent at column 2",
		"12ab":               "a number runs into letters at column 1",
		"1e999":              "1e999 does not fit a float64 at column 1",
		"i in ()":            `the list of "in" is empty at column 3`,
		"i in (1, j)":        `the list of "in" holds constants only at column 10`,
		"i in 1":             "expected a list in parentheses, found \"1\" at column 6",
		"i is 3":             `expected "null", found "3" at column 6`,
		"i > 0 where b":      `"where" belongs behind an aggregate's arguments at column 7`,
		"``":                 "a column's name is missing at column 1",
		"f + i + s":          `cannot add string to float64 at column 7; did you mean "float(s)"?`,
		"i + s":              `cannot add string to int64 at column 3; did you mean "int(s)"?`,
		"s - i":              `cannot subtract int64 from string at column 3; did you mean "int(s)"?`,
		"b * 2":              "cannot multiply bool by int64 at column 3",
		"d % 2":              "cannot take the remainder of decimal(12,3) by int64 at column 3",
		"at * 2":             "cannot multiply timestamp by int64 at column 4",
		"-s":                 "cannot negate string at column 1",
		"s = 5":              `cannot compare string with int64 at column 3; did you mean "'5'"?`,
		"s in (1)":           `cannot compare string with int64 at column 7; did you mean "'1'"?`,
		"at < 1.5":           "cannot compare timestamp with decimal(38,1) at column 4",
		"i = null":           `a comparison with null is never true at column 3; did you mean "i is null"?`,
		"null != s":          `a comparison with null is never true at column 6; did you mean "s is not null"?`,
		"i and b":            `"and" needs bool, this is int64 at column 1`,
		"not s":              `"not" needs bool, this is string at column 5`,
		"null":               "the type of null is not known here at column 1",
		"coalesce(null)":     "coalesce gives nothing but null at column 1",
		"if(b, i, s)":        "if gives both int64 and string at column 10",
		"if(i, i, i)":        `"if" needs bool, this is int64 at column 4`,
		"lenght(s)":          `unknown function "lenght" at column 1; did you mean "length"?`,
		"length(i)":          "length does not take int64; it is length(string): characters at column 1",
		"abs(i, j)":          "abs does not take 2 arguments; it is abs(number) at column 1",
		"int(null)":          "int does not take null; it is int(value): toward zero at column 1",
		"dep-delay > 3":      "unknown column \"dep\" at column 1; did you mean \"`dep-delay`\"?",
		"1 + contnet_length": `unknown column "contnet_length" at column 5; did you mean "content_length"?`,
		"e * e * e * e":      "a product of decimal(38,30) and decimal(38,10) has 40 digits behind the point, more than 38 at column 11",
		"0.123456789012345678901234567890123456789": "0.123456789012345678901234567890123456789 has more than 38 digits at column 1",
	} {
		e, err := Parse(src)
		if err == nil {
			_, err = Compile(e, named)
		}
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v\nwant %s", src, err, want)
		}
	}
	deep := strings.Repeat("(not ", 190) + "b" + strings.Repeat(")", 190)
	if e, err := Parse(deep); err != nil || mustParse(t, e.String()).String() != e.String() {
		t.Errorf("%.20s…: %v", deep, err)
	}
	for _, src := range []string{strings.Repeat("!(", 250) + "b" + strings.Repeat(")", 250), strings.Repeat("(", 1e6), strings.Repeat("not ", 1e6), strings.Repeat("-", 1e6), strings.Repeat("i + ", 1e6)} {
		if _, err := Parse(src); err == nil {
			t.Errorf("%.20s… parses", src)
		}
	}
}

func TestVectorCalls(t *testing.T) {
	for src, want := range map[string]string{
		"count()": "count()",
		" sum( quantity*unit_price ) where customer_id != ''": "sum(quantity * unit_price) where customer_id != ''",
		"quantile(x, 0.99)":               "quantile(x, 0.99)",
		"count() WHERE dep_delay_min>=60": "count() where dep_delay_min >= 60",
		"3":                               `expected an aggregate function such as sum(x), found "3" at column 1`,
		"sum":                             `expected "(" behind sum, found the end at column 4`,
		"sum(x":                           `expected ",", found the end at column 6`,
		"sum(x) + 1":                      `expected "where" or the end, found "+" at column 8`,
		"sum(x) where":                    "expected a column, a constant or a call, found the end at column 13",
		"sum(x where y)":                  `expected ",", found "where" at column 7`,
	} {
		c, err := ParseCall(src)
		got := c.String()
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %s, want %s", src, got, want)
		}
	}
}

// TestVectorTypes: the type that each expression has.
func TestVectorTypes(t *testing.T) {
	for src, want := range map[string]string{
		"i + 1": "int64", "i / 2": "float64", "i % 2": "int64", "-i": "int64", "i * f": "float64",
		"d + i": "decimal(38,3)", "d - 0.25": "decimal(38,3)", "d + 0.0001": "decimal(38,4)",
		"d * i": "decimal(38,3)", "d * d": "decimal(38,6)", "d * 0.5": "decimal(38,4)", "d * 0.5e0": "float64",
		"d / i": "float64", "d": "decimal(12,3)", "-d": "decimal(38,3)", "abs(d)": "decimal(38,3)",
		"f * 1.5": "float64", "1.5": "decimal(38,1)", "1.5 * i": "decimal(38,1)",
		"round(d)": "decimal(38,0)", "floor(f)": "float64", "ceil(i)": "int64",
		"at + 1": "timestamp", "1 + at": "timestamp", "at - at": "int64", "at - 1": "timestamp",
		"i = 1 or null": "bool", "s in ('a')": "bool", "i is null": "bool", "contains(s, t)": "bool",
		"coalesce(i, f)": "float64", "coalesce(null, d)": "decimal(12,3)", "if(b, d, i)": "decimal(38,3)",
		"length(s)": "int64", "upper(s)": "string", "string(d)": "string", "int('5')": "int64", "float(d)": "float64",
	} {
		p, err := Compile(mustParse(t, src), schema)
		if err != nil || p.Type().String() != want {
			t.Errorf("%q: %v, %v; want %s", src, p, err, want)
		}
	}
}

// TestVectorRowErrors: a row without a value is named, and only if it is selected
// and its value is used.
func TestVectorRowErrors(t *testing.T) {
	s := column.Schema{{Name: "i", Type: column.TypeOf(column.Int64)}, {Name: "s", Type: column.TypeOf(column.String)}}
	b := &column.Batch{Schema: s, Partition: 7, Offset: 1000, Rows: 3, Columns: make([]column.Column, 2)}
	b.Columns[0].Type = s[0].Type
	b.Columns[0].Ints = []int64{0, 1, math.MaxInt64}
	b.Columns[1].Reset(s[1].Type, &column.Dict{})
	for _, text := range []string{"12", "n/a", "7"} {
		b.Columns[1].Append(column.Value{String: text})
	}
	for _, c := range []struct {
		src  string
		rows []int32
		want string
	}{
		{"i + 1", nil, `expr: integer overflow in "i + 1" at column 3: partition 7, offset 1002`},
		{"i + 1", []int32{0, 1}, ""},
		{"2 % i", nil, `expr: remainder by zero in "2 % i" at column 3: partition 7, offset 1000`},
		{"i != 0 and 2 % i = 0", nil, ""},
		{"if(i = 0, 0, 2 % i)", nil, ""},
		{"int(s)", nil, `expr: not an integer of 64 bits in "int(s)" at column 1: partition 7, offset 1001`},
		{"float(s) > 1e0 or true", []int32{0, 1}, `expr: not a number in "float(s)" at column 1: partition 7, offset 1001`},
		{"coalesce(1, i + 1)", nil, ""},
		{"1.5 * 99999999999999999999 * i * i", nil, `expr: decimal overflow (more than 38 digits) in "1.5 * 99999999999999999999 * i" at column 28: partition 7, offset 1002`},
	} {
		p, err := Compile(mustParse(t, c.src), s)
		if err != nil {
			t.Fatal(err)
		}
		b.Select = c.rows
		got := ""
		if _, err = p.Eval(b); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s over %v: %s\nwant %s", c.src, c.rows, got, c.want)
		}
	}
	b.Select = nil
	p, err := Compile(mustParse(t, "int(s)"), s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.EvalWhere(b, []bool{true, false, true}); err != nil {
		t.Errorf("a row that does not count: %v", err)
	}
	if _, err := p.EvalWhere(b, []bool{false, true, false}); err == nil {
		t.Error("a row that counts has no value, but no error either")
	}
	p, err = Compile(mustParse(t, "i > 0"), s)
	if err != nil {
		t.Fatal(err)
	}
	b.Columns[0].Type = column.TypeOf(column.Timestamp)
	if _, err := p.Eval(b); !errors.Is(err, ErrSchema) {
		t.Errorf("a batch of another schema: %v", err)
	}
}

func TestVectorNearest(t *testing.T) {
	names := []string{"content_length", "device_id", "session", "count", "sum"}
	for name, want := range map[string]string{
		"content_lenght": "content_length", "Session": "session", "cuont": "count", "smu": "sum", "sm": "sum",
		"devise": "", "content": "content_length", "se": "", "x": "", "deviceid": "device_id", "contents_lengths": "content_length",
	} {
		if got := Nearest(name, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

// FuzzParse: the parser refuses or understands, and what it understood prints to
// a text that it understands in the same way.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"a + b * -2 >= 1.5e3", "not a in (1, null)", "`x y` is not null or 'it''s' = \"q\"", "if(a, f(b), .5)", "--1 - -(1)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if c, err := ParseCall(src); err == nil {
			if again, err := ParseCall(c.String()); err != nil || again.String() != c.String() {
				t.Fatalf("ParseCall(%q) prints as %q, which parses to %v, %v", src, c, again, err)
			}
		}
		e, err := Parse(src)
		var bad *Error
		if err != nil {
			if !errors.As(err, &bad) || bad.Offset < 0 || bad.Offset > len(src) {
				t.Fatalf("Parse(%q): %v", src, err)
			}
			return
		}
		again, err := Parse(e.String())
		if err != nil || again.String() != e.String() || fmt.Sprintf("%T", again) != fmt.Sprintf("%T", e) {
			t.Fatalf("Parse(%q) prints as %q, which parses to %v, %v", src, e, again, err)
		}
		_, _ = Compile(e, schema)
	})
}
