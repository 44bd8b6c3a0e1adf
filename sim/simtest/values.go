package simtest

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"parallax/engine/flow/column"
)

// cells are the values of a map or a struct by column.
type cells map[string]any

// cellsOf takes a row of somebody's apart.
func cellsOf(row any) (cells, error) {
	v := reflect.ValueOf(row)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	out := cells{}
	switch {
	case v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String:
		for _, k := range v.MapKeys() {
			out[k.String()] = v.MapIndex(k).Interface()
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				out[fieldName(f)] = v.Field(i).Interface()
			}
		}
	default:
		return nil, fmt.Errorf("a row is a map from column names or a struct, not %T", row)
	}
	return out, nil
}

// fieldName is the column of a struct's field: WindowStartMs is window_start_ms.
func fieldName(f reflect.StructField) string {
	if tag := f.Tag.Get("parallax"); tag != "" {
		return tag
	}
	var b strings.Builder
	for i, r := range f.Name {
		if unicode.IsUpper(r) && i > 0 && !unicode.IsUpper(rune(f.Name[i-1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// names lists the columns in order.
func (c cells) names() []string {
	var names []string
	for name := range c {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// rowValues are the values of a row in the order of a schema. What the row does not name
// is null.
func rowValues(row any, schema column.Schema) ([]column.Value, error) {
	if list, ok := row.([]column.Value); ok { // as package gen draws them
		if len(list) != len(schema) {
			return nil, fmt.Errorf("%d values for %d columns", len(list), len(schema))
		}
		return list, nil
	}
	given, err := cellsOf(row)
	if err != nil {
		return nil, err
	}
	for _, name := range given.names() {
		if schema.Index(name) < 0 {
			return nil, fmt.Errorf("there is no column %q; there are %s", name, strings.Join(schema.Names(), ", "))
		}
	}
	values := make([]column.Value, len(schema))
	for i, f := range schema {
		if values[i], err = parse(given[f.Name], f.Type); err != nil {
			return nil, fmt.Errorf("column %s: %w", f.Name, err)
		}
	}
	return values, nil
}

// parse makes a value of a type of what somebody wrote: nil is null, and a text is read
// as in a file.
func parse(from any, t column.Type) (column.Value, error) {
	out := column.Value{Type: t}
	switch v := from.(type) {
	case nil:
		out.Null = true
		return out, nil
	case column.Value:
		v.Type = t
		return v, nil
	case time.Time:
		if t.Kind == column.Timestamp {
			out.Int = v.UnixMicro()
			return out, nil
		}
	case string:
		return parseText(v, t)
	}
	v, ok := reflect.ValueOf(from), true
	switch {
	case v.Kind() == reflect.String:
		return parseText(v.String(), t)
	case v.Kind() == reflect.Bool && t.Kind == column.Bool:
		out.Bool = v.Bool()
	case v.CanFloat() && t.Kind == column.Float64:
		out.Float = v.Float()
	case v.CanInt():
		out, ok = whole(v.Int(), t)
	case v.CanUint() && v.Uint() <= 1<<63-1:
		out, ok = whole(int64(v.Uint()), t)
	default:
		ok = false
	}
	if !ok {
		return out, fmt.Errorf("%v (%T) is not of type %s", from, from, t)
	}
	return out, nil
}

// whole makes a value of an integer.
func whole(n int64, t column.Type) (column.Value, bool) {
	out := column.Value{Type: t}
	switch t.Kind {
	case column.Int64, column.Timestamp:
		out.Int = n
	case column.Float64:
		out.Float = float64(n)
	case column.Decimal128:
		d, ok := column.DecimalFromInt(n).Rescale(t.Scale)
		out.Decimal = d
		return out, ok && d.Fits(t.Precision)
	default:
		return out, false
	}
	return out, true
}

// parseText reads a text.
func parseText(text string, t column.Type) (out column.Value, err error) {
	out.Type = t
	switch t.Kind {
	case column.String:
		out.String = text
	case column.Bool:
		out.Bool, err = strconv.ParseBool(text)
	case column.Float64:
		out.Float, err = strconv.ParseFloat(text, 64)
	case column.Decimal128:
		out.Decimal, err = column.ParseDecimal(text, t)
	default:
		out.Int, err = strconv.ParseInt(text, 10, 64)
	}
	if err != nil {
		err = fmt.Errorf("%q is not of type %s", text, t)
	}
	return out, err
}

// shown is a value for the reader.
func shown(v column.Value) string {
	switch {
	case v.Null:
		return "null"
	case v.Type.Kind == column.String:
		return strconv.Quote(v.String)
	}
	return v.Text()
}
