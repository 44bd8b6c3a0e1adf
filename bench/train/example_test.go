package train_test

import (
	"fmt"

	"parallax/bench/train"
)

// A model enters a pipeline as the expression of a projection.
func Example() {
	m := train.Model{Kind: train.Linear, Intercept: 1.5, Weights: []train.Weight{{Feature: "riders", Value: -0.25}}}
	fmt.Println("project: {score:", m.Expr()+"}")
	fmt.Println(m.Score([]float64{2}))
	// Output:
	// project: {score: 1.5e+00 + (-2.5e-01) * float(riders)}
	// 1
}
