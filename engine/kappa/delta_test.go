package kappa

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
)

// edited is a copy of b with some bytes overwritten, some put in, some taken out.
func edited(d *rand.Rand, b []byte, edits int) []byte {
	b = bytes.Clone(b)
	for range edits {
		at := d.IntN(len(b) + 1)
		switch n := 1 + d.IntN(40); d.IntN(3) {
		case 0:
			for i := at; i < min(at+n, len(b)); i++ {
				b[i] = byte(d.Uint32())
			}
		case 1:
			b = append(b[:at:at], append(noise(d, n), b[at:]...)...)
		default:
			b = append(b[:at:at], b[min(at+n, len(b)):]...)
		}
	}
	return b
}

func noise(d *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(d.Uint32())
	}
	return b
}

// Whatever two states are, the delta makes the second from the first; and where
// they differ little, it is short.
func TestLawDelta(t *testing.T) {
	d := rand.New(rand.NewPCG(1, 2))
	for n := range 400 {
		old := noise(d, d.IntN(20_000))
		switch n % 4 {
		case 0:
			old = bytes.Repeat([]byte("state "), d.IntN(3000)) // all pieces are alike
		case 1:
			old = make([]byte, d.IntN(20_000))
		}
		edits := d.IntN(6)
		data := edited(d, old, edits)
		if n%20 == 0 {
			data = noise(d, d.IntN(3000))
		}
		from, _ := (&image{}).next(nil, old)
		img, delta := from.next(nil, data)
		made, err := applyDelta(old, delta)
		if err != nil || !bytes.Equal(made, data) || !bytes.Equal(img.data, data) {
			t.Fatalf("case %d: %d bytes made of %d, should be %d: %v", n, len(made), len(old), len(data), err)
		}
		if most := 40 + edits*3*pieceBytesMax; n%20 != 0 && len(delta) > most {
			t.Errorf("case %d: %d edits take %d bytes", n, edits, len(delta))
		}
	}
}

// A delta that is damaged, or meant for another state, makes an error or nothing
// else: the checksum of what it makes sees to that.
func TestDamagedDeltaIsRefused(t *testing.T) {
	d := rand.New(rand.NewPCG(3, 4))
	old := noise(d, 5000)
	from, _ := (&image{}).next(nil, old)
	data := edited(d, old, 5)
	_, delta := from.next(nil, data)
	for n := range 3000 {
		bad, base := edited(d, delta, 1), old
		if n%3 == 0 {
			bad, base = delta, edited(d, old, 1)
		}
		if made, err := applyDelta(base, bad); err == nil && !bytes.Equal(made, data) || err != nil && !errors.Is(err, errDelta) {
			t.Fatalf("case %d: %d bytes, %v", n, len(made), err)
		}
	}
}

// What a recovery makes of the records that a journal may still hold: bases and
// deltas in pieces, some broken off by a crash, some left over from before the
// first base.
func TestVectorRecovery(t *testing.T) {
	const both = flagFirst | flagLast
	d := rand.New(rand.NewPCG(7, 8))
	one := string(noise(d, 3000))
	two := one + "two"
	three := "three" + two[500:]
	state := func(s string) []byte { return []byte(s) }
	first, _ := (&image{}).next(nil, state(one))
	second, one2two := first.next(nil, state(two))
	_, two2three := second.next(nil, state(three))
	rec := func(flags byte, b []byte) []byte { return append([]byte{flags}, b...) }
	for i, c := range []struct {
		records [][]byte
		image   string
		bad     bool
	}{
		{nil, "", false},
		{[][]byte{rec(flagBase|both, state(one))}, one, false},
		{[][]byte{rec(flagBase|both, state(one)), rec(both, one2two), rec(both, two2three)}, three, false},
		{[][]byte{rec(flagBase|flagFirst, state(one[:9])), rec(flagBase|flagLast, state(one[9:]))}, one, false},
		{[][]byte{rec(flagBase|flagFirst, state(one[:9]))}, "", false},
		{[][]byte{rec(flagBase|both, state(one)), rec(flagBase|flagFirst, state("x")), rec(both, one2two)}, two, false},
		{[][]byte{rec(flagBase|both, state(one)), rec(flagFirst, one2two[:3]), rec(flagLast, one2two[3:])}, two, false},
		{[][]byte{rec(both, two2three), rec(flagLast, nil), rec(flagBase|both, state(one)), rec(both, one2two)}, two, false},
		{[][]byte{rec(flagBase|both, state(one)), rec(both, two2three)}, "", true},
		{[][]byte{rec(flagBase|both, state(one)), rec(flagLast, one2two)}, "", true},
		{[][]byte{{}}, "", true},
		{[][]byte{rec(8, nil)}, "", true},
	} {
		var r recovery
		var err error
		for _, b := range c.records {
			if err = r.record(b); err != nil {
				break
			}
		}
		if (err != nil) != c.bad || !c.bad && string(r.image) != c.image {
			t.Errorf("case %d: %d bytes, %v", i, len(r.image), err)
		}
	}
}

// BenchmarkDelta is what a checkpoint costs beyond the encoding of the state: one
// walk over the bytes. Every hundredth byte run of a kilobyte has changed.
func BenchmarkDelta(b *testing.B) {
	for _, size := range []int{1 << 20, 16 << 20} {
		b.Run(fmt.Sprintf("%dMiB", size>>20), func(b *testing.B) {
			d := rand.New(rand.NewPCG(5, 6))
			old := noise(d, size)
			data := bytes.Clone(old)
			for at := 0; at < len(data); at += 100 << 10 {
				copy(data[at:], noise(d, 1<<10))
			}
			from, _ := (&image{}).next(nil, old)
			b.SetBytes(int64(size))
			var delta []byte
			for b.Loop() {
				_, delta = from.next(delta[:0], data)
			}
			b.ReportMetric(100*float64(len(delta))/float64(size), "%written")
		})
	}
}

// The bytes of a delta: a literal, then a copy of a whole piece of the state before.
func TestGoldenDelta(t *testing.T) {
	old := bytes.Repeat([]byte{7}, 40)
	from, _ := (&image{}).next(nil, old)
	_, same := from.next(nil, old)
	_, other := from.next(nil, []byte("other"))
	const (
		wantSame  = "2800000000000000" + "e4140c99b55a3f45" + "51" + "00"
		wantOther = "0500000000000000" + "203558d9e4da38b9" + "0a" + "6f74686572"
	)
	if got := fmt.Sprintf("%x", same); got != wantSame {
		t.Errorf("nothing has changed: %s", got)
	}
	if got := fmt.Sprintf("%x", other); got != wantOther {
		t.Errorf("everything has: %s", got)
	}
}
