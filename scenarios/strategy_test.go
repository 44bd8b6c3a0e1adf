package scenarios

import (
	"encoding/json"
	"strings"
	"testing"

	"parallax/engine/flow/watermark"
)

// TestVectorStrategyKeys: what a job says of its strategy, and what is wrong with it.
func TestVectorStrategyKeys(t *testing.T) {
	for _, c := range []struct {
		set, want string
		good      func(watermark.Spec) bool
	}{
		{set: "{percentile: 0.995}", good: func(w watermark.Spec) bool {
			return w.Kind == watermark.Percentile && w.Millionths == 995_000 && w.Bounded == 0
		}},
		{set: "{percentile: 1, bounded: 2s}", good: func(w watermark.Spec) bool { return w.Millionths == 1_000_000 && w.Bounded == 2e6 }},
		{set: "{punctuated: \"network = 'end'\", across: own}", good: func(w watermark.Spec) bool {
			return w.Kind == watermark.Punctuated && w.Across == watermark.Own
		}},
		{set: "{per_key: device_id, bounded: 1m}", good: func(w watermark.Spec) bool { return w.Kind == watermark.PerKey && w.Bounded == 60e6 }},
		{set: "{adaptive: 0.95, bounded: 1s}", good: func(w watermark.Spec) bool {
			return w.Kind == watermark.Adaptive && w.Millionths == 950_000 && w.Bounded == 1e6
		}},
		{set: "{adaptive: 0.95, percentile: 0.95}", want: "exclude each other"},
		{set: "{completeness: 0.9}", want: "use late: {rule: operator} and across: min"},
		{set: "{completeness: 0.9, percentile: 0.5}", want: "exclude each other"},
		{set: "{per_key: device_id}", want: "per_key needs bounded"},
		{set: "{per_key: device_id, bounded: 1s, percentile: 1}", want: "exclude each other"},
		{set: "{percentile: 0}", want: "is not more than 0 and at most 1"},
		{set: "{percentile: 95%}", want: "a number such as 0.99"},
		{set: "{percentile: [0.9]}", want: "a list stands where a share such as 0.99 was expected"},
		{set: "{percentile: 0.9, monotonic: true}", want: "exclude each other"},
		{set: "{percentile: 0.9, punctuated: x}", want: "exclude each other"},
		{set: "{bounded: 1s, across: max, move: batch}", good: func(w watermark.Spec) bool {
			return w.Across == watermark.Max && w.BatchEvery == 10e6 && w.BatchRows == 0
		}},
		{set: "{move: batch, batch: {rows: 7}}", good: func(w watermark.Spec) bool { return w.BatchRows == 7 && w.BatchEvery == 0 }},
		{set: "{move: batch, batch: {every: 2s}}", good: func(w watermark.Spec) bool { return w.BatchRows == 0 && w.BatchEvery == 2e6 }},
		{set: "{move: row, batch: {every: 2s}}", good: func(w watermark.Spec) bool { return !w.InBatches() }},
		{set: "{batch: {rows: 7}}", good: func(w watermark.Spec) bool { return !w.InBatches() }},
		{set: "{batch: {rows: 7, every: 2s}}", want: "a micro-batch is {rows: 1000} or {every: 10s}"},
		{set: "{batch: {rows: 0}}", want: "and not of nothing"},
		{set: "{batch: {every: 0s}}", want: "and not of nothing"},
		{set: "{batch: {}}", want: "a micro-batch is"},
		{set: "{move: window}", want: "row, batch"},
		{set: "{punctuated: x >}", want: "expected a column, a constant or a call"},
	} {
		sets := []string{"watermark=" + c.set}
		if strings.Contains(c.set, "move: batch") {
			sets = append(sets, "late.rule=operator")
		}
		job, err := Parse("job.yaml", []byte(clicks), sets)
		switch {
		case c.good != nil && (err != nil || !c.good(job.Pipeline.Watermark)):
			t.Errorf("%s: %v", c.set, err)
		case c.good == nil && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", c.set, err, c.want)
		}
	}
	var schema map[string]any
	if err := json.Unmarshal(JSONSchema(), &schema); err != nil || !strings.Contains(string(JSONSchema()), "exclusiveMinimum") {
		t.Errorf("schema: %v", err)
	}
}

// TestVectorStrategiesOverData: a watermark that follows the disorder of the rows
// drops fewer of them the greater its share is; the expression's columns are looked
// up in the file; a run as a cluster refuses both.
func TestVectorStrategiesOverData(t *testing.T) {
	const file = "data/iot_watermark_drops_1s.yaml"
	last := int64(1 << 60)
	for _, strategy := range []string{"{percentile: 0.5}", "{percentile: 0.9}", "{percentile: 0.99}", "{percentile: 0.99, bounded: 6s}"} {
		dropped := runFile(t, file, Kappa, "source.file=small/events.csv", "watermark="+strategy).Summary.PairsDropped
		if t.Logf("%s: %d pairs dropped", strategy, dropped); dropped >= last {
			t.Errorf("%s drops %d pairs, a smaller share %d", strategy, dropped, last)
		}
		last = dropped
	}
	if last != 0 {
		t.Errorf("%d pairs are later than 6s", last)
	}
	for _, path := range bothPaths {
		r := runFile(t, file, path, "source.file=small/events.csv", "watermark={punctuated: message_id % 100 = 0}")
		if r.Summary.PairsDropped == 0 || r.Summary.PairsDropped > 60 {
			t.Errorf("%s: %d pairs dropped by 12 marks", path, r.Summary.PairsDropped)
		}
	}
	for _, rule := range []string{"log", "operator"} {
		var answers []string
		for _, path := range bothPaths {
			r := runFile(t, file, path, "source.file=small/events.csv", "late.rule="+rule, "source.partition_by=network", "watermark={adaptive: 0.9}")
			if answers = append(answers, answerBytes(t, r)); r.Summary.PairsDropped == 0 {
				t.Errorf("%s: nothing is dropped", path)
			}
		}
		if answers[0] != answers[1] {
			t.Errorf("adaptive, by the rule %s: %s", rule, firstDifference([]byte(answers[0]), []byte(answers[1])))
		}
	}
	whole := runFile(t, file, Kappa, "source.file=small/events.csv", "watermark={bounded: 1s}").Summary.PairsDropped
	keyed := runFile(t, file, Kappa, "source.file=small/events.csv", "watermark={per_key: device_id, bounded: 1s}").Summary.PairsDropped
	if t.Logf("bounded by 1s: %d pairs dropped; waiting for devices no longer than that: %d", whole, keyed); keyed < whole {
		t.Error("waiting for keys no longer than the bound drops less than waiting as long always")
	}
	for _, path := range bothPaths {
		r := runFile(t, file, path, "source.file=small/events.csv", "late.rule=operator", "source.partition_by=network", "watermark={completeness: 0.95}")
		if share := r.Summary.RowsBehindWatermark * 100 / r.Summary.Rows; share < 2 || share > 8 {
			t.Errorf("%s: %d %% of the rows are late, 5 may be", path, share)
		}
	}
	job, err := Load(file, []string{"source.file=small/events.csv", "watermark={punctuated: mesage_id = 1}"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Run(job, Options{}); err == nil || !strings.Contains(err.Error(), `unknown column "mesage_id"`) {
		t.Errorf("unknown column: %v", err)
	}
}

// TestVectorStrategiesRefused: a run as a cluster refuses what does not follow from the
// log, and says where it stands and what to do.
func TestVectorStrategiesRefused(t *testing.T) {
	const file = "data/iot_watermark_drops_1s.yaml"
	for _, c := range []struct{ set, rule, want string }{
		{"{percentile: 0.9}", "log", "leave idle out, or use bounded or monotonic"},
		{"{per_key: device_id, bounded: 1s}", "log", "which is more than per_key promises"},
		{"{completeness: 0.95}", "operator", "does not know this strategy"},
	} {
		job, err := Load(file, []string{
			"watermark=" + c.set, "late.rule=" + c.rule, "source.file=small/events.csv", "source.idle.after=10s", "source.partition_by=network",
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := RunCluster(job, ClusterOptions{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.set, err)
		}
	}
}
