package promise

/*
# 2. A watermark is a promise

[Lesson 1](01-two-clocks.ipynb) ended in the middle of a log: the window [20 s, 30 s) is over, and nobody can see whether more of it will come. So somebody has to *promise*.

A **watermark** W is that promise: *no later row has an event time before W*. A window [start, end) may be answered when W ≥ end. Where does it come from? The simplest kind looks at the greatest event time seen so far, F (the *frontier*), and allows for a disorder of at most d: **W = F − d**.

The stream is that of lesson 1, with five minutes instead of one.
*/

import (
	"fmt"
	"os"
	"strings"

	"parallax/bench/nexmark"
	"parallax/notebooks/lesson"
	"parallax/scenarios"
	"parallax/scenarios/source"
)

const second = 1_000_000 // times are microseconds

const events = 15_000

func stream() *nexmark.Generator {
	return lesson.Must(nexmark.New(nexmark.Options{
		Seed: 1, Rate: 50, Disorder: nexmark.Disorder{Kind: nexmark.Offline, PerMille: 150, Max: 17 * second},
	}))
}

/*
By hand first: walk through the log in the order of arrival, keep F, and count the rows that break the promise, because their event time is before W.
*/

func byHand() {
	for _, d := range []int64{0, 5, 10, 15, 17} {
		frontier, broken := int64(0), 0
		stream().Arrivals(events, func(e *nexmark.Event) bool {
			if e.Type != nexmark.Bid {
				return true
			}
			if e.Time < frontier-d*second {
				broken++
			}
			frontier = max(frontier, e.Time)
			return true
		})
		fmt.Printf("d = %2d s: %4d rows before the watermark\n", d, broken)
	}
}

/*
Now the engine. A job says what is counted and what is promised: bids in each ten seconds, with d = 5 s. It is text; `answer` loads it over the generated bids, perhaps with some of its values set, and runs it.
*/

const job = `parallax: job/v1
name: bids
source:
  file: bids.csv
  event_time: {field: event_time_us, unit: us}
  arrival_time: {field: arrival_time_us, unit: us}
watermark: {bounded: 5s}
pipeline:
  - window: {tumble: 10s}
  - aggregate: {bids: count(), highest: max(price)}
`

func answer(path string, sets ...string) *scenarios.Results {
	dir := lesson.Must(os.MkdirTemp("", "lesson"))
	defer os.RemoveAll(dir)
	return lesson.Must(scenarios.Run(lesson.Must(stream().Open(dir, job, events, sets)), scenarios.Options{Path: path}))
}

func text(t *scenarios.Table) string {
	var b strings.Builder
	if err := t.Write(&b, source.CSV); err != nil {
		panic(err)
	}
	return b.String()
}

func engine() {
	for _, line := range strings.Split(text(answer(scenarios.Kappa).Table), "\n")[:5] {
		fmt.Println(line)
	}
}

/*
What became of the rows that broke the promise? A row before the watermark may still be in time: what matters is whether **its window** has been answered. If so the row is *dropped*, and the engine lists it, and by how much it missed.
*/

func seconds(t *scenarios.Table, row int, column string) float64 {
	return float64(t.Value(row, t.Schema.Index(column)).Int) / second
}

func broken() {
	late := answer(scenarios.Kappa).Late
	fmt.Println(late.Rows, "rows were dropped, the first of them:")
	for row := range 5 {
		fmt.Printf("happened %6.2f s, arrived %6.2f s, missed by %5.2f s\n",
			seconds(late, row, "event_time_us"), seconds(late, row, "arrival_time_us"), seconds(late, row, "missed_by_us"))
	}
}

/*
Every row is accounted for. Whatever d is, on time + dropped = all rows; and the more patient the promise, the fewer are dropped. (Compare the numbers with those by hand: most rows before the watermark were saved by their windows.)
*/

func account() {
	for _, d := range []int{0, 5, 10, 15, 17} {
		c := answer(scenarios.Kappa, fmt.Sprintf("watermark.bounded=%ds", d)).Summary.Counts
		fmt.Printf("d = %2d s: %5d on time + %4d dropped = %d rows; %2d of %d windows incomplete\n",
			d, c.PairsOnTime, c.PairsDropped, c.Rows, c.WindowsIncomplete, c.Windows)
	}
}

/*
There is a second promise one can make: answer early, and *correct* the answer for a while. With an allowed lateness of L, a row that comes after its window was answered, but before W reaches end + L, is a **revision**: the window is told again.
*/

func allowed() {
	for _, l := range []int{0, 4, 8, 12} {
		c := answer(scenarios.Kappa, fmt.Sprintf("late.allowed=%ds", l)).Summary.Counts
		fmt.Printf("d = 5 s, L = %2d s: %5d on time + %4d in revisions + %4d dropped = %d rows\n",
			l, c.PairsOnTime, c.PairsRevised, c.PairsDropped, c.Rows)
	}
}

/*
Is any of this true? The engine works with batches, slices and accumulators; it may be wrong. So there is a second program, the *oracle*, which keeps every row, answers from scratch, and shares nothing with the engine but the job. They must agree, to the last byte: in their answers, and in the rows they dropped.
*/

func twice() {
	kappa, oracle := answer(scenarios.Kappa), answer(scenarios.Oracle)
	fmt.Println("the same answers:", text(kappa.Table) == text(oracle.Table))
	fmt.Println("the same dropped rows:", text(kappa.Late) == text(oracle.Late))
}

/*
Here is the watermark of d = 5 s in the first minute and a half, and the rows that did not arrive at once. A dot to the left of the line broke the promise.
*/

func picture() {
	const d, until = 5, 90
	var rows, line lesson.Series
	rows.Name, line.Name, line.Line = "delayed rows", "watermark", true
	frontier := int64(0)
	stream().Arrivals(until*50, func(e *nexmark.Event) bool {
		if e.Type == nexmark.Bid && e.Arrival < until*second {
			frontier = max(frontier, e.Time)
			at := float64(e.Arrival) / second
			if e.Arrival > e.Time {
				rows.X, rows.Y = append(rows.X, float64(e.Time)/second), append(rows.Y, at)
			}
			line.X, line.Y = append(line.X, float64(frontier)/second-d), append(line.Y, at)
		}
		return true
	})
	lesson.Draw(lesson.Axes{Title: "A watermark is a promise", X: "event time (s)", Y: "arrived (s)", Wide: true}, rows, line)
}

/*
So a greater d is a better promise, and d = 17 s is never broken. Why not always take that? Because every window then waits for seventeen seconds more, also those of which nothing is missing. **Patience has a price, and nobody has told us what it is.** [Lesson 3](03-the-price-of-patience.ipynb) asks for it.

## Exercise

Which is the *least* d, in milliseconds, with which no row is dropped? You can find it by trying. But one run with d = 0 is enough: think of what `missed_by_us` says. Show that a millisecond less drops something.
*/

func exercise() {
	late := answer(scenarios.Kappa, "watermark.bounded=0s").Late
	most := int64(0)
	for row := range late.Rows {
		most = max(most, late.Value(row, late.Schema.Index("missed_by_us")).Int)
	}
	enough := most/1000 + 1 // a row on the watermark's edge is late, so a little more
	fmt.Printf("with d = 0 the worst row misses by %.3f s, so d = %d ms is enough\n", float64(most)/second, enough)
	for _, d := range []int64{enough, enough - 1} {
		c := answer(scenarios.Kappa, fmt.Sprintf("watermark.bounded=%dms", d)).Summary.Counts
		fmt.Printf("d = %d ms: %d dropped\n", d, c.PairsDropped)
	}
}
