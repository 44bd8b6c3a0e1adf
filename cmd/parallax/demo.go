package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"parallax/bench"
	"parallax/bench/nexmark"
)

func newDemo() *cobra.Command {
	o := bench.Options{}
	asJSON, query := false, ""
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show on generated clicks what was late, why, and which delay would have sufficed",
		Long: `Generate the clicks of a small fleet of phones, some of which go offline; count
them by page in windows of ten seconds, by the engine and from scratch; and
leave a folder with the data, the job, its answers and a report (report.html) to
look at and play on. The same seed gives the same folder, byte for byte.

With --nexmark the rows are the bids of an online auction, after the Nexmark
benchmark, one in ten of which arrives up to three seconds late, and the job is one
of its queries: what is lost and how long windows wait is shown for several delays,
and drawn for all of them (frontier.html).`,
		Example: `  parallax demo
  parallax demo --seed 7 --rows 5000 --dir seven
  parallax demo --json
  parallax demo --nexmark q5 --dir auction`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Rows == 0 { // which Demo takes for the default
				return fmt.Errorf("parallax demo: %w: 0", bench.ErrRows)
			}
			if query != "" {
				out, err := bench.Auction(query, o)
				if err != nil {
					return fmt.Errorf("parallax demo: %w", err)
				}
				return show(cmd.OutOrStdout(), out, out.Agree, asJSON)
			}
			out, err := bench.Demo(o)
			if err != nil {
				return err
			}
			return show(cmd.OutOrStdout(), out, out.Agree, asJSON)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Dir, "dir", filepath.Join("out", "demo"), "the folder to write")
	flags.Uint64Var(&o.Seed, "seed", 1, "of the generator")
	flags.IntVar(&o.Rows, "rows", bench.RowsDefault, "number of clicks, or of the auction's events")
	flags.StringVar(&query, "nexmark", "", "a query over the bids of an auction instead: "+strings.Join(nexmark.Queries, ", "))
	flags.BoolVar(&asJSON, "json", false, "print the outcome as JSON")
	return cmd
}

// outcome is what a demo of either kind showed.
type outcome interface {
	Print(w io.Writer) error
	WriteJSON(w io.Writer) error
	Verdict() string
}

// show prints an outcome. It is an error with its exit code if the two paths differ.
func show(w io.Writer, out outcome, agree, asJSON bool) error {
	print := out.Print
	if asJSON {
		print = out.WriteJSON
	}
	if err := print(w); err != nil {
		return err
	}
	if agree {
		return nil
	}
	return violated{out.Verdict()}
}
