package measure

import (
	"math"
	"slices"
)

// Distribution is what there is to say of many lengths of time, in µs: nearest ranks,
// so that each is one that occurred.
type Distribution struct {
	N                        int
	Mean                     float64 // NaN without any
	Least                    int64
	P50, P90, P99, P999, Max int64

	sorted []int64
}

// Distribute sorts values and says how they are distributed.
func Distribute(values []int64) Distribution {
	d := Distribution{N: len(values), Mean: math.NaN(), sorted: values}
	if d.N == 0 {
		return d
	}
	slices.Sort(values)
	sum, carry := 0.0, 0.0 // compensated: order is fixed, and so are the bits
	for _, v := range values {
		y := float64(v) - carry
		t := sum + y
		carry = (t - sum) - y
		sum = t
	}
	d.Mean = sum / float64(d.N)
	at := func(perMille int) int64 { return values[(d.N*perMille+999)/1000-1] }
	d.Least = values[0]
	d.P50, d.P90, d.P99, d.P999, d.Max = at(500), at(900), at(990), at(999), values[d.N-1]
	return d
}

// Curve is the distribution in so many points, for drawing: the least value, ranks evenly
// apart, and the greatest.
func (d *Distribution) Curve(points int) []int64 {
	n, sorted := d.N, d.sorted
	if n <= points {
		return slices.Clone(sorted)
	}
	out := make([]int64, points)
	for i := range out {
		out[i] = sorted[i*(n-1)/(points-1)]
	}
	return out
}
