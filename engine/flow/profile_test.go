package flow_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/watermark"
)

// TestLawIsomorphism: Flink at Watermark(t), Beam and Kafka Streams at t + 1 and this
// engine at t + 1 drop the same windows, for every window and allowed lateness: in
// 200,000 random cases in a soak, a tenth of them else.
func TestLawIsomorphism(t *testing.T) {
	cases := 20_000
	if os.Getenv("PARALLAX_SOAK") != "" {
		cases = 200_000
	}
	rng := rand.New(rand.NewPCG(2, 1))
	dropped := 0
	for range cases {
		start, size := rng.Int64N(2000)-1000, 1+rng.Int64N(50)
		end, allowed, w := start+size, rng.Int64N(100)*rng.Int64N(2), start+rng.Int64N(220)-20
		maxTime, t1 := end-1, flow.FlinkWatermark(w)
		flink := maxTime+allowed <= t1
		beam := maxTime+allowed < w
		kafka := end <= w-allowed
		own := watermark.Classify(w, end, allowed) == watermark.Dropped
		if flink != own || beam != own || kafka != own || t1+1 != w {
			t.Fatalf("[%d, %d), allowed %d, w %d: flink %t, beam %t, kafka %t, own %t", start, end, allowed, w, flink, beam, kafka, own)
		}
		if own {
			dropped++
		}
	}
	if dropped < cases/10 || dropped > cases*9/10 {
		t.Errorf("%d of %d are dropped: the cases are dull", dropped, cases)
	}
	if flow.FlinkWatermark(math.MinInt64) != math.MinInt64 {
		t.Error("a watermark that promises nothing has no Watermark before it")
	}
}

func ExampleFlinkWatermark() {
	const end, allowed = 2000, 500 // of the window [0, 2000)
	for _, w := range []int64{2499, 2500} {
		fmt.Println(w, watermark.Classify(w, end, allowed), end-1+allowed <= flow.FlinkWatermark(w))
	}
	// Output:
	// 2499 revision false
	// 2500 dropped true
}
