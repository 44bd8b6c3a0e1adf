package cluster

import (
	"testing"

	"parallax/engine"
	"parallax/sim"
	"parallax/sim/story"
)

// BenchmarkSmallCluster is whole runs of drawn jobs under all faults, both phases:
// with every check after every event, with the checks but not the oracle, and
// without any. Jobs are drawn beforehand. Events and seeds are per second of
// processor time, the garbage collector's included: the machine may have other
// work.
func BenchmarkSmallCluster(b *testing.B) {
	var jobs []Job
	var options []Options
	for seed := range uint64(100) {
		job, o := drawn(b, seed+1)
		jobs, options = append(jobs, job), append(options, o)
	}
	for _, c := range []struct {
		name   string
		change func(*Options)
	}{
		{"checked", func(*Options) {}},
		{"model", func(o *Options) { o.OracleEvery = 0 }},
		{"unchecked", func(o *Options) { o.Unchecked = true }},
	} {
		b.Run(c.name, func(b *testing.B) {
			n, events, rows := 0, uint64(0), 0
			answer := uint32(0) // of the first run, which has been checked as the case says
			began := cpu()
			for b.Loop() {
				job, o := jobs[n%len(jobs)], options[n%len(jobs)]
				c.change(&o)
				d, err := Deploy(job, o)
				if err == nil {
					err = d.Run(stormNs, calmNs)
				}
				if err != nil {
					b.Fatal(err)
				}
				if n++; n == 1 {
					answer = uint32(d.Hash())
				}
				events += d.Stats().Events
				rows += job.Feed.Rows()
			}
			s := (cpu() - began).Seconds()
			if c.name == "checked" {
				b.ReportMetric(float64(answer), "answer")
			}
			b.ReportMetric(float64(events)/s, "events/s")
			b.ReportMetric(float64(n)/s, "seeds/s")
			b.ReportMetric(float64(events)/float64(n), "events/seed")
			b.ReportMetric(float64(rows)/s, "rows/s")
		})
	}
}

// steadyRows is how many rows come in a simulated second of BenchmarkSteady.
const steadyRows = 1000

// steady is a story without faults in which rows come at a steady pace, in batches of
// so many.
func steady(seconds, batch int) *story.Story {
	s := story.Draw(3)
	pool := s.Rows
	s.World, s.Rows, s.Queries, s.Restarts, s.AskEvery = sim.Options{Seed: 3}, nil, nil, nil, 0
	s.Sizes = story.Sizes{RetainBytes: 64 << 10, SegmentBytes: 64 << 10, CheckpointBytes: 64 << 10}
	s.StormNs = int64(seconds) * engine.Second
	for i := range seconds * steadyRows {
		r := pool[i%len(pool)]
		due := int64(i/batch*batch) * 1_000_000 / steadyRows
		r.Partition, r.At, r.Time = int32(i/batch%s.Partitions), due, int64(i)*1_000_000/steadyRows
		s.Rows = append(s.Rows, r)
	}
	return s
}

// BenchmarkSteady is how many seconds of a deployment into which 1,000 rows come in each
// second are simulated in a second of processor time: with batches as a producer makes
// them that waits for 100 ms, and with small ones.
func BenchmarkSteady(b *testing.B) {
	const seconds = 20
	for _, c := range []struct {
		name      string
		batch     int
		unchecked bool
	}{{"batch=100/checked", 100, false}, {"batch=100/unchecked", 100, true}, {"batch=20/checked", 20, false}, {"batch=20/unchecked", 20, true}} {
		s := steady(seconds, c.batch)
		job, o, err := Of(s)
		if err != nil {
			b.Fatal(err)
		}
		o.Unchecked = c.unchecked
		b.Run(c.name, func(b *testing.B) {
			simulated, events := 0.0, uint64(0)
			began := cpu()
			for b.Loop() {
				d, err := Deploy(job, o)
				if err == nil {
					err = d.Play(s)
				}
				if err != nil {
					b.Fatal(err)
				}
				simulated += float64(d.Now()) / float64(engine.Second)
				events += d.Stats().Events
			}
			took := (cpu() - began).Seconds()
			b.ReportMetric(simulated/took, "sim-s/s")
			b.ReportMetric(float64(events)/took, "events/s")
		})
	}
}
