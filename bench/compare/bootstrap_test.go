package compare

import (
	"fmt"
	"math"
	"testing"
)

// TestVectorBootstrap: the interval of one value is the value; of many it holds the mean
// and narrows as they become more; and the same values give the same bits.
func TestVectorBootstrap(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   Interval
	}{
		{[]float64{0.1, math.NaN()}, Interval{0.1, 0.1, 0.1}},
		{[]float64{0.1, 0.1, 0.1}, Interval{0.1, 0.1, 0.1}},
		{[]float64{math.NaN()}, Interval{math.NaN(), math.NaN(), math.NaN()}},
	} {
		if got := bootstrap(c.values); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%v: %v, want %v", c.values, got, c.want)
		}
	}
	width := 10.0
	for _, n := range []int{4, 16, 64, 256} {
		var values []float64
		for i := range n {
			values = append(values, float64(i%4))
		}
		b := bootstrap(values)
		if b != bootstrap(values) || b.Mean != 1.5 || b.Low > b.Mean || b.High < b.Mean || b.High-b.Low >= width {
			t.Errorf("%d values: %+v, and before %v wide", n, b, width)
		}
		width = b.High - b.Low
	}
	// Half of 1,000 draws: the mean of 0 and 1 is within 0.031 of 0.5 in 95 % of samples.
	var coins []float64
	for i := range 1000 {
		coins = append(coins, float64(i%2))
	}
	if b := bootstrap(coins); math.Abs(b.Low-0.469) > 0.004 || math.Abs(b.High-0.531) > 0.004 {
		t.Errorf("coins: %+v", b)
	}
}
