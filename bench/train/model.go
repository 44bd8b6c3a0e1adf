package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"
)

// Kind is what a model says.
type Kind string

// The kinds.
const (
	Linear   Kind = "linear"   // the target's value
	Logistic Kind = "logistic" // the log-odds of a target that is 0 or 1
)

// Model is a fitted model.
type Model struct {
	Kind      Kind     `json:"kind"`
	Target    string   `json:"target"`
	Intercept float64  `json:"intercept"`
	Weights   []Weight `json:"weights"`
	Table     string   `json:"table"`
	Snapshot  string   `json:"snapshot"` // of the table, as parallax prints it
	Rows      int64    `json:"rows"`     // that it was fitted to
	Loss      float64  `json:"loss"`     // mean squared error, or mean log loss in nats
}

// Weight is what a feature counts.
type Weight struct {
	Feature string  `json:"feature"`
	Value   float64 `json:"value"`
}

// ErrModel is returned for bytes that are no model.
var ErrModel = errors.New("train: not a model")

// AppendTo encodes the model as JSON, which has one form.
func (m *Model) AppendTo(b []byte) ([]byte, error) {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return b, fmt.Errorf("train: %w", err)
	}
	return append(append(b, text...), '\n'), nil
}

// Decode reads a model, and nothing else.
func Decode(b []byte) (*Model, error) {
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	m := &Model{}
	if err := d.Decode(m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModel, err)
	}
	if m.Kind != Linear && m.Kind != Logistic {
		return nil, fmt.Errorf("%w: of kind %q; known are %q and %q", ErrModel, m.Kind, Linear, Logistic)
	}
	return m, nil
}

// Version is a hash of all that the model says.
func (m *Model) Version() (string, error) {
	b, err := m.AppendTo(nil)
	return fmt.Sprintf("model-%016x", xxh3.Hash(b)), err
}

// ObjectName is where a model is published, beside the others of its name.
func ObjectName(name, version string) string { return "models/" + name + "/" + version + ".json" }

// Expr is the model as an expression of the pipeline's language, over columns of the
// features' names.
func (m *Model) Expr() string {
	var b strings.Builder
	b.WriteString(number(m.Intercept))
	for _, w := range m.Weights {
		fmt.Fprintf(&b, " + %s * float(%s)", number(w.Value), w.Feature)
	}
	return b.String()
}

// number is a float64 as a literal of one; a negative one in parentheses.
func number(v float64) string {
	s := strconv.FormatFloat(math.Abs(v), 'e', -1, 64)
	if math.Signbit(v) {
		return "(-" + s + ")"
	}
	return s
}

// Score is the expression's value for the features of a row, in the order of Weights.
func (m *Model) Score(features []float64) float64 {
	y := m.Intercept
	for i, w := range m.Weights {
		y += float64(w.Value * features[i])
	}
	return y
}
