package cluster

import (
	"fmt"
	"log/slog"
	"os"
	"testing"

	"parallax/engine"
)

// A drawn job runs under all faults for ten seconds, catches up, and is exact; the
// tally tells what that was worth.
func Example() {
	t := new(testing.T)
	d, err := Deploy(drawJob(t, 17), drawOptions(17))
	if err == nil {
		err = d.Run(stormNs, calmNs)
	}
	sum := d.Tally()
	fmt.Println("exact:", err == nil)
	fmt.Println("crashes, elections, copies, answers:", sum.Crashes > 0, sum.LeaderChanges > 0, sum.ProduceCopies > 0, sum.Answers > 0)
	for part, lag := range d.Metrics().Lag {
		fmt.Println("partition", part, "lag", lag)
	}
	// Output:
	// exact: true
	// crashes, elections, copies, answers: true true true true
	// partition 0 lag 0
	// partition 1 lag 0
	// partition 2 lag 0
}

// The first warnings of a run, on the world's clock.
func ExampleDeployment_LogTo() {
	t := new(testing.T)
	d, err := Deploy(drawJob(t, 1), drawOptions(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	d.LogTo(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if err := d.RunFor(20 * engine.Millisecond); err != nil {
		fmt.Println(err)
	}
	d.Crash(d.view)
	// Output:
	// time=1970-01-01T00:00:00.020Z level=WARN msg=crash node=view
}
