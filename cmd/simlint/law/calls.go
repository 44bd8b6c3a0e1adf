package law

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"

	"go.temporal.io/sdk/contrib/tools/workflowcheck/determinism"
)

// use checks what a name stands for: a function that is called or taken as a
// value, or a variable of another package.
func (c *check) use(id *ast.Ident) {
	switch obj := c.pass.TypesInfo.Uses[id].(type) {
	case *types.Func:
		c.function(id.Pos(), obj.Origin())
	case *types.Var:
		if obj.Pkg() == nil || obj.Parent() != obj.Pkg().Scope() {
			return // local, or a field
		}
		if obj.Pkg() == c.pass.Pkg {
			c.calling(id.Pos(), obj.Name())
		} else if r := c.known[obj.Pkg().Path()][obj.Name()]; len(r) > 0 && ban(obj.Pkg().Path()) == "" {
			c.report(id.Pos(), "reads %s.%s, %s", obj.Pkg().Name(), obj.Name(), c.why(obj.Pkg(), obj.Name()))
		}
	}
}

// calling notes that the function around the node at hand uses another of this
// package, or a variable whose value one computes.
func (c *check) calling(at token.Pos, callee string) {
	key := [2]string{c.subject, callee}
	if c.subject == "" || c.subject == callee || c.seen[key] {
		return
	}
	c.seen[key] = true
	c.calls = append(c.calls, call{c.subject, callee, c.pass.Fset.Position(at)})
}

func (c *check) function(at token.Pos, fn *types.Func) {
	pkg, name := fn.Pkg(), fn.FullName()
	if pkg == nil {
		return // error.Error
	}
	if pkg == c.pass.Pkg {
		c.calling(at, name)
		return
	}
	if why := ban(pkg.Path()); why != "" {
		c.note(at, fmt.Sprintf("calls %s: %s", name, why)) // reported at the import
		return
	}
	switch {
	case unordered[name]:
		if !c.sorted() && !c.escapes.accepts(at) {
			c.report(at, "%s has the order of the map: sort at once by slices.Sorted, or say %sordered REASON", name, escape)
		}
	case localZone[name]:
		if !c.zoned() {
			c.report(at, "%s gives the time in the machine's zone: call .UTC() on it at once", name)
		}
	case len(c.known[pkg.Path()][name]) > 0:
		c.report(at, "calls %s, %s", name, c.why(pkg, name))
	case c.unknown(pkg) && !allowed(fn):
		c.report(at, "calls %s of a third-party module: not in the table of allowed functions (cmd/simlint/law/thirdparty.go)", name)
	}
}

// unknown reports whether pkg belongs to a module that is not followed: only
// followed packages have a fact, be it empty.
func (c *check) unknown(pkg *types.Package) bool {
	return c.known[pkg.Path()] == nil && !isStandard(pkg)
}

// localZone functions give a time that prints differently in another zone.
var localZone = map[string]bool{"time.Unix": true, "time.UnixMilli": true, "time.UnixMicro": true}

// zoned reports whether the call at hand is moved to a stated zone at once, as in
// time.UnixMicro(t).UTC().
func (c *check) zoned() bool {
	// The path ends with ..., x.UTC, time.UnixMicro(t), time.UnixMicro.
	if len(c.path) < 3 {
		return false
	}
	sel, ok := c.path[len(c.path)-3].(*ast.SelectorExpr)
	return ok && (sel.Sel.Name == "UTC" || sel.Sel.Name == "In")
}

// callsMax bounds how far an explanation follows calls; the fact itself came from
// any depth.
const callsMax = 64

// why explains the fact against a function or variable of pkg by the shortest
// chain of calls that ends in something else than a call.
func (c *check) why(pkg *types.Package, name string) string {
	type step struct {
		pkg, name string
		text      string // how we came here
	}
	queue := []step{{pkg.Path(), name, ""}}
	seen := map[string]bool{name: true}
	for i := 0; i < min(len(queue), callsMax); i++ {
		at := queue[i]
		for _, key := range []string{at.name, at.pkg + "." + at.name} { // of a function, of a variable
			if text, ok := forbidden[key]; ok {
				return at.text + text
			}
		}
		for _, r := range c.known[at.pkg][at.name] {
			called, isCall := r.(*determinism.ReasonFuncCall)
			if !isCall {
				p := r.Pos()
				return fmt.Sprintf("%swhich %s (%s:%d)", at.text, r, path.Base(p.Filename), p.Line)
			}
			if name := called.FuncName; !seen[name] {
				seen[name] = true
				queue = append(queue, step{called.PackageName(), name, at.text + "which calls " + name + ", "})
			}
		}
	}
	return queue[len(queue)-1].text + "which is not deterministic"
}
