package speed_test

import (
	"fmt"

	"parallax/batch/archive"
	"parallax/batch/job"
	"parallax/engine"
	"parallax/engine/blob/store"
	"parallax/engine/commitlog/tail"
	"parallax/engine/flow"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
	"parallax/serving"
	"parallax/serving/layered"
	"parallax/sim"
	"parallax/sim/tape"
	"parallax/speed"
)

// A log is archived and folded into views, and a server adds what came behind them. It
// says how far it has come, and that a client which has seen more must ask another one.
func Example() {
	log, err := tape.Draw(tape.Options{Seed: 1, Partitions: 2, Generations: 3, Every: engine.Second})
	if err != nil {
		fmt.Println(err)
		return
	}
	tumble := window.Tumble(1_000_000, 0)
	rides := &flow.Pipeline{
		Watermark: watermark.Spec{Bounded: 300_000},
		Steps: []flow.Step{
			{KeyBy: []string{"city"}},
			{Window: &tumble},
			{Aggregates: []flow.Aggregate{{Name: "n", Call: expr.CallExpr{Func: "count"}}}},
		},
	}
	w := sim.New(sim.Options{})
	objects := w.Boot("store", store.Start(store.Options{}), store.Decode)
	broker := w.Boot("log", log.Start(archive.Holder, "speed"), tape.Decode)
	read := tail.Options{Topic: tape.Topic, Partitions: 2, Brokers: []engine.NodeID{broker}}
	w.Boot("archiver", archive.Start(archive.Options{
		Log: read, Markers: tape.Markers, Schema: tape.Schema, Watermark: rides.Watermark, Store: objects, Table: "rides", Code: "v1",
	}), archive.Decode)
	w.Boot("job", job.Start(job.Options{
		Pipeline: rides, Schema: tape.Schema, Partitions: 2, Store: objects, Table: "rides", View: "by-city", Code: "v1",
	}), job.Decode)
	read.Holder = "speed"
	server := w.Boot("server", speed.Start(speed.Options{
		Pipeline: rides, Schema: tape.Schema, Log: read, Markers: tape.Markers, Store: objects, View: "by-city",
	}), speed.Decode)
	if err := w.RunFor(6 * engine.Second); err != nil {
		fmt.Println(err)
		return
	}

	s := w.Actor(server).(*speed.Server)
	told, err := s.Answer(&layered.Ask{Query: serving.Query{To: 1 << 62, From: -1 << 62}})
	fmt.Println("code", told.Code, "of marker", s.Head().Marker, "with rows:", len(told.Rows) > 0, err)
	fmt.Println("generations behind the view:", s.Generations() <= 1, "- staleness below a second:", told.Staleness < engine.Second)

	told, err = s.Answer(&layered.Ask{Query: serving.Query{To: 1 << 62}, View: s.Head().ID + 1})
	fmt.Println("behind a client that has seen a later view:", told.Behind, err)
	// Output:
	// code v1 of marker 3 with rows: true <nil>
	// generations behind the view: true - staleness below a second: true
	// behind a client that has seen a later view: true <nil>
}
