package commitlog

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parallax/engine/commitlog/protocol"
)

// drawCommands draws a log's commands, as leaders would propose them or worse.
func drawCommands(t *rapid.T) []command {
	s := newState()
	var list []command
	for range rapid.IntRange(0, 40).Draw(t, "commands") {
		c := command{kind: rapid.SampledFrom([]byte{commandBatch, commandBatch, commandPin, commandTrim}).Draw(t, "kind")}
		cut := protocol.Cut{Offset: rapid.Int64Range(0, s.end.Offset+2).Draw(t, "cut")}
		switch c.kind {
		case commandBatch:
			b := protocol.Batch{
				Base: s.end.Offset, Count: rapid.Int32Range(1, 3).Draw(t, "count"), TimeMax: rapid.Int64Range(-5, 50).Draw(t, "time"),
				Append: s.append + rapid.SampledFrom([]int64{0, 1, timeStride / 2, timeStride, 3 * timeStride}).Draw(t, "append"),
			}
			if b.Producer = rapid.Uint64Range(0, 3).Draw(t, "producer"); b.Producer == 0 {
				b.Idle, b.Count = true, 1
			} else if at, known := s.producers.find(b.Producer); known {
				q := s.producers[at]
				b.Epoch, b.Sequence = q.epoch, q.recent[len(q.recent)-1].sequence+1
				if rapid.IntRange(0, 4).Draw(t, "bump") == 0 {
					b.Epoch, b.Sequence = b.Epoch+1, 0
				}
			}
			c.batch = b
		case commandPin:
			c.holder, c.cut, c.release = rapid.SampledFrom([]string{"a", "b"}).Draw(t, "holder"), cut, rapid.Bool().Draw(t, "release")
		case commandTrim:
			c.cut = cut
		}
		if err := s.apply(&c); err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

func applied(t *rapid.T, s *state, list []command) {
	for i := range list {
		if err := s.apply(&list[i]); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLawSnapshot: a state reads back as it was written, and applying everything is
// applying a part, a snapshot, and the rest.
func TestLawSnapshot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := drawCommands(t)
		cut := rapid.IntRange(0, len(list)).Draw(t, "snapshot")
		whole, part := newState(), newState()
		applied(t, &whole, list)
		applied(t, &part, list[:cut])
		kept := part.clone()
		rest, err := decodeState(part.appendTo(nil))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(rest.appendTo(nil), part.appendTo(nil)) {
			t.Fatalf("%+v came back as %+v", part, rest)
		}
		applied(t, &rest, list[cut:])
		if !bytes.Equal(rest.appendTo(nil), whole.appendTo(nil)) {
			t.Fatalf("on top of a snapshot %+v, else %+v", rest, whole)
		}
		applied(t, &part, list[cut:])
		if before := kept.appendTo(nil); !bytes.Equal(before, func() []byte { s := newState(); applied(t, &s, list[:cut]); return s.appendTo(nil) }()) {
			t.Fatal("a clone changes with its original")
		}
	})
}

// TestLawPins: the log never begins above a pin that is held, a pin that is taken
// in is at or above the start, and the start never goes back.
func TestLawPins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newState()
		list := drawCommands(t)
		for i := range list {
			before := s.clone()
			applied(t, &s, list[i:i+1])
			if s.start.Offset < before.start.Offset || s.start.Offset > s.end.Offset {
				t.Fatalf("the start goes from %v to %v, the end is %v", before.start, s.start, s.end)
			}
			for _, p := range s.pins {
				if p.cut.Offset < s.start.Offset {
					t.Fatalf("%+v lies below the start %v", p, s.start)
				}
			}
		}
	})
}

// FuzzDecodeState takes any bytes, and gives back what it was given.
func FuzzDecodeState(f *testing.F) {
	s := newState()
	s.pins.set("view", s.start, false)
	s.producers.record(&protocol.Batch{Producer: 3})
	f.Add(s.appendTo(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := decodeState(b); err == nil && !bytes.Equal(s.appendTo(nil), b) {
			t.Errorf("%x came back as %x", b, s.appendTo(nil))
		}
	})
}

// TestOracleTimeIndex: floor is the last mark that was added at t or before, among
// those that are left; marks are a stride apart; a full index loses every second.
func TestOracleTimeIndex(t *testing.T) {
	var x timeIndex
	at := int64(0)
	for i := range int64(2 * timeMarksMax) {
		x.add(at, protocol.Cut{Offset: i})
		at += timeStride / 2
	}
	if len(x) != timeMarksMax {
		t.Fatalf("%d marks of %d batches a half stride apart", len(x), 2*timeMarksMax)
	}
	x.add(at, protocol.Cut{Offset: 2 * timeMarksMax})
	if len(x) != timeMarksMax/2+1 {
		t.Fatalf("%d marks after the index was full", len(x))
	}
	for _, q := range []int64{-1, 0, 1, timeStride, 7*timeStride + 3, at - 1, at, at + 1} {
		want, found := timeMark{}, false
		for _, m := range x {
			if m.append <= q {
				want, found = m, true
			}
		}
		if got, ok := x.floor(q); ok != found || got != want {
			t.Errorf("floor(%d) = %v, %v, want %v, %v", q, got, ok, want, found)
		}
	}
	x.trim(100)
	if x[0].before.Offset < 100 {
		t.Errorf("the first mark is %v after a trim to 100", x[0])
	}
}

// TestVectorS39 is Kafka's check of an idempotent producer's appends (spec S39):
// (e0,s0) (e0,s1) (e0,s1) (e0,s5) (e1,s0) (e0,s0) are OK OK SEQ SEQ OK EPOCH there.
// Kafka's test asks the state alone, for which a copy is out of sequence; its log
// recognises a copy before that, as ours does, and answers with the first one.
func TestVectorS39(t *testing.T) {
	var table producers
	type step struct {
		epoch, sequence uint32
		want            verdict
		base            int64 // of the first copy
	}
	for i, s := range []step{
		{0, 0, next, 0},
		{0, 1, next, 0},
		{0, 1, duplicate, 1},
		{0, 5, outOfSequence, 0},
		{1, 0, next, 0},
		{0, 0, fenced, 0},
	} {
		got, first := table.judge(7, s.epoch, s.sequence)
		if got != s.want || first.base != s.base {
			t.Errorf("step %d: %d, first copy at %d, want %d at %d", i, got, first.base, s.want, s.base)
		}
		if got == next {
			table.record(&protocol.Batch{Base: int64(i), Producer: 7, Epoch: s.epoch, Sequence: s.sequence})
		}
	}
	if got, _ := table.judge(8, 3, 1); got != outOfSequence {
		t.Errorf("an unknown producer begins at 1: %d", got)
	}
	if got, _ := table.judge(7, 2, 1); got != outOfSequence {
		t.Errorf("a new epoch begins at 1: %d", got)
	}
}

// TestOracleProducers: the last five batches of a producer's epoch are remembered
// with their places, the numbers wrap, and nothing else is a copy.
func TestOracleProducers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.Uint32().Draw(t, "first")
		table := producers{{id: 7, recent: []appended{{sequence: first, base: 100}}}}
		places := map[uint32]int64{first: 100}
		n := rapid.Uint32Range(0, 12).Draw(t, "batches")
		for i := uint32(1); i <= n; i++ {
			if v, _ := table.judge(7, 0, first+i); v != next {
				t.Fatalf("%d behind %d is %d", first+i, first+i-1, v)
			}
			places[first+i] = 100 + int64(i)
			table.record(&protocol.Batch{Base: 100 + int64(i), Producer: 7, Sequence: first + i})
		}
		ask := first + rapid.Uint32Range(0, 20).Draw(t, "ask") - 4
		want, base := outOfSequence, int64(0)
		switch age := first + n - ask; {
		case ask == first+n+1:
			want = next
		case age < recentMax && age <= n:
			want, base = duplicate, places[ask]
		}
		if v, a := table.judge(7, 0, ask); v != want || a.base != base {
			t.Fatalf("%d after %d to %d is %d at %d, want %d at %d", ask, first, first+n, v, a.base, want, base)
		}
		c := table.clone()
		c.record(&protocol.Batch{Producer: 7, Epoch: 1})
		if cmp.Equal(table[0].recent, c[0].recent, cmp.AllowUnexported(appended{})) {
			t.Fatal("a clone changes with its original")
		}
	})
}
