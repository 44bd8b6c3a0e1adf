package cluster

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parallax/sim"
)

// What a run fails with tells which property it lacks.
func TestVectorBroken(t *testing.T) {
	for _, p := range Properties() {
		if got := Broken(&sim.Failure{Err: fmt.Errorf("x: %w", p.broken)}); got.Name != p.Name {
			t.Errorf("%v: %s, should be %s", p.broken, got.Name, p.Name)
		}
	}
	odd := errors.New("worker: no")
	if got := Broken(&sim.Failure{Err: odd}); got.Name != "never-fatal" {
		t.Error(got.Name)
	}
	if got := Broken(&sim.Failure{Err: odd, Stack: []byte("x")}); got.Name != "never-panics" {
		t.Error(got.Name)
	}
}

// Every error of this package belongs to a property, but for that of a job which
// cannot be run or checked.
func TestLawEveryErrorHasAProperty(t *testing.T) {
	known := map[string]bool{"ErrUnknown": true, "ErrPromises": true, "errChecked": true}
	source, err := parser.ParseFile(token.NewFileSet(), "property.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(source, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			known[id.Name] = true
		}
		return true
	})
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			ast.Inspect(g, func(n ast.Node) bool {
				v, ok := n.(*ast.ValueSpec)
				if ok && strings.HasPrefix(strings.ToLower(v.Names[0].Name), "err") && !known[v.Names[0].Name] {
					t.Errorf("%s: %s belongs to no property", file, v.Names[0].Name)
				}
				return true
			})
		}
	}
}

// Each property stands in one sentence at the head of the file that checks it, so that a
// listing of check_*.go is a list of what is checked; what is said of programs themselves
// is the world's to check.
func TestLawEveryPropertyHasAFile(t *testing.T) {
	files, err := filepath.Glob("check_*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no checks: ", err)
	}
	said := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(string(text), "\nimport")
		for _, p := range strings.Split(strings.ReplaceAll(head, "\n// ", " "), "Property ")[1:] {
			name, rest, _ := strings.Cut(p, ": ")
			if said[name] != "" {
				t.Errorf("%s: %s is said twice", file, name)
			}
			said[name] = rest
		}
	}
	for _, p := range properties {
		says := strings.ToLower(p.Says[:1]) + p.Says[1:]
		if !strings.HasPrefix(said[p.Name], says) && p.broken != errFatal && p.broken != errPanic {
			t.Errorf("no file begins with Property %s: %s", p.Name, says)
		}
		delete(said, p.Name)
	}
	for name := range said {
		t.Errorf("there is no property %s", name)
	}
}
