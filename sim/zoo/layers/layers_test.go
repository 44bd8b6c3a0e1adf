package layers_test

import (
	"fmt"
	"testing"

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
	for _, c := range layers.All() {
		t.Run(c.Name, func(t *testing.T) {
			for seed := uint64(1); seed <= 100; seed++ {
				f, err := c.Play(seed)
				if err != nil {
					t.Fatal(err)
				}
				if f.Err != nil {
					t.Logf("seed %d, by %s: %.160v", seed, f.Check, f.Err)
					most = max(most, seed)
					return
				}
			}
			t.Error("not found")
		})
	}
	for seed := uint64(1); seed <= most; seed++ {
		var none *layers.Defect
		if f, err := none.Play(seed); err != nil || f.Err != nil || f.Check != "" {
			t.Errorf("seed %d without a mistake: %v, %v", seed, err, f.Err)
		}
	}
}
