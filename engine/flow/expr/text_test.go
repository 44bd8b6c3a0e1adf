package expr

import (
	"fmt"
	"strings"
	"testing"

	"parallax/engine/flow/column"
)

// TestLawDictionaries: what is computed once per dictionary is right for many
// dictionaries by turns, each growing, and beyond what a node remembers.
func TestLawDictionaries(t *testing.T) {
	s := column.Schema{{Name: "s", Type: column.TypeOf(column.String)}}
	programs := map[string]func(s string) string{
		"upper(s)":                   strings.ToUpper,
		"coalesce(s, 'none')":        func(s string) string { return s },
		"if(s < 'k5', s, 'other')":   func(s string) string { return map[bool]string{true: s, false: "other"}[s < "k5"] },
		"string(length(s))":          func(s string) string { return fmt.Sprint(len(s)) },
		"if(contains(s, '7'), s, s)": func(s string) string { return s },
	}
	dicts := make([]*column.Dict, 2*dictsMax+3)
	for i := range dicts {
		dicts[i] = &column.Dict{}
	}
	for src, want := range programs {
		p, err := Compile(mustParse(t, src), s)
		if err != nil {
			t.Fatal(err)
		}
		for round := range 300 {
			b := &column.Batch{Schema: s, Rows: 3, Columns: make([]column.Column, 1)}
			b.Columns[0].Reset(s[0].Type, dicts[round*7%len(dicts)])
			for i := range b.Rows {
				b.Columns[0].Append(column.Value{String: fmt.Sprint("k", (round*31+i*17)%1000)})
			}
			got, err := p.Eval(b)
			if err != nil {
				t.Fatal(err)
			}
			for i := range b.Rows {
				in := b.Columns[0].Value(i).String
				if out := got.Value(i).String; out != want(in) {
					t.Fatalf("round %d: %s of %q = %q, want %q", round, src, in, out, want(in))
				}
			}
		}
	}
}

// TestLawUnion: a program's own dictionary stays the same from batch to batch,
// until it is too large.
func TestLawUnion(t *testing.T) {
	s := column.Schema{{Name: "i", Type: column.TypeOf(column.Int64)}}
	p, err := Compile(mustParse(t, "string(i)"), s)
	if err != nil {
		t.Fatal(err)
	}
	b := &column.Batch{Schema: s, Rows: 1 << 14, Columns: make([]column.Column, 1)}
	b.Columns[0] = column.Column{Type: s[0].Type, Ints: make([]int64, b.Rows)}
	dicts := make(map[*column.Dict]bool)
	for n := range 10 {
		for i := range b.Columns[0].Ints {
			b.Columns[0].Ints[i] = int64(n*b.Rows + i)
		}
		c, err := p.Eval(b)
		if err != nil {
			t.Fatal(err)
		}
		dicts[c.Dict] = true
		if c.Dict.Len() > unionMax+b.Rows || c.Value(7).String != fmt.Sprint(n*b.Rows+7) {
			t.Fatalf("batch %d: %d strings, row 7 is %q", n, c.Dict.Len(), c.Value(7).String)
		}
	}
	if len(dicts) != 2 {
		t.Errorf("%d dictionaries for 10 batches", len(dicts))
	}
}
