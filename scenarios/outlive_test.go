package scenarios

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"parallax/sim/fault"
	"parallax/sim/story"
	"parallax/sim/zoo"
)

// zooFile is the scenario of a mistake.
func zooFile(t *testing.T, name string) *Scenario {
	t.Helper()
	file := filepath.Join("zoo", name+".yaml")
	if _, err := os.Stat(file); err != nil {
		return nil // make zoo has not yet written it
	}
	s, err := LoadScenario(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A scenario file fails as before when the generator has come to draw everything in
// another order, although its seed now draws another story. It is not parallel: nobody
// else may draw meanwhile.
func TestLawFilesOutliveTheGenerator(t *testing.T) {
	shown := 0
	for _, d := range zoo.All() {
		s := zooFile(t, d.Name)
		if s == nil {
			continue
		}
		before, drawn := mustPlay(t, s), story.Draw(s.Origin.Seed)
		undo := story.Skip(1)
		other, again := story.Draw(s.Origin.Seed), zooFile(t, d.Name)
		after := mustPlay(t, again)
		undo()
		if other.Pipeline.String() == drawn.Pipeline.String() && slices.EqualFunc(other.Rows, drawn.Rows, func(a, b story.Row) bool {
			return a.At == b.At && a.Time == b.Time && a.Partition == b.Partition
		}) {
			t.Errorf("%s: seed %d draws the same story in another order", d.Name, s.Origin.Seed)
		}
		if after.Hash != before.Hash || after.Verdict != before.Verdict || after.Property != before.Property {
			t.Errorf("%s: %s %s, with another generator %s %s", d.Name, before.Verdict, before.Property, after.Verdict, after.Property)
		}
		if after.Verdict == Violated && d.Expects(after.Property) {
			shown++
		}
	}
	t.Logf("%d of %d mistakes are shown by their files", shown, len(zoo.All()))
	if shown < len(zoo.All())/2 {
		t.Error("most files are of another engine: make zoo writes them anew")
	}
}

// Taking any record out of a frozen scenario moves no other fault: what still strikes is
// what the list says, as it says it, and nothing else does.
func TestLawRecordsMoveNoFault(t *testing.T) {
	taken, kept, struck := 0, 0, 0
	for _, d := range zoo.All() {
		s := zooFile(t, d.Name)
		if s == nil {
			continue
		}
		listed := map[fault.ID]fault.Fault{}
		for _, f := range mustPlay(t, s).Fired {
			listed[f.ID()] = f
		}
		for row := range s.Story.Rows {
			if len(s.Story.Rows) == 1 {
				break // without rows there is no run
			}
			less := *s
			less.Story.Rows = slices.Delete(slices.Clone(s.Story.Rows), row, row+1)
			taken++
			out := mustPlay(t, &less)
			for _, f := range out.Fired {
				was, known := listed[f.ID()]
				if !known {
					t.Errorf("%s without row %d: %s is not on the list", d.Name, row, f)
				} else if f.Node != was.Node || f.Peer != was.Peer || f.Kind != was.Kind || f.Lasts != was.Lasts || f.Amount != was.Amount ||
					f.Family.Timed() && f.At != was.At {
					t.Errorf("%s without row %d: %s was %s", d.Name, row, f, was)
				}
				struck++
			}
			kept += len(listed)
		}
	}
	t.Logf("%d records taken out; of %d faults of the lists %d struck again where they were", taken, kept, struck)
	if taken < 20 || 2*struck < kept {
		t.Error("too little was shown")
	}
}
