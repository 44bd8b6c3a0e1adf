package costs_test

import (
	"fmt"

	"parallax/bench/costs"
)

// A group commit of a megabyte, by the committed table.
func Example() {
	t := costs.Default()
	fmt.Println((t.FsyncNs+1_000_000*t.WriteBytePs/1000)/1000, "µs")
	fmt.Println(t)
	// Output:
	// 4100 µs
	// costs v2 b850def108e2e141: a small server with a 10 Gb/s network and a virtual disk
}
