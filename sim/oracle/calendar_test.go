package oracle

import (
	"math/rand/v2"
	"testing"
	"time"

	"parallax/engine/flow"
	"parallax/engine/flow/civil"
	"parallax/engine/flow/window"
)

// overChange is a log of some weeks around a moment, with rows exactly on hours.
func overChange(seed uint64, moment time.Time, partitions int) Input {
	const hour = 3_600_000_000
	rng := rand.New(rand.NewPCG(seed, 23))
	var rows []Row
	for i := range 300 {
		at := moment.UnixMicro() + int64(i-150)*3*hour
		r := click([]string{"a", "b", "c"}[rng.IntN(3)], at-rng.Int64N(30)*hour)
		if rng.IntN(3) == 0 {
			r.Time -= rng.Int64N(hour)
		}
		r.Append, r.Partition = at, int32(rng.IntN(partitions))
		rows = append(rows, r)
	}
	return log(partitions, rows...)
}

// TestDifferentialCalendar: days, weeks and months over changes of clocks, by the
// operators and from scratch. Were days always 24 hours long it would show.
func TestDifferentialCalendar(t *testing.T) {
	const hour = 3_600_000_000
	for seed, c := range []struct {
		unit         civil.Unit
		zone, moment string
	}{
		{civil.Day, "Europe/Berlin", "2024-10-27T01:00:00Z"},
		{civil.Day, "Australia/Sydney", "2024-10-05T16:00:00Z"},
		{civil.Day, "Australia/Lord_Howe", "2024-04-06T15:00:00Z"},
		{civil.Day, "Pacific/Apia", "2011-12-30T10:00:00Z"},
		{civil.Day, "America/Sao_Paulo", "2018-02-18T02:00:00Z"},
		{civil.Day, "America/St_Johns", "2006-10-29T02:31:00Z"},
		{civil.Day, "Pacific/Kwajalein", "1969-09-30T13:00:00Z"},
		{civil.Day, "America/New_York", "2196-11-06T06:00:00Z"},
		{civil.Week, "Europe/Berlin", "2024-03-31T01:00:00Z"},
		{civil.Week, "Pacific/Apia", "2011-12-30T10:00:00Z"},
		{civil.Month, "America/New_York", "2024-11-03T06:00:00Z"},
	} {
		calendar, err := civil.New(c.unit, c.zone, time.Monday)
		if err != nil {
			t.Fatal(err)
		}
		w := window.Spec{Kind: window.Calendar, Civil: calendar}
		moment, err := time.Parse(time.RFC3339, c.moment)
		if err != nil {
			t.Fatal(err)
		}
		p := counting(w, 12*hour, int64(seed%3)*20*hour)
		in := overChange(uint64(seed), moment, 1+seed%3)
		f := feed{lengths: []int{1 + seed, 3}, drains: []bool{true, false}, saves: []bool{false, true, false}, segments: []bool{false}}
		if diff := differ(t, runner{trial: trial{pipeline: p, input: in}, feed: f}); diff != "" {
			t.Fatalf("%v: - oracle, + operators:\n%s", c, diff)
		}
		if c.unit != civil.Day || c.zone == "Pacific/Apia" { // what it skipped was 24 hours long
			continue
		}
		start, _ := w.Slice(moment.UnixMicro() - 90*hour)
		plain := func(p *flow.Pipeline) *flow.Pipeline {
			q, day := *p, window.Tumble(24*hour, start)
			q.Steps = append(q.Steps[:1:1], flow.Step{Window: &day}, p.Steps[2])
			return &q
		}
		if caughtBy(runner{trial: trial{pipeline: p, input: in}, feed: f, tamper: plain}) == "" {
			t.Errorf("%v: days of 24 hours give the same answers", c)
		}
	}
}

// TestVectorS08GapsAreNoDrops: every > size by both paths. A row in a gap counts as a
// row, has no pair, and is not dropped however late it is.
func TestVectorS08GapsAreNoDrops(t *testing.T) {
	var rows []Row
	for _, at := range []int64{1, 2, 3, 5, 9, 10, 11, 100, 4} {
		rows = append(rows, click("a", at*1000))
	}
	in := log(1, rows...)
	p := counting(window.Hop(3000, 10_000, 0), 0, 0)
	r, err := Answer(p, in)
	if err != nil {
		t.Fatal(err)
	}
	c := r.All
	if len(r.Windows) != 3 || c.Rows != 9 || c.PairsOnTime != 5 || c.PairsDropped != 0 || c.RowsDropped != 0 || c.RowsBehindWatermark != 1 || c.Windows != 3 {
		t.Errorf("%+v: %+v", r.Windows, c)
	}
	for i, want := range []struct{ start, rows int64 }{{0, 2}, {10_000, 2}, {100_000, 1}} {
		if w := r.Windows[i]; w.Start != want.start || w.End != want.start+3000 || w.OnTimePairs != want.rows {
			t.Errorf("window %d: %+v", i, w)
		}
	}
	f := feed{lengths: []int{1, 2}, drains: []bool{true, false}, saves: []bool{true}, segments: []bool{false}}
	if diff := differ(t, runner{trial: trial{pipeline: p, input: in}, feed: f}); diff != "" {
		t.Errorf("- oracle, + operators:\n%s", diff)
	}
}
