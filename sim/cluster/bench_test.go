package cluster

import (
	"testing"
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
				n++
				events += d.Stats().Events
				rows += job.Feed.Rows()
			}
			s := (cpu() - began).Seconds()
			b.ReportMetric(float64(events)/s, "events/s")
			b.ReportMetric(float64(n)/s, "seeds/s")
			b.ReportMetric(float64(events)/float64(n), "events/seed")
			b.ReportMetric(float64(rows)/s, "rows/s")
		})
	}
}
