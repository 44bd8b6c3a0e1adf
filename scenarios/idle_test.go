package scenarios

import (
	"strings"
	"testing"
)

// TestVectorIdlePartitions: the rows of the file come in three sessions, one after
// the other, each a partition. By the rule "operator" the two that are not there
// hold all windows, so that nothing is late; once a partition is idle when nothing
// came for 10 s, rows are late for it. Both paths say so, byte for byte.
func TestVectorIdlePartitions(t *testing.T) {
	dropped := map[string]int64{}
	for _, sets := range []string{"", "source.idle={after: 10s}", "source.idle={after: 1h}"} {
		var answers []string
		for _, path := range bothPaths {
			all := []string{"source.file=small/events.csv", "late.rule=operator"}
			if sets != "" {
				all = append(all, sets)
			}
			r := runFile(t, "data/iot_watermark_drops_1s.yaml", path, all...)
			answers = append(answers, answerBytes(t, r))
			dropped[sets] = r.Summary.PairsDropped
		}
		if answers[0] != answers[1] {
			t.Errorf("%q: %s", sets, firstDifference([]byte(answers[0]), []byte(answers[1])))
		}
	}
	t.Logf("pairs dropped: %v", dropped)
	if dropped[""] != 0 || dropped["source.idle={after: 1h}"] != 0 || dropped["source.idle={after: 10s}"] == 0 {
		t.Errorf("pairs dropped: %v; want some only with idle partitions", dropped)
	}
}

// TestVectorIdleMistakes: where an idle partition has no meaning, the job says why.
func TestVectorIdleMistakes(t *testing.T) {
	text := strings.Replace(clicks, "  partition_by: [session]\n", "  partition_by: [session]\n  idle: {after: 10s}\n", 1)
	if _, err := Parse("job.yaml", []byte(text), []string{"late.rule=operator"}); err != nil {
		t.Error(err)
	}
	_, err := Parse("job.yaml", []byte(text), []string{"late.rule=operator", "watermark.across=own"})
	if err == nil || !strings.HasPrefix(err.Error(), "job.yaml:8:9: across: own has no minimum") {
		t.Errorf("across own: %v", err)
	}
	if job, err := Parse("job.yaml", []byte(text), nil); err != nil || job.IdleAfter != 10e6 || job.Pipeline.IdleAfter != 0 {
		t.Errorf("by the rule log: %v", err)
	}
}
