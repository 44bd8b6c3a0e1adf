package lambda

import (
	"errors"
	"fmt"
	"testing"

	"parallax/engine"
)

// TestLawChangeOver: code that is put in the place of the same code answers the same, twice
// in a row; the programs of the code before are gone, and what it had seen is nothing to
// the client that comes with it.
func TestLawChangeOver(t *testing.T) {
	const storm, calm = 8 * engine.Second, 120 * engine.Second
	for seed := uint64(1); seed <= 3; seed++ {
		d, err := Drawn(seed, func(o *Options) { o.CheckEvery, o.Log.RetainBytes = -1, 0 })
		if err == nil {
			err = d.Run(storm, calm)
		}
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		want, err := d.Rows()
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for range 2 {
			old := append([]engine.NodeID{d.batch, d.client}, d.servers...)
			if err := d.Recompute(d.job.Pipeline); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if err := d.Recompute(d.job.Pipeline); !errors.Is(err, errTwice) {
				t.Errorf("seed %d: again before it has changed over: %v", seed, err)
			}
			for !d.Serve() {
				if err := d.RunFor(100 * engine.Millisecond); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
			}
			d.ChangeOver()
			if err := d.Run(0, calm); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			for _, id := range old {
				if d.Actor(id) != nil {
					t.Errorf("seed %d: %s is not retired", seed, d.Name(id))
				}
			}
			if c, ok := d.Actor(d.client).(*client); !ok || c.answer == nil || c.answer.Behind {
				t.Errorf("seed %d: the client is not answered", seed)
			}
		}
		if got, err := d.Rows(); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("seed %d: %d rows, %v; %d before", seed, len(got), err, len(want))
		}
	}
	d, err := Drawn(1, func(*Options) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Recompute(d.job.Pipeline); !errors.Is(err, errChecked) {
		t.Errorf("a checked deployment: %v", err)
	}
}
