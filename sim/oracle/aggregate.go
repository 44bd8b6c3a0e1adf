package oracle

import (
	"errors"
	"fmt"
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
	if c := m.row.compare(n.row); c != 0 || len(m.args) == 0 {
		return c
	}
	return m.args[0].Compare(n.args[0]) // results of windows stand at no place of their own
}

var errAggregate = errors.New("oracle: unknown aggregate")

// aggregate computes one function over all rows of a group at once. Rows with
// a null argument do not take part.
func aggregate(c call, rows []member) (column.Value, error) {
	if len(c.args) == 0 && c.own == nil {
		return intValue(int64(len(rows))), nil
	}
	live := rows[:0:0]
	for _, m := range rows {
		if !slices.ContainsFunc(m.args, func(v column.Value) bool { return v.Null }) {
			live = append(live, m)
		}
	}
	if c.own != nil {
		return c.own.of(live), nil
	}
	switch c.function {
	case "count":
		return intValue(int64(len(live))), nil
	case "sum":
		return sum(c.argument, live), nil
	case "mean":
		return mean(live), nil
	case "variance", "stddev", "variance_pop", "stddev_pop":
		return spread(c.function, live), nil
	case "min":
		return pick(c.argument, live, func(a, b member) bool { return a.args[0].Compare(b.args[0]) < 0 }), nil
	case "max":
		return pick(c.argument, live, func(a, b member) bool { return a.args[0].Compare(b.args[0]) > 0 }), nil
	case "first":
		return pick(c.argument, live, func(a, b member) bool { return a.compare(b) < 0 }), nil
	case "last":
		return pick(c.argument, live, func(a, b member) bool { return a.compare(b) > 0 }), nil
	case "distinct":
		return intValue(int64(len(distinct(live)))), nil
	case "hll":
		return hll(c.params, live), nil
	case "quantile":
		return quantile(c.params, live), nil
	case "topk":
		return topk(c.params, live), nil
	}
	return column.Value{}, fmt.Errorf("%w: %s", errAggregate, c.function)
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

// resultType is the type of a function's result.
func resultType(function string, argument column.Type) column.Type {
	switch function {
	case "count", "distinct", "hll":
		return column.TypeOf(column.Int64)
	case "mean", "variance", "stddev", "variance_pop", "stddev_pop", "quantile":
		return column.TypeOf(column.Float64)
	case "topk":
		return column.TypeOf(column.String)
	case "sum":
		if argument.Kind == column.Decimal128 {
			argument.Precision = column.DecimalDigitsMax
		}
	}
	return argument
}
