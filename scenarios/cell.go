package scenarios

import (
	"strconv"
	"time"

	"parallax/engine/flow/column"
)

// seed is a number that decides what is left to chance, decimal or 0x….
type seed uint64

func decodeSeed(n *node, out *seed) error {
	v, err := strconv.ParseUint(n.scalar, 0, 64)
	if err != nil || n.kind != scalarNode {
		return n.errorf("%q is no seed: a number from 0 to 18446744073709551615, decimal or 0x…", n.scalar)
	}
	*out = seed(v)
	return nil
}

// decodeNanos reads a length of time to the nanosecond.
func decodeNanos(n *node, out *time.Duration) error {
	d, err := time.ParseDuration(n.scalar)
	if err != nil || n.kind != scalarNode {
		return n.errorf("%q is not a duration such as 250ms or 1m30s", n.scalar)
	}
	*out = d
	return nil
}

// decodeLine reads names and values, of which a value may be null.
func decodeLine(n *node, out *Line) error {
	if n.kind != mapNode {
		return n.errorf("%s stands where a row {name: value, …} was expected", n.kind)
	}
	for _, e := range n.entries {
		if e.value.kind != scalarNode && e.value.kind != nullNode {
			return e.value.errorf("%s stands where the value of %q was expected", e.value.kind, e.key.scalar)
		}
		*out = append(*out, Cell{Column: e.key.scalar, Text: e.value.scalar, Null: e.value.kind == nullNode})
	}
	return nil
}

// value reads the text of a value of a type; msg says what is wrong.
func (c *Cell) value(t column.Type) (v column.Value, msg string) {
	v = column.Value{Type: t, Null: c.Null}
	if c.Null {
		return v, ""
	}
	var err error
	switch t.Kind {
	case column.Bool:
		if v.Bool = c.Text == "true"; !v.Bool && c.Text != "false" {
			return v, "is not true or false"
		}
	case column.Int64, column.Timestamp:
		if v.Int, err = strconv.ParseInt(c.Text, 10, 64); err != nil {
			return v, "is no whole number of 64 bits"
		}
	case column.Float64:
		if v.Float, err = strconv.ParseFloat(c.Text, 64); err != nil {
			return v, "is no number"
		}
	case column.Decimal128:
		if v.Decimal, err = column.ParseDecimal(c.Text, t); err != nil {
			return v, "is no " + t.String()
		}
	case column.String:
		v.String = c.Text
	}
	return v, ""
}

// cellOf is a value as it is written.
func cellOf(name string, v column.Value) Cell {
	return Cell{Column: name, Text: v.Text(), Null: v.Null}
}
