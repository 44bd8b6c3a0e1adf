package source_test

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/sim"
	"parallax/sim/fault"
	"parallax/sim/source"
	"parallax/sim/story"
)

// families are those that strike rows.
func families() (list []fault.Family) {
	for _, f := range fault.All() {
		if f.OfRows() {
			list = append(list, f)
		}
	}
	return list
}

// small is a story of eight rows in two partitions, one every second.
func small() *story.Story {
	s := &story.Story{
		Schema:   column.Schema{{Name: "city", Type: column.TypeOf(column.String)}, {Name: "n", Type: column.TypeOf(column.Int64)}},
		Pipeline: &flow.Pipeline{}, Partitions: 2,
	}
	for i := range int64(8) {
		s.Rows = append(s.Rows, story.Row{
			Partition: int32(i % 2), At: i * 1_000_000, Time: i * 1_000_000,
			Values: []column.Value{{Type: column.TypeOf(column.String), String: "x"}, {Type: column.TypeOf(column.Int64), Int: i}},
		})
	}
	return s
}

// listed is what becomes of a story by a list of faults, and which of them struck.
func listed(s *story.Story, list ...fault.Fault) ([][]source.Delivery, []fault.Fault) {
	w := sim.New(sim.Options{Frozen: append([]fault.Fault{}, list...)})
	rows, _ := source.Deliver(s, w)
	return rows, w.Fired()
}

// Each family by itself, written by hand.
func TestVectorFamilies(t *testing.T) {
	const sec = time.Second
	for _, c := range []struct {
		fault fault.Fault
		want  string // arrivals of partition 1 in seconds; * changed, ! cannot be read, ? other columns; event times that differ
	}{
		{fault.Fault{Family: fault.LateBurst, Node: "source-1", At: 2 * sec, Lasts: 4 * sec}, "1 6 6 7"},
		{fault.Fault{Family: fault.LateBurst, Node: "source-1", At: 8 * sec, Lasts: sec}, "1 3 5 7"},
		{fault.Fault{Family: fault.IdlePartition, Node: "source-1", At: 2 * sec, Lasts: 3 * sec}, "1 6 8 10"},
		{fault.Fault{Family: fault.DuplicateRow, Node: "source-1", Nth: 1, Lasts: 2 * sec}, "1 3 5 5* 7"},
		{fault.Fault{Family: fault.PoisonRow, Node: "source-1", Nth: 3}, "1 3 5 7*"},
		{fault.Fault{Family: fault.MalformedRow, Node: "source-1", Nth: 0, Amount: 1}, "1*! 3 5 7"},
		{fault.Fault{Family: fault.SchemaChange, Node: "source-1", Nth: 2, Amount: -1}, "1 3 5*? 7"},
		{fault.Fault{Family: fault.FarFuture, Node: "source-1", Nth: 2, Lasts: time.Hour}, "1 3 5*@3605 7"},
		{fault.Fault{Family: fault.FarFuture, Node: "source-2", Nth: 2, Lasts: time.Hour}, "1 3 5 7"},
	} {
		s := small()
		rows, fired := listed(s, c.fault)
		got := ""
		for i, r := range rows[1] {
			if i > 0 {
				got += " "
			}
			got += fmt.Sprint(r.At / 1_000_000)
			if r.Changed {
				got += "*"
			}
			got += []string{"", "!", "?"}[r.Form]
			if r.Time != s.Rows[r.Of].Time {
				got += fmt.Sprintf("@%d", r.Time/1_000_000)
			}
		}
		if undisturbed := c.want == "1 3 5 7"; got != c.want || (len(fired) == 0) != undisturbed {
			t.Errorf("%v: %s, should be %s; struck: %v", c.fault, got, c.want, fired)
		}
		if len(rows[0]) != 4 {
			t.Errorf("%v: the other partition has %d rows", c.fault, len(rows[0]))
		}
	}
}

// A poisoned row has extreme numbers, but not where they decide its partition.
func TestVectorPoison(t *testing.T) {
	s := small()
	poison := func(way int64) column.Value {
		rows, _ := listed(s, fault.Fault{Family: fault.PoisonRow, Node: "source-0", Nth: 1, Amount: way})
		return rows[0][1].Values[1]
	}
	if poison(0).Int != math.MaxInt64 || poison(1).Int != math.MinInt64 || poison(2).Int != 0 || s.Rows[2].Values[1].Int != 2 {
		t.Errorf("%v, %v, %v; the story has %v", poison(0), poison(1), poison(2), s.Rows[2].Values[1])
	}
	s.Pipeline.PartitionBy = []string{"n"}
	if _, fired := listed(s, fault.Fault{Family: fault.PoisonRow, Node: "source-0", Nth: 1}); fired != nil {
		t.Errorf("%v has changed the row's partition", fired)
	}
}

// A row of other columns has none of the job's schema, in every way.
func TestVectorChange(t *testing.T) {
	s := small()
	for way := range int64(3) {
		schema, values := source.Change(s.Schema, s.Rows[0].Values, way)
		if slices.Equal(schema, s.Schema) || len(schema) != len(values) {
			t.Errorf("way %d: %v, %v", way, schema, values)
		}
		for i := range values {
			if values[i].Type != schema[i].Type {
				t.Errorf("way %d: a %s in column %q, which is %s", way, values[i].Type, schema[i].Name, schema[i].Type)
			}
		}
	}
}

// all is a world in which every family that strikes rows does.
func all(seed uint64) *sim.World {
	o := sim.Options{Seed: seed, Faults: fault.Usual().Only(families()...)}
	for f := range o.Faults {
		o.Faults[f].Sure = o.Faults[f].Rate > 0
	}
	return sim.New(o)
}

// Whatever strikes, no row is lost, every partition is ascending, and the faults that
// struck, as a list, do the same again.
func TestLawListedIsTheSame(t *testing.T) {
	for seed := uint64(1); seed <= 100; seed++ {
		s := story.Draw(seed)
		w := all(seed)
		rows, ok := source.Deliver(s, w)
		again, fired := listed(s, w.Fired()...)
		if !ok || !reflect.DeepEqual(bits(rows), bits(again)) || !reflect.DeepEqual(w.Fired(), fired) {
			t.Fatalf("seed %d: another delivery by the list", seed)
		}
		seen := map[int]bool{}
		for part := range rows {
			for i := range rows[part] {
				r := &rows[part][i]
				seen[r.Of] = true
				if i > 0 && r.At < rows[part][i-1].At {
					t.Fatalf("seed %d: partition %d is not ascending", seed, part)
				}
			}
		}
		if len(seen) != len(s.Rows) {
			t.Fatalf("seed %d: %d rows of %d", seed, len(seen), len(s.Rows))
		}
		for _, f := range families() {
			if w.Strikes()[f] == 0 {
				t.Errorf("seed %d: %s did not strike", seed, f)
			}
		}
	}
}

// Without any one row, every other fault of rows strikes as before: no more and no
// fewer, but for those of that row and those that lasted while it alone was due.
func TestLawRemovingARowMovesNoFault(t *testing.T) {
	for seed := uint64(1); seed <= 30; seed++ {
		s := story.Draw(seed)
		w := all(seed)
		source.Deliver(s, w)
		gone := int(seed*7) % len(s.Rows)
		less := *s
		less.Rows = slices.Delete(slices.Clone(s.Rows), gone, gone+1)
		_, fired := listed(&less, w.Fired()...)
		struck := map[fault.ID]time.Duration{}
		for i := range fired {
			struck[fired[i].ID()] = fired[i].Lasts
		}
		missing := 0
		for _, f := range w.Fired() {
			lasts, again := struck[f.ID()]
			if again && lasts != f.Lasts {
				t.Errorf("seed %d: %v lasts %v without row %d", seed, f, lasts, gone)
			}
			if !again && f.Family.OfOneRow() && (f.Node != source.Name(int(s.Rows[gone].Partition)) || f.At != time.Duration(s.Rows[gone].At)*time.Microsecond) {
				t.Errorf("seed %d: %v does not strike without row %d", seed, f, gone)
			} else if !again {
				missing++
			}
		}
		if len(fired)+missing != len(w.Fired()) {
			t.Errorf("seed %d: %d faults, %d without row %d", seed, len(w.Fired()), len(fired), gone)
		}
	}
}

// bits are deliveries with NaN as something that equals itself.
func bits(parts [][]source.Delivery) (list []string) {
	for _, rows := range parts {
		for i := range rows {
			list = append(list, fmt.Sprintf("%+v", rows[i]))
		}
	}
	return list
}
