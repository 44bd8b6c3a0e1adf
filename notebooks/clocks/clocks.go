package clocks

/*
# 1. Two clocks

A bid is made on a phone, and some time later a server has it. So there are two clocks: the one at which things **happen**, and the one at which they **arrive**. This lesson counts bids in windows of ten seconds, first by one clock, then by the other.

The stream comes from a generator of auctions: sixty seconds, fifty events a second. Now and then somebody's phone is offline for seventeen seconds; what was bid in the meantime arrives at the end of them, all at once.
*/

import (
	"fmt"

	"parallax/bench/nexmark"
	"parallax/notebooks/lesson"
)

const second = 1_000_000 // times are microseconds

func bids() []nexmark.Event {
	g := lesson.Must(nexmark.New(nexmark.Options{
		Seed: 1, Rate: 50, Disorder: nexmark.Disorder{Kind: nexmark.Offline, PerMille: 150, Max: 17 * second},
	}))
	var out []nexmark.Event
	g.Arrivals(3000, func(e *nexmark.Event) bool { // in the order in which they arrive
		if e.Type == nexmark.Bid {
			out = append(out, *e)
		}
		return true
	})
	return out
}

/*
Most bids are there at once. Here are the first that are not:
*/

func rows() {
	late := 0
	for _, e := range bids() {
		if e.Arrival == e.Time || late == 5 {
			continue
		}
		late++
		fmt.Printf("bid %4d happened at %6.2f s and arrived at %6.2f s\n", e.N, float64(e.Time)/second, float64(e.Arrival)/second)
	}
}

/*
Seen from above: what happened, to the right, and when it arrived, upwards. On the diagonal the two clocks agree, and most bids lie there; none can lie below it. The dots are those that came later: each horizontal line is phones that are online again.
*/

func picture() {
	late, diagonal := lesson.Series{Name: "later"}, lesson.Series{Name: "at once", Line: true, X: []float64{0, 60}, Y: []float64{0, 60}}
	for _, e := range bids() {
		if e.Arrival > e.Time {
			late.X, late.Y = append(late.X, float64(e.Time)/second), append(late.Y, float64(e.Arrival)/second)
		}
	}
	lesson.Draw(lesson.Axes{Title: "Two clocks", X: "happened (s)", Y: "arrived (s)"}, late, diagonal)
}

/*
Now count, by each of the clocks. The numbers differ, and both are *right*: they answer two questions. How busy was the server? How busy were the people?
*/

func counts(clock func(e *nexmark.Event) int64) map[int64]int {
	out := map[int64]int{}
	for _, e := range bids() {
		out[clock(&e)/(10*second)]++
	}
	return out
}

func happened(e *nexmark.Event) int64 { return e.Time }

func arrived(e *nexmark.Event) int64 { return e.Arrival }

func compare() {
	byArrival, byEvent := counts(arrived), counts(happened)
	fmt.Println("window      arrived  happened")
	for w := range int64(7) {
		fmt.Printf("[%2d s, %2d s) %7d  %8d\n", 10*w, 10*w+10, byArrival[w], byEvent[w])
	}
}

/*
There is a difference in kind, though. Read the same log again tomorrow, twice as fast (a server that was down catches up like that). What arrived when is another story then; what happened when is not.

**An answer by the clock of arrival cannot be computed twice. One by the clock of events can**, and that is why one can test it, repair it, and compare two systems that compute it.
*/

func fast(e *nexmark.Event) int64 { return e.Arrival / 2 }

func replay() {
	first, again, byEvent := counts(arrived), counts(fast), counts(happened)
	fmt.Println("window      arrived  again  happened, both times")
	for w := range int64(7) {
		fmt.Printf("[%2d s, %2d s) %7d  %5d  %8d\n", 10*w, 10*w+10, first[w], again[w], byEvent[w])
	}
}

/*
So count by event time, and all is well? Look at one window, [20 s, 30 s), at several moments of the other clock.
*/

func complete() {
	for _, now := range []int64{25, 30, 33, 34, 40, 50} {
		there, all := 0, 0
		for _, e := range bids() {
			if e.Time < 20*second || e.Time >= 30*second {
				continue
			}
			all++
			if e.Arrival <= now*second {
				there++
			}
		}
		fmt.Printf("at %d s: %3d bids of %d\n", now, there, all)
	}
}

/*
At 30 s the window is over, and its answer is not there; at 33 s still not; at 34 s it is. But we know this only because we have seen the whole log. **Whoever is in the middle of it cannot see that nothing more will come.** When may an answer be given? That is where [lesson 2](02-a-watermark-is-a-promise.ipynb) begins.

## Exercise

How many bids arrive in another window than the one in which they happened: with windows of ten seconds, and with windows of a minute? Say first which will be more, and why. Then change `compare`, or write a loop of your own. The solution is in the next cell.
*/

func exercise() {
	for _, width := range []int64{10, 60} {
		moved, all := 0, 0
		for _, e := range bids() {
			all++
			if e.Time/(width*second) != e.Arrival/(width*second) {
				moved++
			}
		}
		fmt.Printf("windows of %d s: %d of %d bids move\n", width, moved, all)
	}
	fmt.Println("A bid moves if the end of a window lies between its two times; long windows have fewer ends.")
}
