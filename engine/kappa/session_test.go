package kappa_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"parallax/engine"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/window"
	"parallax/serving"
	"parallax/sim/cluster"
	"parallax/sim/oracle"
)

// TestOracleSessions: sessions that late rows extend and join stand in the view as
// the oracle has them, with a worker and a view that crash on the way; what was
// joined is gone.
func TestOracleSessions(t *testing.T) {
	joined := 0
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(seed, 3))
		p := sums(t)
		*p.Steps[1].Window = window.Sessions(300_000, window.Merge(seed%2))
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
			} else {
				joined++
			}
		}
		if got := shown(t, d); !maps.Equal(got, want) {
			t.Errorf("seed %d: the view has\n%v\nthe oracle\n%v", seed, got, want)
		}
	}
	if joined < 10 {
		t.Errorf("only %d sessions became part of others", joined)
	}
}

// lateReadings is a feed of two partitions whose rows are up to 0.8 s late, and the
// same for the oracle.
func lateReadings(t *testing.T, rng *rand.Rand) (cluster.Feed, oracle.Input) {
	t.Helper()
	feed := make(cluster.Feed, 2)
	in := oracle.Input{Schema: readings, Partitions: 2}
	for i := range int64(80) {
		part := int32(rng.IntN(2))
		at := 1_000_000 + i*60_000
		late := max(0, rng.Int64N(1_200_000)-400_000)
		city := []string{"oslo", "rome"}[rng.IntN(2)]
		add(t, feed, part, city, i, at-late)
		last := &feed[part][len(feed[part])-1]
		last.Due = engine.Instant(at * engine.Microsecond)
		in.Rows = append(in.Rows, oracle.Row{
			Partition: part, Offset: int64(len(feed[part]) - 1), Time: at - late,
			Values: []column.Value{{Type: readings[0].Type, String: city}, {Type: readings[1].Type, Int: i}},
		})
	}
	for part := range int32(2) { // everything before is over
		add(t, feed, part, "end", 0, 20_000_000)
	}
	return feed, in
}

// crashing runs a job to its end, with a worker and a view that crash on the way.
func crashing(t *testing.T, rng *rand.Rand, job cluster.Job) *cluster.Deployment {
	t.Helper()
	d, err := cluster.Deploy(job, cluster.Options{Unchecked: true})
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		if err := d.RunFor(1500 * engine.Millisecond); err != nil {
			t.Fatal(err)
		}
		id := engine.NodeID(4 + rng.IntN(2))
		d.Crash(id)
		d.Restart(id)
	}
	if err := d.RunFor(60 * engine.Second); err != nil {
		t.Fatal(err)
	}
	return d
}

// shown is what a deployment's view holds.
func shown(t *testing.T, d *cluster.Deployment) map[string]string {
	t.Helper()
	v, ok := d.Actor(4).(*serving.View)
	if !ok {
		t.Fatal("no view")
	}
	out := map[string]string{}
	for r := range v.Rows {
		key, err := serving.DecodeKey(r.Key, []column.Type{readings[0].Type})
		if err != nil {
			t.Fatal(err)
		}
		values, err := v.Values(&r)
		if err != nil {
			t.Fatal(err)
		}
		out[fmt.Sprint(key[0].String, r.Start, "-", r.End)] = values[0].Text()
	}
	return out
}
