package trigger_test

import (
	"fmt"

	"parallax/engine/flow/trigger"
)

// Two rows make an early pane, but after a second of processing time there is one
// more and then no other: the window's pane on time says the rest.
func ExampleFirings() {
	early := trigger.Firings{Rule: trigger.Rule{Count: 2}, OrFinally: trigger.Rule{Processing: 1_000_000}}
	var p trigger.Progress
	var number trigger.Numbering
	at := trigger.At{Watermark: 0, Start: 0, End: 10_000_000}
	for _, clock := range []int64{100_000, 400_000, 700_000, 1_300_000} {
		at.Clock = clock
		due := early.Due(&p).Clock <= clock // before the row that moves the clock is counted
		if due {
			fmt.Printf("at %d ms: %+v\n", clock/1000, number.Next(trigger.Early, false, p.New, clock))
			early.Fired(&p, at)
		}
		if early.Add(&p, 1, at) {
			fmt.Printf("at %d ms: %+v\n", clock/1000, number.Next(trigger.Early, false, p.New, clock))
			early.Fired(&p, at)
		}
	}
	fmt.Println("on time:", p.New, "new row")
	// Output:
	// at 400 ms: {Timing:early First:true Last:false Index:0 OnTimeIndex:-1 Rows:2 At:400000}
	// at 1300 ms: {Timing:early First:false Last:false Index:1 OnTimeIndex:-1 Rows:1 At:1300000}
	// on time: 1 new row
}
