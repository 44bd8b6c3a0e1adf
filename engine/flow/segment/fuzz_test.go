package segment

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"

	"parallax/engine/flow/column"
)

// sample is a segment's header and two entries.
func sample(t testing.TB, rows int) (h Header, first, second []byte) {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, uint64(rows)))
	h = Header{ID: 5, Partition: 3, Schema: kinds}
	w, err := NewWriter(h)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		e, err := w.Append(nil, drawBatch(rng, kinds, rows, int64(100*i), true))
		if err != nil {
			t.Fatal(err)
		}
		first, second = second, e
	}
	return h, first, second
}

// touch reads every value of a batch.
func touch(b *column.Batch) { _ = boxed(b) }

// tryDecode decodes hostile bytes after a good entry and reads what came out;
// any panic fails the test. Then the reader must still read good entries.
func tryDecode(t testing.TB, h Header, good, raw []byte) {
	t.Helper()
	r, err := NewReader(h)
	if err != nil {
		t.Fatal(err)
	}
	var b column.Batch
	if err := r.Decode(good, &b); err != nil {
		t.Fatal(err)
	}
	if err := r.Decode(raw, &b); err == nil {
		touch(&b)
	} else if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrForeign) && !errors.Is(err, ErrGap) {
		t.Fatalf("an error of no kind: %v", err)
	}
	if err := r.Decode(good, &b); err != nil {
		t.Fatalf("after hostile bytes: %v", err)
	}
	touch(&b)
}

// TestLawCorruption flips every byte of an entry in turn, and words in its Arrow
// metadata to extremes: an error or a well-formed batch, never a panic.
func TestLawCorruption(t *testing.T) {
	h, first, second := sample(t, 9)
	for i := range second {
		for _, flip := range []byte{0x01, 0x80, 0xff} {
			raw := append([]byte(nil), second...)
			raw[i] ^= flip
			tryDecode(t, h, first, raw)
		}
	}
	for i := 0; i+8 <= len(second); i += 4 {
		for _, v := range []uint64{0, 1 << 31, 1 << 40, 1<<63 - 1, 1<<64 - 1} {
			raw := append([]byte(nil), second...)
			binary.LittleEndian.PutUint64(raw[i:], v)
			tryDecode(t, h, first, raw)
		}
	}
	for n := range second {
		tryDecode(t, h, first, second[:n])
	}
}

func FuzzDecode(f *testing.F) {
	h, first, second := sample(f, 9)
	f.Add(second)
	f.Add(first)
	_, empty, _ := sample(f, 0)
	f.Add(empty)
	f.Fuzz(func(t *testing.T, raw []byte) { tryDecode(t, h, first, raw) })
}

func FuzzHeader(f *testing.F) {
	f.Add(Header{ID: 5, Partition: 3, Schema: kinds}.AppendTo(nil))
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, rest, err := ParseHeader(raw)
		if err != nil {
			return
		}
		if got := string(h.AppendTo(nil)) + string(rest); got != string(raw) {
			t.Fatalf("%q parses to %v and prints as %q", raw, h, got)
		}
		if _, err := NewReader(h); err != nil {
			t.Fatalf("NewReader(%v): %v", h, err)
		}
	})
}
