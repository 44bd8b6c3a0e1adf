package scenarios

import (
	"errors"
	"strings"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
	"parallax/scenarios/source"
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
	if job.Name != "umts-5s" || job.Source.File != "jobs/events.csv.gz" || job.Source.PartitionBy[0] != "session" ||
		job.Source.EventTime != (source.TimeField{Field: "event_time_ms", Unit: "ms"}) {
		t.Errorf("job = %+v", job)
	}
	want := flow.Pipeline{Watermark: watermark.Spec{Bounded: 1e6}, PartitionBy: []string{"session"}}
	if p := job.Pipeline; p.Watermark != want.Watermark || p.Late != want.Late || len(p.Steps) != 4 ||
		p.Steps[0].Filter.String() != "content_length > 0" || *p.Steps[2].Window != window.Tumble(5e6, 0) ||
		p.Steps[3].Aggregates[1].Name != "bytes" {
		t.Errorf("pipeline = %+v", p)
	}
}

// TestVectorOverride: what overrides of every depth do.
func TestVectorOverride(t *testing.T) {
	for _, c := range []struct {
		set  string
		good func(*Job) bool
	}{
		{"watermark.bounded=5s", func(j *Job) bool { return j.Pipeline.Watermark.Bounded == 5e6 }},
		{"watermark={monotonic: true}", func(j *Job) bool { return j.Pipeline.Watermark.Kind == watermark.Monotonic }},
		{"watermark.across=own", func(j *Job) bool { return j.Pipeline.Watermark.Across == watermark.Own }},
		{"late.allowed=1m", func(j *Job) bool { return j.Pipeline.Late.Allowed == 60e6 }},
		{"late.rule=operator", func(j *Job) bool { return j.Pipeline.Late.Rule == flow.Operator }},
		{"late.per=element", func(j *Job) bool { return j.Pipeline.Late.PerElement }},
		{"late.per=window", func(j *Job) bool { return !j.Pipeline.Late.PerElement }},
		{"profile=spark", func(j *Job) bool {
			return j.Pipeline.Watermark == watermark.Spec{Bounded: 1e6} && j.Pipeline.Late.Rule == flow.Log
		}},
		{"name=a b", func(j *Job) bool { return j.Name == "a b" }},
		{"name=", func(j *Job) bool { return j.Name == "" }},
		{"source.file=/data/x.csv", func(j *Job) bool { return j.Source.File == "/data/x.csv" }},
		{"source.file=x.csv", func(j *Job) bool { return j.Source.File == "jobs/x.csv" }},
		{"source.on_error=skip", func(j *Job) bool { return j.Source.SkipBad }},
		{"source.columns.price=decimal(12,3)", func(j *Job) bool { return j.Source.Columns[0].Type.Scale == 3 }},
		{"pipeline.2.window.tumble=1s", func(j *Job) bool { return j.Pipeline.Steps[2].Window.Size == 1e6 }},
		{"pipeline.2.window={hop: 10s, every: 2s, offset: -1s}", func(j *Job) bool { return *j.Pipeline.Steps[2].Window == window.Hop(10e6, 2e6, -1e6) }},
		{"pipeline.2.window={sliding: 10s}", func(j *Job) bool { return *j.Pipeline.Steps[2].Window == window.Slide(10e6, 1000) }},
		{"pipeline.2.window={count: 100}", func(j *Job) bool { return *j.Pipeline.Steps[2].Window == window.Count(100) }},
		{"pipeline.2.window={sliding: 10s, grain: 1s}", func(j *Job) bool { return *j.Pipeline.Steps[2].Window == window.Slide(10e6, 1e6) }},
		{"pipeline.2.window={session: 30m}", func(j *Job) bool { return *j.Pipeline.Steps[2].Window == window.Sessions(1800e6, window.Overlapping) }},
		{"pipeline.2.window={session: 30m, merge: touching}", func(j *Job) bool { return *j.Pipeline.Steps[2].Window == window.Sessions(1800e6, window.Touching) }},
		{"pipeline.1.key_by=[session]", func(j *Job) bool { return len(j.Pipeline.Steps[1].KeyBy) == 1 }},
		{"pipeline.1.key_by.1=network", func(j *Job) bool { return j.Pipeline.Steps[1].KeyBy[1] == "network" }},
		{"pipeline.3.aggregate.p99=quantile(content_length, 0.99)", func(j *Job) bool { return len(j.Pipeline.Steps[3].Aggregates) == 3 }},
	} {
		job, err := Parse("jobs/umts.yaml", []byte(clicks), []string{c.set})
		if err != nil || !c.good(job) {
			t.Errorf("--set %s: %v", c.set, err)
		}
	}
}

// TestVectorSparkProfile: what the profile says where the job does not, and what it
// leaves out where that does not go with what the job says.
func TestVectorSparkProfile(t *testing.T) {
	free := strings.Replace(clicks, "late: {rule: log, allowed: 0s}\n", "profile: spark\n", 1)
	for _, c := range []struct {
		set  string
		want watermark.Spec
	}{
		{"watermark.bounded=2s", watermark.Spec{Bounded: 2e6, Across: watermark.Max, BatchEvery: 10e6}},
		{"watermark.batch={rows: 50}", watermark.Spec{Bounded: 1e6, Across: watermark.Max, BatchRows: 50}},
		{"watermark.across=min", watermark.Spec{Bounded: 1e6, BatchEvery: 10e6}},
		{"watermark.move=row", watermark.Spec{Bounded: 1e6, Across: watermark.Max}},
		{"watermark.across=own", watermark.Spec{Bounded: 1e6, Across: watermark.Own}},
		{"late.rule=log", watermark.Spec{Bounded: 1e6}},
		{"profile=flink", watermark.Spec{Bounded: 1e6}},
	} {
		job, err := Parse("jobs/umts.yaml", []byte(free), []string{c.set})
		if err != nil || job.Pipeline.Watermark != c.want {
			t.Errorf("--set %s: %+v, %v", c.set, job, err)
		}
	}
}

// TestVectorMistakes: what is said of mistakes, and where.
func TestVectorMistakes(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"bounded", "bonded", `8:13: unknown key "bonded"; the keys here are bounded, monotonic, punctuated, per_key, percentile, adaptive, completeness, across, move, batch, ahead_max; did you mean "bounded"?`},
		{"source:", "sorce:", `3:1: unknown key "sorce"; the keys here are parallax, name, doc, profile, source, watermark, late, batch, checkpoints, pipeline; did you mean "source"?`},
		{"content_length > 0", "content_length >", "11:29: expected a column, a constant or a call, found the end"},
		{"content_length > 0", `"content_length > 'x"`, "11:31: "},
		{"filter: content_length > 0", `filter: "'é' = )"`, "11:20: "},
		{"unit: ms", "unit: éééé", `5:44: "éééé" is not one of s, ms, us, ns`},
		{"1s", "1x", `8:22: not a duration: "1x": unknown unit "x": ns, us, ms, s, m, h or d`},
		{"1s", "-1s", "8:12: a length of time is negative"},
		{"tumble: 5s", "hop: 5s", "13:13: a window is {tumble: 5s} or {hop: 10s, every: 2s}, perhaps with offset, {session: 30m}, {sliding: 10s}, {count: 100}, {calendar: day, zone: Europe/Berlin} or {global: true}"},
		{"tumble: 5s", "sliding: 5s, every: 1s", "13:13: sliding windows are {sliding: 10s}, perhaps with grain: 1s, and nothing else"},
		{"tumble: 5s", "tumble: 5s, grain: 1s", "13:13: sliding windows are {sliding: 10s}, perhaps with grain: 1s, and nothing else"},
		{"tumble: 5s", "sliding: 5s, grain: 2s", "13:13: the difference of sliding windows must be a multiple of their grain, which is positive, and not be negative"},
		{"tumble: 5s", "count: 5, offset: 1s", "13:13: count windows are {count: 100} and nothing else"},
		{"tumble: 5s", "count: 0", "13:21: a count window holds at least 1 row"},
		{"tumble: 5s", "count: 5s", `13:21: "5s" is not an integer`},
		{"tumble: 5s", "session: 5s, offset: 1s", "13:13: sessions are {session: 30m}, perhaps with merge: touching, and nothing else"},
		{"tumble: 5s", "tumble: 5s, merge: touching", "13:13: sessions are {session: 30m}, perhaps with merge: touching, and nothing else"},
		{"tumble: 5s", "session: 5s, merge: overlap", `13:34: "overlap" is not one of overlapping, touching; did you mean "overlapping"?`},
		{"tumble: 5s", "session: 0s", "13:13: the gap of sessions must be positive"},
		{"tumble: 5s", "tumble: 0s", "13:13: size must be positive"},
		{"rule: log", "rule: lug", `9:14: "lug" is not one of log, operator; did you mean "log"?`},
		{"name: umts-5s", "name: yes", `2:7: yes is a truth value to some readers of YAML; write "yes" in quotes, or true or false`},
		{"name: umts-5s", "on: x", `2:1: on is a truth value to some readers of YAML; write "on" in quotes, or true or false`},
		{"name: umts-5s", "name: 0755", `2:7: 0755 is a number of base 8 to some readers of YAML; write "0755" in quotes`},
		{"name: umts-5s", "name: 2024-01-02", `2:7: 2024-01-02 is a date to some readers of YAML; write "2024-01-02" in quotes`},
		{"name: umts-5s", "name: &a x", "2:7: anchors, aliases and merge keys are not used here; write the value out"},
		{"name: umts-5s", "name: !!str x", "2:7: tags are not used here"},
		{"name: umts-5s", "name: a\nname: b", "3:1: "},
		{"name: umts-5s", "name: [a]", "2:7: a list stands where a text was expected"},
		{"name: umts-5s\n", "", `1:1: the key "name" is missing`},
		{"allowed: 0s", "allowed: 0:00:10", `9:28: 0:00:10 is a number of base 60 to some readers of YAML; write "0:00:10" in quotes, or a duration such as 3s`},
		{"[session]", "[session", "8:1: not YAML: "},
		{"sum(content_length)", "quantile(content_length, 0.5)", `14:64: nothing stands where the text for "0.5)" was expected; inside { } a comma ends a value, so a text with a comma needs quotes`},
		{"sum(content_length)", `"smu(content_length)"`, `14:40: unknown aggregate function "smu"`},
		{"job/v1", "job/v2", `1:11: format "job/v2" is not known; this program reads job/v1`},
		{"parallax: job/v1\n", "", "1:1: no parallax: job/v1; is this a job file?"},
		{"unit: ms", "unit: minutes", `5:44: "minutes" is not one of s, ms, us, ns`},
		{"unit: ms}", "unit: ms, layout: x}", "5:23: unit and layout exclude each other"},
		{"unit: ms}", `layout: "15:04", zone: Nowhere/City}`, `5:23: zone "Nowhere/City" is not known`},
		{"partition_by: [session]", "partitions: 0", "7:15: partitions must be at least 1"},
		{"partition_by: [session]", "columns: {a: int}", `7:16: "int" is not a type: bool, int64, float64, decimal(p,s), string, timestamp; did you mean "int64"?`},
		{"  - key_by: [session, device_id]\n", "  - {key_by: [session], filter: x}\n", "12:5: a step holds exactly one of filter, project, key_by, window, trigger, aggregate; this one has 2 keys"},
		{"  - key_by: [session, device_id]\n", "  - key_by:\n", "12:5: a value is missing"},
	} {
		text := strings.Replace(clicks, c.from, c.to, 1)
		_, err := Parse("job.yaml", []byte(text), nil)
		var bad *Error
		if !errors.As(err, &bad) {
			t.Errorf("%q for %q: %v", c.to, c.from, err)
			continue
		}
		got := strings.TrimPrefix(err.Error(), "job.yaml:")
		if got != c.want && (!strings.HasSuffix(c.want, ": ") && !strings.Contains(c.want, "unknown aggregate") || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%q for %q:\n%s\nwant\n%s\n%s", c.to, c.from, got, c.want, bad.Excerpt())
		}
	}
}

// FuzzJob: no text makes the loader panic, and what it takes it takes again after
// any override.
func FuzzJob(f *testing.F) {
	f.Add(clicks, "watermark.bounded=5s")
	f.Add("parallax: job/v1\nname: {", "a.b.c=[1, {x: y}]")
	f.Add("- a\n- b: &c [*c]\n", "=")
	f.Add("parallax: job/v1\npipeline:\n  - window: {tumble: 1s}\n  - aggregate: {a: \"sum(\"}", "pipeline.0=x")
	f.Fuzz(func(t *testing.T, text, set string) {
		for _, sets := range [][]string{nil, {set}} {
			job, err := Parse("fuzz.yaml", []byte(text), sets)
			var bad *Error
			switch {
			case err == nil && job == nil:
				t.Fatal("neither a job nor an error")
			case err != nil && !errors.As(err, &bad):
				t.Fatalf("error %v of type %T", err, err)
			case err != nil:
				bad.Excerpt()
			}
		}
	})
}
