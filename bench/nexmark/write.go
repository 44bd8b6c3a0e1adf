package nexmark

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"parallax/scenarios"
)

// bidHeader is the columns of WriteBids.
const bidHeader = "n,event_time_us,arrival_time_us,partition,auction,bidder,price,channel,url\n"

// WriteBids writes the bids among the first n events as CSV, in the order in which
// they arrive. Prices are cents.
func (g *Generator) WriteBids(w io.Writer, n int64) error {
	out := bufio.NewWriterSize(w, 64<<10)
	if _, err := out.WriteString(bidHeader); err != nil {
		return err
	}
	var (
		line []byte
		err  error
	)
	g.Arrivals(n, func(e *Event) bool {
		if e.Type != Bid {
			return true
		}
		line = line[:0]
		for _, v := range [...]int64{e.N, e.Time, e.Arrival, int64(e.Partition), e.Auction, e.Bidder, e.Price} {
			line = append(strconv.AppendInt(line, v, 10), ',')
		}
		line = append(line, e.Channel...)
		line = append(line, ',')
		line = append(append(line, e.URL...), '\n')
		_, err = out.Write(line)
		return err == nil
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// Queries are those whose windows are over one stream of bids: their names, in the
// numbers of the benchmark, in order.
var Queries = []string{"q5", "q7", "q11", "q17"}

// Job is the job file of a query over the bids in a CSV file beside it.
func Job(query, file string, delayMs int64) (string, error) {
	steps := ""
	switch query {
	case "q5":
		steps = "  - key_by: [auction]\n  - window: {hop: 10s, every: 2s}\n  - aggregate: {bids: count()}\n"
	case "q7":
		steps = "  - window: {tumble: 10s}\n  - aggregate: {highest: max(price)}\n"
	case "q11":
		steps = "  - key_by: [bidder]\n  - window: {session: 10s}\n  - aggregate: {bids: count()}\n"
	case "q17":
		steps = "  - key_by: [auction]\n  - window: {tumble: 1d}\n  - aggregate:\n" +
			"      bids: count()\n" +
			"      cheap: count() where price < 10000\n" +
			"      middle: count() where price >= 10000 and price < 1000000\n" +
			"      dear: count() where price >= 1000000\n" +
			"      lowest: min(price)\n      highest: max(price)\n      mean: mean(price)\n      total: sum(price)\n"
	default:
		return "", fmt.Errorf("nexmark: no query %q; there are %v", query, Queries)
	}
	return fmt.Sprintf(`parallax: job/v1
name: nexmark-%s
doc: Nexmark query %s, its windows over bids.
source:
  file: %s
  event_time: {field: event_time_us, unit: us}
  arrival_time: {field: arrival_time_us, unit: us}
  partition_by: [partition]
watermark: {bounded: %dms}
pipeline:
%s`, query, query, file, delayMs, steps), nil
}

// Open writes the bids among the first n events into a folder as bids.csv, and loads
// a job over them from its text; sets are overrides of the job's values.
func (g *Generator) Open(dir, job string, n int64, sets []string) (*scenarios.Job, error) {
	f, err := os.Create(filepath.Join(dir, "bids.csv"))
	if err != nil {
		return nil, fmt.Errorf("nexmark: %w", err)
	}
	if err := errors.Join(g.WriteBids(f, n), f.Close()); err != nil {
		return nil, fmt.Errorf("nexmark: %w", err)
	}
	return scenarios.Parse(filepath.Join(dir, "job.yaml"), []byte(job), sets)
}
