package boundary

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// days is a table in days: L1's.
func days() Pinot {
	return Pinot{
		Offline:  []Segment{{End: 20, Rows: []Row{{18, 10}, {19, 20}, {20, 30}}, Online: true}},
		Realtime: []Row{{19, 21}, {20, 31}, {21, 5}},
		Day:      1,
	}
}

func TestVectorL1(t *testing.T) {
	p := days()
	if tb, ok := p.Boundary(); tb != 19 || !ok || p.Count() != 66 {
		t.Errorf("boundary %d, count %d, want 19, 66", tb, p.Count())
	}
}

// The last day waits for the next push: 100 of 150. By offset everything is counted.
func TestVectorL2(t *testing.T) {
	p := Pinot{Offline: []Segment{{End: 26, Rows: []Row{{25, 100}, {26, 50}}, Online: true}}, Day: 1}
	if got := p.Count(); got != 100 {
		t.Errorf("count %d, want 100", got)
	}
	log := []Record{{0, 0, Row{25, 100}}, {0, 1, Row{26, 50}}}
	if batch, speed := ByOffset(log, View{1, []int64{2}}, []int64{2}); batch+speed != 150 {
		t.Errorf("by offset %d, want 150", batch+speed)
	}
}

func TestVectorL3(t *testing.T) {
	const hour = 3_600_000
	end := int64(11*hour - 1)
	p := Pinot{Hourly: true, Hour: hour, Day: 24 * hour, Offline: []Segment{{End: end, Online: true}}}
	tb, _ := p.Boundary()
	if tb != 10*hour-1 {
		t.Fatalf("boundary %d", tb)
	}
	for _, at := range []int64{tb, 10 * hour} {
		p.Offline[0].Rows, p.Realtime = []Row{{at, 1}}, []Row{{at, 1}}
		if p.Count() != 1 {
			t.Errorf("an event at %d is counted %d times", at, p.Count())
		}
	}
	p.Hour = 0 // a unit of days has no hours to go back by
	if tb, _ := p.Boundary(); tb != end-24*hour {
		t.Errorf("boundary %d in days", tb)
	}
}

// Half of a push is online and the boundary is not set back: 3 of 7. A view that is
// swapped as a whole answers 7, or as before.
func TestVectorL4(t *testing.T) {
	p := Pinot{
		NoRewind: true, Day: 24,
		Offline: []Segment{{End: 10, Rows: []Row{{10, 3}}, Online: true}, {End: 10, Rows: []Row{{10, 4}}}},
	}
	if got := p.Count(); got != 3 {
		t.Errorf("count %d, want 3", got)
	}
	log := []Record{{0, 0, Row{10, 3}}, {1, 0, Row{10, 4}}}
	for _, v := range []View{{0, []int64{0, 0}}, {1, []int64{1, 1}}} {
		if batch, speed := ByOffset(log, v, []int64{1, 1}); batch+speed != 7 {
			t.Errorf("view %d: %d, want 7", v.ID, batch+speed)
		}
	}
}

// Two brokers see two boundaries, and a client reads 66, then 65. A client of views
// takes none that goes back.
func TestVectorL5(t *testing.T) {
	p := days()
	if first, second := p.Count(), p.CountAt(20, true); first != 66 || second != 65 {
		t.Errorf("%d, then %d, want 66, then 65", first, second)
	}
	var c Client
	if !c.Accepts(View{1, []int64{5}}, []int64{9}) || c.Accepts(View{1, []int64{5}}, []int64{8}) || c.Accepts(View{0, []int64{4}}, []int64{9}) ||
		!c.Accepts(View{2, []int64{7}}, []int64{9}) {
		t.Error("a client went back, or did not go on")
	}
}

func TestVectorL8(t *testing.T) {
	p := days()
	p.Realtime = append(p.Realtime, Row{18, 1})
	if got := p.Count(); got != 66 {
		t.Errorf("count %d, want 66: the late row is in neither layer", got)
	}
	log := []Record{
		{0, 0, Row{18, 10}}, {0, 1, Row{19, 20}}, {0, 2, Row{20, 30}}, {0, 3, Row{19, 1}}, {0, 4, Row{21, 5}}, {0, 5, Row{18, 1}},
	}
	if batch, speed := ByOffset(log, View{1, []int64{3}}, []int64{6}); batch+speed != 67 {
		t.Errorf("by offset %d, want 67", batch+speed)
	}
}

func slots(list []Slot) string {
	var b strings.Builder
	for _, s := range list {
		fmt.Fprintf(&b, "[%d,%d)%s ", s.From, s.To, s.Version)
	}
	return b.String()
}

func TestVectorL6(t *testing.T) {
	var tl Timeline
	for _, c := range []struct {
		Interval
		v string
	}{{Interval{1, 10}, "v1"}, {Interval{10, 20}, "v1"}, {Interval{5, 15}, "v2"}} {
		if err := tl.Add(c.Interval, c.v, 0, 1); err != nil {
			t.Fatal(err)
		}
	}
	if got := slots(tl.Lookup(Interval{1, 20})); got != "[1,5)v1 [5,15)v2 [15,20)v1 " {
		t.Error(got)
	}
}

func TestVectorL7(t *testing.T) {
	chunks := []Slot{{Interval: Interval{1, 10}, Version: "v1"}, {Interval: Interval{5, 20}, Version: "v2"}, {Interval: Interval{3, 6}, Version: "v3"}}
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		var tl Timeline
		for _, i := range order {
			if err := tl.Add(chunks[i].Interval, chunks[i].Version, 0, 1); err != nil {
				t.Fatal(err)
			}
		}
		if got := slots(tl.Lookup(Interval{1, 20})); got != "[1,3)v1 [3,6)v3 [6,20)v2 " {
			t.Errorf("%v: %s", order, got)
		}
		if err := tl.Add(Interval{4, 8}, "v3", 0, 1); !errors.Is(err, ErrOverlap) {
			t.Errorf("an overlap in part: %v", err)
		}
	}
}

func TestVectorL9(t *testing.T) {
	var tl Timeline
	at := Interval{0, 10}
	if err := tl.Add(at, "v1", 0, 1); err != nil {
		t.Fatal(err)
	}
	for p := range 3 {
		if got := slots(tl.Lookup(at)); got != "[0,10)v1 " {
			t.Errorf("with %d of 3 partitions of v2: %s", p, got)
		}
		if err := tl.Add(at, "v2", p, 3); err != nil {
			t.Fatal(err)
		}
	}
	if got := tl.Lookup(at); slots(got) != "[0,10)v2 " || len(got[0].Parts) != 3 {
		t.Errorf("%v", got)
	}
}

func TestVectorL10(t *testing.T) {
	h := Handoff{Offsets: []int64{100, 7}}
	if err := h.Publish(Task{0, 100, 150}); err != nil || h.Offsets[0] != 150 {
		t.Fatalf("%v, stored %d", err, h.Offsets[0])
	}
	if err := h.Publish(Task{1, 7, 9}, Task{0, 100, 160}); !errors.Is(err, ErrStart) || h.Offsets[0] != 150 || h.Offsets[1] != 7 {
		t.Errorf("a replica: %v, stored %d", err, h.Offsets[0])
	}
}

func TestVectorL11(t *testing.T) {
	const hour, second = 3600, 1
	r := Rejection{Created: 12 * hour, Period: hour}
	if r.Keeps(11*hour-second) || !r.Keeps(11*hour) || r.Dropped != 1 {
		t.Errorf("dropped %d", r.Dropped)
	}
}

// ones are the speed layer's values of some batches, 1 each.
func ones(batches ...Batch) func(Batch) (int, bool) {
	return func(b Batch) (int, bool) {
		for _, x := range batches {
			if x == b {
				return 1, true
			}
		}
		return 0, false
	}
}

func plus(a, b int) int { return a + b }

func TestVectorL12(t *testing.T) {
	s := Summing[int]{Keep: 3, Plus: plus}
	if v, _, err := s.Merge(9, &Offline[int]{8, 1}, ones(7)); v != 1 || err != nil {
		t.Errorf("%d, %v: the late event of batch 7 is never read", v, err)
	}
	if v, _, _ := s.Merge(9, &Offline[int]{8, 2}, ones()); v != 2 {
		t.Errorf("%d: batch 7 was recomputed", v)
	}
}

func TestVectorL13(t *testing.T) {
	s := Summing[int]{Keep: 3, Plus: plus}
	for _, c := range []struct {
		name    string
		offline *Offline[int]
		online  func(Batch) (int, bool)
		want    int
		found   bool
		err     error
	}{
		{"a", &Offline[int]{8, 1}, ones(6, 7, 8, 10), 3, true, nil},
		{"b", &Offline[int]{9, 1}, ones(), 1, true, nil},
		{"c", &Offline[int]{9, 1}, ones(6, 7, 8, 10), 2, true, nil},
		{"d", nil, ones(), 0, false, nil},
		{"ahead", &Offline[int]{12, 1}, ones(10), 0, false, ErrPassed},
	} {
		v, found, err := s.Merge(10, c.offline, c.online)
		if v != c.want || found != c.found || !errors.Is(err, c.err) {
			t.Errorf("%s: %d, %v, %v", c.name, v, found, err)
		}
	}
}

// Batches 5 to 7 are in neither layer: 103 of 106. Strict refuses.
func TestVectorL14(t *testing.T) {
	s := Summing[int]{Keep: 3, Plus: plus}
	if v, _, err := s.Merge(10, &Offline[int]{5, 100}, ones(5, 6, 7, 8, 9, 10)); v != 103 || err != nil {
		t.Errorf("%d, %v", v, err)
	}
	s.Strict = true
	if _, _, err := s.Merge(10, &Offline[int]{5, 100}, ones(5, 6, 7, 8, 9, 10)); !errors.Is(err, ErrHole) {
		t.Errorf("strict: %v", err)
	}
}

func TestVectorL15(t *testing.T) {
	const hour = 3_600_000
	for at, want := range map[int64]Batch{hour - 1: 0, hour: 1, -1: -1, -hour: -1, -hour - 1: -2, 0: 0} {
		if got := BatchOf(at, hour); got != want {
			t.Errorf("%d is in batch %d, want %d", at, got, want)
		}
	}
}

func TestVectorL16(t *testing.T) {
	s := Summing[string]{Keep: 3, Plus: func(_, later string) string { return later }}
	online := func(b Batch) (string, bool) { v, ok := map[Batch]string{8: "y", 9: "z"}[b]; return v, ok }
	if v, _, err := s.Merge(9, &Offline[string]{8, "x"}, online); v != "z" || err != nil {
		t.Errorf("%q, %v", v, err)
	}
}

func TestVectorL19(t *testing.T) {
	for _, c := range []struct {
		d       Deletes
		data    int64
		visible bool
	}{
		{Deletes{Equality: []int64{5}}, 5, true},
		{Deletes{Equality: []int64{5}}, 4, false},
		{Deletes{Position: []int64{5}}, 5, false},
		{Deletes{Position: []int64{5}}, 6, true},
		{Deletes{}, 1, true},
	} {
		if got := c.d.Visible(c.data); got != c.visible {
			t.Errorf("data of sequence %d under %+v: visible is %v", c.data, c.d, got)
		}
	}
}

// Two upserts of a key in one commit: both rows have the commit's sequence, so that the
// first one's deletion does not hide the other. A writer must collapse them.
func TestVectorL20(t *testing.T) {
	changes := []Upsert{{"A", 1}, {"A", 2}, {"B", 7}}
	d := Deletes{Equality: []int64{7, 7}}
	rows := 0
	for _, c := range changes {
		if c.Key == "A" && d.Visible(7) {
			rows++
		}
	}
	if rows != 2 {
		t.Errorf("a reader by the rules sees %d rows of A, want 2", rows)
	}
	got := Collapse(changes)
	if len(got) != 2 || got[0] != (Upsert{"A", 2}) || got[1] != (Upsert{"B", 7}) {
		t.Errorf("collapsed to %v", got)
	}
}

func TestVectorL27(t *testing.T) {
	var log []Record
	for o := range int64(10) {
		log = append(log, Record{0, o, Row{o, 1 << o}})
	}
	batch, speed := ByOffset(log, View{1, []int64{6}}, []int64{10})
	if batch != 1<<6-1 || speed != 1<<10-1<<6 {
		t.Errorf("%b, %b", batch, speed)
	}
}

// TestLawCounts: by offset every row of the log is counted once, whatever its time,
// the cut and the end; the rules by time miss rows or count some twice, and how often
// is logged.
func TestLawCounts(t *testing.T) {
	const logs = 2000
	missed, twice := 0, 0
	for seed := range uint64(logs) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var log []Record
		truth, day := int64(0), int64(0)
		for o := range int64(10 + rng.IntN(30)) {
			day = max(day, o/8)
			r := Record{0, o, Row{day - rng.Int64N(1+rng.Int64N(3)), 1}}
			log = append(log, r)
			truth += r.Weight
		}
		cut := rng.Int64N(int64(len(log) + 1))
		if batch, speed := ByOffset(log, View{1, []int64{cut}}, []int64{int64(len(log))}); batch+speed != truth {
			t.Fatalf("seed %d: %d rows of %d", seed, batch+speed, truth)
		}
		// The same by time: a push holds the rows below the cut, the stream has all.
		p := Pinot{Day: 1, Offline: []Segment{{Online: cut > 0}}}
		for _, r := range log {
			if r.Offset < cut {
				p.Offline[0].Rows = append(p.Offline[0].Rows, r.Row)
				p.Offline[0].End = max(p.Offline[0].End, r.Time)
			}
			p.Realtime = append(p.Realtime, r.Row)
		}
		switch got := p.Count(); {
		case got < truth:
			missed++
		case got > truth:
			twice++
		}
	}
	if missed == 0 || twice != 0 {
		t.Errorf("by time %d logs are short and %d long", missed, twice)
	}
	t.Logf("by time %d of %d logs miss late rows", missed, logs)
}
