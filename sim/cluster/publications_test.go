package cluster

import (
	"fmt"
	"slices"
	"testing"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/serving"
)

// TestLawPublications: under all faults, what was published one after another makes up
// the view at the end, row by row; cuts never go back, nothing is published before its
// moment, and listening does not change a run.
func TestLawPublications(t *testing.T) {
	from, to := seeds(t, 24)
	back := 0
	for seed := from; seed <= to; seed++ {
		job, o := drawn(t, seed)
		d, err := Deploy(job, o)
		if err != nil {
			t.Fatal(err)
		}
		shown := map[string]string{}
		var last Publication
		var cut []protocol.Cut
		d.OnPublish(func(p *Publication) {
			for i := range cut {
				if p.Cut[i].Offset < cut[i].Offset || p.At < last.At {
					t.Fatalf("seed %d: %v at %v, behind %v at %v", seed, p.Cut, p.At, cut, last.At)
				}
			}
			for i := range p.Rows {
				r := &p.Rows[i]
				name := fmt.Sprintf("%x %d", r.Key, r.Start)
				if shown[name] = fmt.Sprintf("%d %v %x", r.End, r.Revision, r.Accumulators); len(r.Accumulators) == 0 {
					delete(shown, name)
				}
			}
			last, cut = *p, slices.Clone(p.Cut)
		})
		if err := d.Run(stormNs, calmNs); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if plain, err := runSmall(t, seed, nil); err != nil || plain.Hash() != d.Hash() {
			t.Errorf("seed %d: listening changes the run: %v", seed, err)
		}
		if err := d.RunFor(engine.Second); err != nil { // what the view has is not yet durable
			t.Fatalf("seed %d: %v", seed, err)
		}
		want := map[string]string{}
		for _, r := range d.Rows() {
			want[fmt.Sprintf("%x %d", r.Key, r.Start)] = fmt.Sprintf("%d %v %x", r.End, r.Revision, r.Accumulators)
		}
		if len(want) != len(shown) {
			t.Errorf("seed %d: %d rows were published, the view has %d", seed, len(shown), len(want))
		}
		for name, row := range want {
			if shown[name] != row {
				t.Errorf("seed %d: %s: published %q, the view has %q", seed, name, shown[name], row)
			}
		}
		if at, _ := d.Actor(d.view).(*serving.View).Cut(); !slices.Equal(at, cut) {
			t.Errorf("seed %d: the view stands at %v, %v was published", seed, at, cut)
		}
		back += int(d.Tally().ViewRollBacks)
	}
	t.Logf("%d seeds, the view went back %d times", to-from+1, back)
}
