package frontier_test

import (
	"fmt"

	"parallax/bench/frontier"
	"parallax/engine/flow/column"
	"parallax/engine/flow/window"
)

// Four rows in windows of ten seconds. When the last but one arrives the frontier is
// at 14 s, 4 s past the end of its window: a delay of more than that keeps it.
func Example() {
	const second = 1_000_000 // µs
	trace := frontier.NewTrace(frontier.Options{Window: window.Tumble(10*second, 0), Partitions: 1})
	trace.Add(&frontier.Rows{
		Times:     []int64{1 * second, 14 * second, 9 * second, 16 * second},
		Appends:   []int64{1 * second, 14 * second, 15 * second, 16 * second},
		Frontiers: []int64{column.NoFrontier, 1 * second, 14 * second, 14 * second},
		Keys:      make([]uint32, 4),
		After:     16 * second,
	})
	for _, p := range trace.Curve(trace.Delays()) {
		fmt.Printf("delay %d ms: %d of %d dropped, %d windows fired, at most %d s after their end\n",
			p.Delay/1000, p.Dropped, p.Pairs, p.Fired, p.Latency.Max/second)
	}
	// Output:
	// delay 0 ms: 1 of 4 dropped, 1 windows fired, at most 4 s after their end
	// delay 4001 ms: 0 of 4 dropped, 1 windows fired, at most 6 s after their end
}
