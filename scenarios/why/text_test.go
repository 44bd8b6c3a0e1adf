package why

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// facts is a job with so many partitions, of which the last holds the rest and the
// first is paused, and as many open windows.
func facts(n int, kind watermark.Kind) *Facts {
	us := func(v int64) *int64 { return &v }
	w := &Facts{
		Format: "parallax.why/v1", Job: "job", At: 90_000_000, Arrived: 7, Rows: 9, Watermark: us(10_000_000), Spec: window.Tumble(10_000_000, 0), Listed: true,
		Pipeline: &flow.Pipeline{Watermark: watermark.Spec{Kind: kind, Bounded: 2_000_000}, Late: flow.Late{Rule: flow.Operator}},
	}
	for i := range n {
		standing, held := "counts", 0
		if i == 0 && n > 1 {
			standing, held = "paused", 3
		}
		slowest := "k"
		w.Partitions = append(w.Partitions, Partition{
			Partition: i, Standing: standing, Held: held, Frontier: us(12_000_000), Watermark: us(10_000_000), Newest: us(15_000_000),
			SetBy: &Cause{Partition: i, Offset: 4, EventTime: 12_000_000, At: 80_000_000}, Next: 5, LastAt: us(89_000_000), SilentFor: us(1_000_000),
			Slowest: &slowest,
		})
		w.Windows = append(w.Windows, Window{
			Start: int64(i+1) * 10_000_000, End: int64(i+2) * 10_000_000, State: "open", Fires: us(int64(i+2) * 10_000_000), Keys: 2, Rows: us(1),
			Needs: []Need{{Partition: n - 1, Frontier: int64(i+2)*10_000_000 + 2_000_000, More: us(10_000_000)}},
		})
	}
	last := n - 1
	w.HeldBy = &last
	return w
}

func prosaic(t *testing.T, w *Facts) string {
	t.Helper()
	var b strings.Builder
	if err := w.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestVectorProse: the holder comes first, what is paused says so, long lists end, and
// each strategy says in its own words what is to be shown.
func TestVectorProse(t *testing.T) {
	text := prosaic(t, facts(40, watermark.BoundedDisorder))
	for _, want := range []string{
		"Held by partition 39: its newest event time is 1970-01-01T00:00:12Z, less the bound of 2s.",
		"Partitions:\n  39: watermark 1970-01-01T00:00:10Z, 5 rows read, silent for 1s, holds the rest\n  0: ",
		"paused: too far ahead of the others, 3 rows held back", "… and 28 more; --json lists all", "… and 28 more; --window START",
		"2 keys, 1 row\n", "partition 39 must show a row from 1970-01-01T00:00:22Z on (10s more than now)\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	for kind, want := range map[watermark.Kind][2]string{
		watermark.Punctuated:   {"its last marked row says 1970-01-01T00:00:12Z, less the bound of 2s", "show a marked row from"},
		watermark.PerKey:       {`its slowest key, "k", has come to 1970-01-01T00:00:12Z`, `show rows of key "k" and every other`},
		watermark.Percentile:   {"less 3s of disorder (percentile), less the bound of 2s", "show a row from about 1970-01-01T00:00:25Z"},
		watermark.Adaptive:     {"less 3s of disorder (adaptive)", "as far as its disorder stays"},
		watermark.Completeness: {"less 3s of disorder (completeness)", "as far as its disorder stays"},
	} {
		text := prosaic(t, facts(1, kind))
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: %q is not in\n%s", kind, w, text)
			}
		}
	}
	unlisted := facts(1, watermark.BoundedDisorder)
	if unlisted.Listed = false; !strings.Contains(prosaic(t, unlisted), "does not say which are open") {
		t.Error("a family that lists nothing looks as if nothing was open")
	}
}

// broken is a writer that takes nothing.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("full") }

// TestVectorForms: facts read back from JSON are the same, and both forms say when
// they cannot be written.
func TestVectorForms(t *testing.T) {
	var b strings.Builder
	w := facts(2, watermark.Monotonic)
	if err := w.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var again Facts
	if err := json.Unmarshal([]byte(b.String()), &again); err != nil {
		t.Fatal(err)
	}
	var c strings.Builder
	if err := again.WriteJSON(&c); err != nil || c.String() != b.String() || again.Partitions[0].Held != 3 {
		t.Errorf("%v: %s", err, c.String())
	}
	if w.Write(broken{}) == nil || w.WriteJSON(broken{}) == nil {
		t.Error("a full disk is not noticed")
	}
}
