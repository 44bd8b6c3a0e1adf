package store_test

import (
	"fmt"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/store"
	"parallax/sim"
)

// Two clients swap a pointer that both have read at version 1: the second is too late.
func Example() {
	w := sim.New(sim.Options{})
	store := w.Boot("store", store.Start(store.Options{}), store.Decode)
	client := w.Boot("client", func(engine.Env, *engine.Effects) (engine.Actor, error) { return printer{}, nil }, blob.Decode)
	for _, m := range []blob.Put{
		{Name: "pointer", Expect: blob.Absent, Data: []byte("view 1")},
		{Name: "pointer", Expect: 1, Data: []byte("view 2")},
		{Name: "pointer", Expect: 1, Data: []byte("view 3")},
	} {
		w.Inject(w.Now(), client, store, m)
		if err := w.RunFor(engine.Second); err != nil {
			panic(err)
		}
	}
	// Output:
	// ok version 1
	// ok version 2
	// mismatch version 2
}

type printer struct{}

func (printer) Step(ev engine.Event, _ *engine.Effects) {
	d := ev.Msg.(blob.Done)
	fmt.Println(d.Code, "version", d.Info.Version)
}
