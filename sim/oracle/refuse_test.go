package oracle

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"parallax/engine/flow/watermark"
)

// failing are markers that have no value for some rows.
var failing = map[watermark.Kind]string{watermark.Punctuated: "100 % j < 60", watermark.PerKey: "7 % j"}

// TestDifferentialRefusedMarkers: rows for which the watermark's marker has no value are
// refused, and nothing else changes, in whatever batches they come.
func TestDifferentialRefusedMarkers(t *testing.T) {
	compared, refused := 0, 0
	for seed := 1; seed <= 600; seed++ {
		r := trials.Example(seed)
		marker, ok := failing[r.trial.pipeline.Watermark.Kind]
		if !ok {
			continue
		}
		r.trial.pipeline.Marker, r.trial.input.Refuse, r.t = parse(marker), true, t
		want, err := expected(r.trial.pipeline, r.trial.input)
		if err != nil {
			t.Fatalf("seed %d: %s, but with marker %s: oracle: %v", seed, r.trial.src, marker, err)
		}
		got := r.run()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d: %s, but with marker %s\n- oracle, + operators:\n%s", seed, r.trial.src, marker, diff)
		}
		if got.Failed {
			continue
		}
		answer, err := Answer(r.trial.pipeline, r.trial.input)
		if err != nil || answer.All.RowsRefused != int64(r.refused) {
			t.Fatalf("seed %d: %s, but with marker %s: %d rows refused, oracle %d, %v", seed, r.trial.src, marker, r.refused,
				answer.All.RowsRefused, err)
		}
		if compared++; r.refused > 0 {
			refused++
		}
	}
	t.Logf("%d answers compared, %d with rows refused", compared, refused)
	if refused < 50 {
		t.Errorf("only %d of %d runs refused a row: inconclusive", refused, compared)
	}
}
