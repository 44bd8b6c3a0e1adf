package protocol

import (
	"bytes"
	"encoding/hex"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parallax/engine"
)

func drawPartition(t *rapid.T) PartitionID {
	return PartitionID{Topic: rapid.StringN(0, 10, -1).Draw(t, "topic"), Number: rapid.Int32().Draw(t, "number")}
}

func drawCut(t *rapid.T) Cut {
	return Cut{Offset: rapid.Int64().Draw(t, "offset"), Frontier: rapid.Int64().Draw(t, "frontier")}
}

func drawPayload(t *rapid.T) []byte { return rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "payload") }

func drawBatch(t *rapid.T) Batch {
	return Batch{
		Base: rapid.Int64Range(0, math.MaxInt64).Draw(t, "base"), Count: rapid.Int32Range(1, math.MaxInt32).Draw(t, "count"),
		Append: rapid.Int64().Draw(t, "append"), Producer: rapid.Uint64().Draw(t, "producer"), Epoch: rapid.Uint32().Draw(t, "epoch"),
		Sequence: rapid.Uint32().Draw(t, "sequence"), TimeMax: rapid.Int64().Draw(t, "time"), Idle: rapid.Bool().Draw(t, "idle"),
		Payload: drawPayload(t),
	}
}

// drawMessage draws any message of the package.
func drawMessage(t *rapid.T) engine.Message {
	request, p, cut := rapid.Uint64().Draw(t, "request"), drawPartition(t), drawCut(t)
	code, leader := Code(rapid.Byte().Draw(t, "code")), engine.NodeID(rapid.Uint32().Draw(t, "leader"))
	switch rapid.Custom(func(t *rapid.T) engine.Kind { return kindProduce + engine.Kind(rapid.IntRange(0, 7).Draw(t, "kind")) }).Draw(t, "kind") {
	case kindProduce:
		return Produce{
			Request: request, Partition: p, Producer: rapid.Uint64().Draw(t, "producer"), Epoch: rapid.Uint32().Draw(t, "epoch"),
			Sequence: rapid.Uint32().Draw(t, "sequence"), Count: rapid.Int32().Draw(t, "count"), TimeMax: rapid.Int64().Draw(t, "time"),
			Idle: rapid.Bool().Draw(t, "idle"), Payload: drawPayload(t),
		}
	case kindProduced:
		return Produced{Request: request, Partition: p, Code: code, Leader: leader, Base: cut.Offset, Append: cut.Frontier}
	case kindFetch:
		return Fetch{Request: request, Partition: p, Offset: cut.Offset, Credit: rapid.Int32().Draw(t, "credit")}
	case kindFetched:
		m := Fetched{Request: request, Partition: p, Code: code, Leader: leader, Start: cut, End: rapid.Int64().Draw(t, "end"), Batches: []Batch{}}
		for range rapid.IntRange(0, 3).Draw(t, "batches") {
			m.Batches = append(m.Batches, drawBatch(t))
		}
		return m
	case kindPin:
		return Pin{Request: request, Partition: p, Holder: rapid.StringN(0, 10, -1).Draw(t, "holder"), Cut: cut, Release: rapid.Bool().Draw(t, "release")}
	case kindPinned:
		return Pinned{Request: request, Partition: p, Code: code, Leader: leader, Start: cut}
	case kindLookup:
		return Lookup{Request: request, Partition: p, Append: cut.Offset}
	default:
		return LookedUp{Request: request, Partition: p, Code: code, Leader: leader, Cut: cut}
	}
}

// TestLawRoundTrip: every message reads back as it was written, and no proper
// prefix of it is a message.
func TestLawRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawMessage(t)
		b := m.AppendTo(nil)
		got, err := Decode(m.Kind(), b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, got); diff != "" {
			t.Fatal(diff)
		}
		cut := rapid.IntRange(0, len(b)-1).Draw(t, "cut")
		if got, err := Decode(m.Kind(), b[:cut]); err == nil {
			t.Fatalf("%d of %d bytes read as %+v", cut, len(b), got)
		}
		if again := m.AppendTo([]byte("before")); !bytes.Equal(again, append([]byte("before"), b...)) {
			t.Fatal("the encoding depends on what it is appended to")
		}
	})
}

// TestLawBatch: a batch reads back, and none with a byte changed does.
func TestLawBatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawBatch(t)
		b := e.AppendTo(nil)
		got, err := DecodeBatch(b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, got); diff != "" {
			t.Fatal(diff)
		}
		at, bits := rapid.IntRange(0, len(b)-1).Draw(t, "at"), rapid.ByteRange(1, 255).Draw(t, "bits")
		b[at] ^= bits
		if got, err := DecodeBatch(b); err == nil {
			t.Fatalf("byte %d changed by %x reads as %+v", at, bits, got)
		}
	})
}

// TestVectorBatch pins the bytes of the log; the checksums are of another
// implementation of CRC-32C, one bit at a time.
func TestVectorBatch(t *testing.T) {
	for _, c := range []struct {
		batch Batch
		want  string
	}{
		{
			Batch{Base: 1, Count: 2, Append: 3, Producer: 4, Epoch: 5, Sequence: 6, TimeMax: 7, Payload: []byte("rows")},
			"cbb12cb7" + "01" + "00" + "0100000000000000" + "02000000" + "0300000000000000" + "0400000000000000" + "05000000" + "06000000" + "0700000000000000" + "726f7773",
		},
		{
			Batch{Base: 258, Count: 1, Append: -1, TimeMax: math.MaxInt64, Idle: true, Payload: []byte{}},
			"8021b219" + "01" + "01" + "0201000000000000" + "01000000" + "ffffffffffffffff" + "0000000000000000" + "00000000" + "00000000" + "ffffffffffffff7f",
		},
	} {
		b := c.batch.AppendTo(nil)
		if got := hex.EncodeToString(b); got != c.want {
			t.Errorf("%+v is\n%s, want\n%s", c.batch, got, c.want)
		}
		if len(b) != batchHeaderSize+len(c.batch.Payload) {
			t.Errorf("%d bytes", len(b))
		}
	}
}

// TestVectorFrontier: a frontier is the greatest event time so far, of rows or of
// idle records.
func TestVectorFrontier(t *testing.T) {
	f := LogStart().Frontier
	for i, c := range []struct{ time, want int64 }{{-5, -5}, {10, 10}, {3, 10}, {math.MaxInt64, math.MaxInt64}, {0, math.MaxInt64}} {
		b := Batch{Count: 1, TimeMax: c.time}
		if f = b.Frontier(f); f != c.want {
			t.Errorf("batch %d: %d, want %d", i, f, c.want)
		}
	}
}

// TestVectorCode: every code has a name of its own.
func TestVectorCode(t *testing.T) {
	seen := map[string]bool{}
	for c := OK; c <= Unknown+1; c++ {
		if seen[c.String()] {
			t.Errorf("%s twice", c)
		}
		seen[c.String()] = true
	}
	if Unknown.String() != "unknown partition" || Code(200).String() != "code(200)" {
		t.Errorf("%s, %s", Unknown, Code(200))
	}
}

// FuzzDecode: decoders take any bytes, and what they take they give back.
func FuzzDecode(f *testing.F) {
	for _, m := range []engine.Message{
		Produce{Partition: PartitionID{Topic: "t"}, Payload: []byte("p")},
		Produced{},
		Fetch{},
		Fetched{Batches: []Batch{{Count: 1, Payload: []byte("p")}}},
		Pin{Holder: "h"},
		Pinned{},
		Lookup{},
		LookedUp{},
	} {
		f.Add(uint16(m.Kind()), m.AppendTo(nil))
	}
	f.Fuzz(func(t *testing.T, k uint16, b []byte) {
		m, err := Decode(engine.Kind(k), b)
		if err == nil && (m.Kind() != engine.Kind(k) || !bytes.Equal(m.AppendTo(nil), b)) {
			t.Errorf("kind %d, %x came back as kind %d, %x", k, b, m.Kind(), m.AppendTo(nil))
		}
	})
}

// FuzzDecodeBatch is the same for what lies in the log.
func FuzzDecodeBatch(f *testing.F) {
	b := Batch{Base: 1, Count: 2, Payload: []byte("p")}
	f.Add(b.AppendTo(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := DecodeBatch(b)
		if err == nil && !bytes.Equal(e.AppendTo(nil), b) {
			t.Errorf("%x came back as %x", b, e.AppendTo(nil))
		}
	})
}
