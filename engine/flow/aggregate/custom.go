package aggregate

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"parallax/engine/flow/column"
)

// Custom is an aggregate function of a user's own, as a value: a pipeline that calls
// it by name carries it in its [Set], so nothing is registered and nothing can change
// while a pipeline runs. sim/simtest.Aggregate holds it against the laws that the
// engine relies on.
//
// Rows with a null argument are skipped before it sees them. The order of rows is not
// told: what depends on it is for first and last.
type Custom struct {
	Name   string
	Args   []column.Type // it is called with these and no others
	Result column.Type
	// New makes an empty accumulator.
	New func() Accumulator
	// Scratch is the result for all rows at once, written in another way; the oracle
	// then asks it and not New. It may be nil.
	Scratch func(rows [][]column.Value) column.Value
}

// Accumulator is what a user's function knows of the rows of one group. Accumulators
// of a function are a commutative monoid, and their encodings canonical: equal
// multisets of rows give equal bytes, in whatever order and merges they came.
type Accumulator interface {
	// Add takes in a row: a value for each argument, none null. It keeps nothing of
	// the slice.
	Add(args []column.Value)
	// Merge takes in another accumulator of the function, and leaves that as it is.
	Merge(other Accumulator)
	// AppendTo appends the canonical encoding to b.
	AppendTo(b []byte) []byte
	// Load makes an empty accumulator the one that AppendTo wrote; b is all of that.
	// It keeps nothing of b, and refuses what AppendTo does not write.
	Load(b []byte) error
	// Finish is the result, whose type is filled in. It changes nothing.
	Finish() column.Value
}

// Retracter is an Accumulator out of which can be taken what was merged into it.
type Retracter interface {
	Accumulator
	// Retract is the inverse of Merge.
	Retract(other Accumulator)
}

// Set is what a pipeline may call: the functions of this package and, beside them,
// these. The zero value is the former alone.
type Set []Custom

// ErrCustom is returned for a function of a user's that cannot be called.
var ErrCustom = errors.New("aggregate: not a function that can be called")

// Check finds what is wrong with a set whatever calls it.
func (s Set) Check() error {
	for i := range s {
		c := &s[i]
		why := ""
		switch {
		case c.Name == "" || strings.Trim(c.Name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || c.Name[0] <= '9':
			why = "a name is lower-case letters, digits and _, and does not begin with a digit"
		case slices.Contains(Names(), c.Name):
			why = "the engine has a function of that name"
		case slices.ContainsFunc(s[:i], func(o Custom) bool { return o.Name == c.Name }):
			why = "there are two of that name"
		case c.New == nil:
			why = "it has no New"
		case c.Result.Kind < column.Bool || c.Result.Kind > column.Timestamp:
			why = "it has no result type"
		}
		if why != "" {
			return fmt.Errorf("%w: %q: %s", ErrCustom, c.Name, why)
		}
	}
	return nil
}

// Names lists all functions in order.
func (s Set) Names() []string {
	names := Names()
	for i := range s {
		names = append(names, s[i].Name)
	}
	slices.Sort(names)
	return names
}

// Find is the function of a user's that a name calls, or nil.
func (s Set) Find(name string) *Custom {
	if i := slices.IndexFunc(s, func(c Custom) bool { return c.Name == name }); i >= 0 {
		return &s[i]
	}
	return nil
}

// New binds a function of the set, or, as the package's New does, one of the
// package's.
func (s Set) New(c Call) (Function, error) {
	own := s.Find(c.Name)
	switch {
	case own != nil && slices.Equal(own.Args, c.Args) && len(c.Params) == 0:
		return bindCustom(own, c), nil
	case own != nil:
		return nil, fmt.Errorf("%w: %s; it is %s", ErrArguments, c, Call{Name: own.Name, Args: own.Args})
	}
	fn, err := New(c)
	if errors.Is(err, ErrName) {
		err = fmt.Errorf("%w: %q; one of %s", ErrName, c.Name, strings.Join(s.Names(), ", "))
	}
	return fn, err
}

func bindCustom(own *Custom, c Call) *function {
	_, retracts := own.New().(Retracter)
	return &function{
		call: c, result: own.Result, retracts: retracts, words: 1,
		open: func(c cell) store {
			s := &custom{cell: c, fn: own, none: own.New()}
			if retracts {
				return &customRetracting{s}
			}
			return s
		},
	}
}

// custom is the accumulators of a user's function. One word, for one outside.
//
//	encoding  n uvarint, then n bytes of the function's own
type custom struct {
	cell
	fn   *Custom
	none Accumulator // without rows
	pool pool[Accumulator]
	args []column.Value // scratch
	body []byte         // scratch
}

// at is the accumulator of a group to be changed.
func (s *custom) at(group uint32) Accumulator {
	a := s.pool.make(s.word(group))
	if *a == nil {
		*a = s.fn.New()
	}
	return *a
}

// of is the accumulator of a group to be read.
func (s *custom) of(group uint32) Accumulator {
	if a := s.pool.get(*s.word(group)); a != nil {
		return *a
	}
	return s.none
}

func (s *custom) add(c *chunk) {
	for i, g := range c.groups {
		s.args = s.args[:0]
		for _, col := range c.args {
			s.args = append(s.args, col.Value(c.row(i)))
		}
		s.at(g).Add(s.args)
	}
}

func (s *custom) merge(group uint32, src store, from uint32) {
	s.mergeFrom(group, src.(*custom), from)
}

func (s *custom) mergeFrom(group uint32, src *custom, from uint32) {
	if *src.word(from) != 0 {
		s.at(group).Merge(src.of(from))
	}
}

func (s *custom) encode(group uint32, b []byte) []byte {
	s.body = s.of(group).AppendTo(s.body[:0])
	return append(appendUint(b, uint64(len(s.body))), s.body...)
}

func (s *custom) decode(group uint32, b []byte) (rest []byte, err error) {
	n, b, err := readUint(b)
	if err != nil {
		return nil, err
	}
	if n > uint64(len(b)) {
		return nil, errShort
	}
	body, rest := b[:n], b[n:]
	if s.body = s.none.AppendTo(s.body[:0]); bytes.Equal(s.body, body) {
		return rest, nil
	}
	if err := s.at(group).Load(body); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	if s.body = s.of(group).AppendTo(s.body[:0]); !bytes.Equal(s.body, body) {
		return nil, fmt.Errorf("%w: %q loads it and then writes something else", ErrEncoding, s.fn.Name)
	}
	return rest, nil
}

func (s *custom) finish(group uint32, v *column.Value) bool {
	*v = s.of(group).Finish()
	v.Type = s.fn.Result
	return true
}

func (s *custom) release(group uint32) { s.pool.drop(s.word(group)) }

// customRetracting is a custom whose accumulators retract.
type customRetracting struct{ *custom }

func (s *customRetracting) merge(group uint32, src store, from uint32) {
	s.mergeFrom(group, src.(*customRetracting).custom, from)
}

func (s *customRetracting) retract(group uint32, src store, from uint32) {
	if o := src.(*customRetracting).custom; *o.word(from) != 0 {
		s.at(group).(Retracter).Retract(o.of(from))
	}
}
