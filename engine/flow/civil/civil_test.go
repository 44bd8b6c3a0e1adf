package civil

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parallax/engine/flow/zone"
)

func calendar(t testing.TB, unit Unit, name string, first time.Weekday) *Calendar {
	t.Helper()
	s, err := New(unit, name, first)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func utc(t testing.TB, text string) int64 {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04:05", text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixMicro()
}

// calendarVectors were computed by another program on another library (Python's
// zoneinfo), second by second: the first at which the date is reached.
var calendarVectors = []struct {
	what, zone string
	unit       Unit
	start, end string // UTC
	hours      float64
}{
	{"23 hours in the north", "Europe/Berlin", Day, "2024-03-30T23:00:00", "2024-03-31T22:00:00", 23},
	{"25 hours in the north", "Europe/Berlin", Day, "2024-10-26T22:00:00", "2024-10-27T23:00:00", 25},
	{"25 hours in the south", "Australia/Sydney", Day, "2024-04-06T13:00:00", "2024-04-07T14:00:00", 25},
	{"23 hours in the south", "Australia/Sydney", Day, "2024-10-05T14:00:00", "2024-10-06T13:00:00", 23},
	{"back by half an hour", "Australia/Lord_Howe", Day, "2024-04-06T13:00:00", "2024-04-07T13:30:00", 24.5},
	{"forth by half an hour", "Australia/Lord_Howe", Day, "2024-10-05T13:30:00", "2024-10-06T13:00:00", 23.5},
	{"before the date that was skipped", "Pacific/Apia", Day, "2011-12-29T10:00:00", "2011-12-30T10:00:00", 24},
	{"behind the date that was skipped", "Pacific/Apia", Day, "2011-12-30T10:00:00", "2011-12-31T10:00:00", 24},
	{"midnight was skipped", "America/Sao_Paulo", Day, "2018-11-04T03:00:00", "2018-11-05T02:00:00", 23},
	{"midnight came twice", "America/Sao_Paulo", Day, "2018-02-17T02:00:00", "2018-02-18T03:00:00", 25},
	{"the date that came back belongs to the next", "America/St_Johns", Day, "2006-10-29T02:30:00", "2006-10-30T03:30:00", 25},
	{"a date that was skipped long ago", "Asia/Manila", Day, "1844-12-30T15:56:08", "1844-12-31T15:56:08", 24},
	{"a date that came twice", "Pacific/Kwajalein", Day, "1969-09-29T13:00:00", "1969-10-01T12:00:00", 47},
	{"a quarter of an hour was lost", "Asia/Kathmandu", Day, "1985-12-30T18:30:00", "1985-12-31T18:30:00", 24},
	{"by the rule, not the table", "Europe/Berlin", Day, "9998-10-24T22:00:00", "9998-10-25T23:00:00", 25},
	{"by the rule, in the west", "America/New_York", Day, "2100-03-14T05:00:00", "2100-03-15T04:00:00", 23},
	{"winter is what clocks are put back to", "Europe/Dublin", Day, "2030-10-26T23:00:00", "2030-10-28T00:00:00", 25},
	{"the last day of a leap year", "Europe/Berlin", Day, "2024-12-30T23:00:00", "2024-12-31T23:00:00", 24},
	{"the first day behind a leap year", "America/New_York", Day, "2025-01-01T05:00:00", "2025-01-02T05:00:00", 24},
	{"a week over a change", "Europe/Berlin", Week, "2024-10-20T22:00:00", "2024-10-27T23:00:00", 169},
	{"a week of six days", "Pacific/Apia", Week, "2011-12-26T10:00:00", "2012-01-01T10:00:00", 144},
	{"a month over a change", "Europe/Berlin", Month, "2024-09-30T22:00:00", "2024-10-31T23:00:00", 745},
	{"March", "Europe/Berlin", Month, "2024-02-29T23:00:00", "2024-03-31T22:00:00", 743},
	{"a month of thirty days that has 31", "Pacific/Apia", Month, "2011-12-01T10:00:00", "2011-12-31T10:00:00", 720},
	{"a leap year's February", "UTC", Month, "2024-02-01T00:00:00", "2024-03-01T00:00:00", 29 * 24},
	{"no leap year", "UTC", Month, "1900-02-01T00:00:00", "1900-03-01T00:00:00", 28 * 24},
}

func TestVectorCalendar(t *testing.T) {
	for _, v := range calendarVectors {
		s := calendar(t, v.unit, v.zone, time.Monday)
		start, end := utc(t, v.start), utc(t, v.end)
		if h := float64(end-start) / 3_600_000_000; h != v.hours {
			t.Errorf("%s: the vector has %v hours", v.what, h)
		}
		for _, at := range []int64{start, start + (end-start)/2, end - 1} {
			if from, to, ok := s.Edges(at); from != start || to != end || !ok {
				t.Errorf("%s, at %d: [%s, %s)", v.what, at, time.UnixMicro(from).UTC(), time.UnixMicro(to).UTC())
			}
		}
	}
}

// TestVectorWeekStart: weeks may begin on any weekday.
func TestVectorWeekStart(t *testing.T) {
	at := utc(t, "2024-03-13T12:00:00") // a Wednesday
	for first, want := range map[time.Weekday]string{time.Monday: "11", time.Sunday: "10", time.Saturday: "09", time.Wednesday: "13", time.Thursday: "07"} {
		start, end, _ := calendar(t, Week, "UTC", first).Edges(at)
		if start != utc(t, "2024-03-"+want+"T00:00:00") || end-start != 7*24*3_600_000_000 {
			t.Errorf("weeks from %s: [%s, %s)", first, time.UnixMicro(start).UTC(), time.UnixMicro(end).UTC())
		}
	}
}

// scan finds the window of a time by looking at what clocks show, minute after
// minute and then second after second, from a month and more before it.
func scan(s *Calendar, at int64) (start, end int64) {
	place := s.place
	group := func(d time.Time) int { // of the date of a UTC midnight, rising
		switch s.Unit {
		case Week:
			return int(math.Floor(float64(d.Unix()/86400-int64(s.First-time.Thursday)) / 7))
		case Month:
			return d.Year()*12 + int(d.Month())
		}
		return int(d.Unix() / 86400)
	}
	shown := func(sec int64) int {
		y, m, d := time.Unix(sec, 0).In(place).Date()
		return group(time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
	}
	const minute = 60
	reached, sec := math.MinInt, at/1_000_000-40*86400
	begin := sec
	for ; ; sec += minute {
		g := shown(sec + minute)
		if g <= reached {
			continue
		}
		for fine := sec + 1; fine <= sec+minute; fine++ {
			if g := shown(fine); g > reached {
				if fine*1_000_000 > at {
					return begin * 1_000_000, fine * 1_000_000
				}
				reached, begin = g, fine
			}
		}
	}
}

// TestDifferentialCalendar compares with a scan of what clocks show, mostly near
// changes of clocks.
func TestDifferentialCalendar(t *testing.T) {
	names := zone.Names()
	rapid.Check(t, func(t *rapid.T) {
		unit := Unit(rapid.IntRange(1, 3).Draw(t, "unit"))
		first := time.Monday
		if unit == Week {
			first = time.Weekday(rapid.IntRange(0, 6).Draw(t, "first"))
		}
		s, err := New(unit, rapid.SampledFrom(names).Draw(t, "zone"), first)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, "time"), 0)
		if _, change := at.In(s.place).ZoneBounds(); !change.IsZero() {
			at = change.Add(time.Duration(rapid.Int64Range(-40, 40).Draw(t, "hours")) * time.Hour)
		}
		got, end, _ := s.Edges(at.UnixMicro())
		if start, stop := scan(s, at.UnixMicro()); got != start || end != stop {
			t.Fatalf("%v at %d: [%d, %d), clocks say [%d, %d)", s, at.UnixMicro(), got, end, start, stop)
		}
	})
}

// TestLawCalendarTiles: windows tile time, and far ahead of the last change that a
// zone knows of they come again every 400 years.
func TestLawCalendarTiles(t *testing.T) {
	names := zone.Names()
	rapid.Check(t, func(t *rapid.T) {
		s, err := New(Unit(rapid.IntRange(1, 3).Draw(t, "unit")), rapid.SampledFrom(names).Draw(t, "zone"), time.Monday)
		if err != nil {
			t.Fatal(err)
		}
		yearEnd := time.Date(rapid.IntRange(1900, 2500).Draw(t, "year"), 12, 31, 0, 0, 0, 0, time.UTC).UnixMicro()
		at := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-8e15, 8e15), rapid.Int64Range(yearEnd, yearEnd+2*daySeconds*second)).Draw(t, "time")
		start, end, exists := s.Edges(at)
		if exists != (start != math.MinInt64 && end != math.MaxInt64) {
			t.Fatalf("%v: [%d, %d) of %d: %v", s, start, end, at, exists)
		}
		if start > at || end <= at && end != math.MaxInt64 {
			t.Fatalf("%v: [%d, %d) of %d", s, start, end, at)
		}
		if start != math.MinInt64 {
			if _, edge, _ := s.Edges(start - 1); edge != start {
				t.Fatalf("%v: [%d, %d), and before it to %d", s, start, end, edge)
			}
		}
		if end != math.MaxInt64 {
			if edge, _, _ := s.Edges(end); edge != end {
				t.Fatalf("%v: [%d, %d), and behind it from %d", s, start, end, edge)
			}
		}
		const cycle = 146097 * daySeconds * second
		cycles := rapid.Int64Range(1, 700).Draw(t, "cycles")
		ahead := rapid.Int64Range(2_500_000_000, 15_000_000_000).Draw(t, "ahead") * second
		from, to, _ := s.Edges(ahead)
		if a, b, _ := s.Edges(ahead + cycles*cycle); a != from+cycles*cycle || b != to+cycles*cycle {
			t.Fatalf("%v: [%d, %d) at %d, %d cycles on [%d, %d)", s, from, to, ahead, cycles, a, b)
		}
	})
}

func TestVectorCalendarRefused(t *testing.T) {
	if _, err := New(Day, "Europe/Berln", time.Monday); err == nil {
		t.Error("Europe/Berln is a zone")
	}
	if _, err := New(Day, "UTC", time.Sunday); err != ErrUnit {
		t.Errorf("days that begin on Sunday: %v", err)
	}
	if _, err := New(0, "UTC", time.Monday); err != ErrUnit {
		t.Errorf("no unit: %v", err)
	}
}

func BenchmarkEdges(b *testing.B) {
	s := calendar(b, Day, "Europe/Berlin", time.Monday)
	at := int64(1_700_000_000_000_000)
	for b.Loop() {
		s.Edges(at)
		at += daySeconds * second
	}
}
