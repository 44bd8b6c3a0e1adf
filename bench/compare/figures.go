package compare

import (
	"fmt"
	"math"

	"parallax/bench/measure"
	"parallax/engine/flow"
)

// Figure is a number that a trial comes to. NaN is one that it does not have.
type Figure struct {
	Name string
	Unit string // of gobench: what a benchmark calls it; "" if it is not shown there
	of   func(s *sight) float64
}

// sight is a trial and what several figures go by.
type sight struct {
	in                                                            *Input
	t                                                             *Trial
	result, overhead, event, processing, final, staleness, source measure.Distribution
	propagation, recovery                                         measure.Distribution
	changes                                                       measure.Changes
	tally                                                         measure.Tally
	wrong                                                         [2]measure.Wrong // at first, in the end
	ranks                                                         [2][]float64     // likewise
	area                                                          []float64        // by aggregate
	after                                                         [][]float64      // error some time behind the end, see behind; by aggregate
	open, served, stored                                          [2]float64       // mean, peak
	all                                                           measure.Work
}

// moments is how often staleness and lag are looked at in a run.
const moments = 1000

func newSight(in *Input, t *Trial) *sight {
	h, n := t.Histories, len(in.plan.Aggregates)-1
	s := &sight{
		in: in, t: t, result: measure.Distribute(h.Result()), overhead: measure.Distribute(h.Overhead()), event: measure.Distribute(t.Rows.Event()),
		processing: measure.Distribute(t.Rows.Processing()), final: measure.Distribute(h.ToFinal()),
		staleness: measure.Distribute(t.Rows.Staleness(in.begins(), in.ends(), moments)), changes: h.Revisions(n), tally: h.Count(t.Extra),
		wrong: [2]measure.Wrong{h.Errors(measure.First, n), h.Errors(measure.Final, n)},
		ranks: [2][]float64{h.Ranks(measure.First, n), h.Ranks(measure.Final, n)}, area: h.Area(n, in.horizon()),
	}
	for _, us := range behind() {
		s.after = append(s.after, h.Errors(measure.Behind(us), n).Mean)
	}
	var source, propagation []int64
	if len(in.frontiers) == 1 {
		for _, l := range measure.Lags(in.frontiers[0], t.Marks, t.Delay, in.begins(), in.ends(), moments) {
			source, propagation = append(source, l.Source), append(propagation, l.Propagation)
		}
	}
	s.source, s.propagation = measure.Distribute(source), measure.Distribute(propagation)
	var faults []int64
	for _, f := range t.Strikes {
		faults = append(faults, f.At)
	}
	s.recovery = measure.Distribute(measure.Recovery(faults, t.News, t.Quiet))
	s.open, s.served, s.stored = hold(t.Open, t.Quiet), hold(t.Served, t.Quiet), hold(t.Stored, t.Quiet)
	s.all = measure.Work{Role: "all"}
	for _, w := range t.Work {
		s.all = s.all.Plus(w)
	}
	s.stored[1] = max(s.stored[1], float64(s.all.Stored)) // the last sample is a moment old
	return s
}

// hold is the mean and the peak of what was held, which nobody knows who has not looked.
func hold(levels []measure.Level, end int64) [2]float64 {
	if levels == nil {
		return [2]float64{math.NaN(), math.NaN()}
	}
	mean, peak := measure.Hold(levels, end)
	return [2]float64{mean, float64(peak)}
}

// ms is microseconds in milliseconds.
func ms(us float64) float64 { return us / 1000 }

// spread is the figures of a distribution.
func spread(name, unit string, of func(s *sight) *measure.Distribution, scale func(in *Input) float64) []Figure {
	var out []Figure
	for _, f := range []struct {
		name string
		of   func(d *measure.Distribution) float64
	}{
		{"mean", func(d *measure.Distribution) float64 { return d.Mean }},
		{"least", func(d *measure.Distribution) float64 { return float64(d.Least) }},
		{"p50", func(d *measure.Distribution) float64 { return float64(d.P50) }},
		{"p90", func(d *measure.Distribution) float64 { return float64(d.P90) }},
		{"p99", func(d *measure.Distribution) float64 { return float64(d.P99) }},
		{"p999", func(d *measure.Distribution) float64 { return float64(d.P999) }},
		{"max", func(d *measure.Distribution) float64 { return float64(d.Max) }},
	} {
		shown := ""
		if unit != "" && (f.name == "p50" || f.name == "p99") {
			shown = f.name + "-" + unit
		}
		out = append(out, Figure{name + "_" + f.name + "_ms", shown, func(s *sight) float64 {
			d := of(s)
			if d.N == 0 {
				return math.NaN()
			}
			return ms(f.of(d)) / scale(s.in)
		}})
	}
	return out
}

// data is a length of the data's time, cluster one of the cluster's, which the pace has
// stretched.
func data(*Input) float64         { return 1 }
func cluster64(in *Input) float64 { return float64(in.Stage.Pace) }

// behind are the lengths of time behind the end of a window, in µs, at which completeness
// has a column.
func behind() []int64 { return []int64{0, 1e6, 10e6, 60e6, 600e6, 3600e6} }

// figures are all of a job's, in the order of the columns.
func figures(in *Input) []Figure {
	list := []Figure{
		{"windows", "", func(s *sight) float64 { return float64(len(s.t.Histories)) }},
		{"windows_censored", "", func(s *sight) float64 { return float64(s.censored()) }},
		{"windows_missing", "", func(s *sight) float64 { return float64(s.tally.Missing) }},
		{"pairs", "", func(s *sight) float64 { return float64(s.tally.Pairs) }},
		{"pairs_over", "over-pairs", func(s *sight) float64 { return float64(s.tally.Over) }},
		{"pairs_under", "", func(s *sight) float64 { return float64(s.tally.Under) }},
	}
	list = append(list, completeness()...)
	for i := range in.plan.Aggregates[:len(in.plan.Aggregates)-1] {
		list = append(list, in.faultFigures(i)...)
	}
	list = append(list,
		Figure{"exact_first", "", func(s *sight) float64 { return s.wrong[0].Exact }},
		Figure{"exact_final", "", func(s *sight) float64 { return s.wrong[1].Exact }},
	)
	list = append(list, spread("result", "result-ms", func(s *sight) *measure.Distribution { return &s.result }, data)...)
	list = append(list, spread("overhead", "overhead-ms", func(s *sight) *measure.Distribution { return &s.overhead }, cluster64)...)
	list = append(list, spread("event", "", func(s *sight) *measure.Distribution { return &s.event }, data)...)
	list = append(list, spread("processing", "", func(s *sight) *measure.Distribution { return &s.processing }, data)...)
	list = append(list, spread("to_final", "", func(s *sight) *measure.Distribution { return &s.final }, data)...)
	list = append(list, spread("staleness", "", func(s *sight) *measure.Distribution { return &s.staleness }, data)...)
	list = append(list, spread("lag_source", "", func(s *sight) *measure.Distribution { return &s.source }, data)...)
	list = append(list, Figure{"lag_policy_ms", "", func(s *sight) float64 { return ms(float64(s.t.Delay)) }})
	list = append(list, spread("lag_propagation", "", func(s *sight) *measure.Distribution { return &s.propagation }, data)...)
	list = append(list,
		Figure{"revisions", "", func(s *sight) float64 { return float64(s.changes.Revisions) }},
		Figure{"windows_revised", "", func(s *sight) float64 { return float64(s.changes.Revised) }},
		Figure{"revisions_per_window", "", func(s *sight) float64 { return s.changes.PerWindow }},
		Figure{"held_open_mean", "", func(s *sight) float64 { return s.open[0] }},
		Figure{"held_open_peak", "", func(s *sight) float64 { return s.open[1] }},
		Figure{"held_served_mean", "", func(s *sight) float64 { return s.served[0] }},
		Figure{"held_served_peak", "", func(s *sight) float64 { return s.served[1] }},
		Figure{"held_bytes_mean", "held-B", func(s *sight) float64 { return (s.open[0] + s.served[0]) * s.t.AccumulatorBytes }},
		Figure{"held_open_byte_seconds", "", func(s *sight) float64 {
			return float64(s.open[0]*s.t.AccumulatorBytes) * float64(s.t.Quiet-s.in.begins()) / 1e6
		}},
	)
	list = append(list, costFigures()...)
	list = append(list, spread("recovery", "", func(s *sight) *measure.Distribution { return &s.recovery }, cluster64)...)
	return append(list,
		Figure{"caught_up_ms", "", func(s *sight) float64 { return float64(s.t.CalmNs) / 1e6 }},
		Figure{"faults_of_nodes_and_links", "", func(s *sight) float64 { return float64(len(s.t.Strikes)) }},
	)
}

// faultFigures are how far one aggregate's values are from the truth.
func (in *Input) faultFigures(i int) (list []Figure) {
	name := in.plan.Aggregates[i].Name
	for k, when := range []string{"first", "final"} {
		list = append(list, Figure{fmt.Sprintf("error_%s_%s", when, name), "", func(s *sight) float64 { return s.wrong[k].Mean[i] }})
		if in.ranked(i) {
			list = append(list, Figure{fmt.Sprintf("rank_error_%s_%s", when, name), "", func(s *sight) float64 { return s.ranks[k][i] }})
		}
	}
	for k, us := range behind() {
		list = append(list, Figure{fmt.Sprintf("error_behind_%s_%s", flow.FormatDuration(us), name), "", func(s *sight) float64 { return s.after[k][i] }})
	}
	return append(list,
		Figure{"error_area_ms_" + name, "", func(s *sight) float64 { return ms(s.area[i]) }},
		Figure{"churn_" + name, "", func(s *sight) float64 { return s.changes.Churn[i] }},
	)
}

// horizon is for how long behind the end of its window an answer's error counts, in µs: as
// long as the data lasts, an hour at most.
func (in *Input) horizon() int64 { return min(in.ends()-in.begins(), 3600e6) }

func (s *sight) censored() int {
	n := 0
	for i := range s.t.Histories {
		if s.t.Histories[i].Censored {
			n++
		}
	}
	return n
}

func completeness() []Figure {
	var list []Figure
	add := func(name string, at func(h *measure.History) *measure.Showing) {
		share := func(s *sight) measure.Share { return s.t.Histories.Completeness(at) }
		unit := ""
		if name != "first" && name != "final" {
			list = append(list, Figure{"completeness_" + name + "_micro", unit, func(s *sight) float64 { return share(s).Micro }})
			return
		}
		list = append(
			list,
			Figure{"completeness_" + name + "_micro", unit, func(s *sight) float64 { return share(s).Micro }},
			Figure{"completeness_" + name + "_macro", unit, func(s *sight) float64 { return share(s).Macro }},
			Figure{"incomplete_" + name + "_ppm", name + "-incomplete-ppm", func(s *sight) float64 { return 1e6 * (1 - share(s).Micro) }},
		)
	}
	add("first", measure.First)
	add("final", measure.Final)
	for _, us := range behind() {
		add("behind_"+flow.FormatDuration(us), measure.Behind(us))
	}
	return list
}

// costFigures are what a run has used: processor time in the cluster's, bytes for each
// byte of the log.
func costFigures() []Figure {
	per := func(of func(w *measure.Work) uint64) func(s *sight) float64 {
		return func(s *sight) float64 { return float64(of(&s.all)) / float64(s.in.bytes) }
	}
	list := []Figure{
		{"cpu_ms", "cpu-ms", func(s *sight) float64 { return float64(s.all.ProcessorNs) / 1e6 }},
		{"wrote_per_byte", "wrote/B", per(func(w *measure.Work) uint64 { return w.Wrote })},
		{"read_per_byte", "read/B", per(func(w *measure.Work) uint64 { return w.Read })},
		{"sent_per_byte", "sent/B", per(func(w *measure.Work) uint64 { return w.Sent })},
		{"stored_per_byte", "stored/B", per(func(w *measure.Work) uint64 { return w.Stored })},
		{"stored_per_byte_mean", "", func(s *sight) float64 { return s.stored[0] / float64(s.in.bytes) }},
		{"stored_per_byte_peak", "", func(s *sight) float64 { return s.stored[1] / float64(s.in.bytes) }},
	}
	for _, role := range []string{"log", "worker", "view", "archiver", "batch", "speed", "serving", "blob"} {
		list = append(list, Figure{"cpu_" + role + "_ms", "", func(s *sight) float64 {
			for _, w := range s.t.Work {
				if w.Role == role {
					return float64(w.ProcessorNs) / 1e6
				}
			}
			return math.NaN()
		}})
	}
	anew := func(of func(a *rerun, s *sight) float64) func(s *sight) float64 {
		return func(s *sight) float64 {
			if s.t.Again == nil {
				return math.NaN()
			}
			return of(s.t.Again, s)
		}
	}
	sum := func(a *rerun) (all measure.Work) {
		for _, w := range a.Work {
			all = all.Plus(w)
		}
		return all
	}
	return append(list,
		Figure{"again_ms", "", anew(func(a *rerun, _ *sight) float64 { return float64(a.Ns) / 1e6 })},
		Figure{"again_cpu_ms", "", anew(func(a *rerun, _ *sight) float64 { return float64(sum(a).ProcessorNs) / 1e6 })},
		Figure{"again_sent_per_byte", "", anew(func(a *rerun, s *sight) float64 { return float64(sum(a).Sent) / float64(s.in.bytes) })},
		Figure{"again_wrote_per_byte", "", anew(func(a *rerun, s *sight) float64 { return float64(sum(a).Wrote) / float64(s.in.bytes) })},
		Figure{"again_moved_per_byte", "again-moved/B", anew(func(a *rerun, s *sight) float64 {
			all := sum(a)
			return float64(all.Sent+all.Wrote+all.Read) / float64(s.in.bytes)
		})},
		Figure{"again_read_per_byte", "", anew(func(a *rerun, s *sight) float64 { return float64(sum(a).Read) / float64(s.in.bytes) })},
		Figure{"again_stored_per_byte", "", anew(func(a *rerun, s *sight) float64 { return float64(a.Stored) / float64(s.in.bytes) })},
		Figure{"events", "", func(s *sight) float64 { return float64(s.t.Events) }},
	)
}
