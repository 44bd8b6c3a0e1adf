package kappa_test

import (
	"fmt"
	"testing"

	"parallax/engine"
	"parallax/engine/flow/column"
	"parallax/serving"
	"parallax/sim/cluster"
)

// A producer, three brokers, a worker and a view add up degrees by city and second,
// in a simulated world without faults.
func Example() {
	t := new(testing.T)
	feed := make(cluster.Feed, 2)
	add(t, feed, 0, "oslo", 4, 100_000)
	add(t, feed, 1, "rome", 21, 400_000)
	add(t, feed, 0, "oslo", 5, 800_000)
	add(t, feed, 1, "rome", 22, 1_200_000)
	feed.End(engine.Instant(2 * engine.Second))

	d, err := cluster.Deploy(cluster.Job{Pipeline: sums(t), Schema: readings, Feed: feed}, cluster.Options{})
	if err == nil {
		err = d.Run(3*engine.Second, 3*engine.Second)
	}
	fmt.Println("exact:", err == nil)
	for _, row := range d.Rows() {
		key, err := serving.DecodeKey(row.Key, []column.Type{readings[0].Type})
		fmt.Println(key[0].String, "from", row.Start, "to", row.End, "µs", err)
	}
	// Output:
	// exact: true
	// oslo from 0 to 1000000 µs <nil>
	// rome from 0 to 1000000 µs <nil>
	// rome from 1000000 to 2000000 µs <nil>
}
