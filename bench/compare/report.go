package compare

import (
	"math"
	"slices"
)

// Outcome is what came of one case.
type Outcome struct {
	Case
	Answers finale
	Exact   bool // they are the oracle's
	Hash    uint64
	Values  []float64 // by figure
	Trial   *Trial    // of the first seed
}

// Report is a comparison that was carried out.
type Report struct {
	*Plan
	Figures []Figure
	Trials  []Outcome // by case
	Lines   []Line
	// Trimmed is the bytes, for each byte of the log, that a batch layer's system keeps at
	// most whose log forgets what is archived, without faults, by interval and seed.
	Trimmed [][]float64
}

// Line is the trials that differ in nothing but their seeds.
type Line struct {
	Case        // with seed 1
	Exact   int // of the seeds
	Seeds   int
	Summary []Interval // by figure
	Trial   *Trial     // of the first seed
}

// sum adds up over seeds.
func (r *Report) sum() {
	for from := 0; from < len(r.Trials); {
		to := from + 1
		for to < len(r.Trials) && r.Trials[to].Seed != 1 {
			to++
		}
		l := Line{Case: r.Trials[from].Case, Seeds: to - from, Trial: r.Trials[from].Trial}
		for f := range r.Figures {
			var values []float64
			for _, t := range r.Trials[from:to] {
				values = append(values, t.Values[f])
			}
			l.Summary = append(l.Summary, bootstrap(values))
		}
		for _, t := range r.Trials[from:to] {
			if t.Exact {
				l.Exact++
			}
		}
		r.Lines = append(r.Lines, l)
		from = to
	}
}

// figure is the number of a figure by its name.
func (r *Report) figure(name string) int {
	return slices.IndexFunc(r.Figures, func(f Figure) bool { return f.Name == name })
}

// mean is a line's mean of a figure.
func (r *Report) mean(l *Line, name string) float64 {
	if at := r.figure(name); at >= 0 {
		return l.Summary[at].Mean
	}
	return math.NaN()
}

// Sound tells whether every answer was the oracle's, and nothing ever counted twice.
func (r *Report) Sound() bool {
	over := r.figure("pairs_over")
	return !slices.ContainsFunc(r.Trials, func(o Outcome) bool { return !o.Exact || o.Values[over] != 0 })
}
