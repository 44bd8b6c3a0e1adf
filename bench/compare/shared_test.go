package compare

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"parallax/bench/measure"
	"parallax/scenarios"
)

// TestOracleSharedData: runs over recorded data lose the rows of the recorded tables of
// what each bound drops, partition by partition, and the truth that they are held
// against has, at each lag, the rows of the recorded tables of completeness.
func TestOracleSharedData(t *testing.T) {
	dir := "../../../shared/data/"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("skipped: the recorded data is not beside the repository (../shared/data)")
	}
	for _, c := range []struct {
		job, drops, lags string
		horizon          int64 // µs: windows that end later before the last arrival do not count
	}{
		{"iot_watermark_drops_1s", "iot_umts_disorder/expected/watermark_drops_1s.csv", "iot_umts_disorder/expected/completeness_1s_by_lag.csv", 0},
		{"flights_watermark_drops_1h", "nyc_flights_weather/expected/watermark_drops_1h.csv", "nyc_flights_weather/expected/completeness_1h_by_lag.csv", 0},
		{"dpdk_watermark_drops_7d", "dpdk_patch_lateness/expected/watermark_drops_7d.csv", "dpdk_patch_lateness/expected/completeness_7d_by_lag.csv", 365 * 86400e6},
	} {
		t.Run(c.job, func(t *testing.T) {
			job, err := scenarios.Load("../../scenarios/data/"+c.job+".yaml", nil)
			if err != nil {
				t.Fatal(err)
			}
			s := shared{t: t, job: job}
			drops := s.table(filepath.Join(dir, c.drops))
			o := Options{Architectures: []string{"kappa"}, Faults: []bool{false}, Seeds: 1}
			for _, row := range drops {
				o.Delays = append(o.Delays, 1000*row.number("bound_ms"))
			}
			slices.Sort(o.Delays)
			o.Delays = slices.Compact(o.Delays)
			p, err := NewPlan(job, o)
			if err != nil {
				t.Fatal(err)
			}
			r, err := p.Run()
			if err != nil {
				t.Fatal(err)
			}
			if s.in = p.Input; !r.Sound() {
				t.Error("the answers are not the oracle's")
			}
			for _, row := range drops {
				s.dropped(r, row)
			}
			lags := s.table(filepath.Join(dir, c.lags))
			for _, row := range lags {
				s.arrived(row, c.horizon)
			}
			t.Logf("%d lines of drops, %d of lags", len(drops), len(lags))
		})
	}
}

// shared is a job and the recorded tables about it.
type shared struct {
	t   *testing.T
	job *scenarios.Job
	in  *Input
}

// record is a line of a table.
type record struct {
	t     *testing.T
	names []string
	cells []string
}

func (r record) text(name string) string {
	if i := slices.Index(r.names, name); i >= 0 {
		return r.cells[i]
	}
	return ""
}

func (r record) number(name string) int64 {
	v, err := strconv.ParseInt(r.text(name), 10, 64)
	if err != nil {
		r.t.Fatalf("%s: %v in %v", name, err, r.cells)
	}
	return v
}

func (s *shared) table(file string) (out []record) {
	f, err := os.Open(file)
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, row := range rows[1:] {
		out = append(out, record{s.t, rows[0], row})
	}
	return out
}

// ours tells whether a row of the data is of a record's partition.
func (s *shared) ours(r *row, of record) bool {
	session := of.text("session")
	return session == "" || s.in.truth.names[r.windows] == session
}

// dropped compares a line with the run that has its bound.
func (s *shared) dropped(r *Report, want record) {
	i := slices.IndexFunc(r.Lines, func(l Line) bool { return l.Delay == 1000*want.number("bound_ms") })
	rows, lost := int64(0), int64(0)
	incomplete := map[int32]bool{}
	for k, seen := range r.Lines[i].Trial.Rows {
		row := &s.in.rows[k]
		if !s.ours(row, want) {
			continue
		}
		if rows++; seen.Seen == measure.Never {
			lost++
			incomplete[row.windows] = true
		}
	}
	if rows != want.number("rows") || lost != want.number("rows_dropped") || int64(len(incomplete)) != want.number("windows_incomplete") {
		s.t.Errorf("%d rows, %d lost, %d windows incomplete; want %v", rows, lost, len(incomplete), want.cells)
	}
}

// arrived compares a line with the rows that have arrived so long behind the ends of
// windows.
func (s *shared) arrived(want record, horizon int64) {
	last := int64(0)
	for i := range s.in.rows {
		last = max(last, s.in.rows[i].arrival)
	}
	lag := 1000 * want.number("lag_ms")
	var windows, complete, rows, arrived int64
	for w := range s.in.truth.windows {
		h := &s.in.truth.windows[w]
		if !s.ours(&s.in.rows[s.in.perWindow[w][0]], want) || horizon > 0 && h.End > last-horizon {
			continue
		}
		n := int64(0)
		for _, i := range s.in.perWindow[w] {
			if s.in.rows[i].arrival <= h.End+lag {
				n++
			}
		}
		windows, rows, arrived = windows+1, rows+h.Rows, arrived+n
		if n == h.Rows {
			complete++
		}
	}
	if windows != want.number("windows") || complete != want.number("windows_complete") || rows != want.number("rows") || arrived != want.number("rows_arrived") {
		s.t.Errorf("%d windows, %d complete, %d rows, %d arrived; want %v", windows, complete, rows, arrived, want.cells)
	}
}
