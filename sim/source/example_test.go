package source_test

import (
	"fmt"
	"time"

	"parallax/sim"
	"parallax/sim/fault"
	"parallax/sim/source"
)

// A partition's source is held up for four seconds, and one of its rows comes twice.
func Example() {
	w := sim.New(sim.Options{Frozen: []fault.Fault{
		{Family: fault.LateBurst, Node: "source-1", At: 2 * time.Second, Lasts: 4 * time.Second},
		{Family: fault.DuplicateRow, Node: "source-1", Nth: 3, Lasts: time.Second},
	}})
	rows, _ := source.Deliver(small(), w)
	for _, r := range rows[1] {
		fmt.Printf("row %d, of %d s, arrives at %d s\n", r.Of, r.Time/1_000_000, r.At/1_000_000)
	}
	// Output:
	// row 1, of 1 s, arrives at 1 s
	// row 3, of 3 s, arrives at 6 s
	// row 5, of 5 s, arrives at 6 s
	// row 7, of 7 s, arrives at 7 s
	// row 7, of 7 s, arrives at 8 s
}
