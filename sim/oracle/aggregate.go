package oracle

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"

	"parallax/engine/flow/column"
)

// member is a row of a group as one aggregate sees it: its arguments and its
// place in the order (event time, partition, offset).
type member struct {
	row  *Row
	args []column.Value
}

func (m member) compare(n member) int {
	return m.row.compare(n.row)
}

var errAggregate = errors.New("oracle: unknown aggregate")

// aggregate computes one function over all rows of a group at once. Rows whose
// argument is null do not take part.
func aggregate(name string, params []column.Value, argument column.Type, rows []member) (column.Value, error) {
	if name == "count" && argument.Kind == 0 {
		return intValue(int64(len(rows))), nil
	}
	live := rows[:0:0]
	for _, m := range rows {
		if !m.args[0].Null {
			live = append(live, m)
		}
	}
	switch name {
	case "count":
		return intValue(int64(len(live))), nil
	case "sum":
		return sum(argument, live), nil
	case "mean":
		return mean(live), nil
	case "variance", "stddev", "variance_pop", "stddev_pop":
		return spread(name, live), nil
	case "min":
		return pick(argument, live, func(a, b member) bool { return a.args[0].Compare(b.args[0]) < 0 }), nil
	case "max":
		return pick(argument, live, func(a, b member) bool { return a.args[0].Compare(b.args[0]) > 0 }), nil
	case "first":
		return pick(argument, live, func(a, b member) bool { return a.compare(b) < 0 }), nil
	case "last":
		return pick(argument, live, func(a, b member) bool { return a.compare(b) > 0 }), nil
	case "distinct":
		return intValue(int64(len(distinct(live)))), nil
	case "hll":
		return hll(params, live), nil
	case "quantile":
		return quantile(params, live), nil
	case "topk":
		return topk(params, live), nil
	}
	return column.Value{}, fmt.Errorf("%w: %s", errAggregate, name)
}

func intValue(n int64) column.Value {
	return column.Value{Type: column.TypeOf(column.Int64), Int: n}
}

func floatValue(f float64) column.Value {
	return column.Value{Type: column.TypeOf(column.Float64), Float: f}
}

func nullValue(t column.Type) column.Value { return column.Value{Type: t, Null: true} }

// pick is the argument of the row that goes before all others.
func pick(t column.Type, rows []member, before func(a, b member) bool) column.Value {
	if len(rows) == 0 {
		return nullValue(t)
	}
	best := rows[0]
	for _, m := range rows[1:] {
		if before(m, best) {
			best = m
		}
	}
	return best.args[0]
}

// distinct is the different first arguments in ascending order.
func distinct(rows []member) []column.Value {
	values := make([]column.Value, len(rows))
	for i, m := range rows {
		values[i] = m.args[0]
	}
	slices.SortFunc(values, column.Value.Compare)
	return slices.CompactFunc(values, func(a, b column.Value) bool { return a.Compare(b) == 0 })
}

// special is what a sum over floats is when NaN or an infinity is among them.
func special(rows []member) (f float64, ok bool) {
	plus, minus := false, false
	for _, m := range rows {
		if v := m.args[0]; v.Type.Kind == column.Float64 {
			switch {
			case math.IsNaN(v.Float):
				return math.NaN(), true
			case math.IsInf(v.Float, 1):
				plus = true
			case math.IsInf(v.Float, -1):
				minus = true
			}
		}
	}
	switch {
	case plus && minus:
		return math.NaN(), true
	case plus:
		return math.Inf(1), true
	case minus:
		return math.Inf(-1), true
	}
	return 0, false
}
