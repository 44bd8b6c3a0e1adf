package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"parallax/scenarios"
)

// Outcome is what a demo showed.
type Outcome struct {
	Format     string           `json:"schema"`
	Seed       uint64           `json:"seed"`
	Dir        string           `json:"dir"`
	Report     string           `json:"report"`
	Agree      bool             `json:"kappa_equals_oracle"`
	Difference string           `json:"difference,omitempty"` // the first file in which the paths differ
	Counts     scenarios.Counts `json:"counts"`
	Networks   []Line           `json:"networks"`
	Delays     []Delay          `json:"delays"`
}

// Line is what became of the clicks of one network.
type Line struct {
	Network string `json:"network"`
	Phones  int    `json:"phones"`
	Clicks  int64  `json:"clicks"`
	OnTime  int64  `json:"on_time"`
	Revised int64  `json:"revised"`
	Dropped int64  `json:"dropped"`
	Wait    int64  `json:"delay_for_all_ms"` // the least bound that drops none of them
}

// Delay is the least bound of the watermark that does for a share of the clicks.
type Delay struct {
	PerMille int64 `json:"per_mille"`
	Counted  int64 `json:"counted_ms"` // with the job's allowed lateness
	OnTime   int64 `json:"on_time_ms"` // in the first answer already
}

// shares are those of the report, in thousandths.
var shares = []int64{990, 999, 1000}

func newOutcome(o Options, pairs []pair, kappa *scenarios.Results, difference string) *Outcome {
	out := &Outcome{
		Format: "parallax.demo/v1", Seed: o.Seed, Dir: o.Dir, Report: filepath.Join(o.Dir, "report.html"),
		Agree: difference == "", Difference: difference, Counts: kappa.Summary.Counts,
	}
	for _, n := range networks {
		phones := make(map[string]bool)
		var own []pair
		for i := range pairs {
			if pairs[i].phone.network == n.name {
				own = append(own, pairs[i])
				phones[pairs[i].phone.name] = true
			}
		}
		t := count(own)
		out.Networks = append(out.Networks, Line{
			Network: n.name, Phones: len(phones), Clicks: t.all(), OnTime: t[onTime], Revised: t[revised], Dropped: t[dropped],
			Wait: delayFor(own, 1000, times.allowed),
		})
	}
	for _, share := range shares {
		out.Delays = append(out.Delays, Delay{
			PerMille: share, Counted: delayFor(pairs, share, times.allowed), OnTime: delayFor(pairs, share, 0),
		})
	}
	return out
}

// all adds the networks up.
func (o *Outcome) all() Line {
	sum := Line{Network: "all"}
	for _, l := range o.Networks {
		sum.Phones += l.Phones
		sum.Clicks += l.Clicks
		sum.OnTime += l.OnTime
		sum.Revised += l.Revised
		sum.Dropped += l.Dropped
		sum.Wait = max(sum.Wait, l.Wait)
	}
	return sum
}

// Verdict is one sentence on whether the answers are right.
func (o *Outcome) Verdict() string {
	if !o.Agree {
		return fmt.Sprintf("kappa path and oracle path DIFFER, first in %s", o.Difference)
	}
	return fmt.Sprintf("kappa path = oracle path: %s windows and %s dropped clicks, every value equal",
		number(o.Counts.Windows), number(o.Counts.PairsDropped))
}

// Print writes the summary for a terminal.
func (o *Outcome) Print(w io.Writer) error {
	all := o.all()
	fmt.Fprintf(w, "%s clicks from %d phones; pages counted in windows of %s; seed %d\n\n",
		number(all.Clicks), all.Phones, duration(times.window), o.Seed)
	const layout = "%-10s %7s %8s %9s %14s %9s %16s\n"
	fmt.Fprintf(w, layout, "network", "phones", "clicks", "on time", "late, counted", "dropped", "none dropped at")
	for _, l := range append(o.Networks, all) {
		fmt.Fprintf(w, layout, l.Network, number(int64(l.Phones)), number(l.Clicks), number(l.OnTime),
			number(l.Revised), number(l.Dropped), duration(l.Wait))
	}
	fmt.Fprintf(w, "\nThe job waits %s and takes late clicks for %s more: %s of them are counted.\n",
		duration(times.bounded), duration(times.allowed), percent(all.OnTime+all.Revised, all.Clicks))
	var wants []string
	for _, d := range o.Delays {
		wants = append(wants, fmt.Sprintf("%s for %s", duration(d.Counted), shareText(d.PerMille)))
	}
	fmt.Fprintf(w, "The delay that would have sufficed: %s.\n", strings.Join(wants, ", "))
	fmt.Fprintf(w, "%s.\n\n", o.Verdict())
	_, err := fmt.Fprintf(w, "report  %s\nplay    parallax results %s --set watermark.bounded=%s --summary -\n",
		o.Report, filepath.Join(o.Dir, "job.yaml"), duration(o.Delays[0].Counted))
	return err
}

// WriteJSON writes the outcome as one line of JSON.
func (o *Outcome) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(o)
}
