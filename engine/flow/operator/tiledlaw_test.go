package operator

import (
	"testing"
	"time"

	"parallax/engine/flow"
	"parallax/engine/flow/civil"
	"parallax/engine/flow/window"
)

// tiledWindows are windows with edges of every kind near a moment.
var tiledWindows = []struct {
	unit   civil.Unit
	zone   string
	moment string // UTC
}{
	{civil.Day, "Europe/Berlin", "2024-03-31T01:00:00Z"},
	{civil.Day, "America/Sao_Paulo", "2018-11-04T03:00:00Z"},
	{civil.Day, "Australia/Lord_Howe", "2024-04-06T15:00:00Z"},
	{civil.Day, "Pacific/Apia", "2011-12-30T10:00:00Z"},
	{civil.Day, "America/St_Johns", "2006-10-29T02:31:00Z"},
	{civil.Week, "Europe/Berlin", "2024-10-27T01:00:00Z"},
	{civil.Month, "America/New_York", "2024-11-03T06:00:00Z"},
}

func calendar(t testing.TB, unit civil.Unit, zone string) window.Spec {
	t.Helper()
	c, err := civil.New(unit, zone, time.Monday)
	if err != nil {
		t.Fatal(err)
	}
	return window.Spec{Kind: window.Calendar, Civil: c}
}

// newTiledStory is a story about days, weeks or months, or one whose rows all have
// one window: times are stretched, so that a day is as long as other windows.
func newTiledStory(t testing.TB, seed uint64, rule flow.Rule) story {
	const stretch = 21_600_000 // 4 ms become a day
	s := newStory(seed, rule)
	s.mark.AheadMax = 0 // append times are not stretched
	s.mark.Bounded *= stretch
	s.late.Allowed *= stretch
	if seed%8 == 7 {
		s.window = window.Spec{Kind: window.Global}
		return s
	}
	c := tiledWindows[seed%8]
	s.window = calendar(t, c.unit, c.zone)
	moment, err := time.Parse(time.RFC3339, c.moment)
	if err != nil {
		t.Fatal(err)
	}
	scale := int64(stretch)
	if c.unit != civil.Day {
		scale *= 5
	}
	for _, log := range s.logs {
		for i := range log {
			log[i].time = moment.UnixMicro() + log[i].time*scale
			if i%5 == 0 { // exactly on an edge
				log[i].time, _ = s.window.Slice(log[i].time)
			}
		}
	}
	return s
}

// TestLawTiledInterleaving is TestLawInterleaving for calendars and the global window.
func TestLawTiledInterleaving(t *testing.T) {
	var sum Counts
	for seed := range uint64(stories / 4) {
		s := newTiledStory(t, seed, flow.Log)
		plan := s.plan(t)
		want := s.solve()
		for _, c := range want.counts {
			sum.Add(c)
		}
		for i := range uint64(tellings) {
			got, problem := s.tell(t, i, plan, nil)
			if d := got.differs(want); d != "" || problem != "" {
				t.Fatalf("%v, telling %d: %s %s", s, i, problem, d)
			}
		}
	}
	if sum.PairsOnTime < stories || sum.PairsRevised < stories/40 || sum.PairsDropped < stories/10 {
		t.Errorf("the stories are dull: %+v", sum)
	}
}

// TestPlantedTiledDefects: another zone, and days that are always 24 hours long.
func TestPlantedTiledDefects(t *testing.T) {
	zone := calendar(t, civil.Day, "UTC")
	const hour = 3_600_000_000
	for name, plant := range map[string]func(*Path){
		"another zone":     func(p *Path) { p.sliced.window = zone },
		"days of 24 hours": func(p *Path) { p.sliced.window = window.Tumble(24*hour, 23*hour) },
	} {
		caught := 0
		for seed := uint64(0); seed < 80; seed += 8 { // days in Berlin
			s := newTiledStory(t, seed, flow.Log)
			got, problem := s.tell(t, 1, s.plan(t), plant)
			if problem != "" || got.differs(s.solve()) != "" {
				caught++
			}
		}
		if caught == 0 {
			t.Errorf("%s passes", name)
		}
	}
}
