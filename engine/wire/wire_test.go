package wire

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// TestLawRoundTrip: what was appended reads back, and every proper prefix of it
// fails.
func TestLawRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, p, v, yes := rapid.Uint32().Draw(t, "a"), rapid.SliceOf(rapid.Byte()).Draw(t, "p"), rapid.Int64().Draw(t, "v"), rapid.Bool().Draw(t, "yes")
		b := AppendBool(Order.AppendUint64(AppendBytes(Order.AppendUint32(nil, a), p), uint64(v)), yes)
		read := func(b []byte) (Reader, bool) {
			r := Reader{Rest: b}
			same := r.U32() == a && bytes.Equal(r.Bytes(), p) && r.I64() == v && r.Bool() == yes
			return r, same
		}
		if r, same := read(b); !same || r.End() != nil {
			t.Fatalf("read %v: same %v, %v", b, same, r.End())
		}
		cut := rapid.IntRange(0, len(b)-1).Draw(t, "cut")
		if r, _ := read(b[:cut]); r.End() == nil {
			t.Fatalf("a prefix of %d bytes of %v passes", cut, b)
		}
	})
}

func TestVectorCount(t *testing.T) {
	r := Reader{Rest: []byte{3, 0, 0, 0, 1, 2, 3, 4, 5, 6}}
	if n := r.Count(2); n != 3 {
		t.Errorf("Count = %d, want 3", n)
	}
	r = Reader{Rest: []byte{255, 255, 255, 255, 1}}
	if n := r.Count(1); n != 0 || r.End() == nil {
		t.Errorf("a forged count gives %d, %v", n, r.End())
	}
	r = Reader{Rest: []byte{2}}
	if r.Bool(); r.End() == nil {
		t.Error("2 passes as a truth value")
	}
}
