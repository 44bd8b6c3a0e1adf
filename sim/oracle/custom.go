package oracle

import (
	"slices"

	"parallax/engine/flow"
	functions "parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
)

// custom is a user's aggregate function. What it is, only the user can say: the oracle
// asks for the result of all rows at once or, where the user has not written that, adds
// all of them to one accumulator, in the order of (event time, partition, offset), and
// merges nothing.
type custom functions.Custom

// customOf is the user's function that a name calls, or nil.
func customOf(p *flow.Pipeline, name string) *custom { return (*custom)(p.Functions.Find(name)) }

// result is the type of a call's result.
func (c *call) result() column.Type {
	if c.own != nil {
		return c.own.Result
	}
	return resultType(c.function, c.argument)
}

// of is the result for rows without nulls.
func (c *custom) of(rows []member) column.Value {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, member.compare)
	all := make([][]column.Value, len(sorted))
	for i, m := range sorted {
		all[i] = m.args
	}
	if c.Scratch != nil {
		return c.typed(c.Scratch(all))
	}
	one := c.New()
	for _, args := range all {
		one.Add(args)
	}
	return c.typed(one.Finish())
}

func (c *custom) typed(v column.Value) column.Value {
	v.Type = c.Result
	return v
}
