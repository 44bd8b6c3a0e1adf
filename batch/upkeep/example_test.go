package upkeep_test

import (
	"fmt"

	"parallax/batch/archive"
	"parallax/batch/manifest"
	"parallax/batch/upkeep"
	"parallax/engine"
	"parallax/engine/blob/store"
	"parallax/engine/commitlog/tail"
	"parallax/sim"
	"parallax/sim/tape"
)

// Ten small files of a partition become one, and are deleted.
func Example() {
	log, err := tape.Draw(tape.Options{Seed: 5, Partitions: 1, Generations: 10, Every: engine.Second})
	if err != nil {
		fmt.Println(err)
		return
	}
	w := sim.New(sim.Options{})
	objects := w.Boot("store", store.Start(store.Options{}), store.Decode)
	broker := w.Boot("log", log.Start(archive.Holder), tape.Decode)
	w.Boot("archiver", archive.Start(archive.Options{
		Log:     tail.Options{Topic: tape.Topic, Partitions: 1, Brokers: []engine.NodeID{broker}},
		Markers: tape.Markers, Schema: tape.Schema, Store: objects, Table: "rides", Code: "v1",
	}), archive.Decode)
	keeper := w.Boot("keeper", upkeep.Start(upkeep.Options{Store: objects, Tables: []string{"rides"}, FilesMin: 2, Every: 12 * engine.Second}), upkeep.Decode)
	if err := w.RunFor(20 * engine.Second); err != nil {
		fmt.Println(err)
		return
	}

	all := map[string][]byte{}
	w.Actor(objects).(*store.Store).Contents(func(name string, data []byte) bool {
		all[name] = data
		return true
	})
	table, err := manifest.Table("rides", 0, func(name string) []byte { return all[name] })
	fmt.Println(len(table.Files), "file", err)
	fmt.Println(w.Actor(keeper).(*upkeep.Keeper).Counts().Commits, "replacement")
	// Output:
	// 1 file <nil>
	// 1 replacement
}
