package nexmark

import (
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"parallax/scenarios"
	"parallax/scenarios/source"
)

var disorders = []Disorder{
	{}, {Kind: Group, Size: 50}, {Kind: Delay, PerMille: 100, Max: 3_000_000}, {Kind: Offline, PerMille: 50, Max: 500_000}, {Kind: Lag, Max: 70_000},
}

func generator(t testing.TB, o Options) *Generator {
	t.Helper()
	g, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestVectorGolden: a stream's bits do not change by accident.
func TestVectorGolden(t *testing.T) {
	for i, want := range []uint32{0xea555e8a, 0x25170d4e, 0x06367469, 0x075f098b, 0x20dc304d} {
		g := generator(t, Options{Seed: 7, Disorder: disorders[i], Partitions: 3})
		var b strings.Builder
		if err := g.WriteBids(&b, 5000); err != nil {
			t.Fatal(err)
		}
		if got := crc32.ChecksumIEEE([]byte(b.String())); got != want {
			t.Errorf("%s: checksum %#x, want %#x", g.Name(), got, want)
		}
	}
}

// TestLawStream: what holds of every stream, event by event.
func TestLawStream(t *testing.T) {
	const n = 20_000
	for _, d := range disorders {
		plain, g := generator(t, Options{Seed: 3, Partitions: 4}), generator(t, Options{Seed: 3, Disorder: d, Partitions: 4})
		counts := map[Type]int{}
		seen := map[int64]bool{}
		for slot := range int64(n) {
			e := g.Event(slot)
			if e != g.Event(slot) {
				t.Fatalf("%s: event %d is not a function of its number", d, slot)
			}
			if seen[e.N] {
				t.Fatalf("%s: event %d comes twice", d, e.N)
			}
			seen[e.N] = true
			counts[e.Type]++
			if e.Arrival < e.Time {
				t.Fatalf("%s: event %d arrives before it happens", d, e.N)
			}
			same := plain.Event(e.N)
			same.Arrival = e.Arrival
			if e != same {
				t.Fatalf("%s: event %d is another one without disorder", d, e.N)
			}
			if e.Type == Bid && (e.Bidder < firstID || e.Bidder >= firstID+lastPerson(e.N)+lead) {
				t.Fatalf("%s: event %d: bidder %d is no person", d, e.N, e.Bidder)
			}
			if e.Type == Bid && (e.Auction < firstID || e.Auction >= firstID+lastAuction(e.N)+lead) {
				t.Fatalf("%s: event %d: no auction %d", d, e.N, e.Auction)
			}
		}
		if counts[Person] != n/50 || counts[Auction] != 3*n/50 || counts[Bid] != 46*n/50 {
			t.Errorf("%s: %v", d, counts)
		}
	}
}

// TestLawArrivals: Arrivals is every event once, sorted by arrival, ties by slot.
func TestLawArrivals(t *testing.T) {
	const n = 5000
	for _, d := range disorders {
		g := generator(t, Options{Seed: 5, Disorder: d, Partitions: 3})
		var want []Event
		for slot := range int64(n) {
			want = append(want, g.Event(slot))
		}
		slices.SortStableFunc(want, func(a, b Event) int { return int(a.Arrival - b.Arrival) })
		var got []Event
		late, frontier := 0, int64(-1)
		g.Arrivals(n, func(e *Event) bool {
			got = append(got, *e)
			if e.Time < frontier {
				late++
			}
			frontier = max(frontier, e.Time)
			return true
		})
		if !slices.Equal(got, want) {
			t.Errorf("%s: not in the order of arrival", d)
		}
		if (late > 0) != (d.Kind != None) {
			t.Errorf("%s: %d events are out of order", d, late)
		}
	}
}

// TestVectorTimes: no rate makes event times stand still; at 10 M events a second ten
// share a microsecond, and none is lost to a step that was rounded to nothing.
func TestVectorTimes(t *testing.T) {
	for _, rate := range []int64{1, 7, 10_000, 3_000_000, 10_000_000, 1_000_000_000} {
		g := generator(t, Options{Rate: rate})
		n := int64(100_000)
		distinct, last := int64(0), int64(-1)
		for i := range n {
			at := g.time(i)
			if at < last {
				t.Fatalf("rate %d: time falls at %d", rate, i)
			}
			if at != last {
				distinct++
			}
			last = at
		}
		span := (n-1)*1_000_000/rate + 1 // whole microseconds
		if want := min(n, span); distinct != want {
			t.Errorf("rate %d: %d distinct times, want %d", rate, distinct, want)
		}
	}
}

// TestVectorHotChannel: the share of popular channels is what the options say.
func TestVectorHotChannel(t *testing.T) {
	for _, percent := range []int{50, 99} {
		g := generator(t, Options{Seed: 1, HotChannel: percent})
		hot, all := 0, 0
		for i := range int64(50_000) {
			if e := g.Event(i); e.Type == Bid {
				all++
				if slices.Contains(hotChannels[:], e.Channel) {
					hot++
				}
			}
		}
		if got := 100 * hot / all; got < percent-1 || got > percent+1 {
			t.Errorf("%d %% of bids are on popular channels, want %d %%", got, percent)
		}
	}
}

func TestVectorMistakes(t *testing.T) {
	for _, o := range []Options{
		{Rate: -1},
		{HotChannel: 101},
		{Partitions: -1},
		{Disorder: Disorder{Kind: Lag + 1}},
		{Disorder: Disorder{Kind: Group, Size: 953}},
		{Disorder: Disorder{Kind: Delay, PerMille: 0, Max: 1}},
		{Disorder: Disorder{Kind: Lag}},
	} {
		if _, err := New(o); !errors.Is(err, ErrOptions) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := Job("q1", "bids.csv", 0); err == nil {
		t.Error("q1 has no windows")
	}
}

// TestVectorJobs: the queries are jobs, which both paths answer alike.
func TestVectorJobs(t *testing.T) {
	dir := t.TempDir()
	g := generator(t, Options{Seed: 1, Partitions: 2, Disorder: Disorder{Kind: Delay, PerMille: 100, Max: 3_000_000}})
	for _, query := range Queries {
		text, err := Job(query, "bids.csv", 0)
		if err != nil {
			t.Fatal(err)
		}
		job, err := g.Open(dir, text, 3000, []string{"watermark.bounded=100ms"})
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		var answers []string
		for _, path := range []string{scenarios.Kappa, scenarios.Oracle} {
			out, err := scenarios.Run(job, scenarios.Options{Path: path})
			if err != nil {
				t.Fatalf("%s by %s: %v", query, path, err)
			}
			var b strings.Builder
			if err := out.Table.Write(&b, source.CSV); err != nil {
				t.Fatal(err)
			}
			answers = append(answers, b.String())
		}
		if answers[0] != answers[1] || strings.Count(answers[0], "\n") < 2 {
			t.Errorf("%s: kappa answers\n%s\nand oracle\n%s", query, answers[0], answers[1])
		}
	}
}

// TestVectorPrices: the roots are those of ten.
func TestVectorPrices(t *testing.T) {
	v := int64(10_000_000_000)
	for i, r := range roots {
		if d := fmt.Sprint(r*r - v*1_000_000_000); len(d) > 11 { // within half a unit in the last place
			t.Errorf("root %d: %d squared is %s away", i, r, d)
		}
		v = r
	}
}

func BenchmarkEvent(b *testing.B) {
	g := generator(b, Options{Seed: 1, Disorder: Disorder{Kind: Delay, PerMille: 100, Max: 3_000_000}})
	n := int64(0)
	for b.Loop() {
		_ = g.Event(n)
		n++
	}
}
