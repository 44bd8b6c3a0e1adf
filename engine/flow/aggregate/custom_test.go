package aggregate

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/engine/flow/column"
)

// parity is the exclusive or of a column, which can retract, and how many rows;
// plain hides that it can.
type parity struct{ rows, bits uint64 }

func (p *parity) Add(args []column.Value) {
	p.rows++
	p.bits ^= uint64(args[0].Int)
}

func (p *parity) Merge(other Accumulator) {
	o := other.(*parity)
	p.rows += o.rows
	p.bits ^= o.bits
}

func (p *parity) Retract(other Accumulator) {
	o := other.(*parity)
	p.rows -= o.rows
	p.bits ^= o.bits
}

func (p *parity) AppendTo(b []byte) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, p.rows), p.bits)
}

func (p *parity) Load(b []byte) error {
	if len(b) < 16 { // more is refused by whoever compares what is written back
		return errors.New("not a parity")
	}
	p.rows, p.bits = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	return nil
}

func (p *parity) Finish() column.Value { return column.Value{Int: int64(p.bits), Null: p.rows == 0} }

// plain hides Retract.
type plain struct{ Accumulator }

func (p plain) Merge(other Accumulator) { p.Accumulator.Merge(other.(plain).Accumulator) }

func customs() Set {
	integer := column.TypeOf(column.Int64)
	return Set{
		{Name: "parity", Args: []column.Type{integer}, Result: integer, New: func() Accumulator { return &parity{} }},
		{Name: "plain", Args: []column.Type{integer}, Result: integer, New: func() Accumulator { return plain{&parity{}} }},
	}
}

// The laws of the engine's functions hold of users' in its tables.
func TestLawCustom(t *testing.T) {
	for _, own := range customs() {
		c := Call{Name: own.Name, Args: own.Args}
		f, err := customs().New(c)
		if err != nil {
			t.Fatal(err)
		}
		if want := own.Name == "parity"; f.Retracts() != want || f.String() != c.String() {
			t.Errorf("%s: retracts %v", f, f.Retracts())
		}
		rapid.Check(t, func(t *rapid.T) {
			lines, after := drawLines(t, c), drawLines(t, c)
			if err := orderLaw(f, c, lines, rapid.Uint64().Draw(t, "seed")); err != nil {
				t.Fatal(err)
			}
			x, y := newTable(f, 3), newTable(f, 3)
			feed(x, c, 0, lines)
			feed(y, c, 0, after)
			rest, err := y.Load(0, append(x.AppendTo(0, nil), "rest"...))
			if err != nil || string(rest) != "rest" {
				t.Fatalf("%q, %v", rest, err)
			}
			feed(x, c, 0, after)
			feed(y, c, 0, after)
			if err := sameGroup("load and go on", x, 0, y, 0); err != nil {
				t.Fatal(err)
			}
			x.Clear(0)
			if err := sameGroup("clear", x, 0, newTable(f, 1), 0); err != nil {
				t.Fatal(err)
			}
			if !f.Retracts() {
				return
			}
			feed(x, c, 1, after)
			x.Merge(2, y, 0)
			x.Merge(2, x, 1)
			x.Retract(2, x, 1)
			if err := sameGroup("retract", x, 2, y, 0); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// What a function would not write is refused, and so is what it cannot read.
func TestVectorCustomEncoding(t *testing.T) {
	f, err := customs().New(Call{Name: "parity", Args: customs()[0].Args})
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{"short", strings.Repeat("x", 17)} {
		b := append(appendUint([]byte{formatVersion}, uint64(len(body))), body...)
		if _, err := newTable(f, 1).Load(0, b); !errors.Is(err, ErrEncoding) {
			t.Errorf("%q: %v", body, err)
		}
		if _, err := newTable(f, 1).Load(0, b[:3]); !errors.Is(err, ErrEncoding) {
			t.Errorf("%q cut short: %v", body, err)
		}
	}
}

func TestVectorSetMistakes(t *testing.T) {
	good := customs()[0]
	with := func(change func(*Custom)) Set {
		c := good
		change(&c)
		return Set{c}
	}
	for _, c := range []struct {
		set Set
		why string
	}{
		{with(func(c *Custom) { c.Name = "sum" }), "the engine has a function of that name"},
		{with(func(c *Custom) { c.Name = "Sum" }), "lower-case letters"},
		{with(func(c *Custom) { c.Name = "9a" }), "does not begin with a digit"},
		{with(func(c *Custom) { c.New = nil }), "it has no New"},
		{with(func(c *Custom) { c.Result = column.Type{} }), "it has no result type"},
		{Set{good, good}, "there are two of that name"},
	} {
		if err := c.set.Check(); !errors.Is(err, ErrCustom) || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%v, want %q", err, c.why)
		}
	}
	if err := customs().Check(); err != nil {
		t.Error(err)
	}
	_, err := customs().New(Call{Name: "party"})
	if !errors.Is(err, ErrName) || !strings.Contains(err.Error(), "min, parity, plain, quantile") {
		t.Error(err)
	}
	_, err = customs().New(Call{Name: "parity"})
	if !errors.Is(err, ErrArguments) || !strings.Contains(err.Error(), "it is parity(int64)") {
		t.Error(err)
	}
}
