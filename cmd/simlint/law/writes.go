package law

import (
	"go/ast"
	"go/token"
	"go/types"
)

// writes reports package variables that are changed, or lent out to be changed,
// once the program runs. Two worlds in one process would see each other.
func (c *check) writes(n ast.Node) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			for _, lhs := range n.Lhs {
				c.target(lhs, "writes")
			}
		}
	case *ast.IncDecStmt:
		c.target(n.X, "writes")
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			c.target(n.Key, "writes")
			c.target(n.Value, "writes")
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			c.target(n.X, "takes the address of")
		}
	case *ast.CallExpr:
		for _, name := range []string{"clear", "copy", "delete"} {
			if c.builtin(n, name) {
				c.target(n.Args[0], "writes")
			}
		}
	case *ast.SelectorExpr:
		if c.lendsReceiver(n) {
			c.target(n.X, "takes the address of")
		}
	}
}

// lendsReceiver reports whether n is a method with a pointer receiver on a
// variable, whose address is taken without saying so.
func (c *check) lendsReceiver(n *ast.SelectorExpr) bool {
	sel := c.pass.TypesInfo.Selections[n]
	if sel == nil || sel.Kind() != types.MethodVal || sel.Indirect() {
		return false
	}
	recv := sel.Obj().(*types.Func).Signature().Recv()
	_, byPointer := recv.Type().(*types.Pointer)
	_, isPointer := sel.Recv().Underlying().(*types.Pointer)
	return byPointer && !isPointer
}

// target reports e if it is a package variable or part of one.
func (c *check) target(e ast.Expr, what string) {
	if e == nil || c.inInit() {
		return
	}
	if v := c.root(e); v != nil && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
		name := v.Name()
		if v.Pkg() != c.pass.Pkg {
			name = v.Pkg().Name() + "." + name
		}
		c.report(e.Pos(), "%s the package variable %s after initialisation", what, name)
	}
}

// inInit reports whether the node at hand runs while the program is initialised:
// in an init function or the value of a package variable.
func (c *check) inInit() bool {
	if len(c.path) == 0 {
		return true
	}
	switch d := c.path[0].(type) {
	case *ast.FuncDecl:
		return d.Recv == nil && d.Name.Name == "init"
	case *ast.ValueSpec:
		for i, n := range c.path {
			if _, isFunc := n.(*ast.FuncLit); isFunc && !isCallOf(c.path[i-1], n) {
				return false
			}
		}
		return true
	}
	return false
}

// isCallOf reports whether n calls the function literal lit on the spot.
func isCallOf(n, lit ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	return ok && call.Fun == lit
}

// root is the variable that e is a part of, nil if it is no variable's.
func (c *check) root(e ast.Expr) *types.Var {
	for {
		switch x := e.(type) {
		case *ast.ParenExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.SelectorExpr:
			if v, ok := c.pass.TypesInfo.Uses[x.Sel].(*types.Var); ok && !v.IsField() {
				return v // of another package
			}
			e = x.X
		case *ast.Ident:
			v, _ := c.pass.TypesInfo.Uses[x].(*types.Var)
			return v
		default:
			return nil
		}
	}
}
