package compare

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"parallax/bench/measure"
	"parallax/scenarios/source"
)

// small is a grid that is quick to carry out.
func small(t testing.TB, change func(o *Options)) *Report {
	t.Helper()
	o := Options{Architectures: []string{"kappa"}, Seeds: 2}
	if change != nil {
		change(&o)
	}
	p, err := NewPlan(load(t, visitsJob, visitsRows), o)
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Run()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func parquet(t testing.TB, r *Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := r.Table().Write(&b, source.Parquet); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestDeterminismTable: the same comparison gives the same bytes, whatever the number of
// processors, and all there is in the table follows from its case.
func TestDeterminismTable(t *testing.T) {
	first := small(t, nil)
	want := parquet(t, first)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for n := 1; n <= 3; n++ {
		runtime.GOMAXPROCS(n)
		if got := parquet(t, small(t, nil)); !bytes.Equal(got, want) {
			t.Errorf("with %d processors results.parquet is another", n)
		}
	}
	if first.Table().Rows != len(first.Cases) || !first.Sound() {
		t.Errorf("%d rows for %d cases, sound %v", first.Table().Rows, len(first.Cases), first.Sound())
	}
}

// TestVectorGrid: the default grid of eight rows, and what comes of its predictions.
func TestVectorGrid(t *testing.T) {
	r := small(t, nil)
	var cases []string
	for _, l := range r.Lines {
		cases = append(cases, l.String())
	}
	want := "kappa, delay 0s, faults none, seed 1\nkappa, delay 0s, faults default, seed 1\n" +
		"kappa, delay 1s, faults none, seed 1\nkappa, delay 1s, faults default, seed 1\n" +
		"kappa, delay 7s1ms, faults none, seed 1\nkappa, delay 7s1ms, faults default, seed 1"
	if got := strings.Join(cases, "\n"); got != want {
		t.Errorf("%s", got)
	}
	for _, p := range r.Predictions() {
		if p.Outcome == failed {
			t.Errorf("%s: %s", p.Text, p.Why)
		}
	}
	// Two of eight rows come too late for a delay of 1s, none for one of 7.001 s.
	for i, under := range []float64{2, 2, 2, 2, 0, 0} {
		if got := r.mean(&r.Lines[i], "pairs_under"); got != under {
			t.Errorf("%s: %v pairs are missing, want %v", r.Lines[i], got, under)
		}
	}
}

// TestPlanted: an architecture that does something wrong is told so, and by the
// prediction that is about it.
func TestPlanted(t *testing.T) {
	for _, c := range []struct {
		broken  string
		spoil   func(in *Input, t *Trial)
		repairs bool
		batches bool
	}{
		{broken: "exactly the oracle's answers", spoil: func(_ *Input, t *Trial) { t.Answers.Checksum++ }},
		{broken: "counts twice", spoil: func(_ *Input, t *Trial) { t.Histories[0].Shown[0].Rows = t.Histories[0].Rows + 1 }},
		{broken: "counts twice", spoil: func(_ *Input, t *Trial) { t.Extra = 1 }},
		{broken: "to the row, what the frontier says", spoil: func(_ *Input, t *Trial) {
			h := &t.Histories[0]
			h.Shown[len(h.Shown)-1].Rows--
		}},
		{broken: "faults change when answers come", spoil: func(_ *Input, t *Trial) {
			if t.Faults {
				t.Answers.Windows++
			}
		}},
		{broken: "before the policy permits it", spoil: func(in *Input, t *Trial) {
			for i := range t.Histories {
				if h := &t.Histories[i]; len(h.Shown) > 0 {
					h.Shown[0].At = h.End - 1
				}
			}
		}},
		{broken: "never brings answers sooner", spoil: func(_ *Input, t *Trial) {
			for i := range t.Histories {
				for k := range t.Histories[i].Shown {
					t.Histories[i].Shown[k].Rows = t.Histories[i].Rows - t.Delay/1e6
				}
			}
		}},
		{broken: "holds every row in the end", repairs: true, spoil: func(*Input, *Trial) {}},
		{broken: "writes and reads more", batches: true, spoil: func(_ *Input, t *Trial) { t.Work = []measure.Work{{Role: "log"}} }},
		{broken: "a longer interval of batches", batches: true, spoil: func(_ *Input, t *Trial) { t.Open[0].Amount += 1e9 / (1 + t.Batch) }},
		{broken: "answering anew from it is done sooner", batches: true, spoil: func(_ *Input, t *Trial) {
			if t.Again != nil {
				t.Again.Ns /= 2
			}
		}},
	} {
		liar := Architecture{Name: "liar", Repairs: c.repairs, Batches: c.batches, Run: func(in *Input, x Case) (*Trial, error) {
			trial, err := runKappa(in, x)
			if err == nil {
				c.spoil(in, trial)
			}
			return trial, err
		}}
		r := small(t, func(o *Options) {
			o.Architectures, o.plant, o.Seeds, o.Delays = []string{"kappa", "liar"}, []Architecture{liar}, 1, []int64{0, 1e6}
		})
		caught := false
		for _, p := range r.Predictions() {
			if strings.Contains(p.Text, c.broken) {
				caught = p.Outcome == failed && (strings.Contains(p.Why, "liar") || c.batches)
			}
		}
		if !caught {
			t.Errorf("%s: not told: %+v", c.broken, r.Predictions())
		}
	}
}

// TestVectorRankError: of /cart's 30 and 40 a delay of 1 s keeps the 30, and /pay's 99 is
// never answered; three windows are right.
func TestVectorRankError(t *testing.T) {
	p, err := NewPlan(load(t, visitsJob, visitsRows, "pipeline.2.aggregate={longest: max(ms), shortest: min(ms), n: count()}"),
		Options{Architectures: []string{"kappa"}, Delays: []int64{1e6}, Faults: []bool{false}, Seeds: 1})
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Run()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{
		"rank_error_first_longest": (0.5 + 1) / 5, "rank_error_final_longest": (0.5 + 1) / 5, "rank_error_first_shortest": 1.0 / 5,
	} {
		if got := r.mean(&r.Lines[0], name); math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if r.figure("rank_error_first_n") >= 0 {
		t.Error("a count has a rank")
	}
}

// TestVectorBreakEven: lines through known points, by interval and by its inverse.
func TestVectorBreakEven(t *testing.T) {
	for _, c := range []struct {
		f    fit
		at   float64
		says string
	}{
		{fit{inverse: true, batches: []float64{10e6, 100e6}, layers: [][]float64{{14, 14}, {5, 5}}, stream: []float64{6, 6}}, 50e6, "at least 50s apart"}, // 4 + 100/b
		{fit{inverse: true, batches: []float64{10e6, 100e6}, layers: [][]float64{{14, 14}, {5, 5}}, stream: []float64{3, 3}}, math.NaN(), "there is none: 4.0 bytes moved"},
		{fit{batches: []float64{10e6, 100e6}, layers: [][]float64{{1, 1}, {10, 10}}, stream: []float64{5, 5}}, 50e6, "at most 50s apart"}, // b/10
		{fit{batches: []float64{10e6, 100e6}, layers: [][]float64{{1, 1}, {10, 10}}, stream: []float64{90, 90}}, 900e6, "as rare as the data allows"},
	} {
		b := c.f.breakEven(0)
		if math.Abs(b.At.Mean-c.at) > 1 || math.IsNaN(b.At.Mean) != math.IsNaN(c.at) || !strings.Contains(b.says(200e6), c.says) {
			t.Errorf("%v: %s", b.At, b.says(200e6))
		}
	}
	f := fit{inverse: true, batches: []float64{10e6, 100e6}, layers: [][]float64{{14, 12}, {5, 4}}, stream: []float64{6, 4.5}}
	if b := f.breakEven(0); !(b.At.Low < b.At.Mean && b.At.Mean < b.At.High) {
		t.Errorf("where seeds differ it is not certain: %+v", b)
	}
}

// TestVectorGoals: goals as they are written, and what is advised.
func TestVectorGoals(t *testing.T) {
	for text, want := range map[string]Goal{
		"completeness 99.9%":  {Millionths: 999_000},
		"completeness 100%":   {Millionths: 1_000_000},
		"latency p99 5s":      {Percentile: 99, Wait: 5e6},
		"latency max 1m30s":   {Percentile: 100, Wait: 90e6},
		"latency p99.9 250ms": {Percentile: 99.9, Wait: 250e3},
	} {
		if want.Text = text; true {
			if g, err := ParseGoal(text); err != nil || g != want {
				t.Errorf("%s: %+v, %v", text, g, err)
			}
		}
	}
	for _, text := range []string{"", "completeness", "completeness 99.9", "completeness 0%", "completeness 101%", "latency 5s", "latency p98 5s", "latency p99 -5s", "speed 1"} {
		if _, err := ParseGoal(text); !errors.Is(err, ErrGoal) {
			t.Errorf("%q: %v", text, err)
		}
	}
	r := small(t, nil)
	for text, want := range map[string]string{
		"completeness 100%": "kappa with a delay of 7s1ms",
		"completeness 70%":  "kappa with a delay of 0s",
		"latency p50 5s":    "kappa with a delay of 0s",
		"latency max 1ms":   "nothing of this grid does. The nearest is kappa with a delay of 0s",
	} {
		g, err := ParseGoal(text)
		if err != nil {
			t.Fatal(err)
		}
		a := r.Advise(g)
		if !strings.HasPrefix(a.Choice, want) || a.Met != !strings.HasPrefix(want, "nothing") || len(a.Reasons) == 0 {
			t.Errorf("%s: %s", text, strings.Join(a.Lines(), "\n"))
		}
	}
}

// TestVectorBenchmarks: a line for each run in Go's benchmark format, none for a run whose
// answers are wrong.
func TestVectorBenchmarks(t *testing.T) {
	r := small(t, nil)
	r.Trials[0].Exact = false
	var b bytes.Buffer
	if err := r.WriteBenchmarks(&b, Built{Commit: "c", Go: "go", System: "linux/amd64", Processor: "p"}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	n := 0
	for _, l := range lines {
		if strings.HasPrefix(l, "Benchmark") {
			n++
			if f := strings.Fields(l); len(f) < 4 || len(f)%2 != 0 || f[1] != "1" {
				t.Errorf("%q", l)
			}
		}
	}
	if n != len(r.Trials)-1 || lines[0] != "goos: linux" {
		t.Errorf("%d lines for %d runs:\n%s", n, len(r.Trials), b.String())
	}
}

func ExampleParseGoal() {
	g, err := ParseGoal("completeness 99.9%")
	fmt.Println(g.Millionths, err)
	// Output: 999000 <nil>
}

// TestVectorPictures: each is a picture, the same every time, also where no window ends
// early enough.
func TestVectorPictures(t *testing.T) {
	for _, delays := range [][]int64{nil, {60e6}} {
		r := small(t, func(o *Options) { o.Delays, o.Seeds = delays, 1 })
		for _, name := range r.Pictures() {
			var a, b bytes.Buffer
			if err := errors.Join(r.WritePicture(&a, name), r.WritePicture(&b, name)); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(a.String(), "</svg>") || a.String() != b.String() || strings.Contains(a.String(), "NaN") {
				t.Errorf("%s: %.200s", name, a.String())
			}
		}
	}
}
