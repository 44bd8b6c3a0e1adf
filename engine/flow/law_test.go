package flow_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"parallax/engine/flow"
)

// TestLawDuration: what is printed reads back, and where Go's durations reach
// both mean the same.
func TestLawDuration(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		us := rapid.Int64().Draw(t, "us")
		got, err := flow.ParseDuration(flow.FormatDuration(us))
		if err != nil || got != us {
			t.Fatalf("ParseDuration(%q) = %d, %v; want %d", flow.FormatDuration(us), got, err, us)
		}
		d := time.Duration(us / 1000)
		if got, err := flow.ParseDuration(d.String()); err == nil && got != d.Microseconds() || err != nil && d%1000 == 0 {
			t.Fatalf("ParseDuration(%q) = %d, %v; want %d", d, got, err, d.Microseconds())
		}
	})
}

// FuzzParseDuration: no text is too odd, and what is a duration for Go too means
// the same.
func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"1d2h3m4s5ms6us7ns", "-.5h", "1e3s", "+0", "999999999999d", "1.µs"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		us, err := flow.ParseDuration(s)
		if err != nil {
			return
		}
		if d, err := time.ParseDuration(s); err == nil && d.Microseconds() != us {
			t.Fatalf("ParseDuration(%q) = %d, want %d", s, us, d.Microseconds())
		}
	})
}
