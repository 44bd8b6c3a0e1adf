package engine_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The style law (DESIGN, section 12). Counts are of lines, methods, fields and
// names; nothing is exempt for being old.
const (
	fileLinesMax     = 800
	funcLinesMax     = 70
	methodsMax       = 5
	optionFieldsMax  = 10
	exportedNamesMax = 25
)

var (
	emptyNouns  = regexp.MustCompile(`^(utils?|common|types|helpers?|misc)$`)
	emptySuffix = regexp.MustCompile(`(Manager|Impl)$`)
	markers     = regexp.MustCompile(`\b(TODO|FIXME|XXX)\b`)
	machinePath = regexp.MustCompile(`(^|[^\w.~*-])/(work|home|root|Users)/`)
)

// source is one Go file; its name is relative to the module's root.
type source struct {
	name string
	text string
}

// sheet collects what one package shows.
type sheet struct {
	name, doc string
	docFile   bool
	exported  []string
}

// inspector holds files against the law.
type inspector struct {
	fset     *token.FileSet
	found    []string
	packages map[string]*sheet
}

// violations says what in files breaks the style law.
func violations(files []source) []string {
	in := &inspector{fset: token.NewFileSet(), packages: map[string]*sheet{}}
	for _, file := range files {
		f, err := parser.ParseFile(in.fset, file.name, file.text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			in.found = append(in.found, err.Error())
			continue
		}
		if n := lines(file.text); n > fileLinesMax {
			in.report(f.Package, "file of %d lines, at most %d", n, fileLinesMax)
		}
		in.syntax(f)
		in.words(f)
		if !strings.HasSuffix(file.name, "_test.go") {
			in.collect(file.name, f)
		}
	}
	in.sheets()
	return in.found
}

func (in *inspector) report(at token.Pos, format string, args ...any) {
	p := in.fset.Position(at)
	in.found = append(in.found, fmt.Sprintf("%s:%d: %s", p.Filename, p.Line, fmt.Sprintf(format, args...)))
}

func lines(text string) int {
	return strings.Count(strings.TrimSuffix(text, "\n"), "\n") + 1
}

// syntax checks sizes: functions, interfaces, option structs.
func (in *inspector) syntax(f *ast.File) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			in.function(n.Name.Name, n)
		case *ast.FuncLit:
			in.function("function literal", n)
		case *ast.TypeSpec:
			in.typeSpec(n)
		}
		return true
	})
}

func (in *inspector) function(name string, n ast.Node) {
	from := n.Pos()
	if d, ok := n.(*ast.FuncDecl); ok {
		from = d.Name.Pos() // the doc comment does not count
	}
	if size := in.fset.Position(n.End()).Line - in.fset.Position(from).Line + 1; size > funcLinesMax {
		in.report(from, "%s has %d lines, at most %d", name, size, funcLinesMax)
	}
}

func (in *inspector) typeSpec(n *ast.TypeSpec) {
	name := n.Name.Name
	if emptySuffix.MatchString(name) {
		in.report(n.Pos(), "type %s: the suffix says nothing", name)
	}
	switch t := n.Type.(type) {
	case *ast.InterfaceType:
		if count := fields(t.Methods); count > methodsMax {
			in.report(n.Pos(), "interface %s has %d methods, at most %d", name, count, methodsMax)
		}
	case *ast.StructType:
		isOptions := strings.HasSuffix(name, "Options") || strings.HasSuffix(name, "Config")
		if count := fields(t.Fields); isOptions && count > optionFieldsMax {
			in.report(n.Pos(), "%s has %d fields, at most %d", name, count, optionFieldsMax)
		}
	}
}

// fields counts names, an embedded one as one.
func fields(list *ast.FieldList) int {
	n := 0
	for _, f := range list.List {
		n += max(1, len(f.Names))
	}
	return n
}

// words checks comments for markers, and comments and strings for paths that
// exist on one machine only.
func (in *inspector) words(f *ast.File) {
	for _, group := range f.Comments {
		for _, c := range group.List {
			if m := markers.FindString(c.Text); m != "" {
				in.report(c.Pos(), "marker %s: finish it or leave it out", m)
			}
			if m := machinePath.FindString(c.Text); m != "" {
				in.report(c.Pos(), "path of one machine: %q", m)
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.BasicLit); ok && s.Kind == token.STRING && machinePath.MatchString(s.Value) {
			in.report(s.Pos(), "path of one machine: %s", s.Value)
		}
		return true
	})
}

// collect notes what a non-test file adds to its package.
func (in *inspector) collect(name string, f *ast.File) {
	dir := path.Dir(name)
	s := in.packages[dir]
	if s == nil {
		s = &sheet{name: f.Name.Name}
		in.packages[dir] = s
	}
	if path.Base(name) == "doc.go" {
		s.docFile, s.doc = true, f.Doc.Text()
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				s.export(d.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					s.export(spec.Name)
				case *ast.ValueSpec:
					s.export(spec.Names...)
				}
			}
		}
	}
}

func (s *sheet) export(names ...*ast.Ident) {
	for _, n := range names {
		if n.IsExported() {
			s.exported = append(s.exported, n.Name)
		}
	}
}

// sheets checks whole packages.
func (in *inspector) sheets() {
	var dirs []string
	for dir := range in.packages {
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	for _, dir := range dirs {
		s := in.packages[dir]
		report := func(format string, args ...any) {
			in.found = append(in.found, dir+": "+fmt.Sprintf(format, args...))
		}
		if emptyNouns.MatchString(s.name) || emptyNouns.MatchString(path.Base(dir)) {
			report("package %s: a name that says nothing; a helper lives with its user, or earns a noun", s.name)
		}
		if !s.docFile || s.doc == "" {
			report("no doc.go with a package comment")
		}
		// A vocabulary has as many names as there are things; so have files and what is in them.
		if n := len(s.exported); n > exportedNamesMax && s.name != "main" && dir != "engine" && dir != "sim/fault" && dir != "scenarios" {
			report("%d exported names, at most %d: %s", n, exportedNamesMax, strings.Join(s.exported, " "))
		}
	}
}

func TestStyle(t *testing.T) {
	var files []source
	goDirs(t, "..", func(dir string) {
		names, _ := filepath.Glob(filepath.Join(dir, "*.go")) // the pattern is well-formed
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			rel, err := filepath.Rel("..", name)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, source{filepath.ToSlash(rel), string(text)})
		}
	})
	for _, v := range violations(files) {
		t.Error(v)
	}
	var sizes []int
	for _, f := range files {
		sizes = append(sizes, lines(f.text))
	}
	slices.Sort(sizes)
	t.Logf("%d files, median %d lines, longest %d", len(sizes), sizes[len(sizes)/2], sizes[len(sizes)-1])
}
