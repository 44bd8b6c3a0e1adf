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

// TestVectorAlignedPartitions: devices' networks are partitions that are aligned, with
// and without idleness: both paths answer alike, byte for byte.
func TestVectorAlignedPartitions(t *testing.T) {
	dropped := map[string]int64{}
	for _, sets := range []string{"source.idle={after: 10s}", "source.idle={after: 10s} source.align={drift: 1s}", "source.align={drift: 5s}"} {
		var answers []string
		for _, path := range bothPaths {
			all := append([]string{"source.file=small/events.csv", "source.partition_by=network", "late.rule=operator"}, strings.Split(sets, " source")...)
			for i := 4; i < len(all); i++ {
				all[i] = "source" + all[i]
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
}

// TestVectorAlignMistakes: where alignment has no meaning, the job says why.
func TestVectorAlignMistakes(t *testing.T) {
	text := strings.Replace(clicks, "  partition_by: [session]\n", "  partition_by: [session]\n  align: {drift: 10s}\n", 1)
	if job, err := Parse("job.yaml", []byte(text), []string{"late.rule=operator"}); err != nil || job.Pipeline.AlignDrift != 10e6 {
		t.Error(err)
	}
	for set, want := range map[string]string{
		"late.rule=log": "job.yaml:8:10: by the rule log it does not matter which partition is read first",
		"late={rule: operator} watermark.across=own": "job.yaml:8:10: across: own has no least watermark",
		"source.align={drift: 0s}":                   "align.drift must be more than 0",
		"source.align={}":                            "drift",
	} {
		_, err := Parse("job.yaml", []byte(text), strings.Split(strings.Replace(set, " watermark", "|watermark", 1), "|"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", set, err)
		}
	}
}
