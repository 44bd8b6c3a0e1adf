package kappa

import (
	"testing"

	"parallax/engine"
)

// Decoders take any bytes, and give back what they were given.
func FuzzDecode(f *testing.F) {
	for _, m := range []engine.Message{
		retry{partition: 1, acked: 2}, fetchAgain{partition: 3, request: 4}, publishAgain{}, stored{checkpoint: 5},
	} {
		f.Add(uint16(m.Kind()), m.AppendTo(nil))
	}
	f.Fuzz(func(t *testing.T, k uint16, b []byte) {
		m, err := Decode(engine.Kind(k), b)
		if err != nil || k < 150 {
			return // the log's messages are fuzzed with the log
		}
		if m.Kind() != engine.Kind(k) || string(m.AppendTo(nil)) != string(b) {
			t.Errorf("kind %d, %x came back as kind %d, %x", k, b, m.Kind(), m.AppendTo(nil))
		}
	})
}

// FuzzApplyDelta gives a recovery any bytes.
func FuzzApplyDelta(f *testing.F) {
	from, _ := (&image{}).next(nil, []byte("a state that was written"))
	_, delta := from.next(nil, []byte("another one"))
	f.Add([]byte("a state that was written"), delta)
	f.Fuzz(func(t *testing.T, old, delta []byte) {
		if made, err := applyDelta(old, delta); err != nil && made != nil {
			t.Errorf("%d bytes and %v", len(made), err)
		}
	})
}
