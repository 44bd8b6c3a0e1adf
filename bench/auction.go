package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"parallax/bench/frontier"
	"parallax/bench/nexmark"
	"parallax/scenarios"
)

// AuctionRowsMax is the most events of an auction: the oracle keeps them all.
const AuctionRowsMax = 1_000_000

// auctionDelays are those that an auction's demo shows, µs.
var auctionDelays = []int64{0, 100_000, 500_000, 1_000_000, 2_000_000, 3_000_000}

// AuctionOutcome is what a demo of Nexmark bids showed.
type AuctionOutcome struct {
	Format     string           `json:"schema"`
	Query      string           `json:"query"`
	Stream     string           `json:"stream"` // its name: everything that decides it
	Events     int              `json:"events"` // of which the bids are rows
	Dir        string           `json:"dir"`
	Agree      bool             `json:"kappa_equals_oracle"`
	Difference string           `json:"difference,omitempty"`
	Counts     scenarios.Counts `json:"counts"`
	Delays     []AuctionDelay   `json:"delays"`

	curve *frontier.Result
}

// AuctionDelay is what one delay of the watermark costs and brings.
type AuctionDelay struct {
	Delay   int64 `json:"delay_ms"`
	Pairs   int64 `json:"pairs"`
	Dropped int64 `json:"dropped"`
	Wait    int64 `json:"wait_p99_ms"`
}

// Auction makes a folder as Demo does, of a query of Nexmark over its bids: bids.csv,
// job.yaml, results.csv, late.csv, summary.json and, where windows have fixed edges,
// frontier.html. One bid in ten arrives up to three seconds late, and a second is
// waited for.
func Auction(query string, o Options) (*AuctionOutcome, error) {
	if o.Rows == 0 {
		o.Rows = RowsDefault
	}
	if o.Rows < 1 || o.Rows > AuctionRowsMax {
		return nil, fmt.Errorf("%w: %d; from 1 to %d", ErrRows, o.Rows, AuctionRowsMax)
	}
	text, err := nexmark.Job(query, "bids.csv", 1000)
	if err != nil {
		return nil, err
	}
	g, err := nexmark.New(nexmark.Options{
		Seed: o.Seed, Rate: 200, Partitions: 2, Disorder: nexmark.Disorder{Kind: nexmark.Delay, PerMille: 100, Max: 3_000_000},
	})
	if err != nil {
		return nil, err
	}
	if err := folder(o.Dir, text); err != nil {
		return nil, err
	}
	job, err := g.Open(o.Dir, text, int64(o.Rows), nil)
	if err != nil {
		return nil, err
	}
	kappa, difference, err := answer(o.Dir)
	if err != nil {
		return nil, err
	}
	out := &AuctionOutcome{
		Format: "parallax.demo-auction/v1", Query: query, Stream: g.Name(), Events: o.Rows, Dir: o.Dir,
		Agree: difference == "", Difference: difference, Counts: kappa.Summary.Counts,
	}
	return out, out.weigh(job)
}

// weigh works out what other delays would have cost and brought.
func (o *AuctionOutcome) weigh(job *scenarios.Job) (err error) {
	if o.curve, err = frontier.Run(job, frontier.JobOptions{Delays: auctionDelays}); err != nil {
		return err
	}
	for _, p := range o.curve.Curves[0].Points {
		o.Delays = append(o.Delays, AuctionDelay{p.Delay / 1000, p.Pairs, p.Dropped, p.Latency.P99 / 1000})
	}
	if o.curve.Simulated {
		return nil // the page draws a curve, and there are six points
	}
	all, err := frontier.Run(job, frontier.JobOptions{})
	if err != nil {
		return err
	}
	var page bytes.Buffer
	return errors.Join(all.WriteHTML(&page), write(o.Dir, "frontier.html", page.Bytes()))
}

// Verdict is one sentence on whether the answers are right.
func (o *AuctionOutcome) Verdict() string {
	if !o.Agree {
		return fmt.Sprintf("kappa path and oracle path DIFFER, first in %s", o.Difference)
	}
	return fmt.Sprintf("kappa path = oracle path: %s windows and %s dropped pairs, every value equal",
		number(o.Counts.Windows), number(o.Counts.PairsDropped))
}

// Print writes the summary for a terminal.
func (o *AuctionOutcome) Print(w io.Writer) error {
	fmt.Fprintf(w, "%s bids of %s events; Nexmark %s; %s\n\n", number(o.Counts.Rows), number(int64(o.Events)), o.Query, o.Stream)
	if err := o.curve.WriteText(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s.\n\nplay    parallax results %s --set watermark.bounded=3s --summary -\n", o.Verdict(), filepath.Join(o.Dir, "job.yaml"))
	return err
}

// WriteJSON writes the outcome as one line of JSON.
func (o *AuctionOutcome) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(o)
}
