package kappa_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/window"
	"parallax/sim/cluster"
	"parallax/sim/oracle"
)

// TestOracleChain: the results of windows over the results of sessions stand in the
// view as the oracle has them, with a worker and a view that crash on the way, whose
// checkpoints and replays hold both; revisions take the results before them out.
func TestOracleChain(t *testing.T) {
	revised := 0
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 5))
		p := sums(t)
		*p.Steps[1].Window = window.Sessions(300_000, window.Merge(seed%2))
		call, err := expr.ParseCall([]string{"sum(sum)", "max(sum)"}[seed/2])
		if err != nil {
			t.Fatal(err)
		}
		over := window.Hop(1_500_000, 500_000, 0)
		p.Steps = append(slices.Clone(p.Steps), flow.Step{KeyBy: []string{"city"}}, flow.Step{Window: &over},
			flow.Step{Aggregates: []flow.Aggregate{{Name: "total", Call: call}}})
		p.Late = flow.Late{Allowed: 900_000}
		feed, in := lateReadings(t, rng)
		d := crashing(t, rng, cluster.Job{Pipeline: p, Schema: readings, Feed: feed})
		answer, err := oracle.Answer(p, in)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		for _, w := range answer.Windows {
			if w.Final != nil {
				want[fmt.Sprint(w.Key[0].String, w.Start, "-", w.End)] = w.Final[0].Text()
			}
			if w.Final == nil || w.OnTime == nil || w.Final[0].Text() != w.OnTime[0].Text() {
				revised++
			}
		}
		if got := shown(t, d); !maps.Equal(got, want) {
			t.Errorf("seed %d: the view has\n%v\nthe oracle\n%v", seed, got, want)
		}
	}
	if revised < 10 {
		t.Errorf("only %d windows were revised", revised)
	}
}
