package watermark_test

import (
	"fmt"

	"parallax/engine/flow/watermark"
)

// A window [0 s, 10 s) under a bound of 2 s: rows that come late are on time as
// long as the frontier before them lies less than 12 s, and revisions for the
// allowed 3 s more.
func Example() {
	const second = 1_000_000
	spec := watermark.Spec{Bounded: 2 * second}
	times := []int64{9 * second, 11 * second, 4 * second, 14 * second, 5 * second, 15 * second, 6 * second}
	before := make([]int64, len(times))
	frontier, _ := spec.Stamp(watermark.None, times, nil, before, nil)
	for i, t := range times {
		if t < 10*second {
			fmt.Println(t/second, "s:", watermark.Classify(spec.Watermark(before[i]), 10*second, 3*second))
		}
	}

	least := watermark.NewCombiner(2)
	least.Advance(0, spec.Watermark(frontier))
	fmt.Println("waiting for input", least.Holder())
	w, _ := least.Advance(1, 12*second)
	fmt.Println("watermark", w/second, "s")
	// Output:
	// 9 s: on time
	// 4 s: on time
	// 5 s: revision
	// 6 s: dropped
	// waiting for input 1
	// watermark 12 s
}
