package aggregate

import (
	"errors"
	"fmt"
	"strings"

	"parallax/engine/flow/column"
)

// Errors of New and Load.
var (
	ErrName      = errors.New("aggregate: no such function")
	ErrArguments = errors.New("aggregate: arguments do not fit")
	ErrParameter = errors.New("aggregate: parameter does not fit")
	ErrEncoding  = errors.New("aggregate: not a canonical encoding")
)

// Call is the use of a function: its name, the types of its arguments, and its
// literal parameters (quantile's p, topk's k, hll's precision).
type Call struct {
	Name   string
	Args   []column.Type
	Params []column.Value
}

// String prints the call with types for arguments: quantile(float64, 0.5).
func (c Call) String() string {
	parts := make([]string, 0, len(c.Args)+len(c.Params))
	for _, t := range c.Args {
		parts = append(parts, t.String())
	}
	for _, p := range c.Params {
		parts = append(parts, p.Text())
	}
	return c.Name + "(" + strings.Join(parts, ", ") + ")"
}

// Function is an aggregate function bound to the types of its arguments: a
// commutative monoid of accumulators, a canonical encoding of them, and a result.
// It is immutable, and any number of tables may use it.
type Function interface {
	// Result is the type of Table.Finish.
	Result() column.Type
	// Retracts tells whether accumulators can be taken out again by
	// Table.Retract.
	Retracts() bool
	// String prints the call.
	String() string
	bound() *function
}

// function is what New makes.
type function struct {
	call     Call
	result   column.Type
	retracts bool
	words    int // of fixed state
	open     func(c cell) store
}

func (f *function) Result() column.Type { return f.result }
func (f *function) Retracts() bool      { return f.retracts }
func (f *function) String() string      { return f.call.String() }
func (f *function) bound() *function    { return f }

// family is a function name: how many literal parameters may stand behind its
// arguments, what it takes in words, and how it is bound.
type family struct {
	name   string
	params int
	takes  string
	bind   func(c Call) (*function, error)
}

// families lists all functions in the order of their names.
func families() []family {
	return []family{
		{"count", 0, "count() or count(x) with x of any type", bindCount},
		{"distinct", 0, "distinct(x) with x of any type", bindDistinct},
		{"first", 0, "first(x) with x of any type", bindFirst},
		{"hll", 1, "hll(x) or hll(x, precision) with x of any type and precision from 4 to 18", bindHLL},
		{"last", 0, "last(x) with x of any type", bindLast},
		{"max", 0, "max(x) with x of any type", bindMax},
		{"mean", 0, "mean(x) with x int64, float64 or decimal", bindMean},
		{"min", 0, "min(x) with x of any type", bindMin},
		{"quantile", 1, "quantile(x, p) with x int64, float64 or decimal and p from 0 to 1", bindQuantile},
		{"stddev", 0, "stddev(x) with x int64, float64 or decimal", bindStddev},
		{"stddev_pop", 0, "stddev_pop(x) with x int64, float64 or decimal", bindStddevPopulation},
		{"sum", 0, "sum(x) with x int64, float64 or decimal", bindSum},
		{"topk", 1, "topk(item, k) or topk(item, weight, k) with item of any type, a numeric weight and k from 1 to 10000", bindTopK},
		{"variance", 0, "variance(x) with x int64, float64 or decimal", bindVariance},
		{"variance_pop", 0, "variance_pop(x) with x int64, float64 or decimal", bindVariancePopulation},
	}
}

// Names lists the functions in order.
func Names() []string {
	fs := families()
	names := make([]string, len(fs))
	for i := range fs {
		names[i] = fs[i].name
	}
	return names
}

// Parameters is the greatest number of literal parameters that may stand behind
// the arguments of a function: 1 for quantile(x, 0.99), 0 for sum(1) and for an
// unknown name.
func Parameters(name string) int {
	for _, f := range families() {
		if f.name == name {
			return f.params
		}
	}
	return 0
}

// New binds a function. The error is ErrName, which lists the names,
// ErrArguments, which says what the function takes, or ErrParameter.
func New(c Call) (Function, error) {
	for _, f := range families() {
		if f.name != c.Name {
			continue
		}
		fn, err := f.bind(c)
		if err != nil {
			return nil, fmt.Errorf("%w: %s; it is %s", err, c, f.takes)
		}
		fn.call = c
		return fn, nil
	}
	return nil, fmt.Errorf("%w: %q; one of %s", ErrName, c.Name, strings.Join(Names(), ", "))
}

// oneArgument is the type of a call's only argument; a call with parameters does
// not have one.
func oneArgument(c Call) (column.Type, error) {
	if len(c.Args) != 1 || len(c.Params) != 0 {
		return column.Type{}, ErrArguments
	}
	return c.Args[0], nil
}
