package compare

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Interval is a mean over seeds and where it lies with 95 % confidence.
type Interval struct{ Mean, Low, High float64 }

const (
	resamples     = 1000
	bootstrapSalt = 0x626f6f74
)

// bootstrap draws seeds again and again, with replacement: the interval holds the middle
// 95 % of the means of such draws. Values of one run are not independent of each other,
// but runs are; so it is over runs, never over windows. Values that are NaN are left
// out; without others all of it is NaN.
func bootstrap(values []float64) Interval {
	known := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	n := len(known)
	if n == 0 {
		return Interval{math.NaN(), math.NaN(), math.NaN()}
	}
	mean := func(pick func(i int) float64) float64 {
		sum := 0.0
		for i := range n {
			sum += pick(i)
		}
		return sum / float64(n)
	}
	out := Interval{Mean: mean(func(i int) float64 { return known[i] })}
	if slices.Min(known) == slices.Max(known) { // a sum of n would be rounded
		return Interval{known[0], known[0], known[0]}
	}
	rng := rand.New(rand.NewPCG(uint64(n), bootstrapSalt)) // the same draws for every metric
	means := make([]float64, resamples)
	for k := range means {
		means[k] = mean(func(int) float64 { return known[rng.IntN(n)] })
	}
	slices.Sort(means)
	out.Low, out.High = means[resamples*25/1000], means[resamples*975/1000-1]
	return out
}
