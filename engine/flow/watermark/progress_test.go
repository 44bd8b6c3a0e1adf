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

// TestVectorPerKey: keys a and b, whose clocks are 50 apart, under a bound of 100;
// then b falls silent, and is waited for no longer when it lies 100 behind.
func TestVectorPerKey(t *testing.T) {
	p := Spec{Kind: PerKey, Bounded: 100}.Progress()
	for _, c := range []struct {
		key  string
		at   int64
		want int64
	}{
		{"b", 50, 50},
		{"a", 100, 50},
		{"b", 60, 60},
		{"a", 110, 60},
		{"b", 55, 60},
		{"a", 159, 60},
		{"a", 160, 160},
		{"b", 70, 160},
		{"a", 180, 180},
		{"b", 165, 180},
		{"c", 400, 400},
		{"a", 390, 400},
	} {
		if p.KeyedRow(c.at, []byte(c.key)); p.Frontier() != c.want {
			t.Errorf("behind %s at %d: %d, want %d", c.key, c.at, p.Frontier(), c.want)
		}
	}
	if n := len(p.keys.heap); n != 2 || len(p.keys.numbers) != 2 {
		t.Errorf("%d keys are kept, want a and c", n)
	}
}

// TestOraclePerKey compares with the least over all keys, computed anew, and counts
// the keys that are kept.
func TestOraclePerKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bound := rapid.Int64Range(1, 60).Draw(t, "bound")
		p := Spec{Kind: PerKey, Bounded: bound}.Progress()
		newest, want, most := map[byte]int64{}, None, None
		for range rapid.IntRange(1, 60).Draw(t, "rows") {
			key, at := rapid.ByteRange('a', 'l').Draw(t, "key"), rapid.Int64Range(0, 200).Draw(t, "time")
			if old, ok := newest[key]; !ok || at > old {
				newest[key] = at
			}
			most = max(most, at)
			least, kept := End, 0
			for _, at := range newest {
				if at > most-bound {
					least, kept = min(least, at), kept+1
				}
			}
			want = max(want, least)
			if p.KeyedRow(at, []byte{key}); p.Frontier() != want || len(p.keys.heap) != kept || len(p.keys.keys) > 12 {
				t.Fatalf("behind %c at %d: %d with %d keys, want %d with %d", key, at, p.Frontier(), len(p.keys.heap), want, kept)
			}
		}
	})
}

func drawStrategy(t *rapid.T) Spec {
	s := Spec{Kind: Kind(rapid.IntRange(0, int(Adaptive)).Draw(t, "kind"))}
	if s.Kind.TakesShare() {
		s.Millionths = rapid.Int32Range(1, millionth).Draw(t, "share")
	}
	if s.Kind != Monotonic {
		s.Bounded = rapid.Int64Range(1, 900).Draw(t, "bounded")
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

// toldRow is a row and what the strategy looks at in it.
type toldRow struct {
	t     int64
	about byte
}

func (r toldRow) tell(p *Progress, later int64) {
	if p.spec.Kind == PerKey {
		p.KeyedRow(r.t+later, []byte{r.about})
		return
	}
	if p.spec.Kind == Completeness {
		p.FeedbackRow(r.t+later, r.about > 3)
		return
	}
	p.Row(r.t+later, r.about%2 == 0)
}

// TestVectorCompleteness: the share grows by half of what is missing from the goal and
// a quarter of what is missing more than before, and shrinks when more is met, but
// never to nothing.
func TestVectorCompleteness(t *testing.T) {
	p := Spec{Kind: Completeness, Millionths: 900_000}.Progress()
	feed := func(late int) uint64 {
		for i := range adaptRows {
			p.FeedbackRow(int64(i), i < late)
		}
		return p.control.share
	}
	// 64 of 128 are 500,000 millionths: 400,000 are missing.
	for _, c := range []struct {
		late int
		want uint64
	}{{64, 1_000_000}, {0, 825_000}, {0, 775_000}, {16, 818_750}, {128, 1_000_000}} {
		if got := feed(c.late); got != c.want {
			t.Errorf("%d late: share %d, want %d", c.late, got, c.want)
		}
	}
	p = Spec{Kind: Completeness, Millionths: 1}.Progress()
	for range 9 {
		if feed(0) < 1 {
			t.Error("a share of nothing")
		}
	}
}

// TestLawProgress: a strategy's frontier never goes back, follows from the rows so
// far whatever comes later and however they are saved and loaded between, and
// moving all times moves it along.
func TestLawProgress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawStrategy(t)
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) toldRow {
			return toldRow{rapid.Int64Range(-1000, 1000).Draw(t, "time"), rapid.ByteRange(0, 5).Draw(t, "about")}
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
			r.tell(p, 0)
			r.tell(moved, 5000)
			if p.Frontier() < before || p.Frontier() > max(before, p.newest) {
				t.Fatalf("from %d to %d at %d", before, p.Frontier(), p.newest)
			}
			if f := p.Frontier(); f != None && moved.Frontier() != f+5000 || f == None && moved.Frontier() != None {
				t.Fatalf("%d, and with all times moved by 5000 %d", f, moved.Frontier())
			}
			whole := s.Progress()
			for _, r := range rows[:i+1] {
				r.tell(whole, 0)
			}
			if whole.Frontier() != p.Frontier() {
				t.Fatalf("%d, and from the beginning %d", p.Frontier(), whole.Frontier())
			}
		}
	})
}

// FuzzProgressLoad: whatever is accepted is what would have been written, and works.
func FuzzProgressLoad(f *testing.F) {
	specs := []Spec{{Kind: Percentile, Millionths: 900_000}, {Kind: PerKey, Bounded: 9000}, {Kind: Completeness, Millionths: 900_000}, {Kind: Adaptive, Millionths: 900_000}}
	for which, s := range specs {
		p := s.Progress()
		f.Add(p.AppendTo(nil), byte(which))
		for i := range int64(50) {
			toldRow{i*1000 - i%7*5000, byte(i % 5)}.tell(p, 0)
		}
		f.Add(p.AppendTo(nil), byte(which))
	}
	f.Fuzz(func(t *testing.T, b []byte, which byte) {
		s := specs[int(which)%len(specs)]
		q := s.Progress()
		rest, err := q.Load(b)
		if err != nil {
			if !errors.Is(err, errState) {
				t.Fatal(err)
			}
			return
		}
		if !slices.Equal(append(q.AppendTo(nil), rest...), b) {
			t.Fatalf("%x is written as %x", b, q.AppendTo(nil))
		}
		toldRow{0, 0}.tell(q, 0)
		toldRow{-5000, 2}.tell(q, 0)
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
