package simtest

import (
	"strings"
	"testing"

	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
)

// Function is an aggregate function of a user's own; see aggregate.Custom.
type Function = aggregate.Custom

// Accumulator is what a Function knows of some rows; see aggregate.Accumulator.
type Accumulator = aggregate.Accumulator

// Value is a value of a row; see column.Value.
type Value = column.Value

// Declare makes a Function of its name and types, as in "spread(int64, int64) float64",
// and of what makes its accumulators.
func Declare(t testing.TB, signature string, empty func() Accumulator) Function {
	t.Helper()
	f := Function{New: empty}
	name, rest, open := strings.Cut(signature, "(")
	at := strings.LastIndex(rest, ")")
	// The result's type may have parentheses of its own: decimal(10,2).
	if i := strings.Index(rest, ") "); i >= 0 {
		at = i
	}
	if !open || at < 0 {
		t.Fatalf("simtest: %q: a name, types in parentheses and the type of the result were expected, such as newest(int64) int64", signature)
	}
	f.Name = strings.TrimSpace(name)
	read := func(text string) column.Type {
		typ, err := column.ParseType(strings.TrimSpace(text))
		if err != nil {
			t.Fatalf("simtest: %q: %v", signature, err)
		}
		return typ
	}
	f.Result = read(rest[at+1:])
	if args := rest[:at]; strings.TrimSpace(args) != "" {
		for text := range splitColumns(args) {
			f.Args = append(f.Args, read(text))
		}
	}
	return f
}
