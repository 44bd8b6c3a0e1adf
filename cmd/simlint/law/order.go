package law

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// escape is the comment that accepts the order of a map, with the reason.
const escape = "//simlint:"

// escapes are the comments of one file, by the line that they speak of.
type escapes struct {
	pass  *analysis.Pass
	lines map[int]token.Pos
	used  map[int]bool
}

// readEscapes reports those that are malformed. A comment speaks of its own line
// and, if nothing else stands on that, of the next.
func readEscapes(f *ast.File, pass *analysis.Pass) *escapes {
	e := &escapes{pass: pass, lines: map[int]token.Pos{}, used: map[int]bool{}}
	for _, group := range f.Comments {
		for _, comment := range group.List {
			text, ok := strings.CutPrefix(comment.Text, escape)
			if !ok {
				continue
			}
			verb, reason, _ := strings.Cut(text, " ")
			switch {
			case verb != "ordered":
				pass.Reportf(comment.Pos(), "unknown escape %s%s: there is only %sordered REASON", escape, verb, escape)
			case strings.TrimSpace(reason) == "":
				pass.Reportf(comment.Pos(), "%sordered needs a reason why the order does not matter", escape)
			default:
				e.lines[pass.Fset.Position(comment.Pos()).Line] = comment.Pos()
			}
		}
	}
	return e
}

// accepts reports whether an escape speaks of the statement at pos.
func (e *escapes) accepts(pos token.Pos) bool {
	line := e.pass.Fset.Position(pos).Line
	for _, l := range []int{line, line - 1} {
		if _, ok := e.lines[l]; ok {
			e.used[l] = true
			return true
		}
	}
	return false
}

// reportIdle reports escapes that no longer excuse anything.
func (e *escapes) reportIdle() {
	for line, pos := range e.lines {
		if !e.used[line] {
			e.pass.Reportf(pos, "%sordered excuses nothing here: no map is ranged over on this line or the next", escape)
		}
	}
}

// order reports loops over maps.
func (c *check) order(n ast.Node) {
	loop, ok := n.(*ast.RangeStmt)
	if ok && hasForm[*types.Map](c.pass.TypesInfo.TypeOf(loop.X)) && !c.escapes.accepts(loop.Pos()) {
		c.report(loop.Pos(), "ranges over a map: sort its keys, or say %sordered REASON", escape)
	}
}

// unordered are the functions that hand out a map's entries in its own order.
var unordered = map[string]bool{"maps.All": true, "maps.Keys": true, "maps.Values": true, "maps.DeleteFunc": true}

// sorted reports whether the function at hand is called right in the argument of
// one of the sorting collectors of package slices.
func (c *check) sorted() bool {
	// The path ends with ..., slices.Sorted(...), maps.Keys(m), maps.Keys.
	if len(c.path) < 3 {
		return false
	}
	collect, ok := c.path[len(c.path)-3].(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := ast.Unparen(collect.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	fn, ok := c.pass.TypesInfo.Uses[sel.Sel].(*types.Func)
	if !ok {
		return false
	}
	switch fn.FullName() {
	case "slices.Sorted", "slices.SortedFunc", "slices.SortedStableFunc":
		return true
	}
	return false
}
