package blob_test

import (
	"bytes"
	"testing"

	"parallax/engine"
	"parallax/engine/blob"
)

// FuzzDecode: bytes are a message that encodes to them, or refused.
func FuzzDecode(f *testing.F) {
	for _, m := range []engine.Message{
		blob.Put{Request: 1, Name: "n", Expect: 2, Data: []byte("d")},
		blob.Delete{Request: 1, Name: "n"},
		blob.Get{Request: 1, Name: "n", Length: -1},
		blob.List{Request: 1, Prefix: "p"},
		blob.Listed{Request: 1, Entries: []blob.Entry{{Name: "n"}}},
		blob.Done{Request: 1},
		blob.Got{Data: []byte("d")},
	} {
		f.Add(uint16(m.Kind()), m.AppendTo(nil))
	}
	f.Fuzz(func(t *testing.T, k uint16, b []byte) {
		m, err := blob.Decode(engine.Kind(k), b)
		if err == nil && !bytes.Equal(m.AppendTo(nil), b) {
			t.Errorf("kind %d: %x came back as %x", k, b, m.AppendTo(nil))
		}
	})
}
