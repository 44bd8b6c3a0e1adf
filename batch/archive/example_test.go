package archive_test

import (
	"fmt"

	"parallax/batch/archive"
	"parallax/batch/manifest"
	"parallax/engine"
	"parallax/engine/blob/store"
	"parallax/engine/commitlog/tail"
	"parallax/sim"
	"parallax/sim/tape"
)

// A log with three markers is archived: three batches, up to the cut at the last marker.
func Example() {
	log, err := tape.Draw(tape.Options{Seed: 1, Partitions: 2, Generations: 3, Every: engine.Second})
	if err != nil {
		fmt.Println(err)
		return
	}
	w := sim.New(sim.Options{})
	objects := w.Boot("store", store.Start(store.Options{}), store.Decode)
	broker := w.Boot("log", log.Start(archive.Holder), tape.Decode)
	w.Boot("archiver", archive.Start(archive.Options{
		Log:     tail.Options{Topic: tape.Topic, Partitions: 2, Brokers: []engine.NodeID{broker}},
		Markers: tape.Markers, Schema: tape.Schema, Store: objects, Table: "rides", Code: "v1",
	}), archive.Decode)
	if err := w.RunFor(5 * engine.Second); err != nil {
		fmt.Println(err)
		return
	}

	all := contents(w.Actor(objects).(*store.Store))
	table, err := manifest.Table("rides", 0, func(name string) []byte { return all[name] })
	fmt.Println(table.Batch("archiver"), "batches, err", err)
	fmt.Println("the cut is that of the marker:", fmt.Sprint(table.Cut) == fmt.Sprint(log.Cut(2)))
	// Output:
	// 3 batches, err <nil>
	// the cut is that of the marker: true
}
