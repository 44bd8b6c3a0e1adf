package measured

/*
# 4. Lambda and Kappa measured

[Lesson 3](03-the-price-of-patience.ipynb) ended with a price that may be too high: whoever wants every row in the first answer waits for the last straggler. Two architectures answer soon and repair later.

* **Kappa**: one program. It answers after a short delay d and *revises* its answers for rows that come within an allowed lateness L.
* **Lambda**: two programs. A *speed layer* answers after the same d and drops what is late; a *batch layer* computes everything below a cut again, from time to time, late rows included; a server adds the two.

Which is better? Here both have the same pipeline, the same log, and the same d = 2 s. The stream is that of lesson 3, of which one row in ten travels for up to half a minute; two minutes of it.
*/

import (
	"fmt"
	"os"
	"slices"

	"parallax/bench/nexmark"
	"parallax/engine"
	"parallax/notebooks/lesson"
	"parallax/scenarios"
	"parallax/sim"
	"parallax/sim/cluster"
	"parallax/sim/cluster/lambda"
)

const second = 1_000_000 // times are microseconds

const job = `parallax: job/v1
name: bids
source:
  file: bids.csv
  event_time: {field: event_time_us, unit: us}
  arrival_time: {field: arrival_time_us, unit: us}
watermark: {bounded: 2s}
pipeline:
  - key_by: [channel]
  - window: {tumble: 10s}
  - aggregate: {bids: count(), highest: max(price)}
`

func with(run func(job *scenarios.Job), sets ...string) { stream(50, run, sets) }

// stream is two minutes of so many events a second.
func stream(rate int64, run func(job *scenarios.Job), sets []string) {
	dir := lesson.Must(os.MkdirTemp("", "lesson"))
	defer os.RemoveAll(dir)
	g := lesson.Must(nexmark.New(nexmark.Options{
		Seed: 1, Rate: rate, HotChannel: 99, Disorder: nexmark.Disorder{Kind: nexmark.Delay, PerMille: 100, Max: 30 * second},
	}))
	run(lesson.Must(g.Open(dir, job, 120*rate, sets)))
}

// counted is how many bids are in the answers, and how many of them.
func counted(o scenarios.Options, sets ...string) (bids int64) {
	with(func(j *scenarios.Job) {
		t := lesson.Must(scenarios.Run(j, o)).Table
		for row := range t.Rows {
			bids += t.Value(row, t.Schema.Index("bids")).Int
		}
	}, sets...)
	return bids
}

/*
First, what is in the answers when all has arrived. A batch layer that drops late rows by the same rule as the speed layer (`Same`) is no better than one program alone: the point of it is to count them. But it counts them only below its last cut.
*/

func answers() {
	fmt.Println("bids in the answers, of 5520:")
	fmt.Printf("%5d  Kappa\n", counted(scenarios.Options{Path: scenarios.Kappa}))
	fmt.Printf("%5d  Kappa, revising for 30 s\n", counted(scenarios.Options{Path: scenarios.Kappa}, "late.allowed=30s"))
	for _, b := range []scenarios.Batch{{Every: 20 * second, Same: true}, {Every: 20 * second}, {Every: 60 * second}} {
		which := "late rows counted"
		if b.Same {
			which = "late rows dropped"
		}
		fmt.Printf("%5d  Lambda, a batch every %d s, %s\n", counted(scenarios.Options{Path: scenarios.Lambda, Batch: &b}), b.Every/second, which)
	}
}

/*
Then, *when*. A late row is in Kappa's answer when it arrives, if it may still be revised; in Lambda's, at the next batch behind its arrival. Here is the share of all rows that is in the answers at some time behind the end of their windows. (Nothing takes time here but waiting: a batch that takes a minute moves its steps by that.)
*/

// shares tells, for some times behind the ends of windows, which share of the rows is
// in the answers, if a late one is there at the moment that repaired gives, or never (-1).
func shares(at []int64, repaired func(arrival int64) int64) []float64 {
	var waits []int64
	all := 0
	with(func(j *scenarios.Job) {
		out := lesson.Must(scenarios.Run(j, scenarios.Options{Path: scenarios.Kappa}))
		all = int(out.Summary.Rows)
		late := out.Late
		for row := range late.Rows {
			end := late.Value(row, late.Schema.Index("window_end_ms")).Int * 1000
			wait := int64(1 << 62) // for ever
			if when := repaired(late.Value(row, late.Schema.Index("arrival_time_us")).Int); when >= 0 {
				wait = when - end
			}
			waits = append(waits, wait)
		}
	})
	slices.Sort(waits)
	onTime := all - len(waits)
	var out []float64
	for _, t := range at {
		n, _ := slices.BinarySearch(waits, t+1)
		if t >= 2*second { // d: those on time are there
			n += onTime
		}
		out = append(out, float64(n)/float64(all))
	}
	return out
}

func never(int64) int64 { return -1 }

func atOnce(arrival int64) int64 { return arrival }

func nextBatch(every int64) func(int64) int64 {
	return func(arrival int64) int64 { return (arrival/every + 1) * every }
}

func moments() {
	at := []int64{2 * second, 10 * second, 30 * second, 60 * second, 120 * second}
	fmt.Println("behind the end of the window:        2 s     10 s     30 s     60 s    120 s")
	for _, c := range []struct {
		name     string
		repaired func(int64) int64
	}{
		{"Kappa", never},
		{"Kappa, revising for 30 s", atOnce},
		{"Lambda, a batch every 20 s", nextBatch(20 * second)},
		{"Lambda, a batch every 60 s", nextBatch(60 * second)},
	} {
		fmt.Printf("%-30s", c.name)
		for _, share := range shares(at, c.repaired) {
			fmt.Printf(" %7.3f%%", 100*share)
		}
		fmt.Println()
	}
}

/*
The same as a picture. Kappa that revises is right first; Lambda climbs in steps.
*/

func picture() {
	var at []int64
	for t := int64(0); t <= 100; t++ {
		at = append(at, t*second)
	}
	line := func(name string, repaired func(int64) int64) lesson.Series {
		s := lesson.Series{Name: name, Line: true}
		for i, share := range shares(at, repaired) {
			if at[i] >= 2*second {
				s.X, s.Y = append(s.X, float64(at[i])/second), append(s.Y, 100*share)
			}
		}
		return s
	}
	lesson.Draw(lesson.Axes{Title: "Repairing", X: "behind the end of the window (s)", Y: "rows in the answer (%)", Wide: true},
		line("Kappa", never), line("Kappa, revising", atOnce), line("Lambda, 20 s", nextBatch(20*second)), line("Lambda, 60 s", nextBatch(60*second)))
}

/*
So Kappa wins? Not yet: what does each of them *cost*? Both are deployed now, in a simulated world, each with three brokers that replicate the log: Kappa with a worker and a view, Lambda with an archive, batch jobs, an object store and servers. The same batches arrive at the same moments, and the same table of costs says what a message, a byte and a sync take. What the producer and the client use is nobody's cost, and hardly anybody asks.
*/

// thin is a tenth of the stream: every answer in these worlds is computed twice.
func thin(run func(job *scenarios.Job), sets ...string) { stream(5, run, sets) }

// kappa and layers deploy the two in worlds, run them, and return the worlds.
// A client asks at random instants, at least so often (in ns).
func kappa(stage *scenarios.Stage, j *scenarios.Job, ask int64, world sim.Options) (*sim.World, uint64) {
	d := lesson.Must(cluster.Deploy(stage.Job(&j.Pipeline), cluster.Options{World: world, AskEvery: ask}))
	if err := d.Run(stage.Periods()); err != nil {
		panic(err)
	}
	return d.World, d.Tally().Answers
}

func layers(stage *scenarios.Stage, j *scenarios.Job, every, ask int64, world sim.Options) (*sim.World, uint64) {
	d := lesson.Must(lambda.Deploy(lambda.Job{Pipeline: &j.Pipeline, Schema: stage.Schema, Feed: stage.Feed},
		lambda.Options{World: world, Batch: lambda.Batch{Every: every * engine.Second, Complete: true}, AskEvery: ask}))
	if err := d.Run(stage.Periods()); err != nil {
		panic(err)
	}
	return d.World, d.Tally().Answers
}

const seldom, often = 100 * engine.Second, engine.Second / 2

// bill is what the nodes of a world have used: processor, and bytes written, sent and
// stored.
func bill(w *sim.World) (sum [4]float64) {
	for id := engine.NodeID(1); int(id) <= w.Nodes(); id++ {
		if n := w.Name(id); n != "producer" && n != "client" {
			u := w.Usage(id)
			for i, v := range [4]float64{float64(u.BusyNs), float64(u.Wrote), float64(u.Sent), float64(u.Stored)} {
				sum[i] += v
			}
		}
	}
	return sum
}

func prices() {
	var one [4]float64
	fmt.Println("about so many times what Kappa, revising for 30 s, takes:  processor  written  sent  stored")
	thin(func(j *scenarios.Job) {
		w, _ := kappa(lesson.Must(j.Stage(1)), j, seldom, sim.Options{})
		one = bill(w)
	}, "late.allowed=30s")
	thin(func(j *scenarios.Job) {
		for _, every := range []int64{20, 60} {
			w, _ := layers(lesson.Must(j.Stage(1)), j, every, seldom, sim.Options{})
			two := bill(w)
			fmt.Printf("Lambda, a batch every %d s: %40.0f %8.0f %5.0f %7.0f\n", every, two[0]/one[0], two[1]/one[1], two[2]/one[2], two[3]/one[3])
		}
	})
}

/*
And are the answers *right*, also when machines crash, disks lie and messages are lost? In these worlds every answer that a client gets, at any moment, is held against one computed from scratch at the cut that the answer states. A single wrong number would end the cell with an error.
*/

func broken() {
	for seed := range uint64(2) {
		world := sim.Swarm(seed + 1)
		thin(func(j *scenarios.Job) {
			w, n := kappa(lesson.Must(j.Stage(1)), j, often, world)
			fmt.Printf("seed %d: Kappa: hundreds of faults: %v; asked a hundred times: %v; every answer exact\n", seed+1, len(w.Fired()) > 200, n > 100)
		}, "late.allowed=30s")
		thin(func(j *scenarios.Job) {
			w, n := layers(lesson.Must(j.Stage(1)), j, 20, often, world)
			fmt.Printf("seed %d: Lambda: hundreds of faults: %v; asked a hundred times: %v; every answer exact\n", seed+1, len(w.Fired()) > 200, n > 100)
		})
	}
}

/*
So there is no winner in general. Kappa with revisions repairs sooner and costs less, as long as somebody has said how late a row may be (L), and its state is kept for so long. Lambda has no such limit: what comes a week late is counted by the next batch. It pays with a second program, an archive, and a repair that waits for the next batch. On data of your own, `parallax compare` puts such figures side by side.

## Exercise

Every row is to be in the answer within a minute behind the end of its window, and batches are to be as rare as they may be. How rare is that for this stream? Predict it first: a row comes at most 30 s late. Then try intervals, with `shares`.
*/

func exercise() {
	for _, every := range []int64{20, 30, 40, 60} {
		share := shares([]int64{60 * second}, nextBatch(every*second))[0]
		fmt.Printf("a batch every %d s: %.3f %% within a minute\n", every, 100*share)
	}
	fmt.Println("The latest row comes nearly 30 s behind the end of its window, and then waits for a batch: a batch every 30 s is sure to do. Whether a rarer one does depends on where batches and windows happen to lie.")
}
