package law

import (
	"go/ast"
	"go/token"
	"go/types"
)

// concurrency reports goroutines and everything about channels: their order is
// the scheduler's.
func (c *check) concurrency(n ast.Node) {
	switch n := n.(type) {
	case *ast.GoStmt:
		c.report(n.Pos(), "starts a goroutine")
	case *ast.SelectStmt:
		c.report(n.Pos(), "chooses at random, by select")
	case *ast.SendStmt:
		c.report(n.Pos(), "sends to a channel")
	case *ast.ChanType:
		c.report(n.Pos(), "uses a channel type")
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			c.report(n.Pos(), "receives from a channel")
		}
	case *ast.RangeStmt:
		if hasForm[*types.Chan](c.pass.TypesInfo.TypeOf(n.X)) {
			c.report(n.Pos(), "receives from a channel")
		}
	case *ast.CallExpr:
		if c.builtin(n, "close") {
			c.report(n.Pos(), "closes a channel")
		} else if c.builtin(n, "print") || c.builtin(n, "println") {
			c.report(n.Pos(), "writes to standard error")
		}
	}
}

// builtin reports whether n calls the built-in function name.
func (c *check) builtin(n *ast.CallExpr, name string) bool {
	id, ok := ast.Unparen(n.Fun).(*ast.Ident)
	if !ok || id.Name != name {
		return false
	}
	_, ok = c.pass.TypesInfo.Uses[id].(*types.Builtin)
	return ok
}

// hasForm reports whether t, or one of the types that a type parameter stands
// for, is underneath a T.
func hasForm[T types.Type](t types.Type) bool {
	return anyForm(t, func(u types.Type) bool { _, ok := u.(T); return ok })
}

func anyForm(t types.Type, is func(types.Type) bool) bool {
	if t == nil {
		return false
	}
	p, ok := types.Unalias(t).(*types.TypeParam)
	if !ok {
		return is(t.Underlying())
	}
	set, ok := p.Constraint().Underlying().(*types.Interface)
	return ok && anyTerm(set, is)
}

// anyTerm looks through the type set of a constraint.
func anyTerm(set *types.Interface, is func(types.Type) bool) bool {
	for t := range set.EmbeddedTypes() {
		switch t := types.Unalias(t).(type) {
		case *types.Union:
			for term := range t.Terms() {
				if sub, ok := term.Type().Underlying().(*types.Interface); ok && anyTerm(sub, is) {
					return true
				} else if is(term.Type().Underlying()) {
					return true
				}
			}
		default:
			if sub, ok := t.Underlying().(*types.Interface); ok {
				if anyTerm(sub, is) {
					return true
				}
			} else if is(t.Underlying()) {
				return true
			}
		}
	}
	return false
}
