package engine_test

import (
	"fmt"
	"strings"
	"testing"
)

const plainDoc = "// Package a does one thing.\npackage a\n"

func repeat(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// Each rule of the style law, broken just so, and kept just so.
func TestStyleSeesPlantedViolations(t *testing.T) {
	const gap = "\n"
	home := "/ho" + "me/someone/x"
	for _, c := range []struct {
		rule, name, text string
		want             string // part of the only violation; "" means none
	}{
		{"file", "a/x.go", "package a\n" + strings.Repeat(gap, 799), ""},
		{"file", "a/x.go", "package a\n" + strings.Repeat(gap, 800), "file of 801"},
		{"file", "a/x_test.go", "package a\n" + strings.Repeat(gap, 800), "file of 801"},
		{"function", "a/x.go", "package a\n// f\n// g\nfunc f() {\n" + strings.Repeat(gap, 68) + "}\n", ""},
		{"function", "a/x.go", "package a\nfunc f() {\n" + strings.Repeat(gap, 69) + "}\n", "f has 71 lines"},
		{"function", "a/x.go", "package a\nvar f = func() {\n" + strings.Repeat(gap, 69) + "}\n", "71 lines"},
		{"interface", "a/x.go", "package a\ntype i interface {\n" + repeat(5, "m%d()\n") + "}\n", ""},
		{"interface", "a/x.go", "package a\ntype i interface {\n" + repeat(6, "m%d()\n") + "}\n", "6 methods"},
		{"options", "a/x.go", "package a\ntype Options struct {\n" + repeat(11, "f%d int\n") + "}\n", "11 fields"},
		{"options", "a/x.go", "package a\ntype DiskConfig struct { a, b, c, d, e, f, g, h, i, j, k int }\n", "11 fields"},
		{"options", "a/x.go", "package a\ntype state struct {\n" + repeat(11, "f%d int\n") + "}\n", ""},
		{"exported", "a/x.go", "package a\nvar (\n" + repeat(25, "V%d int\n") + ")\n", ""},
		{"exported", "a/x.go", "package a\nvar (\n" + repeat(25, "V%d int\n") + ")\nfunc F() {}\n", "26 exported"},
		{"exported", "a/x.go", "package a\nfunc F() {}\ntype T int\n" + repeat(25, "func (T) M%d() {}\n"), ""},
		{"exported", "a/x_test.go", "package a\nvar (\n" + repeat(26, "V%d int\n") + ")\n", ""},
		{"doc", "b/x.go", "package b\n", "b: no doc.go"},
		{"doc", "b/doc.go", "package b\n", "b: no doc.go"},
		{"name", "a/util/doc.go", "// Package util is a drawer.\npackage util\n", "says nothing"},
		{"name", "a/common/doc.go", "// Package common is a drawer.\npackage common\n", "says nothing"},
		{"name", "a/types/doc.go", "// Package types is a drawer.\npackage types\n", "says nothing"},
		{"name", "a/x.go", "package a\ntype diskManager int\n", "says nothing"},
		{"marker", "a/x.go", "package a\n// TO" + "DO: later\n", "marker"},
		{"marker", "a/x.go", "package a\n/* FIX" + "ME */\n", "marker"},
		{"marker", "a/x.go", "package a\nvar s = \"TO" + "DO\"\n", ""},
		{"path", "a/x.go", "package a\n// see " + home + "\n", "one machine"},
		{"path", "a/x_test.go", "package a\nconst s = \"" + home + "\"\n", "one machine"},
		{"path", "a/x.go", "package a\n// https://example.com" + home + "\n", ""},
		{"syntax", "a/x.go", "package a\nfunc {", "expected"},
	} {
		got := violations([]source{{"a/doc.go", plainDoc}, {c.name, c.text}})
		switch {
		case c.want == "" && len(got) != 0:
			t.Errorf("%s: false alarm %q", c.rule, got)
		case c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)):
			t.Errorf("%s: got %q, want one with %q", c.rule, got, c.want)
		}
	}
}
