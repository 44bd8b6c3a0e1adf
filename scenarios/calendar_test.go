package scenarios

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parallax/engine/flow/zone"
)

const civilJob = `parallax: job/v1
name: civil
source: {file: rows.csv, event_time: {field: at, layout: '2006-01-02 15:04:05', zone: Europe/Berlin}}
late: {allowed: 1h}
pipeline:
  - window: WINDOW
  - aggregate: {rows: count()}
`

func parseCivil(dir, w string) (*Job, error) {
	return Parse(filepath.Join(dir, "job.yaml"), []byte(strings.Replace(civilJob, "WINDOW", w, 1)), nil)
}

// TestVectorCalendarJob: days of 23, 24 and 25 hours, weeks, months and the global
// window, by both paths, from times that are written in the zone; and the summary
// says which release of the zones that was.
func TestVectorCalendarJob(t *testing.T) {
	dir := t.TempDir()
	rows := "at\n2024-03-30 23:30:00\n2024-03-31 00:00:00\n2024-03-31 23:59:59\n2024-04-01 00:00:00\n2024-10-27 12:00:00\n"
	if err := os.WriteFile(filepath.Join(dir, "rows.csv"), []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	const ms = 1000
	day := func(start, hours, rows int64) [3]int64 { return [3]int64{start * ms, (start + hours*3600) * ms, rows} }
	for w, want := range map[string][][3]int64{
		"{calendar: day, zone: Europe/Berlin}":       {day(1711753200, 24, 1), day(1711839600, 23, 2), day(1711922400, 24, 1), day(1729980000, 25, 1)},
		"{calendar: day}":                            {day(1711756800, 24, 2), day(1711843200, 24, 2), day(1729987200, 24, 1)},
		"{calendar: week, zone: Europe/Berlin}":      {day(1711321200, 7*24-1, 3), day(1711922400, 7*24, 1), day(1729461600, 7*24+1, 1)},
		"{calendar: week, zone: UTC, start: sunday}": {day(1711238400, 7*24, 2), day(1711843200, 7*24, 2), day(1729987200, 7*24, 1)},
		"{calendar: month, zone: Europe/Berlin}":     {day(1709247600, 743, 3), day(1711922400, 720, 1), day(1727733600, 745, 1)},
		"{global: true}":                             {{-4611686018427387, 4611686018427387, 5}},
	} {
		job, err := parseCivil(dir, w)
		if err != nil {
			t.Fatal(w, err)
		}
		for _, path := range []string{Kappa, Oracle} {
			out, err := Run(job, Options{Path: path})
			if err != nil {
				t.Fatal(w, path, err)
			}
			var got [][3]int64
			for i := range out.Table.Rows {
				got = append(got, [3]int64{out.Table.Columns[0].Ints[i], out.Table.Columns[1].Ints[i], out.Table.Columns[2].Ints[i]})
			}
			if len(got) != len(want) {
				t.Fatalf("%s by %s: %v, want %v", w, path, got, want)
			}
			for i := range got {
				if got[i] != want[i] {
					t.Errorf("%s by %s: %v, want %v", w, path, got[i], want[i])
				}
			}
			if out.Summary.Zones != zone.Version() || out.Summary.Windows != int64(len(want)) {
				t.Errorf("%s by %s: %+v", w, path, out.Summary)
			}
		}
		if again, err := parseCivil(dir, "{"+windowOf(job)+"}"); err != nil || windowOf(again) != windowOf(job) {
			t.Errorf("%s is printed as %s: %v", w, windowOf(job), err)
		}
	}
}

// TestDifferentialClusterTiled: days in New York and the global window come out of a
// cluster under faults as they do without one.
func TestDifferentialClusterTiled(t *testing.T) {
	for seed, w := range []string{"{calendar: day, zone: America/New_York}", "{global: true}"} {
		const file = "data/flights_departures_1h_by_origin.yaml"
		sets := []string{"source.file=small/departures.csv", "pipeline.1.window=" + w}
		want := runFile(t, file, Oracle, sets...).Table.csv(t)
		sameRun(t, file, uint64(seed+1), want, sets...)
	}
}

// windowOf is a job's window as its pipeline prints it.
func windowOf(j *Job) string {
	_, rest, _ := strings.Cut(j.Pipeline.String(), "window: {")
	text, _, _ := strings.Cut(rest, "}")
	return text
}

func TestVectorCalendarMistakes(t *testing.T) {
	for w, want := range map[string]string{
		"{calendar: day, zone: Europe/Berln}": `job.yaml:6:35: unknown time zone "Europe/Berln"; zones are those of the IANA table ` + zone.Version(),
		"{calendar: year}":                    `"year" is not one of day, week, month`,
		"{calendar: day, start: sunday}":      `start is the day on which weeks begin: days have none`,
		"{calendar: week, start: funday}":     `"funday" is not one of monday`,
		"{calendar: day, offset: 1h}":         `a calendar's windows are {calendar: day, zone: Europe/Berlin}`,
		"{tumble: 5s, zone: Europe/Berlin}":   `zone belongs to a calendar`,
		"{hop: 5s, every: 1s, start: monday}": `start belongs to a calendar`,
		"{global: true, tumble: 5s}":          `the global window is {global: true} and nothing else`,
		"{global: false}":                     `global: false says nothing`,
		"{}":                                  `or {global: true}`,
	} {
		_, err := parseCivil("", w)
		var bad *Error
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s", w, err, want)
		}
		if strings.Contains(w, "Berln") && bad != nil && bad.Nearest != "Europe/Berlin" {
			t.Errorf("did you mean %q", bad.Nearest)
		}
	}
}
