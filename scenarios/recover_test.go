package scenarios

import (
	"os"
	"strings"
	"testing"

	"parallax/engine/flow"
)

// buggyJob is layersJob with a mistake: its filter loses a key, and it reads a column more.
func buggyJob(t *testing.T, job *Job, where string) *Job {
	t.Helper()
	text := strings.Replace(layersText, "  - key_by: k\n", "  - filter: "+where+"\n  - key_by: k\n", 1)
	bad, err := Parse(job.File, []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return bad
}

// TestDifferentialRecover: behind a mistake, both architectures answer everything anew as
// an answer from scratch by the fixed code has it, whole and under faults.
func TestDifferentialRecover(t *testing.T) {
	job := layersJob(t)
	bad := buggyJob(t, job, "a % 900 != 0")
	seeds := uint64(4)
	if os.Getenv("PARALLAX_SOAK") != "" {
		seeds = 60
	}
	for seed := range seeds {
		o := RecoverOptions{Seed: seed, Faults: seed > 1, BuggyUs: 9_000_000, AtUs: int64(seed%2) * 4_000_000, Batch: Batch{Every: 3_000_000, Same: seed%2 == 0}}
		list, err := Recover(job, bad, o)
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
			continue
		}
		for _, r := range list {
			if seed < 2 && (r.Wrong == 0 || r.Compared < 8) || r.Compared < 2 || r.RightNs <= 0 || r.Rows == 0 || r.Again.ProcessorNs <= 0 ||
				r.Used.Wrote < r.Again.Wrote || r.StoredPeak < r.StoredBefore {
				t.Errorf("seed %d: %+v", seed, *r)
			}
		}
		if seed > 3 {
			continue
		}
		again, err := Recover(job, bad, o)
		if err != nil || *again[0] != *list[0] || *again[1] != *list[1] {
			t.Errorf("seed %d: again it is %+v, %v", seed, again, err)
		}
	}
}

// TestVectorRecoverWrong: fixed code that is not what answers are held against is found.
func TestVectorRecoverWrong(t *testing.T) {
	job := layersJob(t)
	bad := buggyJob(t, job, "a % 900 != 0")
	for _, begin := range []func(*Stage, *input, *RecoverOptions) (mending, error){mendKappa, mendLambda} {
		stage, in, err := recoverable(job, bad, 0)
		if err != nil {
			t.Fatal(err)
		}
		o := RecoverOptions{BuggyUs: 9_000_000, Batch: Batch{Every: 3_000_000}}
		m, err := begin(stage, in, &o)
		if err != nil {
			t.Fatal(err)
		}
		other := *job
		other.Pipeline.Late = flow.Late{Allowed: 60_000_000}
		r := newRecovering(m, stage, in, &other.Pipeline)
		if err := r.run(&o); err == nil || !strings.Contains(err.Error(), errStillWrong.Error()) {
			t.Errorf("%s: %v", r.out.Arch, err)
		}
	}
}
