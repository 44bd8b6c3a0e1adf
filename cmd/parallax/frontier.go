package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"parallax/bench/frontier"
	"parallax/engine/flow"
	"parallax/scenarios"
	"parallax/scenarios/source"
)

// frontierFlags are the flags of the command frontier.
type frontierFlags struct {
	sets        []string
	delays      string
	rule        string
	horizon     string
	format      string
	out         string
	byPartition bool
}

func newFrontier() *cobra.Command {
	var f frontierFlags
	cmd := &cobra.Command{
		Use:   "frontier JOB",
		Short: "What every delay of the watermark costs and brings, at once",
		Long: `Work out, from one pass over the rows in the order of their arrival, what every
bound of the watermark would have dropped, revised and kept, and how long windows
would have waited: one line for every delay at which the fate of a row changes, or
for the --delays named. The counts and firing times are exactly those of the engine
with that bound.

A pair is a row in one of its windows; a window is one of one key. Latency is from
the end of a window to the arrival of the row that lets it fire. error_NAME is the
mean over windows of |value - truth| / max(|truth|, 1).

--rule lag asks instead what windows would hold that are published at their end
plus a lag by the clock, whatever the watermark says. --horizon leaves out windows
that end less than that before the last arrival.

Sessions depend on which rows were kept: they are run again for each of the --delays.`,
		Example: `  parallax frontier job.yaml --format table
  parallax frontier job.yaml --delays 0s,100ms,1s,5s --format jsonl
  parallax frontier job.yaml --format html --out frontier.html
  parallax frontier job.yaml --rule lag --horizon 365d --delays 0s,1d,7d`,
		Args:              oneJob,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
		ValidArgsFunction: yamlFiles,
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.sets, "set", nil, "override a key of the job, as in late.allowed=5s (may be repeated)")
	flags.StringVar(&f.delays, "delays", "", "only these delays, or lags, as in 0s,500ms,2s")
	flags.StringVar(&f.rule, "rule", "watermark", "watermark: windows fire by it; lag: by the clock")
	flags.StringVar(&f.horizon, "horizon", "", "with --rule lag: keep windows that end so long before the last arrival, as in 365d")
	flags.StringVar(&f.format, "format", "csv", "csv, jsonl, html, or table for reading")
	flags.StringVarP(&f.out, "out", "o", "", "write to this file instead of standard output")
	flags.BoolVar(&f.byPartition, "by-partition", false, "a curve for each partition of the source, too")
	complete(cmd, "rule", "watermark", "lag")
	complete(cmd, "format", "csv", "jsonl", "html", "table")
	return cmd
}

func (f *frontierFlags) run(cmd *cobra.Command, file string) error {
	if !slices.Contains([]string{"csv", "jsonl", "html", "table"}, f.format) {
		return fmt.Errorf("parallax frontier: --format %q is not one of csv, jsonl, html, table", f.format)
	}
	if f.rule != "watermark" && f.rule != "lag" {
		return fmt.Errorf("parallax frontier: --rule %q is not one of watermark, lag", f.rule)
	}
	o := frontier.JobOptions{Lag: f.rule == "lag", ByPartition: f.byPartition}
	var err error
	if o.Delays, err = parseDelays(f.delays); err != nil {
		return fmt.Errorf("parallax frontier: --delays: %s", strings.TrimPrefix(err.Error(), "flow: "))
	}
	if f.horizon != "" {
		if !o.Lag {
			return errors.New("parallax frontier: --horizon goes with --rule lag")
		}
		if o.Horizon, err = flow.ParseDuration(f.horizon); err != nil {
			return fmt.Errorf("parallax frontier: --horizon: %s", strings.TrimPrefix(err.Error(), "flow: "))
		}
	}
	job, err := scenarios.Load(file, f.sets)
	if err != nil {
		return err
	}
	bar := newProgress(remarks(cmd))
	if bar != nil {
		o.Progress = bar.tell
	}
	out, err := frontier.Run(job, o)
	bar.end()
	switch {
	case errors.Is(err, frontier.ErrDelays):
		return fmt.Errorf("parallax frontier: %s: %w, as in --delays 0s,1s,10s", file, err)
	case errors.Is(err, frontier.ErrWindows):
		return fmt.Errorf("parallax frontier: %s: %w", file, err)
	}
	if err != nil {
		return blame(err)
	}
	write := func(w io.Writer) error {
		switch f.format {
		case "html":
			return out.WriteHTML(w)
		case "table":
			return out.WriteText(w)
		}
		return out.Table().Write(w, source.Format(f.format))
	}
	if f.out == "" {
		err = write(cmd.OutOrStdout())
	} else {
		err = toFile(f.out, write)
	}
	if err == nil {
		remarkFrontier(remarks(cmd), out)
	}
	return err
}

// parseDelays reads a list of durations, ascending.
func parseDelays(list string) ([]int64, error) {
	if list == "" {
		return nil, nil
	}
	var out []int64
	for _, text := range strings.Split(list, ",") {
		d, err := flow.ParseDuration(strings.TrimSpace(text))
		if err != nil {
			return nil, err
		}
		if d < 0 {
			return nil, fmt.Errorf("%s is negative", text)
		}
		out = append(out, d)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// remarkFrontier says which delay would do.
func remarkFrontier(w io.Writer, r *frontier.Result) {
	c := &r.Curves[0]
	if len(c.Points) == 0 {
		return
	}
	if r.Simulated {
		fmt.Fprintf(w, "%s: {%s} was run for each delay\n", r.Job, r.Windows)
	}
	last, wants := int64(-1), []string(nil)
	for _, goal := range []struct {
		millionths int64
		name       string
	}{{1_000_000, "all"}, {999_000, "99.9 %"}, {990_000, "99 %"}} {
		if p, ok := c.Least(goal.millionths); ok && p.Delay != last {
			wants = append(wants, fmt.Sprintf("%s of the pairs: %s", goal.name, flow.FormatDuration(p.Delay)))
			last = p.Delay
		}
	}
	if len(wants) > 0 {
		fmt.Fprintf(w, "%s: the least delay that keeps %s\n", r.Job, strings.Join(wants, ", "))
	}
	if s := r.Strategy; s != nil {
		fmt.Fprintf(w, "%s: {%s} keeps %d of %d pairs, and its windows wait %s (median) and %s (p99)", r.Job, s.Watermark,
			s.Point.Pairs-s.Point.Dropped, s.Point.Pairs, flow.FormatDuration(s.Point.Latency.P50), flow.FormatDuration(s.Point.Latency.P99))
		if s.Found {
			fmt.Fprintf(w, "; with a bound of %s, which keeps as many, they wait %s and %s", flow.FormatDuration(s.Same),
				flow.FormatDuration(s.Point.Latency.P50-s.Regret.P50), flow.FormatDuration(s.Point.Latency.P99-s.Regret.P99))
		}
		fmt.Fprintln(w)
	}
}
