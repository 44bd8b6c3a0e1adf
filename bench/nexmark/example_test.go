package nexmark_test

import (
	"fmt"

	"parallax/bench/nexmark"
)

// The first bids of a stream of which one event in ten is up to three seconds late.
func Example() {
	g, err := nexmark.New(nexmark.Options{Seed: 1, Disorder: nexmark.Disorder{Kind: nexmark.Delay, PerMille: 100, Max: 3_000_000}})
	if err != nil {
		panic(err)
	}
	fmt.Println(g.Name())
	for n := int64(4); n < 7; n++ {
		e := g.Event(n)
		fmt.Printf("%d us: a %s of %d on auction %d, there after %d us\n", e.Time, e.Type, e.Price, e.Auction, e.Arrival-e.Time)
	}
	// Output:
	// nexmark/v1 seed=1 rate=10000/s base=0 disorder=delay(100/1000, 3000000 us) hot_channel=50% partitions=1
	// 400 us: a bid of 1324 on auction 1007, there after 0 us
	// 500 us: a bid of 924 on auction 1000, there after 0 us
	// 600 us: a bid of 6611690 on auction 1000, there after 0 us
}
