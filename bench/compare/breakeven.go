package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"parallax/engine/flow"
)

// breakEven is the interval of batches at which a batch layer's bytes are those of an
// architecture without one, for one delay.
type breakEven struct {
	Delay  int64
	Kept   bool     // bytes on disks, where the log forgets what is archived; or bytes moved
	At     Interval // µs, of the draws that have one; NaN: there is none
	None   float64  // the share of the draws that have none
	Limit  float64  // bytes for each byte of the log with the rarest batches, or the most frequent
	Stream float64  // what the architecture without a batch layer has
}

// breakEvens are those of all delays, from the runs without faults. What is moved is taken
// to be a + c/b for an interval b, because each batch moves alike; what is kept a + c·b,
// because a log is kept for an interval. Both are fitted to the intervals of the grid, again
// for each draw of seeds. There are none without two intervals to fit.
func (r *Report) breakEvens() (list []breakEven) {
	stream := slices.IndexFunc(r.kinds, func(a Architecture) bool { return !a.Batches })
	layers := slices.IndexFunc(r.kinds, func(a Architecture) bool { return a.Batches })
	if stream < 0 || layers < 0 || len(r.opts.Batches) < 2 || r.opts.Faults[0] {
		return nil
	}
	for _, delay := range r.opts.Delays {
		one := r.samples(r.kinds[stream].Name, delay, 0)
		f := fit{inverse: true, stream: one.moved}
		for _, b := range r.opts.Batches {
			f.batches, f.layers = append(f.batches, float64(b)), append(f.layers, r.samples(r.kinds[layers].Name, delay, b).moved)
		}
		list = append(list, f.breakEven(delay))
		if r.Trimmed == nil {
			continue
		}
		f.inverse, f.stream, f.layers = false, one.kept, r.Trimmed
		list = append(list, f.breakEven(delay))
	}
	return list
}

// sample is what runs without faults have moved and kept, by seed, for each byte of the log.
type sample struct{ moved, kept []float64 }

func (r *Report) samples(architecture string, delay, batch int64) (s sample) {
	wrote, read, sent, peak := r.figure("wrote_per_byte"), r.figure("read_per_byte"), r.figure("sent_per_byte"), r.figure("stored_per_byte_peak")
	for i := range r.Trials {
		o := &r.Trials[i]
		if o.Architecture == architecture && o.Delay == delay && o.Batch == batch && !o.Faults {
			s.moved, s.kept = append(s.moved, o.Values[wrote]+o.Values[read]+o.Values[sent]), append(s.kept, o.Values[peak])
		}
	}
	return s
}

// fit is bytes by seed: of an architecture without a batch layer, and of one with, by
// interval.
type fit struct {
	inverse bool // they go by the inverse of the interval
	batches []float64
	layers  [][]float64
	stream  []float64
}

func (f *fit) breakEven(delay int64) breakEven {
	seeds := len(f.stream)
	all := make([]int, seeds)
	for i := range all {
		all[i] = i
	}
	at, limit, stream := f.solve(all)
	out := breakEven{Delay: delay, Kept: !f.inverse, Limit: limit, Stream: stream, At: Interval{at, at, at}}
	rng := rand.New(rand.NewPCG(uint64(seeds), bootstrapSalt))
	var found []float64
	draw := make([]int, seeds)
	for range resamples {
		for i := range draw {
			draw[i] = rng.IntN(seeds)
		}
		if at, _, _ := f.solve(draw); !math.IsNaN(at) {
			found = append(found, at)
		}
	}
	out.None = 1 - float64(len(found))/resamples
	if len(found) > 0 && !math.IsNaN(at) {
		slices.Sort(found)
		out.At.Low, out.At.High = found[len(found)*25/1000], found[max(0, (len(found)*975+999)/1000-1)]
	}
	return out
}

// solve fits a line to the means over some seeds and looks where it meets the other's mean.
// limit is where it begins: what is left when there are no batches, or no time between them.
func (f *fit) solve(seeds []int) (at, limit, stream float64) {
	mean := func(values []float64) float64 {
		sum := 0.0
		for _, s := range seeds {
			sum += values[s]
		}
		return sum / float64(len(seeds))
	}
	var xs, ys []float64
	for i, b := range f.batches {
		if f.inverse {
			b = 1 / b
		}
		xs, ys = append(xs, b), append(ys, mean(f.layers[i]))
	}
	n, mx, my, top, bottom := float64(len(xs)), 0.0, 0.0, 0.0, 0.0
	for i := range xs {
		mx, my = mx+xs[i]/n, my+ys[i]/n
	}
	for i := range xs {
		top += float64((xs[i] - mx) * (ys[i] - my))
		bottom += float64((xs[i] - mx) * (xs[i] - mx))
	}
	slope := top / bottom
	limit, stream = my-float64(slope*mx), mean(f.stream)
	if slope <= 0 || limit >= stream {
		return math.NaN(), limit, stream
	}
	if at = (stream - limit) / slope; f.inverse {
		at = 1 / at
	}
	return at, limit, stream
}

// breakEvenLines are the break-evens in words, those of several delays together that are
// alike.
func (r *Report) breakEvenLines() (lines []string) {
	all := r.breakEvens()
	for _, kept := range []bool{false, true} {
		said := map[string]int{}
		for i := range all {
			b := &all[i]
			if b.Kept != kept {
				continue
			}
			delay, text := flow.FormatDuration(b.Delay), b.says(r.Input.ends()-r.Input.begins())
			if at, ok := said[text]; ok {
				before, _, _ := strings.Cut(lines[at], ": ")
				lines[at] = before + ", " + delay + ": " + text
				continue
			}
			said[text] = len(lines)
			lines = append(lines, "delay "+delay+": "+text)
		}
	}
	return lines
}

// says is a break-even in words; the data lasts so long, in µs.
func (b *breakEven) says(lasts int64) string {
	what, extreme := "moved", "the rarest batches"
	if b.Kept {
		what, extreme = "kept", "the most frequent batches"
	}
	against := fmt.Sprintf("%.1f bytes %s for each byte of the log with %s, against %.1f without a batch layer", b.Limit, what, extreme, b.Stream)
	if math.IsNaN(b.At.Mean) {
		s := fmt.Sprintf("bytes %s: there is none: %s", what, against)
		if b.None < 1 {
			s += fmt.Sprintf("; in %.0f %% of the draws of seeds there is one", 100*(1-b.None))
		}
		return s
	}
	s := "bytes " + what + ": "
	length := func(us float64) string { return duration(us / 1000) }
	switch {
	case b.Kept && b.At.Mean > float64(lasts):
		return s + fmt.Sprintf("fewer with batches as rare as the data allows: %s", against)
	case b.Kept:
		s += "fewer with batches at most " + length(b.At.Mean) + " apart"
	default:
		s += "fewer with batches at least " + length(b.At.Mean) + " apart"
	}
	if b.At.High > b.At.Low {
		s += fmt.Sprintf(" (95 %%: %s to %s)", length(b.At.Low), length(b.At.High))
	}
	if b.None > 0 {
		s += fmt.Sprintf(", in %.0f %% of the draws of seeds never", 100*b.None)
	}
	return s + ": " + against
}
