package expr

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"

	"parallax/engine/flow/column"
)

// errNaive is any failure of a row.
var errNaive = errors.New("no value")

// naive evaluates expressions one row at a time, with rational numbers for
// integers and decimals. It takes only the types of subexpressions from the
// compiler.
type naive struct {
	schema column.Schema
	row    []column.Value
}

// datum is a value of the naive evaluator; num serves Int64, Timestamp and
// Decimal128.
type datum struct {
	null bool
	b    bool
	num  *big.Rat
	f    float64
	s    string
}

func (n naive) typ(e Expr) column.Type {
	if l, ok := e.(*Literal); ok && l.Value.Null {
		return column.Type{}
	}
	p, err := Compile(e, n.schema)
	if err != nil {
		panic(err)
	}
	return p.Type()
}

func unbox(v column.Value) datum {
	d := datum{null: v.Null}
	if v.Null {
		return d
	}
	switch v.Type.Kind {
	case column.Bool:
		d.b = v.Bool
	case column.Float64:
		d.f = v.Float
	case column.String:
		d.s = v.String
	default:
		d.num, _ = new(big.Rat).SetString(v.Text())
	}
	return d
}

// ranged fails a number that its type does not hold.
func ranged(d datum, t column.Type) (datum, error) {
	if d.null || d.num == nil {
		return d, nil
	}
	limit := new(big.Int).Lsh(big.NewInt(1), 63)
	whole := new(big.Rat).Set(d.num)
	if t.Kind == column.Decimal128 {
		limit = new(big.Int).Exp(big.NewInt(10), big.NewInt(38), nil)
		whole.Mul(whole, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(t.Scale)), nil)))
	}
	high := new(big.Rat).SetInt(limit)
	low := new(big.Rat).Neg(high)
	if !whole.IsInt() || whole.Cmp(high) >= 0 || whole.Cmp(low) < 0 || t.Kind == column.Decimal128 && whole.Cmp(low) == 0 {
		return d, errNaive
	}
	return d, nil
}

// to brings a value of type from to type t.
func to(d datum, from, t column.Type) (datum, error) {
	if d.null || from == t {
		return d, nil
	}
	if t.Kind == column.Float64 && d.num != nil {
		f, _ := d.num.Float64()
		return datum{f: f}, nil
	}
	return ranged(d, t)
}

func (n naive) eval(e Expr) (datum, error) {
	switch e := e.(type) {
	case *Literal:
		return unbox(e.Value), nil
	case *Field:
		return unbox(n.row[n.schema.Index(e.Name)]), nil
	case *Unary:
		x, err := n.eval(e.X)
		if err != nil || x.null {
			return x, err
		}
		if e.Op == "not" {
			return datum{b: !x.b}, nil
		}
		if x.num != nil {
			return ranged(datum{num: new(big.Rat).Neg(x.num)}, n.typ(e))
		}
		return datum{f: -x.f}, nil
	case *Binary:
		return n.binary(e)
	case *Func:
		return n.call(e)
	case *In:
		return n.in(e)
	case *IsNull:
		x, err := n.eval(e.X)
		return datum{b: x.null != e.Not}, err
	}
	panic("unknown node")
}

func (n naive) binary(e *Binary) (datum, error) {
	l, err := n.eval(e.L)
	if err != nil {
		return l, err
	}
	if e.Op == "and" || e.Op == "or" {
		decides := e.Op == "or"
		if !l.null && l.b == decides {
			return l, nil
		}
		r, err := n.eval(e.R)
		if err != nil || !r.null && r.b == decides {
			return r, err
		}
		return datum{null: l.null || r.null, b: !decides}, nil
	}
	r, err := n.eval(e.R)
	if err != nil {
		return r, err
	}
	lt, rt, t := n.typ(e.L), n.typ(e.R), n.typ(e)
	if t.Kind == column.Bool {
		return compareNaive(e.Op, l, r, lt, rt)
	}
	float := t.Kind == column.Float64
	scaled := t.Kind == column.Decimal128 && e.Op != "*"
	if float || scaled {
		if l, err = to(l, lt, t); err != nil {
			return l, err
		}
		if r, err = to(r, rt, t); err != nil {
			return r, err
		}
	}
	if l.null || r.null {
		return datum{null: true}, nil
	}
	if float {
		return datum{f: map[Op]float64{"+": l.f + r.f, "-": l.f - r.f, "*": l.f * r.f, "/": l.f / r.f}[e.Op]}, nil
	}
	out := new(big.Rat)
	switch e.Op {
	case "+":
		out.Add(l.num, r.num)
	case "-":
		out.Sub(l.num, r.num)
	case "*":
		out.Mul(l.num, r.num)
	case "%":
		if r.num.Sign() == 0 {
			return l, errNaive
		}
		out.SetInt(new(big.Int).Rem(l.num.Num(), r.num.Num()))
	}
	return ranged(datum{num: out}, t)
}

func compareNaive(op Op, l, r datum, lt, rt column.Type) (datum, error) {
	if l.null || r.null {
		return datum{null: true}, nil
	}
	var order int
	switch {
	case lt.Kind == column.String:
		order = strings.Compare(l.s, r.s)
	case lt.Kind == column.Bool:
		order = map[bool]int{true: 1}[l.b] - map[bool]int{true: 1}[r.b]
	case lt.Kind == column.Float64 || rt.Kind == column.Float64:
		float := column.TypeOf(column.Float64)
		l, _ = to(l, lt, float)
		r, _ = to(r, rt, float)
		if math.IsNaN(l.f) || math.IsNaN(r.f) {
			return datum{b: op == "!="}, nil
		}
		order = big.NewFloat(l.f).Cmp(big.NewFloat(r.f))
	default:
		order = l.num.Cmp(r.num)
	}
	is := map[Op]bool{
		"=": order == 0, "!=": order != 0, "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0,
	}
	return datum{b: is[op]}, nil
}

func (n naive) in(e *In) (datum, error) {
	x, err := n.eval(e.X)
	if err != nil || x.null {
		return x, err
	}
	xt, unknown := n.typ(e.X), false
	for _, l := range e.List {
		if l.Value.Null {
			unknown = true
			continue
		}
		v, vt := unbox(l.Value), l.Value.Type
		if is, _ := compareNaive("=", x, v, xt, vt); is.b {
			return datum{b: !e.Not}, nil
		}
	}
	return datum{null: unknown, b: e.Not}, nil
}

func (n naive) call(e *Func) (datum, error) {
	if e.Name == "if" || e.Name == "coalesce" {
		return n.choose(e)
	}
	var args []datum
	for _, a := range e.Args {
		d, err := n.eval(a)
		if err != nil {
			return d, err
		}
		args = append(args, d)
	}
	from, t := n.typ(e.Args[0]), n.typ(e)
	for _, a := range args {
		if a.null {
			return a, nil
		}
	}
	x := args[0]
	switch e.Name {
	case "abs":
		if x.num != nil {
			return ranged(datum{num: new(big.Rat).Abs(x.num)}, t)
		}
		return datum{f: math.Abs(x.f)}, nil
	case "floor", "ceil", "round":
		if x.num != nil {
			return datum{num: roundNaive(x.num, e.Name)}, nil
		}
		return datum{f: map[string]float64{"floor": math.Floor(x.f), "ceil": math.Ceil(x.f), "round": math.Round(x.f)}[e.Name]}, nil
	case "length":
		return datum{num: new(big.Rat).SetInt64(int64(len([]rune(x.s))))}, nil
	case "lower":
		return datum{s: strings.ToLower(x.s)}, nil
	case "upper":
		return datum{s: strings.ToUpper(x.s)}, nil
	case "starts_with":
		return datum{b: strings.HasPrefix(x.s, args[1].s)}, nil
	case "ends_with":
		return datum{b: strings.HasSuffix(x.s, args[1].s)}, nil
	case "contains":
		return datum{b: strings.Contains(x.s, args[1].s)}, nil
	case "float":
		if from.Kind == column.String {
			f, err := strconv.ParseFloat(x.s, 64)
			return datum{f: f}, err
		}
		return to(x, from, t)
	case "int":
		return intNaive(x, from)
	case "string":
		return textNaive(x, from), nil
	}
	panic("unknown function " + e.Name)
}

func (n naive) choose(e *Func) (datum, error) {
	t := n.typ(e)
	if e.Name == "if" {
		cond, err := n.eval(e.Args[0])
		if err != nil {
			return cond, err
		}
		pick := e.Args[2]
		if cond.b && !cond.null {
			pick = e.Args[1]
		}
		d, err := n.eval(pick)
		if err != nil {
			return d, err
		}
		return to(d, n.typ(pick), t)
	}
	for _, a := range e.Args {
		d, err := n.eval(a)
		if err != nil {
			return d, err
		}
		if !d.null {
			return to(d, n.typ(a), t)
		}
	}
	return datum{null: true}, nil
}

func roundNaive(r *big.Rat, mode string) *big.Rat {
	floor := new(big.Int).Div(r.Num(), r.Denom()) // Euclidean: toward minus infinity
	rest := new(big.Rat).Sub(r, new(big.Rat).SetInt(floor))
	half := rest.Cmp(big.NewRat(1, 2))
	up := mode == "ceil" && rest.Sign() > 0 ||
		mode == "round" && (half > 0 || half == 0 && r.Sign() > 0)
	if up {
		floor.Add(floor, big.NewInt(1))
	}
	return new(big.Rat).SetInt(floor)
}

func intNaive(x datum, from column.Type) (datum, error) {
	t := column.TypeOf(column.Int64)
	switch from.Kind {
	case column.Bool:
		return datum{num: new(big.Rat).SetInt64(map[bool]int64{true: 1}[x.b])}, nil
	case column.String:
		i, err := strconv.ParseInt(x.s, 10, 64)
		return datum{num: new(big.Rat).SetInt64(i)}, err
	case column.Float64:
		r := new(big.Rat).SetFloat64(x.f)
		if r == nil {
			return x, errNaive
		}
		x.num = r
	}
	return ranged(datum{num: new(big.Rat).SetInt(new(big.Int).Quo(x.num.Num(), x.num.Denom()))}, t)
}

func textNaive(x datum, from column.Type) datum {
	switch from.Kind {
	case column.Bool:
		return datum{s: strconv.FormatBool(x.b)}
	case column.Float64:
		return datum{s: strconv.FormatFloat(x.f, 'g', -1, 64)}
	case column.String:
		return x
	}
	return datum{s: x.num.FloatString(int(from.Scale))}
}

// same tells whether the engine's value is the naive one.
func same(v column.Value, d datum) bool {
	if v.Null || d.null {
		return v.Null == d.null
	}
	switch v.Type.Kind {
	case column.Bool:
		return v.Bool == d.b
	case column.Float64:
		return math.Float64bits(v.Float) == math.Float64bits(d.f) || v.Float != v.Float && d.f != d.f
	case column.String:
		return v.String == d.s
	}
	r, _ := new(big.Rat).SetString(v.Text())
	return r.Cmp(d.num) == 0
}
