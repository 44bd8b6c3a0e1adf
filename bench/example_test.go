package bench_test

import (
	"fmt"
	"os"

	"parallax/bench"
)

// A small demo: what was late, and the delay with which nothing would have been
// dropped.
func Example() {
	dir, err := os.MkdirTemp("", "demo")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	out, err := bench.Demo(bench.Options{Dir: dir, Seed: 1, Rows: 5000})
	if err != nil {
		panic(err)
	}
	fmt.Println(out.Counts.PairsOnTime, "on time,", out.Counts.PairsRevised, "late but counted,", out.Counts.PairsDropped, "dropped")
	for _, d := range out.Delays {
		fmt.Printf("%d of 1000: %d ms\n", d.PerMille, d.Counted)
	}
	fmt.Println(out.Verdict())
	// Output:
	// 4889 on time, 57 late but counted, 54 dropped
	// 990 of 1000: 2322 ms
	// 999 of 1000: 17003 ms
	// 1000 of 1000: 47871 ms
	// kappa path = oracle path: 181 windows and 54 dropped clicks, every value equal
}
