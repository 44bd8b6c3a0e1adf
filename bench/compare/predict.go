package compare

import (
	"fmt"
	"math"
	"slices"

	"parallax/bench/frontier"
	"parallax/engine/flow"
)

// Prediction is what was expected before anything ran, and whether it came so.
type Prediction struct {
	Text    string
	Outcome string // before the runs: ""
	Why     string // what is otherwise
}

// The outcomes.
const (
	held    = "held"
	failed  = "FAILED"
	untried = "untried" // the grid has nothing that it could be seen by
)

// prediction is a claim with its test: why is "" if it holds; tried is false if there was
// nothing to see.
type prediction struct {
	text string
	test func(r *Report) (tried bool, why string)
}

// predictions are the same for every comparison. They are printed before it runs, so
// that what comes out as expected is a result, too.
func predictions() []prediction {
	return []prediction{
		{"every run ends with exactly the oracle's answers, with and without faults", func(r *Report) (bool, string) {
			return true, r.first(func(o *Outcome) bool { return !o.Exact }, "ends otherwise")
		}},
		{"no row ever counts twice in any answer that could be seen", func(r *Report) (bool, string) {
			over := r.figure("pairs_over")
			return true, r.first(func(o *Outcome) bool { return o.Values[over] != 0 }, "counts too much")
		}},
		{"what an architecture without repair loses is, to the row, what the frontier says of its delay", predictLoss},
		{"with the same delay, faults change when answers come, not what they hold in the end", predictFaults},
		{"no answer comes before the policy permits it, but where clocks are wrong", func(r *Report) (bool, string) {
			least := r.figure("overhead_least_ms")
			return true, r.first(func(o *Outcome) bool { return !o.Faults && o.Values[least] < 0 }, "answers early")
		}},
		{"a greater delay never brings answers sooner, but for what the engine takes, nor holds less at first", predictOrder},
		{"an architecture that repairs holds every row in the end", predictRepair},
		{"an architecture with a batch layer writes and reads more than one without", predictBytes},
		{"a longer interval of batches moves fewer bytes, holds no less to be added to, and makes answers right no sooner", predictInterval},
		{"as long as the log keeps everything, answering anew from it is done sooner than from an archive", predictAnew},
	}
}

// Expectations are the predictions before anything has run.
func Expectations() (list []string) {
	for _, p := range predictions() {
		list = append(list, p.text)
	}
	return list
}

// Predictions are all of them, with what came of them.
func (r *Report) Predictions() (list []Prediction) {
	for _, p := range predictions() {
		tried, why := p.test(r)
		out := Prediction{Text: p.text, Outcome: held, Why: why}
		switch {
		case why != "":
			out.Outcome = failed
		case !tried:
			out.Outcome = untried
		}
		list = append(list, out)
	}
	return list
}

// first names the first outcome of which something holds.
func (r *Report) first(is func(o *Outcome) bool, what string) string {
	for i := range r.Trials {
		if is(&r.Trials[i]) {
			return fmt.Sprintf("%s %s", r.Trials[i].Case, what)
		}
	}
	return ""
}

func predictLoss(r *Report) (tried bool, why string) {
	under := r.figure("pairs_under")
	for i := range r.Trials {
		o := &r.Trials[i]
		if r.kind(o.Architecture).Repairs {
			continue
		}
		dropped, ok := r.dropped(o.Delay)
		if !ok {
			continue
		}
		tried = true
		if got := o.Values[under]; got != float64(dropped) {
			return true, fmt.Sprintf("%s loses %.0f pairs, the frontier says %d", o.Case, got, dropped)
		}
	}
	return tried, ""
}

// dropped is how many pairs the frontier says that a delay drops.
func (r *Report) dropped(delay int64) (int64, bool) {
	points := r.Frontier.Curves[0].Points
	i := slices.IndexFunc(points, func(p frontier.Point) bool { return p.Delay == delay })
	if i < 0 {
		return 0, false
	}
	return points[i].Dropped, true
}

func predictFaults(r *Report) (tried bool, why string) {
	type key struct {
		architecture string
		delay, batch int64
	}
	plain := map[key]finale{}
	for i := range r.Trials {
		if o := &r.Trials[i]; !o.Faults {
			plain[key{o.Architecture, o.Delay, o.Batch}] = o.Answers
		}
	}
	for i := range r.Trials {
		o := &r.Trials[i]
		want, ok := plain[key{o.Architecture, o.Delay, o.Batch}]
		if !ok || !o.Faults {
			continue
		}
		tried = true
		if o.Answers != want {
			return true, fmt.Sprintf("%s ends with other answers", o.Case)
		}
	}
	return tried, ""
}

func predictOrder(r *Report) (tried bool, why string) {
	wait, share, engine := r.figure("result_p50_ms"), r.figure("completeness_first_micro"), r.figure("overhead_max_ms")
	for i := range r.Trials {
		a := &r.Trials[i]
		for k := range r.Trials {
			b := &r.Trials[k]
			if a.Architecture != b.Architecture || a.Batch != b.Batch || a.Faults || b.Faults || a.Seed != b.Seed || a.Delay >= b.Delay {
				continue
			}
			tried = true
			slack := a.Values[engine] * float64(r.Input.Stage.Pace)
			if a.Values[wait] > b.Values[wait]+slack || a.Values[share] > b.Values[share] {
				return true, fmt.Sprintf("%s waits %s for %.4f %%, %s %s for %.4f %%", a.Case, duration(a.Values[wait]), 100*a.Values[share],
					b.Case, duration(b.Values[wait]), 100*b.Values[share])
			}
		}
	}
	return tried, ""
}

func predictRepair(r *Report) (tried bool, why string) {
	under := r.figure("pairs_under")
	for i := range r.Trials {
		if o := &r.Trials[i]; r.kind(o.Architecture).Repairs {
			tried = true
			if o.Values[under] != 0 {
				return true, fmt.Sprintf("%s misses %.0f pairs", o.Case, o.Values[under])
			}
		}
	}
	return tried, ""
}

func predictBytes(r *Report) (tried bool, why string) {
	wrote, read := r.figure("wrote_per_byte"), r.figure("read_per_byte")
	least, most := math.Inf(1), math.Inf(-1)
	for i := range r.Trials {
		o := &r.Trials[i]
		if o.Faults {
			continue
		}
		if sum := o.Values[wrote] + o.Values[read]; r.kind(o.Architecture).Batches {
			least = min(least, sum)
		} else {
			most = max(most, sum)
		}
	}
	if math.IsInf(least, 1) || math.IsInf(most, -1) {
		return false, ""
	}
	if least <= most {
		return true, fmt.Sprintf("%.2f bytes for each byte of the log, against %.2f", least, most)
	}
	return true, ""
}

// slackInterval is by how much what an interval changes may go the other way: windows and
// batches may happen to lie well.
const slackInterval = 0.01

func predictInterval(r *Report) (tried bool, why string) {
	moved := func(l *Line) float64 {
		return r.mean(l, "wrote_per_byte") + r.mean(l, "read_per_byte") + r.mean(l, "sent_per_byte")
	}
	for i := range r.Lines {
		a := &r.Lines[i]
		for k := range r.Lines {
			b := &r.Lines[k]
			if a.Architecture != b.Architecture || a.Delay != b.Delay || a.Faults || b.Faults || a.Batch >= b.Batch {
				continue
			}
			tried = true
			for _, c := range []struct {
				what       string
				less, more float64
			}{
				{"bytes moved", moved(b), moved(a)},
				{"accumulators to be added to", r.mean(a, "held_open_mean"), r.mean(b, "held_open_mean")},
				{"ms until right, as a mean", r.mean(a, "to_final_mean_ms"), r.mean(b, "to_final_mean_ms")},
			} {
				if c.less > c.more*(1+slackInterval) {
					return true, fmt.Sprintf("%s, and one every %s: %s %.5g against %.5g", label(a), flow.FormatDuration(b.Batch), c.what, c.less, c.more)
				}
			}
		}
	}
	return tried, ""
}

func predictAnew(r *Report) (tried bool, why string) {
	most, least := math.Inf(-1), math.Inf(1)
	for i := range r.Lines {
		l := &r.Lines[i]
		took := r.mean(l, "again_ms")
		switch {
		case math.IsNaN(took):
		case r.kind(l.Architecture).Batches:
			least = min(least, took)
		default:
			most = max(most, took)
		}
	}
	if math.IsInf(least, 1) || math.IsInf(most, -1) {
		return false, ""
	}
	if least <= most {
		return true, fmt.Sprintf("%s from an archive, %s from the log", duration(least), duration(most))
	}
	return true, ""
}
