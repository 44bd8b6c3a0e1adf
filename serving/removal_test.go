package serving_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"parallax/engine/flow/aggregate"
	"parallax/serving"
)

// TestLawRemoval: rows that stand no more are gone from the view, whatever order
// rows come and go in, after a crash, and after the journal was begun anew.
func TestLawRemoval(t *testing.T) {
	s := newStage(t, serving.Options{Partitions: 1, Functions: counter(t), BaseBytes: 300})
	rng := rand.New(rand.NewPCG(1, 7))
	table := aggregate.NewTable(counter(t))
	table.Grow(1)
	accumulators := table.AppendTo(0, nil)
	want := map[string]serving.Row{}
	for span := range int64(200) {
		m := serving.Publish{Request: uint64(span), Epoch: 1, Lower: at(span), Upper: at(span + 1)}
		for range rng.IntN(6) {
			r := serving.Row{Key: []byte{byte(rng.IntN(4))}, Start: rng.Int64N(5), End: 5 + span, Accumulators: accumulators}
			name := fmt.Sprint(r.Start, r.Key)
			if want[name] = r; rng.IntN(5) < 2 {
				r.Accumulators = nil
				delete(want, name)
			}
			m.Rows = append(m.Rows, r)
		}
		if p := s.publish(m); p.Code != serving.OK {
			t.Fatalf("span %d: code %d", span, p.Code)
		}
		if rng.IntN(20) == 0 {
			s.crash()
		}
		a := s.query(serving.Query{Request: 1, From: 0, To: 100})
		if len(a.Rows) != len(want) || !slices.IsSortedFunc(a.Rows, func(x, y serving.Result) int {
			return int(x.Start-y.Start)*1000 + bytes.Compare(x.Key, y.Key)
		}) {
			t.Fatalf("span %d: %d rows, want %d: %+v", span, len(a.Rows), len(want), a.Rows)
		}
		for _, r := range a.Rows {
			if w, ok := want[fmt.Sprint(r.Start, r.Key)]; !ok || w.End != r.End {
				t.Fatalf("span %d: %+v, want %+v", span, r, w)
			}
		}
	}
}
