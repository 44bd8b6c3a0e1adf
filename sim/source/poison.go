package source

import (
	"math"
	"slices"

	"parallax/engine/flow/column"
	"parallax/sim/fault"
)

// Fault family "poison-row": a row that can be read and not digested.
//
// What it does: all numbers of a row become extreme: the greatest there are, the least,
// or 0, by which nothing can be divided; floats also become NaN. A column that decides
// the row's partition stays.
//
// What the code must survive: expressions that have no value. The row is refused, and
// counted and listed with the reason, on every replica of the truth; the rows beside it
// count as ever. A worker that ends with it would end with it again after every restart.
//
// What it may excuse: nothing.

func (d *deliverer) poison(x *fault.Fault) bool {
	r := d.at(x)
	if r == nil {
		return false
	}
	values, poisoned := slices.Clone(r.Values), false
	for c, f := range d.story.Schema {
		if !slices.Contains(d.story.Pipeline.PartitionBy, f.Name) {
			poisoned = extreme(&values[c], f.Type, x.Amount) || poisoned
		}
	}
	if poisoned {
		r.Values, r.Changed = values, true
	}
	return poisoned
}

// extreme makes a number extreme in one of the ways; it reports whether it is a number.
func extreme(v *column.Value, t column.Type, way int64) bool {
	switch t.Kind {
	case column.Int64:
		*v = column.Value{Type: t, Int: [ways]int64{math.MaxInt64, math.MinInt64, 0}[mod(way)]}
	case column.Float64:
		*v = column.Value{Type: t, Float: [ways]float64{math.MaxFloat64, math.NaN(), 0}[mod(way)]}
	default:
		return false
	}
	return true
}

// mod is a way that somebody has written down, made one that there is.
func mod(way int64) int64 { return (way%ways + ways) % ways }
