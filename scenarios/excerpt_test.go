package scenarios

import "testing"

// Excerpts of the small data pass under faults, are written and read alike, and are
// what their seed says.
func TestLawExcerpts(t *testing.T) {
	job := load(t, "data/iot_tumbling_5s_by_device.yaml", []string{"source.file=small/events.csv"})
	e, err := NewExcerpts(job)
	if err != nil {
		t.Fatal(err)
	}
	conclusive := 0
	for seed := uint64(1); seed <= 8; seed++ {
		s := e.Scenario(seed, 120)
		out := mustPlay(t, s)
		if out.Verdict == Violated || out.Tally.Spans == 0 {
			t.Errorf("seed %d: %s, %v, %v", seed, out.Verdict, out.Why, out.Missed)
		}
		if out.Verdict == Pass { // else a family of faults found nothing to hit
			conclusive++
		}
		if again := mustPlay(t, parsed(t, e.Scenario(seed, 120).String())); again.Hash != out.Hash {
			t.Errorf("seed %d: %016x, behind a file %016x", seed, out.Hash, again.Hash)
		}
		other := mustPlay(t, s.Reseeded(seed+100))
		if other.Verdict == Violated || other.Hash == out.Hash {
			t.Errorf("seed %d reseeded: %s, %v", seed, other.Verdict, other.Why)
		}
	}
	if conclusive < 6 {
		t.Errorf("only %d of 8 have shown anything", conclusive)
	}
}
