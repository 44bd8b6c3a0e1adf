package watermark_test

import (
	"fmt"

	"parallax/engine/flow/watermark"
)

// A window [0 s, 10 s) under a bound of 2 s: rows that come late are on time as
// long as the frontier before them lies less than 12 s, and revisions for the
// allowed 3 s more.
func Example() {
	const second = 1_000_000
	spec := watermark.Spec{Bounded: 2 * second}
	times := []int64{9 * second, 11 * second, 4 * second, 14 * second, 5 * second, 15 * second, 6 * second}
	before := make([]int64, len(times))
	frontier, _ := spec.Stamp(watermark.None, times, nil, before, nil)
	for i, t := range times {
		if t < 10*second {
			fmt.Println(t/second, "s:", watermark.Classify(spec.Watermark(before[i]), 10*second, 3*second))
		}
	}

	least := watermark.NewCombiner(2)
	least.Advance(0, spec.Watermark(frontier))
	fmt.Println("waiting for input", least.Holder())
	w, _ := least.Advance(1, 12*second)
	fmt.Println("watermark", w/second, "s")
	// Output:
	// 9 s: on time
	// 4 s: on time
	// 5 s: revision
	// 6 s: dropped
	// waiting for input 1
	// watermark 12 s
}

// Two partitions: the second falls silent, so that the first goes on alone, and
// when it comes back it is waited for only once it has caught up.
func ExampleCombiner() {
	c := watermark.NewCombiner(2)
	silent := watermark.NewCountdown(2, 10, 0)
	say := func(now int64, partition int, w int64) {
		for _, idle := range silent.Due(now, nil) {
			c.Idle(int(idle))
		}
		c.Wake(partition)
		silent.Record(partition, now)
		c.Advance(partition, w)
		fmt.Println(now, "s: watermark", c.Least(), "held by", c.Holder())
	}
	say(1, 0, 100)
	say(2, 1, 90)
	say(9, 0, 200)
	say(12, 0, 210)
	say(13, 1, 95)
	say(14, 1, 215)
	// Output:
	// 1 s: watermark -9223372036854775808 held by 1
	// 2 s: watermark 90 held by 1
	// 9 s: watermark 90 held by 1
	// 12 s: watermark 210 held by 0
	// 13 s: watermark 210 held by 0
	// 14 s: watermark 210 held by 0
}

// Two devices whose clocks are 30 apart: under a bound of 100 a partition waits for
// the slower one, and no longer than that.
func ExampleProgress() {
	spec := watermark.Spec{Kind: watermark.PerKey, Bounded: 100}
	p := spec.Progress()
	for _, row := range []struct {
		device string
		at     int64
	}{{"slow", 970}, {"fast", 1000}, {"slow", 980}, {"fast", 1010}, {"fast", 1090}} {
		p.KeyedRow(row.at, []byte(row.device))
		fmt.Println(row.device, "at", row.at, "watermark", spec.Watermark(p.Frontier()))
	}
	// Output:
	// slow at 970 watermark 970
	// fast at 1000 watermark 970
	// slow at 980 watermark 980
	// fast at 1010 watermark 980
	// fast at 1090 watermark 1090
}

// Rows come a second apart and in order, then each second one up to ten seconds late,
// then in order again: the adaptive bound follows within some hundred rows.
func ExampleProgress_adaptive() {
	const second = 1_000_000
	p := watermark.Spec{Kind: watermark.Adaptive, Millionths: 900_000}.Progress()
	now := int64(0)
	for _, stretch := range []struct{ rows, late int64 }{{400, 0}, {400, 10}, {800, 0}} {
		for range stretch.rows {
			now += second
			p.Row(now-now/second%2*stretch.late*second, false)
		}
		fmt.Println(stretch.rows, "rows later it waits", (p.Newest()-p.Frontier())/second, "s")
	}
	// Output:
	// 400 rows later it waits 0 s
	// 400 rows later it waits 9 s
	// 800 rows later it waits 0 s
}
