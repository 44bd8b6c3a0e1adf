package oracle

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"parallax/engine/flow/window"
)

// An assigner that remembers gives every time the windows that one gives which has never
// been asked, whatever it was asked before.
func TestDifferentialAssignerRemembers(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, spec := range []window.Spec{
		window.Tumble(10, 0), window.Tumble(7, 3), window.Hop(20, 10, 0), window.Hop(9, 4, 1), window.Hop(3, 8, 0), window.Hop(8, 8, 5),
		{Kind: window.Global},
		{Kind: window.Tumbling, Size: 10, Every: 10, Clamp: true},
	} {
		a := NewAssigner(&spec)
		for i := range 20_000 {
			at := rng.Int64N(120) - 60
			if i%97 == 0 {
				at += math.MaxInt64 - 60 - rng.Int64N(3)
			}
			if have, want := a.windows(at), windows(&spec, at); !slices.Equal(have, want) {
				t.Fatalf("%+v: %d is in %v, should be in %v", spec, at, have, want)
			}
		}
	}
}
