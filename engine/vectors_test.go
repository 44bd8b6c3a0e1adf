package engine_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// vectorIDs are the conformance vectors of windows, triggers and watermarks: known
// answers of other engines, each of which has a test of its name.
var vectorIDs = func() (ids []string) {
	number := func(from, to int) {
		for n := from; n <= to; n++ {
			id := "S" + strconv.Itoa(n)
			if n < 10 {
				id = "S0" + strconv.Itoa(n)
			}
			ids = append(ids, id)
		}
	}
	number(1, 36)
	number(38, 38)
	number(49, 54)
	return ids
}()

var vectorID = regexp.MustCompile(`S[0-9]{2}`)

// vectorsOf lists the vectors that a test file's tests are named after: the TestVector
// functions, and the subtests in them whose names are written out.
func vectorsOf(text string) ([]string, error) {
	f, err := parser.ParseFile(token.NewFileSet(), "x_test.go", text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv != nil || !strings.HasPrefix(fn.Name.Name, "TestVector") {
			continue
		}
		ids = append(ids, vectorID.FindAllString(fn.Name.Name, -1)...)
		ast.Inspect(fn, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 2 {
				return true
			}
			run, isRun := call.Fun.(*ast.SelectorExpr)
			name, isText := call.Args[0].(*ast.BasicLit)
			if isRun && isText && run.Sel.Name == "Run" {
				ids = append(ids, vectorID.FindAllString(name.Value, -1)...)
			}
			return true
		})
	}
	return ids, nil
}

// TestEveryVectorHasATest: a vector whose test is renamed or removed is missed.
func TestEveryVectorHasATest(t *testing.T) {
	var have []string
	goDirs(t, "..", func(dir string) {
		names, _ := filepath.Glob(filepath.Join(dir, "*_test.go")) // the pattern is well-formed
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			ids, err := vectorsOf(string(text))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			have = append(have, ids...)
		}
	})
	for _, id := range vectorIDs {
		if !slices.Contains(have, id) {
			t.Errorf("no TestVector is named after %s", id)
		}
	}
}

// A name counts where a test has it, and nowhere else.
func TestVectorsAreSeenToBeMissed(t *testing.T) {
	ids, err := vectorsOf(`package a

// TestVectorS01 is of a comment.
func TestVectorS02S03Names(t *testing.T) {
	t.Run("S04 in a subtest", func(t *testing.T) {})
	t.Log("S05", "S06")
}

func helperS07() {}
func TestLawS08(t *testing.T) {}
`)
	if want := []string{"S02", "S03", "S04"}; err != nil || !slices.Equal(ids, want) {
		t.Errorf("%v, %v; want %v", ids, err, want)
	}
	if len(vectorIDs) != 43 || vectorIDs[8] != "S09" || vectorIDs[36] != "S38" {
		t.Errorf("%d vectors: %v", len(vectorIDs), vectorIDs)
	}
}
