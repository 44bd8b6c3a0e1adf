package cluster

import (
	"fmt"
	"testing"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/serving"
)

// TestLawReprocess: a view that is filled again from the beginning of the log is the old
// one, row by row, and costs reading; it can take the old one's place.
func TestLawReprocess(t *testing.T) {
	for seed := uint64(1); seed <= 12; seed++ {
		job, o := drawn(t, seed)
		o.Log.RetainBytes, o.Unchecked = 0, true
		d, err := Deploy(job, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Run(stormNs, calmNs); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		before := d.Nodes()
		ns, nodes, err := d.Reprocess(60 * engine.Second)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		again, ok := d.Actor(engine.NodeID(before + 1)).(*serving.View)
		if !ok {
			t.Fatalf("seed %d: the new view is down", seed)
		}
		want, got := d.Rows(), []string{}
		again.Rows(func(r serving.Row) bool {
			got = append(got, fmt.Sprintf("%x %d %d %x", r.Key, r.Start, r.End, r.Accumulators))
			return true
		})
		if len(got) != len(want) {
			t.Fatalf("seed %d: %d rows, the old view has %d", seed, len(got), len(want))
		}
		for i, r := range want {
			if line := fmt.Sprintf("%x %d %d %x", r.Key, r.Start, r.End, r.Accumulators); line != got[i] {
				t.Errorf("seed %d: %s, the old view has %s", seed, got[i], line)
			}
		}
		if cut, _ := again.Cut(); len(cut) != len(job.Feed) || cut[0] == protocol.LogStart() || ns <= 0 || len(nodes) != before+2 || nodes[before+1].BusyNs <= 0 {
			t.Errorf("seed %d: at %v after %d ns, %+v", seed, cut, ns, nodes)
		}
		old := []engine.NodeID{d.view, d.worker, d.client}
		d.ChangeOver()
		if err := d.Run(0, calmNs); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if now := d.Rows(); len(now) != len(want) || d.view != engine.NodeID(before+1) {
			t.Errorf("seed %d: %d rows of node %d, %d before", seed, len(now), d.view, len(want))
		}
		for _, id := range old {
			if d.Actor(id) != nil {
				t.Errorf("seed %d: %s is not retired", seed, d.Name(id))
			}
		}
	}
}
