package cluster

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"parallax/engine"
)

// A log is a function of the run: two runs tell the same, on the world's clock; and
// being told does not change a run.
func TestDeterminismLogs(t *testing.T) {
	tell := func(seed uint64) (string, uint64) {
		var out bytes.Buffer
		d, err := Deploy(drawJob(t, seed), drawOptions(seed))
		if err != nil {
			t.Fatal(err)
		}
		d.LogTo(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
		if err := d.Run(stormNs, calmNs); err != nil {
			t.Fatal(err)
		}
		return out.String(), d.Hash()
	}
	all := ""
	for seed := uint64(1); seed <= 16; seed++ {
		first, hash := tell(seed)
		if second, _ := tell(seed); first != second {
			t.Errorf("seed %d: two runs tell different logs", seed)
		}
		if d, err := runSmall(t, seed, nil); err != nil || d.Hash() != hash {
			t.Errorf("seed %d: telling changes the run: %v", seed, err)
		}
		all += first
	}
	for _, what := range []string{
		`"time":"1970-01-01T00:00:`, "leads", "leads no more", "crash", "recovered", "caught up with the view", "published",
		"checkpoint", "span", "attempt", "pause", "sever", "snapshot installed", "entries replaced", "everything is acknowledged", "log begins later",
	} {
		if !strings.Contains(all, what) {
			t.Errorf("%q is not told", what)
		}
	}
}

// A snapshot says in the end that nothing is left to do, and can be written as
// JSON.
func TestMetrics(t *testing.T) {
	d, err := Deploy(drawJob(t, 2), drawOptions(2))
	if err != nil {
		t.Fatal(err)
	}
	behind := false
	for range 40 {
		if err := d.RunFor(stormNs / 40); err != nil {
			t.Fatal(err)
		}
		for _, lag := range d.Metrics().Lag {
			behind = behind || lag > 0
		}
	}
	if err := d.Run(0, calmNs); err != nil {
		t.Fatal(err)
	}
	if err := d.RunFor(5 * engine.Second); err != nil {
		t.Fatal(err)
	}
	m := d.Metrics()
	text, err := json.Marshal(m)
	if err != nil || !bytes.Contains(text, []byte(`"Watermark":9223372036854775807`)) {
		t.Errorf("%s, %v", text, err)
	}
	for part, lag := range m.Lag {
		if lag != 0 || m.Producer.InFlight[part] != 0 {
			t.Errorf("partition %d: lag %d, %d batches in flight", part, lag, m.Producer.InFlight[part])
		}
	}
	if !behind || !m.Producer.Done || !m.Worker.Ended || m.Worker.Pending != 0 || m.View.Rows == 0 || m.Worker.Checkpoint == nil {
		t.Errorf("behind %v; %s", behind, text)
	}
}
