package flow

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

func TestVectorShare(t *testing.T) {
	for text, want := range map[string]int32{"0.99": 990_000, "1": 1_000_000, "1.0": 1_000_000, ".5": 500_000, "0.000001": 1, "00.25": 250_000} {
		if got, err := ParseShare(text); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", ".", "0", "1.000001", "99%", "-0.5", "0.0000001", "1e-1", "2", "0,5", "999999999999"} {
		if got, err := ParseShare(text); !errors.Is(err, errShare) {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
}

// TestLawShare: what is printed reads as the same.
func TestLawShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int32Range(1, millionth).Draw(t, "millionths")
		if got, err := ParseShare(FormatShare(n)); err != nil || got != n {
			t.Fatalf("%d is %q, which is %d, %v", n, FormatShare(n), got, err)
		}
	})
}

// TestVectorStrategies: what is said of strategies, and how they print.
func TestVectorStrategies(t *testing.T) {
	schema := column.Schema{{Name: "kind", Type: column.TypeOf(column.String)}, {Name: "n", Type: column.TypeOf(column.Int64)}}
	w := window.Tumble(1_000_000, 0)
	call, err := expr.ParseCall("count()")
	if err != nil {
		t.Fatal(err)
	}
	parse := func(src string) expr.Expr {
		e, err := expr.Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	for _, c := range []struct {
		spec   watermark.Spec
		marker expr.Expr
		want   string // of the error, or how it begins to print
	}{
		{watermark.Spec{Kind: watermark.Punctuated}, parse("kind = 'mark'"), "watermark: {punctuated: 'kind = ''mark''', bounded: 0s}\n"},
		{watermark.Spec{Kind: watermark.Percentile, Millionths: 995_000, Bounded: 2_000_000}, nil, "watermark: {percentile: 0.995, bounded: 2s}\n"},
		{watermark.Spec{Kind: watermark.Adaptive, Millionths: 990_000}, nil, "watermark: {adaptive: 0.99, bounded: 0s}\n"},
		{watermark.Spec{Kind: watermark.Punctuated}, nil, "watermark.punctuated: punctuated and per_key, and nothing else, take an expression"},
		{watermark.Spec{}, parse("n > 1"), "watermark.bounded: punctuated and per_key, and nothing else, take an expression"},
		{watermark.Spec{Kind: watermark.PerKey, Bounded: 1_000_000}, parse("kind"), "watermark: {per_key: kind, bounded: 1s}\n"},
		{watermark.Spec{Kind: watermark.PerKey, Bounded: 1_000_000}, parse("n / 2"), "watermark.per_key: a float64 tells no keys apart at column 3"},
		{watermark.Spec{Kind: watermark.PerKey}, parse("n"), "watermark: per_key needs bounded"},
		{watermark.Spec{Kind: watermark.Punctuated}, parse("n + 1"), "watermark.punctuated: a condition must be bool, this is int64 at column 3"},
		{watermark.Spec{Kind: watermark.Punctuated}, parse("knd = ''"), `watermark.punctuated: unknown column "knd" at column 1; did you mean "kind"?`},
		{watermark.Spec{Millionths: 1}, nil, "watermark: percentile, adaptive and completeness, and nothing else, take a share"},
	} {
		p := Pipeline{Watermark: c.spec, Marker: c.marker, Steps: []Step{{Window: &w}, {Aggregates: []Aggregate{{Name: "c", Call: call}}}}}
		_, err := p.Plan(schema)
		got := p.String
		if err != nil {
			got = err.Error
		}
		if !strings.HasPrefix(got(), c.want) {
			t.Errorf("%+v: %s\nwant %s", c.spec, got(), c.want)
		}
	}
}
