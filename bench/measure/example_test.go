package measure_test

import (
	"fmt"

	"parallax/bench/measure"
)

// A window with four rows ends at 10 s. It is answered at 12 s with three of them, and
// at 30 s with all.
func Example() {
	const s = 1_000_000
	h := measure.History{Window: &measure.Window{End: 10 * s, Rows: 4}, Due: 11 * s}
	h.Show(measure.Showing{At: 12 * s, Rows: 3})
	h.Show(measure.Showing{At: 30 * s, Rows: 4})
	list := measure.Histories{h}
	fmt.Println("waited", list.Result()[0]/s, "s, of which the engine took", list.Overhead()[0]/s, "s")
	fmt.Println("complete at first", list.Completeness(measure.First).Micro)
	fmt.Println("after 5 s", list.Completeness(measure.Behind(5*s)).Micro)
	fmt.Println("in the end", list.Completeness(measure.Final).Micro)
	// Output:
	// waited 2 s, of which the engine took 1 s
	// complete at first 0.75
	// after 5 s 0.75
	// in the end 1
}
