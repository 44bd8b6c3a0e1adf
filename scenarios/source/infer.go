package source

import "parallax/engine/flow/column"

// guess narrows down the type of an undeclared column, cell by cell: the first
// of int64, float64, bool that all non-empty cells are, else string. Numbers that
// such a type would not print back, like 007 or twenty digits, make a string, so
// that inference loses nothing.
type guess struct {
	seen, real                bool // a non-empty cell; a finite number
	notInt, notFloat, notBool bool
}

func (g *guess) observe(c *cell) {
	if c.empty() && c.kind != cellString {
		return
	}
	if c.kind == cellString || c.kind == cellNested {
		*g = guess{seen: true, notInt: true, notFloat: true, notBool: true}
		return
	}
	g.seen = true
	if !g.notInt {
		_, _, fits := parseInt(c.text)
		if fits && plainInt(c.text) {
			g.real, g.notBool = true, true
			return
		}
		g.notInt = true
	}
	if !g.notFloat {
		ok, real := plainFloat(c.text)
		g.notFloat = !ok
		g.real = g.real || real
	}
	if !g.notBool {
		_, ok := parseBool(c.text)
		g.notBool = !ok
	}
}

func (g *guess) result() column.Type {
	switch {
	case !g.seen:
		return column.TypeOf(column.String)
	case !g.notInt:
		return column.TypeOf(column.Int64)
	case !g.notFloat && g.real:
		return column.TypeOf(column.Float64)
	case !g.notBool:
		return column.TypeOf(column.Bool)
	}
	return column.TypeOf(column.String)
}
