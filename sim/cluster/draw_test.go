package cluster

import (
	"fmt"
	"os"
	"testing"

	"parallax/engine"
	"parallax/sim/story"
)

// Times of a drawn run.
const (
	stormNs = 10 * engine.Second
	calmNs  = 10 * engine.Second // the bound of P5, see TestFaults
)

// drawn is what a seed draws.
func drawn(t testing.TB, seed uint64) (Job, Options) {
	t.Helper()
	return deployable(t, seed, story.Draw(seed))
}

// deployable is a story of a seed as it is run here, with an oracle now and then.
func deployable(t testing.TB, seed uint64, s *story.Story) (Job, Options) {
	t.Helper()
	job, o, err := Of(s)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	o.OracleEvery = 16
	o.World.Reproduce = fmt.Sprintf("PARALLAX_SEEDS=%d..%d go test ./sim/cluster -run TestFaults", seed, seed)
	return job, o
}

// drawJob is what a drawn story computes, and of what.
func drawJob(t testing.TB, seed uint64) Job {
	job, _ := drawn(t, seed)
	return job
}

// drawOptions are the sizes and faults of a drawn story.
func drawOptions(seed uint64) Options {
	_, o := drawn(new(testing.T), seed)
	return o
}

// runSmall is a drawn run with both phases.
func runSmall(t testing.TB, seed uint64, change func(*Options)) (*Deployment, error) {
	t.Helper()
	job, o := drawn(t, seed)
	if change != nil {
		change(&o)
	}
	d, err := Deploy(job, o)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	return d, d.Run(stormNs, calmNs)
}

// seeds are those of PARALLAX_SEEDS=A..B if this is a soak or a replay, else 1..n.
func seeds(t *testing.T, n uint64) (from, to uint64) {
	t.Helper()
	text := os.Getenv("PARALLAX_SEEDS")
	if text == "" {
		return 1, n
	}
	if _, err := fmt.Sscanf(text, "%d..%d", &from, &to); err != nil {
		t.Fatalf("PARALLAX_SEEDS=%q: %v", text, err)
	}
	return from, to
}
