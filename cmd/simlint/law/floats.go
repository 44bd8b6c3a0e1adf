package law

import (
	"go/ast"
	"go/token"
	"go/types"
)

// floats reports products that the compiler may round together with an addition.
// The language allows it across statements, too, and an explicit conversion is the
// only thing that forbids it (The Go Programming Language Specification,
// "Floating-point operators"). Compilers for amd64.v3, arm64, ppc64le, riscv64 and
// s390x do it.
func (c *check) floats(n ast.Node) {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		c.product(n)
	case *ast.AssignStmt:
		switch t := c.pass.TypesInfo.TypeOf(n.Lhs[0]); {
		case n.Tok == token.MUL_ASSIGN && isFloat(t):
			c.report(n.Pos(), "may fuse a float product with an addition: write x = float64(x*y) for x *= y")
		case (n.Tok == token.MUL_ASSIGN || n.Tok == token.QUO_ASSIGN) && isComplex(t):
			c.report(n.Pos(), "may fuse the parts of a complex product")
		}
	}
}

func (c *check) product(n *ast.BinaryExpr) {
	tv := c.pass.TypesInfo.Types[n]
	switch {
	case tv.Value != nil: // computed exactly, by the compiler
	case (n.Op == token.MUL || n.Op == token.QUO) && isComplex(tv.Type):
		c.report(n.OpPos, "may fuse the parts of a complex product")
	case n.Op == token.MUL && isFloat(tv.Type) && !c.rounded():
		c.report(n.OpPos, "may fuse a float product with an addition: write float64(x*y)")
	}
}

// rounded reports whether the product at hand is rounded before anything could be
// added to it.
func (c *check) rounded() bool {
	for i := len(c.path) - 1; i >= 0; i-- {
		switch p := c.path[i].(type) {
		case *ast.ParenExpr:
			continue
		case *ast.UnaryExpr:
			if p.Op == token.SUB || p.Op == token.ADD {
				continue // -(x*y) + z is fused as well
			}
			return false
		case *ast.BinaryExpr:
			return p.Op != token.ADD && p.Op != token.SUB // *, / or a comparison
		case *ast.CallExpr:
			return c.pass.TypesInfo.Types[p.Fun].IsType() // a conversion
		default:
			return false
		}
	}
	return false
}

func isFloat(t types.Type) bool   { return isKind(t, types.IsFloat) }
func isComplex(t types.Type) bool { return isKind(t, types.IsComplex) }

func isKind(t types.Type, kind types.BasicInfo) bool {
	return anyForm(t, func(u types.Type) bool {
		b, ok := u.(*types.Basic)
		return ok && b.Info()&kind != 0
	})
}

// addresses reports pointers that become numbers: they differ between runs.
func (c *check) addresses(n ast.Node) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 || !c.pass.TypesInfo.Types[call.Fun].IsType() {
		return
	}
	to, ok := c.pass.TypesInfo.TypeOf(call).Underlying().(*types.Basic)
	from, ok2 := c.pass.TypesInfo.TypeOf(call.Args[0]).Underlying().(*types.Basic)
	if ok && ok2 && to.Kind() == types.Uintptr && from.Kind() == types.UnsafePointer {
		c.report(call.Pos(), "turns a pointer into a number")
	}
}
