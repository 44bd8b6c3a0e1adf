package patience

/*
# 3. The price of patience

[Lesson 2](02-a-watermark-is-a-promise.ipynb) ended with a choice: a watermark that waits longer loses less, and answers later. How much later, for how much less? One could run the job with every d there is. There is a better way.

Let a row arrive when the frontier is F, and let its window end at E. With delay d the watermark is F − d, so the row is dropped exactly if F − d ≥ E: if **c = F − E is at least d**. And c does not depend on d. So one pass over the log writes down the c of every late row, and a sorted list of them answers for *all* delays at once. When a window is answered follows likewise: when F reaches E + d.

That is `frontier.Run`. The stream is ten minutes long here, and delays are of another kind: one row in ten travels for up to half a minute.
*/

import (
	"fmt"
	"os"

	"parallax/bench/frontier"
	"parallax/bench/nexmark"
	"parallax/notebooks/lesson"
	"parallax/scenarios"
)

const second = 1_000_000 // times are microseconds

const job = `parallax: job/v1
name: bids
source:
  file: bids.csv
  event_time: {field: event_time_us, unit: us}
  arrival_time: {field: arrival_time_us, unit: us}
watermark: {bounded: 5s}
pipeline:
  - key_by: [channel]
  - window: {tumble: 10s}
  - aggregate: {bids: count(), highest: max(price)}
`

func with(run func(job *scenarios.Job), sets ...string) {
	dir := lesson.Must(os.MkdirTemp("", "lesson"))
	defer os.RemoveAll(dir)
	g := lesson.Must(nexmark.New(nexmark.Options{
		Seed: 1, Rate: 50, HotChannel: 99, Disorder: nexmark.Disorder{Kind: nexmark.Delay, PerMille: 100, Max: 30 * second},
	}))
	run(lesson.Must(g.Open(dir, job, 30_000, sets)))
}

// points is the curve at some delays, or at all of them.
func points(delays []int64, sets ...string) (out []frontier.Point) {
	with(func(j *scenarios.Job) {
		out = lesson.Must(frontier.Run(j, frontier.JobOptions{Delays: delays})).Curves[0].Points
	}, sets...)
	return out
}

/*
A few delays first. *Kept* is the share of rows that count in the first answer. The wait is from the end of a window to its answer: one in a hundred waits longer than *p99*.
*/

func costs() {
	fmt.Println("     d      kept  windows incomplete  wait p50  wait p99")
	for _, p := range points([]int64{0, 1 * second, 5 * second, 10 * second, 20 * second, 30 * second}) {
		fmt.Printf("%4d s %8.3f %%  %6d of %4d %11.1f s %7.1f s\n", p.Delay/second, 100*p.Completeness(), p.Incomplete, p.Windows,
			float64(p.Latency.P50)/second, float64(p.Latency.P99)/second)
	}
}

/*
Do not believe it: run the engine with some of these delays, and compare what it dropped.
*/

func checked() {
	for _, p := range points([]int64{0, 5 * second, 20 * second}) {
		with(func(j *scenarios.Job) {
			c := lesson.Must(scenarios.Run(j, scenarios.Options{Path: scenarios.Kappa})).Summary.Counts
			fmt.Printf("d = %2d s: the curve says %4d dropped, the engine %4d\n", p.Delay/second, p.Dropped, c.PairsDropped)
		}, fmt.Sprintf("watermark.bounded=%dus", p.Delay))
	}
}

/*
Now *every* delay at which the fate of any row changes. This is the **frontier** of latency and completeness: with a bounded watermark no point above and left of it can be had.
*/

func picture() {
	all := points(nil)
	line := lesson.Series{Line: true, Name: fmt.Sprintf("%d delays", len(all))}
	some := lesson.Series{Name: "0 s, 5 s, 10 s, 20 s"}
	for _, p := range all {
		line.X, line.Y = append(line.X, float64(p.Latency.P90)/second), append(line.Y, 100*p.Completeness())
	}
	for _, p := range points([]int64{0, 5 * second, 10 * second, 20 * second}) {
		some.X, some.Y = append(some.X, float64(p.Latency.P90)/second), append(some.Y, 100*p.Completeness())
	}
	lesson.Draw(lesson.Axes{Title: "The price of patience", X: "90 % of the windows wait at most (s)", Y: "rows kept (%)", Wide: true}, line, some)
}

/*
With the curve a goal has a price. And each tenth of a percent costs more than the one before.
*/

func goal() {
	all := points(nil)
	for _, want := range []float64{0.98, 0.99, 0.995, 0.999, 1} {
		for _, p := range all {
			if p.Completeness() >= want {
				fmt.Printf("%5.1f %% kept: d = %6.3f s, and half of the windows wait at least %4.1f s\n",
					100*want, float64(p.Delay)/second, float64(p.Latency.P50)/second)
				break
			}
		}
	}
}

/*
Is a cleverer watermark better than a constant one? One that follows a percentile of the disorder seen so far is no point of the curve, but it can be placed beside it: *which constant delay keeps as much, and how much sooner does that one answer?* The difference is the **regret**.
*/

func adaptive() {
	for _, percentile := range []string{"0.95", "0.99", "0.999"} {
		with(func(j *scenarios.Job) {
			s := lesson.Must(frontier.Run(j, frontier.JobOptions{})).Strategy
			fmt.Printf("percentile %-5s keeps %7.3f %%; a constant %6.3f s would, too; regret at p99: %.1f s\n",
				percentile, 100*s.Point.Completeness(), float64(s.Same)/second, float64(s.Regret.P99)/second)
		}, "watermark={percentile: "+percentile+"}")
	}
}

/*
A price can be known and still be too high: who wants 99.9 % waits for everybody else's stragglers. One way out is to **answer twice**: at once with what is there, and again when all is. Two programs could do that, a fast one and a thorough one, with a view that puts their answers together; that is Lambda. Or one program that corrects itself, with allowed lateness; that is Kappa. Which is better can be measured, too: that is [lesson 4](04-lambda-and-kappa-measured.ipynb).

## Exercise

The same stream, in windows of a minute instead of ten seconds. Which share of the rows is dropped with d = 0, more or less than before, and why? (Set `pipeline.1.window.tumble`, or write another job.) Then explain why the delay for *all* rows hardly changes.
*/

func exercise() {
	for _, width := range []string{"10s", "60s"} {
		all := points(nil, "pipeline.1.window.tumble="+width)
		first, last := all[0], all[len(all)-1]
		fmt.Printf("windows of %s: %6.3f %% kept with d = 0; all with d = %6.3f s\n",
			width, 100*first.Completeness(), float64(last.Delay)/second)
	}
	fmt.Println("A late row is lost if its window ends between its event time and the frontier; a long window has fewer ends.")
	fmt.Println("The worst row is late by nearly 30 s, and sooner or later one like it happens just before its window ends.")
}
