package layers_test

import (
	"fmt"
	"testing"

	"parallax/engine"
	"parallax/sim/cluster/lambda"
	"parallax/sim/zoo/layers"
)

// Example lists what the zoo holds.
func Example() {
	for _, d := range layers.All()[:2] {
		fmt.Println(d.Layer, d.Name)
	}
	// Output:
	// batch fold-twice
	// batch strand-late
}

// TestPlantedLayers: each mistake is found from random seeds, and without it those seeds
// find nothing.
func TestPlantedLayers(t *testing.T) {
	most := uint64(0)
	play := func(seed uint64, plant func(*lambda.Options)) error {
		d, err := lambda.Drawn(seed, plant)
		if err != nil {
			return err
		}
		return d.Run(10*engine.Second, 20*engine.Second)
	}
	for _, c := range layers.All() {
		t.Run(c.Name, func(t *testing.T) {
			for seed := uint64(1); seed <= 100; seed++ {
				if err := play(seed, c.Plant); err != nil {
					t.Logf("seed %d: %.160v", seed, err)
					most = max(most, seed)
					return
				}
			}
			t.Error("not found")
		})
	}
	for seed := uint64(1); seed <= most; seed++ {
		if err := play(seed, func(*lambda.Options) {}); err != nil {
			t.Errorf("seed %d without a mistake: %v", seed, err)
		}
	}
}
