package story

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"parallax/engine"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// Every drawn story can be planned, keeps the order of arrivals, and is the same when
// it is drawn again.
func TestLawDraw(t *testing.T) {
	for seed := uint64(1); seed <= 500; seed++ {
		s := Draw(seed)
		if _, err := s.Pipeline.Plan(s.Schema); err != nil {
			t.Errorf("seed %d: %v\n%s", seed, err, s.Pipeline)
		}
		if !slices.IsSortedFunc(s.Rows, func(a, b Row) int { return int(a.At - b.At) }) {
			t.Errorf("seed %d: rows arrive out of order", seed)
		}
		again := Draw(seed)
		if s.Pipeline.String() != again.Pipeline.String() || s.Sizes != again.Sizes || len(s.Rows) != len(again.Rows) {
			t.Fatalf("seed %d: another story", seed)
		}
		for i := range s.Rows {
			for c := range s.Rows[i].Values {
				if s.Rows[i].Values[c].Compare(again.Rows[i].Values[c]) != 0 {
					t.Fatalf("seed %d: another row %d", seed, i)
				}
			}
		}
	}
}

// Every shape that the generator promises is drawn.
func TestLawDrawShapes(t *testing.T) {
	seen := map[string]int{}
	note := func(what string, is bool) {
		if is {
			seen[what]++
		}
	}
	for seed := uint64(1); seed <= 500; seed++ {
		s := Draw(seed)
		equal, parts := 0, map[int32]int{}
		for i := range s.Rows {
			r := &s.Rows[i]
			parts[r.Partition]++
			price, key := r.Values[3], r.Values[1]
			note("before 1970", r.Time < 0)
			note("the day of 23 hours", r.Time/3_600_000_000 == (spring2026+3_600_000_000)/3_600_000_000)
			note("NaN", !price.Null && math.IsNaN(price.Float))
			note("infinity", math.IsInf(price.Float, 0))
			note("-0", !price.Null && price.Float == 0 && math.Signbit(price.Float))
			note("1e16", price.Float == 1e16)
			note("no price", price.Null)
			note("empty key", !key.Null && key.String == "")
			note("huge key", len(key.String) == hugeBytes)
			if i > 0 && r.Time == s.Rows[i-1].Time {
				equal++
			}
		}
		note("equal times", equal > drawnRows/4)
		note("a partition without rows", len(parts) < drawnPartitions)
		for i := range s.Pipeline.Steps {
			if w := s.Pipeline.Steps[i].Window; w != nil {
				note("gap as long as a window", exactGaps(s, *w) > drawnRows/8)
				note("sessions", w.Kind == window.Session)
				note("days of people", w.Kind == window.Calendar)
			}
		}
		note("lateness per element", s.Pipeline.Late.PerElement)
		note("an expression that can fail", strings.Contains(s.Pipeline.String(), "1000000007"))
		note("nobody asks", s.Queries == nil)
		note("a page and the next", slices.ContainsFunc(s.Queries, func(q Query) bool { return q.More }))
		note("one key", slices.ContainsFunc(s.Queries, func(q Query) bool { return q.Key != nil }))
		note("a range", slices.ContainsFunc(s.Queries, func(q Query) bool { return q.To != 0 }))
		note("nobody is restarted", s.Restarts == nil)
		note("a restart", s.Restarts != nil)
		note("a strategy", s.Pipeline.Watermark.Kind > watermark.Monotonic)
		note("one broker", s.Sizes.Brokers == 1)
		note("five brokers", s.Sizes.Brokers == 5)
	}
	for _, what := range []string{
		"before 1970", "the day of 23 hours", "NaN", "infinity", "-0", "1e16", "no price", "empty key", "huge key", "equal times",
		"a partition without rows", "gap as long as a window", "sessions", "days of people", "lateness per element", "an expression that can fail", "nobody asks", "a page and the next", "one key",
		"a range", "nobody is restarted", "a restart", "a strategy", "one broker", "five brokers",
	} {
		if seen[what] == 0 {
			t.Errorf("%s: never drawn", what)
		}
	}
}

// exactGaps is how many times in a row's future lie exactly a window's length away.
func exactGaps(s *Story, w window.Spec) int {
	at := map[int64]bool{}
	for i := range s.Rows {
		at[s.Rows[i].Time] = true
	}
	n := 0
	for i := range s.Rows {
		if w.Size > 0 && at[s.Rows[i].Time+w.Size] {
			n++
		}
	}
	return n
}

// Rows that come together are a batch; those that do not are not.
func TestVectorBatches(t *testing.T) {
	s := &Story{
		Schema: column.Schema{{Name: "v", Type: column.TypeOf(column.Int64)}}, Partitions: 2,
		Rows: []Row{
			{Partition: 0, At: 1, Time: -5, Values: []column.Value{{Int: 1}}},
			{Partition: 0, At: 1, Time: 7, Values: []column.Value{{Int: 2}}},
			{Partition: 1, At: 1, Time: 0, Values: []column.Value{{Null: true}}},
			{Partition: 0, At: 1, Time: 0, Values: []column.Value{{Int: 3}}},
			{Partition: 0, At: 2, Time: 0, Values: []column.Value{{Int: 4}}},
		},
	}
	var got [][]int64
	err := s.Batches(func(p int32, due engine.Instant, b *column.Batch) error {
		got = append(got, append([]int64{int64(p), int64(due)}, b.Times...))
		return nil
	})
	want := [][]int64{{0, 1000, -5, 7}, {1, 1000, 0}, {0, 1000, 0}, {0, 2000, 0}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if s.EndsAt() != 2000 {
		t.Errorf("ends at %d", s.EndsAt())
	}
}
