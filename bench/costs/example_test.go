package costs_test

import (
	"fmt"

	"parallax/bench/costs"
)

// A group commit of a megabyte, by the committed table.
func Example() {
	t := costs.Default()
	fmt.Println((t.FsyncNs+1_000_000*t.WriteBytePs/1000)/1000, "µs")
	// Output: 4100 µs
}
