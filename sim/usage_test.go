package sim_test

import (
	"testing"

	"parallax/engine"
	"parallax/sim"
)

// TestVectorUsage: what a node has used is what its steps asked for, at the prices of
// the table.
func TestVectorUsage(t *testing.T) {
	costs := sim.Costs{Version: 7, MessageNs: 10, BytePs: 1000, WriteBytePs: 1, FsyncNs: 100, WorkPs: 3000}
	sc := script{"go": func(_ engine.Event, fx *engine.Effects) {
		fx.Work = 40
		fx.Persist("f", make([]byte, 70))
		fx.Send(1, note("abc"))
	}}
	w, got := worldStage(t, sim.Options{Costs: costs, Network: sim.Network{DelayMin: 1, DelayMax: 1}}, sc)
	before := w.Usage(2)
	w.Inject(w.Now(), 0, 2, note("go"))
	if _, err := w.Step(); err != nil {
		t.Fatal(err)
	}
	u := w.Usage(2)
	if u.Issued != before.Issued+1 || u.Durable != before.Durable || u.Stored != before.Stored {
		t.Errorf("before the sync: %+v, and at first %+v", u, before)
	}
	runFor(t, w, engine.Second)
	u = w.Usage(2)
	// 10 and 2 bytes to receive, 40 at three times the price, 70 bytes to write, 10 and
	// 3 bytes to send.
	if busy := u.BusyNs - before.BusyNs; busy != 12+120+70+13 {
		t.Errorf("%d ns", busy)
	}
	if u.Sent-before.Sent != 3 || u.Wrote-before.Wrote != 70 || u.Stored-before.Stored != 70 || u.Durable != u.Issued || w.Durable(2) != u.Durable {
		t.Errorf("%+v, and at first %+v", u, before)
	}
	if len(got.got) == 0 {
		t.Error("nothing arrived")
	}
}
