package watermark

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// marks lists the watermark behind each row; a row is marked if its time is even.
func marks(s Spec, times ...int64) []int64 {
	p := s.Progress()
	var out []int64
	for _, t := range times {
		p.Row(t, t%2 == 0)
		out = append(out, s.Watermark(p.Frontier()))
	}
	return out
}

func TestVectorPunctuated(t *testing.T) {
	got := marks(Spec{Kind: Punctuated, Bounded: 1}, 5, 4, 9, 2, 8, 7)
	if want := []int64{None, 3, 3, 3, 7, 7}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v: only 4 and 8 carry the frontier", got, want)
	}
}

// TestVectorPercentile: the disorder of the rows is 0, 0, 10, 0, 0, 30, 0, 0.
func TestVectorPercentile(t *testing.T) {
	times := []int64{0, 100, 90, 120, 130, 100, 140, 200}
	for _, c := range []struct {
		millionths int32
		want       []int64
	}{
		{500_000, []int64{0, 100, 100, 120, 130, 130, 140, 200}},
		{800_000, []int64{0, 100, 100, 110, 130, 130, 130, 190}}, // the 4th of 5, the 5th of 6, the 6th of 7, the 7th of 8
		{1_000_000, []int64{0, 100, 100, 110, 120, 120, 120, 170}},
		{1, []int64{0, 100, 100, 120, 130, 130, 140, 200}},
	} {
		if got := marks(Spec{Kind: Percentile, Millionths: c.millionths}, times...); !slices.Equal(got, c.want) {
			t.Errorf("%d millionths: %v, want %v", c.millionths, got, c.want)
		}
	}
	if got := marks(Spec{Kind: Percentile, Millionths: 1_000_000}, math.MaxInt64, math.MinInt64, math.MaxInt64); got[2] != math.MaxInt64 {
		t.Errorf("over the whole of time: %v", got)
	}
}

func drawStrategy(t *rapid.T) Spec {
	s := Spec{Kind: Kind(rapid.IntRange(0, int(Percentile)).Draw(t, "kind"))}
	if s.Kind == Percentile {
		s.Millionths = rapid.Int32Range(1, millionth).Draw(t, "share")
	}
	if s.Kind != Monotonic {
		s.Bounded = rapid.Int64Range(0, 9).Draw(t, "bounded")
	}
	return s
}

// TestOracleSketch compares the quantile with that of the sorted values, rounded.
func TestOracleSketch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s sketch
		var all []uint64
		share := rapid.Uint64Range(1, millionth).Draw(t, "share")
		for _, v := range rapid.SliceOfN(rapid.OneOf(rapid.Uint64Range(0, 300), rapid.Uint64()), 1, 60).Draw(t, "values") {
			s.add(v)
			at, _ := slices.BinarySearch(all, v)
			all = slices.Insert(all, at, v)
			place := 0
			for uint64(place+1)*millionth < uint64(len(all))*share {
				place++
			}
			got, want := s.quantile(share), all[place]
			if got < want || want < 128 && got != want || got-want > want/64 {
				t.Fatalf("%d millionths of %v: %d, want %d or a little more", share, all, got, want)
			}
		}
	})
	for i := range bucketsMax {
		if g := greatest(i); bucket(g) != i || i > 0 && bucket(greatest(i-1)+1) != i {
			t.Fatalf("bucket %d ends at %d", i, g)
		}
	}
	if greatest(bucketsMax-1) != math.MaxUint64 {
		t.Error("the last bucket does not end with the last value")
	}
}

// TestLawProgress: a strategy's frontier never goes back, follows from the rows so
// far whatever comes later and however they are saved and loaded between, and
// moving all times moves it along.
func TestLawProgress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawStrategy(t)
		type row struct {
			t      int64
			marked bool
		}
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) row {
			return row{rapid.Int64Range(-1000, 1000).Draw(t, "time"), rapid.Bool().Draw(t, "marked")}
		}), 1, 40).Draw(t, "rows")
		cut := rapid.IntRange(0, len(rows)-1).Draw(t, "cut")
		p, moved := s.Progress(), s.Progress()
		for i, r := range rows {
			if i == cut {
				q := s.Progress()
				if rest, err := q.Load(append(p.AppendTo(nil), 3)); err != nil || !slices.Equal(rest, []byte{3}) {
					t.Fatalf("%v, rest %v", err, rest)
				}
				p = q
			}
			before := p.Frontier()
			p.Row(r.t, r.marked)
			moved.Row(r.t+5000, r.marked)
			if p.Frontier() < before || p.Frontier() > max(before, p.newest) {
				t.Fatalf("from %d to %d at %d", before, p.Frontier(), p.newest)
			}
			if f := p.Frontier(); f != None && moved.Frontier() != f+5000 || f == None && moved.Frontier() != None {
				t.Fatalf("%d, and with all times moved by 5000 %d", f, moved.Frontier())
			}
			whole := s.Progress()
			for _, r := range rows[:i+1] {
				whole.Row(r.t, r.marked)
			}
			if whole.Frontier() != p.Frontier() {
				t.Fatalf("%d, and from the beginning %d", p.Frontier(), whole.Frontier())
			}
		}
	})
}

// FuzzProgressLoad: whatever is accepted is what would have been written, and works.
func FuzzProgressLoad(f *testing.F) {
	s := Spec{Kind: Percentile, Millionths: 900_000}
	p := s.Progress()
	f.Add(p.AppendTo(nil))
	for i := range int64(50) {
		p.Row(i*1000-i%7*5000, false)
	}
	f.Add(p.AppendTo(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		q := s.Progress()
		rest, err := q.Load(b)
		if err != nil {
			if !errors.Is(err, ErrState) {
				t.Fatal(err)
			}
			return
		}
		if !slices.Equal(append(q.AppendTo(nil), rest...), b) {
			t.Fatalf("%x is written as %x", b, q.AppendTo(nil))
		}
		q.Row(0, true)
		q.Row(-5000, true)
	})
}

func BenchmarkPercentile(b *testing.B) {
	s := Spec{Kind: Percentile, Millionths: 990_000}
	p := s.Progress()
	i := int64(0)
	for b.Loop() {
		p.Row(i*1000-i%7*3000-i%101*400, false)
		i++
	}
}
