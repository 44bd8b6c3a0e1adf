package compare

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"parallax/engine/flow"
)

// Goal is what answers are to achieve: to hold a share of the rows, as soon as may be, or
// to come within a wait, with as many rows as may be.
type Goal struct {
	Text       string
	Millionths int64   // of the pairs; 0: the goal is a wait
	Percentile float64 // 50, 90, 99, 99.9 or 100, of the waits
	Wait       int64   // µs
}

// ErrGoal is returned for text that is no goal.
var ErrGoal = errors.New(`a goal is "completeness 99.9%" or "latency p99 5s" (p50, p90, p99, p99.9 or max)`)

// ParseGoal reads a goal.
func ParseGoal(text string) (Goal, error) {
	g := Goal{Text: text}
	words := strings.Fields(text)
	switch {
	case len(words) == 2 && words[0] == "completeness":
		number, ok := strings.CutSuffix(words[1], "%")
		v, err := strconv.ParseFloat(number, 64)
		if !ok || err != nil || v <= 0 || v > 100 {
			return g, fmt.Errorf("%w; %q is no share of more than 0%% and at most 100%%", ErrGoal, words[1])
		}
		g.Millionths = int64(math.Round(v * 10_000))
		return g, nil
	case len(words) == 3 && words[0] == "latency":
		at, ok := map[string]float64{"p50": 50, "p90": 90, "p99": 99, "p99.9": 99.9, "max": 100}[words[1]]
		wait, err := flow.ParseDuration(words[2])
		if !ok || err != nil || wait < 0 {
			return g, fmt.Errorf("%w; %q is not", ErrGoal, text)
		}
		g.Percentile, g.Wait = at, wait
		return g, nil
	}
	return g, fmt.Errorf("%w; %q is not", ErrGoal, text)
}

// Advice is what to do about a goal, with the reasons.
type Advice struct {
	Goal    string
	Met     bool
	Choice  string // in one sentence
	Reasons []string
}

// Lines is the advice for people.
func (a *Advice) Lines() []string {
	list := []string{fmt.Sprintf("For %s: %s", a.Goal, a.Choice)}
	for _, r := range a.Reasons {
		list = append(list, "  "+r)
	}
	return list
}

// Advise chooses among the lines of the grid without faults: for a share, the one that
// holds it soonest behind the end of a window; for a wait, the one whose first answers
// hold most. What is equal in that is decided by the bytes that it moves and keeps.
func (r *Report) Advise(g Goal) *Advice {
	a := &Advice{Goal: g.Text}
	var fit []*Line
	var best *Line
	for i := range r.Lines {
		l := &r.Lines[i]
		if l.Faults && slices.ContainsFunc(r.Lines, func(o Line) bool { return !o.Faults }) {
			continue
		}
		if r.meets(g, l) {
			fit = append(fit, l)
		}
		if best == nil || r.better(g, l, best) {
			best = l
		}
	}
	if len(fit) == 0 {
		a.Choice = fmt.Sprintf("nothing of this grid does. The nearest is %s: %s.", label(best), r.says(g, best))
		a.Reasons = r.frontierReason(g)
		return a
	}
	a.Met = true
	a.Choice = fmt.Sprintf("%s: %s.", label(best), r.says(g, best))
	a.Reasons = append(r.frontierReason(g), r.reasons(g, best, fit)...)
	return a
}

// says is what a line comes to in terms of a goal.
func (r *Report) says(g Goal, l *Line) string {
	first := fmt.Sprintf("first answers hold %s of the rows and come %s behind the end of their window (%s)",
		share("completeness_first_micro")(r, l), length(g.wait())(r, l), g.percentile())
	if g.Millionths == 0 {
		return first
	}
	if us, ok := l.Trial.Histories.Reach(float64(g.Millionths) / 1e6); ok {
		return fmt.Sprintf("so many rows are counted from %s behind the end of a window on; %s", duration(float64(us)/1000), first)
	}
	return fmt.Sprintf("%s are counted in the end; %s", share("completeness_final_micro")(r, l), first)
}

// label names a line without its seeds.
func label(l *Line) string {
	s := fmt.Sprintf("%s with a delay of %s", l.Architecture, flow.FormatDuration(l.Delay))
	if l.Batch > 0 {
		s += fmt.Sprintf(" and a batch every %s", flow.FormatDuration(l.Batch))
	}
	return s
}

// wait is the figure that a goal's waits go by.
func (g *Goal) wait() string {
	switch g.Percentile {
	case 50:
		return "result_p50_ms"
	case 90:
		return "result_p90_ms"
	case 99.9:
		return "result_p999_ms"
	case 100:
		return "result_max_ms"
	}
	return "result_p99_ms"
}

func (g *Goal) percentile() string {
	switch g.Percentile {
	case 50, 90, 99.9:
		return fmt.Sprintf("p%v", g.Percentile)
	case 100:
		return "at most"
	}
	return "p99"
}

func (r *Report) meets(g Goal, l *Line) bool {
	if g.Millionths > 0 {
		_, ok := l.Trial.Histories.Reach(float64(g.Millionths) / 1e6)
		return ok
	}
	return r.mean(l, g.wait()) <= float64(g.Wait)/1000
}

// better tells whether a line is to be preferred to another.
func (r *Report) better(g Goal, l, than *Line) bool {
	meets, met := r.meets(g, l), r.meets(g, than)
	if meets != met {
		return meets
	}
	var a, b float64 // the less the better
	switch {
	case g.Millionths > 0 && met:
		x, _ := l.Trial.Histories.Reach(float64(g.Millionths) / 1e6)
		y, _ := than.Trial.Histories.Reach(float64(g.Millionths) / 1e6)
		a, b = float64(x), float64(y)
	case g.Millionths > 0:
		a, b = r.mean(l, "incomplete_final_ppm"), r.mean(than, "incomplete_final_ppm")
	case met:
		a, b = r.mean(l, "incomplete_first_ppm"), r.mean(than, "incomplete_first_ppm")
	default:
		a, b = r.mean(l, g.wait()), r.mean(than, g.wait())
	}
	if math.IsNaN(b) || apart(a, b) {
		return a < b || math.IsNaN(b)
	}
	a, b = r.price(l), r.price(than)
	return apart(a, b) && a < b
}

// apart tells whether two amounts differ by more than chance does from run to run. What
// is equal in everything is decided by the order of the grid, in which delays grow.
func apart(a, b float64) bool { return math.Abs(a-b) > 0.02*max(math.Abs(a), math.Abs(b)) }

// price orders what is equally good: bytes moved and kept for each byte of the log.
func (r *Report) price(l *Line) float64 {
	return r.mean(l, "wrote_per_byte") + r.mean(l, "read_per_byte") + r.mean(l, "sent_per_byte") + r.mean(l, "stored_per_byte_peak")
}

// frontierReason is what the exact frontier says, for delays that were not run, too.
func (r *Report) frontierReason(g Goal) []string {
	curve := &r.Frontier.Curves[0]
	if g.Millionths > 0 {
		if p, ok := curve.Least(g.Millionths); ok {
			return []string{fmt.Sprintf("Of all delays, %s is the least that keeps so many: it drops %d of %d pairs, and windows wait %s (p99) for rows alone.",
				flow.FormatDuration(p.Delay), p.Dropped, p.Pairs, flow.FormatDuration(p.Latency.P99))}
		}
		return []string{"No delay that was looked at keeps so many."}
	}
	best := -1
	for i := range curve.Points {
		l := &curve.Points[i].Latency
		at := map[float64]int64{50: l.P50, 90: l.P90, 99: l.P99, 99.9: l.Max, 100: l.Max}[g.Percentile]
		if curve.Points[i].Fired > 0 && at <= g.Wait {
			best = i
		}
	}
	if best < 0 {
		return []string{"Even a delay of 0s makes windows wait longer: it is the rows that come late."}
	}
	p := &curve.Points[best]
	return []string{fmt.Sprintf("Of all delays, %s is the greatest with which rows alone keep windows waiting no longer: it keeps %.4f %% of the pairs.",
		flow.FormatDuration(p.Delay), 100*p.Completeness())}
}

// reasons compare the choice with what else would do.
func (r *Report) reasons(g Goal, best *Line, fit []*Line) (list []string) {
	for _, l := range fit {
		if l.Architecture == best.Architecture || slices.ContainsFunc(list, func(s string) bool { return strings.HasPrefix(s, l.Architecture) }) {
			continue
		}
		list = append(list, fmt.Sprintf("%s would do, too (%s), with %.2f bytes moved and kept for each byte of the log against %.2f.", label(l), r.says(g, l), r.price(l), r.price(best)))
	}
	list = append(list, fmt.Sprintf("In the end its answers hold %s; %s of their windows change after the first answer.",
		share("completeness_final_micro")(r, best), number("windows_revised")(r, best)))
	for i := range r.Lines {
		l := &r.Lines[i]
		if l.Faults && l.Architecture == best.Architecture && l.Delay == best.Delay && l.Batch == best.Batch {
			list = append(list, fmt.Sprintf("Under faults answers come %s behind the end of their window (p99), and end alike in %d of %d seeds.",
				length("result_p99_ms")(r, l), l.Exact, l.Seeds))
		}
	}
	return list
}
