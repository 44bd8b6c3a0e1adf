package scenarios

import (
	"errors"
	"strings"
	"testing"
)

const clicks = `parallax: job/v1
name: umts-5s
source:
  file: events.csv.gz            # relative to this file; csv, jsonl or parquet, also gzipped
  event_time: {field: event_time_ms, unit: ms}
  arrival_time: {field: arrival_time_ms, unit: ms}
  partition_by: [session]
watermark: {bounded: 1s}
late: {rule: log, allowed: 0s}
pipeline:
  - filter: content_length > 0
  - key_by: [session, device_id]
  - window: {tumble: 5s}
  - aggregate: {rows: count(), bytes: sum(content_length)}
`

func TestVectorJob(t *testing.T) {
	job, err := Parse("jobs/umts.yaml", []byte(clicks), nil)
	if err != nil {
		t.Fatal(err)
	}
	if job.Name != "umts-5s" || job.Source.File != "jobs/events.csv.gz" || job.Source.PartitionBy[0] != "session" {
		t.Errorf("job = %+v", job)
	}
	t.Log(job.Pipeline)
}

func TestTmp(t *testing.T) {
	for _, c := range [][2]string{
		{"bounded", "bonded"},
		{"content_length > 0", "content_length >"},
		{"1s", "1x"},
		{"tumble: 5s", "hop: 5s"},
		{"rule: log", "rule: lug"},
		{"name: umts-5s", "name: yes"},
		{"allowed: 0s", "allowed: 0:00:10"},
		{"[session]", "[session"},
		{"sum(content_length)", "quantile(content_length, 0.5)"},
		{"sum(content_length)", "\"sum(content_length, )\""},
		{"job/v1", "job/v2"},
		{"name: umts-5s", ""},
		{"source:", "sorce:"},
		{"unit: ms", "unit: minutes"},
	} {
		_, err := Parse("job.yaml", []byte(strings.Replace(clicks, c[0], c[1], 1)), nil)
		var e *Error
		if errors.As(err, &e) {
			t.Log(e.Error() + "\n" + e.Excerpt())
		} else {
			t.Log("?", err)
		}
	}
	for _, s := range []string{"watermark.bounded=5x", "late.allowed=1m", "pipeline.2.window.tumble=1s", "pipeline.9.x=1", "a", "watermark.bunded=3s", "pipeline.1.key_by=[a", "pipeline.1.key_by=[a]", "name="} {
		_, err := Parse("job.yaml", []byte(clicks), []string{s})
		var e *Error
		if errors.As(err, &e) {
			t.Log(e.Error() + "\n" + e.Excerpt())
		} else {
			t.Log("?", err)
		}
	}
}
