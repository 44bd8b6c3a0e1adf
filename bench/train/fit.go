package train

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"parallax/batch/manifest"
	"parallax/batch/zone"
	"parallax/engine/flow/column"
)

// Options say what is fitted to what.
type Options struct {
	Kind     Kind
	Features []string // numeric columns
	Target   string   // a numeric column; for Logistic 0, 1 or a bool
}

// ErrData is returned for rows to which nothing can be fitted.
var ErrData = errors.New("train: nothing can be fitted")

// Fit fits a model to all rows of a table's zone that have no null among the columns it
// looks at. get has the content of the table's files.
func Fit(table string, state *manifest.State, get func(name string) []byte, o Options) (*Model, error) {
	if o.Kind != Linear && o.Kind != Logistic {
		return nil, fmt.Errorf("%w: kind %q; known are %q and %q", ErrData, o.Kind, Linear, Logistic)
	}
	s := &sample{n: len(o.Features) + 1}
	if err := s.read(state, get, append(slices.Clone(o.Features), o.Target)); err != nil {
		return nil, err
	}
	rows := len(s.y)
	if rows <= s.n {
		return nil, fmt.Errorf("%w: %d rows for %d features", ErrData, rows, len(o.Features))
	}
	m := &Model{Kind: o.Kind, Target: o.Target, Table: table, Snapshot: fmt.Sprintf("%016x", state.ID), Rows: int64(rows)}
	var w []float64
	var err error
	if o.Kind == Linear {
		w, err = s.linear()
	} else {
		w, err = s.logistic()
	}
	if err != nil {
		return nil, err
	}
	m.Intercept = w[0]
	for i, f := range o.Features {
		m.Weights = append(m.Weights, Weight{f, w[i+1]})
	}
	m.Loss = s.loss(m)
	return m, nil
}

// sample is rows of features, a 1 before each, and targets.
type sample struct {
	n int // columns of x
	x []float64
	y []float64
}

// read gathers the rows of all files in their order.
func (s *sample) read(state *manifest.State, get func(name string) []byte, names []string) error {
	if len(state.Schemas) == 0 {
		return fmt.Errorf("%w: the table is empty", ErrData)
	}
	schema := &state.Schemas[len(state.Schemas)-1]
	var input column.Schema
	for i, name := range names {
		at := slices.IndexFunc(schema.Fields, func(f manifest.Field) bool { return f.Name == name })
		if at < 0 {
			return fmt.Errorf("%w: no column %q", ErrData, name)
		}
		if t := schema.Fields[at].Type; !t.Numeric() && (t.Kind != column.Bool || i < s.n-1) {
			return fmt.Errorf("%w: column %q is %s, not a number", ErrData, name, t)
		}
		input = append(input, column.Field{Name: name, Type: schema.Fields[at].Type})
	}
	var b column.Batch
	for _, f := range state.Files {
		r, err := zone.Open(f, schema, input, get(f.Name), zone.Options{})
		if err != nil {
			return err
		}
		for {
			if err := r.Next(&b); err == io.EOF {
				break
			} else if err != nil {
				return err
			}
			s.add(&b)
		}
	}
	return nil
}

// add takes the rows of a batch that count and are complete.
func (s *sample) add(b *column.Batch) {
	row := make([]float64, len(b.Columns))
	each := func(i int) {
		for c := range b.Columns {
			if b.Columns[c].IsNull(i) {
				return
			}
			row[c] = numeric(&b.Columns[c], i)
			if math.IsNaN(row[c]) || math.IsInf(row[c], 0) {
				return
			}
		}
		s.x = append(append(s.x, 1), row[:s.n-1]...)
		s.y = append(s.y, row[s.n-1])
	}
	if b.Select != nil {
		for _, i := range b.Select {
			each(int(i))
		}
		return
	}
	for i := range b.Rows {
		each(i)
	}
}

// numeric is a value as a float64, as the function float of pipelines has it.
func numeric(c *column.Column, row int) float64 {
	switch c.Type.Kind {
	case column.Bool:
		if c.Bools[row] {
			return 1
		}
		return 0
	case column.Float64:
		return c.Floats[row]
	case column.Decimal128:
		d := c.Decimals[row]
		v := math.Ldexp(float64(d.Hi), 64) + float64(d.Lo)
		return v / math.Pow10(int(c.Type.Scale))
	}
	return float64(c.Ints[row])
}

// condMax is the condition of features beyond which weights mean nothing.
const condMax = 1e12

// linear is the least-squares solution, by QR.
func (s *sample) linear() ([]float64, error) {
	x := mat.NewDense(len(s.y), s.n, s.x)
	var qr mat.QR
	qr.Factorize(x)
	var w mat.VecDense
	if c := qr.Cond(); c > condMax {
		return nil, fmt.Errorf("%w: the features depend on one another (condition %.0e)", ErrData, c)
	}
	if err := qr.SolveVecTo(&w, false, mat.NewVecDense(len(s.y), s.y)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrData, err)
	}
	return w.RawVector().Data, nil
}

// Newton's method ends when no weight moves by more than stepMin, or after roundsMax.
const (
	roundsMax = 100
	stepMin   = 1e-10
)

// logistic is the likeliest solution, by Newton's method.
func (s *sample) logistic() ([]float64, error) {
	for _, y := range s.y {
		if y != 0 && y != 1 {
			return nil, fmt.Errorf("%w: a target of %v, neither 0 nor 1", ErrData, y)
		}
	}
	w := make([]float64, s.n)
	for range roundsMax {
		gradient, hessian := s.curve(w)
		var chol mat.Cholesky
		if !chol.Factorize(hessian) {
			return nil, fmt.Errorf("%w: the features tell the targets apart without a doubt, or depend on one another", ErrData)
		}
		var step mat.VecDense
		if err := chol.SolveVecTo(&step, gradient); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrData, err)
		}
		most := 0.0
		for i := range w {
			w[i] += step.AtVec(i)
			most = max(most, math.Abs(step.AtVec(i)))
		}
		if most < stepMin {
			return w, nil
		}
	}
	return nil, fmt.Errorf("%w: no end after %d rounds", ErrData, roundsMax)
}

// curve is the log-likelihood's gradient at w, and its curvature.
func (s *sample) curve(w []float64) (*mat.VecDense, *mat.SymDense) {
	g, h := make([]float64, s.n), make([]float64, s.n*s.n)
	for i, y := range s.y {
		x := s.x[i*s.n : (i+1)*s.n]
		z := 0.0
		for j := range x {
			z += x[j] * w[j]
		}
		p := 1 / (1 + math.Exp(-z))
		for j := range x {
			g[j] += x[j] * (y - p)
			for k := range x {
				h[j*s.n+k] += x[j] * x[k] * p * (1 - p)
			}
		}
	}
	return mat.NewVecDense(s.n, g), mat.NewSymDense(s.n, h)
}

// loss is how far a model is from the targets.
func (s *sample) loss(m *Model) float64 {
	sum := 0.0
	for i, y := range s.y {
		z := m.Score(s.x[i*s.n+1 : (i+1)*s.n])
		if m.Kind == Linear {
			sum += (y - z) * (y - z)
			continue
		}
		sum += math.Log1p(math.Exp(-math.Abs(z))) + max(z, 0) - y*z
	}
	return sum / float64(len(s.y))
}
