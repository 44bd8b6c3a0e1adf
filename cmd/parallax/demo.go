package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"parallax/bench"
)

func newDemo() *cobra.Command {
	o := bench.Options{}
	asJSON := false
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show on generated clicks what was late, why, and which delay would have sufficed",
		Long: `Generate the clicks of a small fleet of phones, some of which go offline; count
them by page in windows of ten seconds, by the engine and from scratch; and
leave a folder with the data, the job, its answers and a report (report.html) to
look at and play on. The same seed gives the same folder, byte for byte.`,
		Example: `  parallax demo
  parallax demo --seed 7 --rows 5000 --dir seven
  parallax demo --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Rows == 0 { // which Demo takes for the default
				return fmt.Errorf("parallax demo: %w: 0", bench.ErrRows)
			}
			out, err := bench.Demo(o)
			if err != nil {
				return err
			}
			print := out.Print
			if asJSON {
				print = out.WriteJSON
			}
			if err := print(cmd.OutOrStdout()); err != nil {
				return err
			}
			return verdict(out)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Dir, "dir", filepath.Join("out", "demo"), "the folder to write")
	flags.Uint64Var(&o.Seed, "seed", 1, "of the generator")
	flags.IntVar(&o.Rows, "rows", bench.RowsDefault, "number of clicks")
	flags.BoolVar(&asJSON, "json", false, "print the outcome as JSON")
	return cmd
}

// verdict is an error with its exit code if the two paths differ.
func verdict(out *bench.Outcome) error {
	if out.Agree {
		return nil
	}
	return violated{out.Verdict()}
}
