package cluster

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
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
	known := map[string]bool{"ErrUnknown": true, "ErrPromises": true}
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
