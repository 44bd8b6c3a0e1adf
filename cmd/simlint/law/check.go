package law

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"go.temporal.io/sdk/contrib/tools/workflowcheck/determinism"
	"golang.org/x/tools/go/analysis"
)

// call is the first use of one function of the package by another.
type call struct {
	caller, callee string // full names
	at             token.Position
}

// check is one run over one package.
type check struct {
	pass    *analysis.Pass
	known   map[string]determinism.PackageNonDeterminisms // facts about the packages below, by path
	reasons determinism.PackageNonDeterminisms            // by function's full name or variable's name
	calls   []call
	seen    map[[2]string]bool // of calls

	escapes *escapes
	path    []ast.Node // from the file to the node at hand
	subject string     // whose reasons are collected, "" between declarations
}

func newCheck(pass *analysis.Pass) *check {
	c := &check{
		pass:    pass,
		known:   map[string]determinism.PackageNonDeterminisms{},
		reasons: determinism.PackageNonDeterminisms{},
		seen:    map[[2]string]bool{},
	}
	for _, f := range pass.AllPackageFacts() {
		c.known[f.Package.Path()] = f.Fact.(*ledger).byName()
	}
	return c
}

// file checks one file, declaration by declaration.
func (c *check) file(f *ast.File) {
	c.escapes = readEscapes(f, c.pass)
	c.imports(f)
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if fn, ok := c.pass.TypesInfo.Defs[decl.Name].(*types.Func); ok {
				c.subject = fn.FullName()
			}
			c.walk(decl)
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				c.subject = ""
				if v, ok := spec.(*ast.ValueSpec); ok && decl.Tok == token.VAR {
					c.subject = v.Names[0].Name
				}
				c.walk(spec)
			}
		}
	}
	c.escapes.reportIdle()
}

// walk applies every rule to every node below n.
func (c *check) walk(n ast.Node) {
	c.path = c.path[:0]
	ast.Inspect(n, func(n ast.Node) bool {
		if n == nil {
			c.path = c.path[:len(c.path)-1]
			return true
		}
		c.concurrency(n)
		c.order(n)
		c.writes(n)
		c.floats(n)
		c.addresses(n)
		if id, ok := n.(*ast.Ident); ok {
			c.use(id)
		}
		c.path = append(c.path, n)
		return true
	})
}

// report shows a breach, and keeps it as a reason against the function around it.
func (c *check) report(at token.Pos, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	c.pass.Reportf(at, "%s", text)
	c.note(at, text)
}

// note keeps a reason that is reported elsewhere.
func (c *check) note(at token.Pos, text string) {
	if c.subject != "" {
		r := &breach{At: c.pass.Fset.Position(at), Text: text}
		c.reasons[c.subject] = append(c.reasons[c.subject], r)
	}
}

// spread carries the reasons to callers within the package.
func (c *check) spread() {
	callers := map[string][]call{}
	for _, k := range c.calls {
		callers[k.callee] = append(callers[k.callee], k)
	}
	pending := slices.Sorted(maps.Keys(c.reasons))
	for len(pending) > 0 {
		name := pending[0]
		pending = pending[1:]
		for _, k := range callers[name] {
			if len(c.reasons[k.caller]) == 0 {
				c.reasons[k.caller] = determinism.NonDeterminisms{
					&determinism.ReasonFuncCall{SourcePos: &k.at, FuncName: name},
				}
				pending = append(pending, k.caller)
			}
		}
	}
}
