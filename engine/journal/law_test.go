package journal

import (
	"testing"

	"pgregory.net/rapid"

	"parallax/sim"
)

// Long lives: many incarnations, random steps, random crashes. After each, what is
// recovered is a beginning of what was appended, with all that was durable.
func TestLawRecoveredIsAPrefix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		opts := Options{SegmentBytesMax: int64(rapid.IntRange(100, 400).Draw(t, "segment"))}
		torn := func(size int) []int { return []int{rapid.IntRange(1, size-1).Draw(t, "torn")} }
		disk := sim.NewDisk()
		var before *node
		for number := range uint32(rapid.IntRange(2, 6).Draw(t, "boots")) {
			n, err := boot(disk, number+1, opts)
			if err != nil {
				t.Fatal(err)
			}
			if got := n.m.after(n.m.durable); before != nil && before.m.explains(got) < 0 {
				t.Fatalf("boot %d: recovered %s of %s, %d entries durable", number+1, show(got),
					show(before.m.after(len(before.m.entries))), before.m.durable)
			}
			for _, letter := range rapid.SliceOfN(rapid.SampledFrom([]byte("aaAAbrsss")), 0, 12).Draw(t, "steps") {
				if err := n.step(letter); err != nil {
					t.Fatal(err)
				}
			}
			which := rapid.IntRange(0, 500).Draw(t, "crash")
			for state := range n.disk.CrashStates(torn) {
				disk = state
				if which--; which < 0 {
					break
				}
			}
			before = n
		}
	})
}

// A header and a frame come back as they were written.
func TestLawFormat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		self := id{rapid.Uint32Range(2, 1<<31).Draw(t, "boot"), rapid.Uint32Range(1, 1<<31).Draw(t, "number")}
		h := header{
			self: self, begin: self, pred: id{self.boot - 1, 7},
			predEnd:   rapid.Int64Range(headerBytes, 1<<40).Draw(t, "end"),
			predChain: rapid.Uint64().Draw(t, "chain"),
			sealed:    rapid.Bool().Draw(t, "sealed"),
			base:      rapid.Bool().Draw(t, "base"),
		}
		k := self.key("state", DefectNone)
		b, sum := h.append(nil, k)
		got, chain, ok := decodeHeader(b, self, k)
		if len(b) != headerBytes || !ok || got != h || chain != sum {
			t.Fatalf("header %+v came back as %+v, %v", h, got, ok)
		}
		if a, ok := parseName("state", self.name("state")); !ok || a != self {
			t.Fatalf("name %s came back as %v, %v", self.name("state"), a, ok)
		}
		off := rapid.Int64Range(0, 1<<40).Draw(t, "off")
		record := rapid.SliceOf(rapid.Byte()).Draw(t, "record")
		b, sum = k.appendFrame(nil, off, record, h.sealed)
		f, ok := k.decodeFrame(b, off)
		if !ok || string(f.record) != string(record) || f.sum != sum || f.sealed != h.sealed {
			t.Fatalf("record %x came back as %x, %v", record, f.record, ok)
		}
		if _, ok := k.decodeFrame(b, off+1); ok {
			t.Fatal("a frame was good in another place")
		}
	})
}
