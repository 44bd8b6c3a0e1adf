package job_test

import (
	"fmt"

	"parallax/batch/archive"
	"parallax/batch/job"
	"parallax/engine"
	"parallax/engine/blob/store"
	"parallax/engine/commitlog/tail"
	"parallax/engine/flow/watermark"
	"parallax/sim"
	"parallax/sim/tape"
)

// A log with three markers is archived, and a job folds it: a view at the last marker's
// cut.
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
	batch := w.Boot("batch", job.Start(job.Options{
		Pipeline: pipeline(watermark.Spec{}), Schema: tape.Schema, Partitions: 2, Store: objects, Table: "rides", View: "by-city", Code: "v1",
	}), job.Decode)
	if err := w.RunFor(6 * engine.Second); err != nil {
		fmt.Println(err)
		return
	}

	h := w.Actor(batch).(*job.Job).Head()
	fmt.Println("marker", h.Marker-1, "by", h.Code, "with rows:", h.Rows() > 0)
	fmt.Println("the cut is that of the marker:", fmt.Sprint(h.Cut) == fmt.Sprint(log.Cut(2)))
	// Output:
	// marker 2 by v1 with rows: true
	// the cut is that of the marker: true
}
