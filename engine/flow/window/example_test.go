package window_test

import (
	"fmt"

	"parallax/engine/flow/window"
)

// A row 9 s after the epoch, in windows of 10 s that begin every 4 s.
func Example() {
	hop := window.Hop(10_000_000, 4_000_000, 0)
	for _, start := range hop.Assign(9_000_000, nil) {
		fmt.Printf("[%d s, %d s)\n", start/1_000_000, hop.End(start)/1_000_000)
	}
	from, to := hop.Slice(9_000_000)
	fmt.Printf("the same for all of [%d s, %d s)\n", from/1_000_000, to/1_000_000)
	// Output:
	// [0 s, 10 s)
	// [4 s, 14 s)
	// [8 s, 18 s)
	// the same for all of [8 s, 10 s)
}
