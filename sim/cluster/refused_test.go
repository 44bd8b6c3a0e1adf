package cluster

import (
	"errors"
	"strings"
	"testing"

	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/kappa"
	"parallax/sim"
	"parallax/sim/fault"
	"parallax/sim/source"
	"parallax/sim/story"
)

// refusing is a story of which sources make rows that its job must refuse: one of every
// kind, by hand.
func refusing(t *testing.T) *story.Story {
	t.Helper()
	for seed := uint64(1); seed < 1000; seed++ {
		s := story.Draw(seed)
		if text := s.Pipeline.String(); !strings.Contains(text, "value * 1000000007") || strings.Contains(text, "filter") {
			continue
		}
		node := source.Name(int(s.Rows[0].Partition))
		s.World = sim.Options{Seed: seed, Frozen: []fault.Fault{
			{Family: fault.PoisonRow, Node: node, Nth: 2},
			{Family: fault.MalformedRow, Node: node, Nth: 4, Amount: 0},
			{Family: fault.MalformedRow, Node: node, Nth: 5, Amount: 1},
			{Family: fault.MalformedRow, Node: node, Nth: 6, Amount: 2},
			{Family: fault.SchemaChange, Node: node, Nth: 8, Amount: 0},
			{Family: fault.SchemaChange, Node: node, Nth: 9, Amount: 1},
			{Family: fault.SchemaChange, Node: node, Nth: 10, Amount: 2},
		}}
		return s
	}
	t.Fatal("no story has an expression that can fail")
	return nil
}

// What a job cannot use is counted and listed with the reason, and everything else
// counts as ever.
func TestVectorRefused(t *testing.T) {
	d := play(t, refusing(t))
	w, _ := d.Actor(d.worker).(*kappa.Worker)
	s := w.Status()
	var got []string
	for _, r := range s.Refusals {
		got = append(got, r.Why)
	}
	want := []string{
		`integer overflow`,
		"segment: corrupt", "segment: corrupt: no segment header", "segment: corrupt: no segment header",
		`nobody knows "added"`, `"tag" is missing`, `"tag" is int64, the job reads string`,
	}
	if len(got) != len(want) || w.Refused() != int64(len(want)) || d.Tally().Unread != 6 || d.Tally().Valueless != 1 {
		t.Fatalf("%d refused: %q; %+v", w.Refused(), got, d.Tally())
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("%s: should be refused as %q", s.Refusals[i], want[i])
		}
	}
}

// A row for which the watermark's marker has no value is refused, and the run goes on.
func TestVectorRefusedMarker(t *testing.T) {
	marker, err := expr.Parse("value * 2 % 5 = 0")
	if err != nil {
		t.Fatal(err)
	}
	for seed := uint64(1); seed < 1000; seed++ {
		s := story.Draw(seed)
		if text := s.Pipeline.String(); s.Pipeline.Watermark.Kind != watermark.Punctuated || strings.Contains(text, "value *") || strings.Contains(text, "100 %") {
			continue
		}
		s.Pipeline.Marker = marker
		s.World = sim.Options{Seed: seed, Frozen: []fault.Fault{
			{Family: fault.PoisonRow, Node: source.Name(int(s.Rows[0].Partition)), Nth: 2}, // value is 2^63 - 1
		}}
		d := play(t, s)
		w, _ := d.Actor(d.worker).(*kappa.Worker)
		if d.Tally().WorkerRestores > 0 {
			continue // which has counted the row, and not seen it again
		}
		if list := w.Status().Refusals; len(list) != 1 || w.Refused() != 1 || d.Tally().Valueless != 1 ||
			!strings.Contains(list[0].Why, "integer overflow") {
			t.Errorf("seed %d: %d refused: %q; %+v", seed, w.Refused(), list, d.Tally())
		}
		return
	}
	t.Fatal("no story has a punctuated watermark")
}

// Workers that give up over such a record, or forget after a restart what they have
// refused, are found.
func TestRefusedRowsAreSeenToFail(t *testing.T) {
	for _, c := range []struct {
		defect kappa.Defect
		is     error
	}{{kappa.DefectPoisonPill, nil}, {"uncounted", errCounts}} {
		found := false
		for seed := uint64(1); seed <= 200 && !found; seed++ {
			_, err := runSmall(t, seed, func(o *Options) { o.Worker.Defect = c.defect })
			if err == nil {
				continue
			}
			if found = true; c.is != nil && !errors.Is(err, c.is) || c.is == nil && Broken(err).Name != "never-fatal" {
				t.Errorf("%s: seed %d: %v", c.defect, seed, err)
			}
			t.Logf("%s: seed %d: %v", c.defect, seed, err)
		}
		if !found {
			t.Errorf("%s: not found in 200 seeds", c.defect)
		}
	}
}

// What is not a worker's doing is seen to fail, too.
func TestModelOfRefusedRowsIsSeenToFail(t *testing.T) {
	for name, change := range map[string]func(*model){
		"of a batch": func(m *model) { m.unread++ },
		"a row":      func(m *model) { m.valueless++ },
	} {
		d := stopped(t)
		change(d.check.model)
		if err := d.Run(stormNs, calmNs); !errors.Is(err, errCounts) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
