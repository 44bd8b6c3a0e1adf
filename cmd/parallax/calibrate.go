//go:build !js && !wasip1

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"parallax/bench/calibrate"
	"parallax/bench/costs"
)

func newCalibrate() *cobra.Command {
	var out, dir string
	cmd := &cobra.Command{
		Use:   "calibrate",
		Short: "Measure this machine and propose a table of costs for simulated worlds",
		Long: `Measure what rows, bytes, syncs, reads and messages take on this machine, by the code
that a real deployment runs, and show it beside the committed table by which virtual
time passes in simulated worlds. Nothing is changed by that: results follow from the
committed table (bench/costs/table.json), so that they are the same everywhere. A
proposal becomes the table when it is committed, with a version of its own; then all
results have another hash of costs. Measure a machine that has nothing else to do.`,
		Example: `  parallax calibrate
  parallax calibrate --dir /mnt/disk --out costs.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			t, err := calibrate.Measure(cmd.Context(), calibrate.Options{Dir: dir, Progress: func(what string) {
				fmt.Fprintln(cmd.ErrOrStderr(), "measuring", what)
			}})
			if err != nil {
				return fmt.Errorf("parallax calibrate: %w", err)
			}
			if err := printCosts(cmd.OutOrStdout(), costs.Default(), t); err != nil || out == "" {
				return err
			}
			return writeCosts(out, t)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "write the proposal to this file, as the committed table is written")
	cmd.Flags().StringVar(&dir, "dir", "", "a folder on the disk to measure (default: the system's for temporary files)")
	return cmd
}

// printCosts shows two tables side by side.
func printCosts(out io.Writer, committed, measured costs.Table) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "price\tcommitted\tmeasured\tratio\t")
	a, b := committed.Prices(), measured.Prices()
	for i := range a {
		ratio := "-"
		if a[i].Value > 0 {
			ratio = fmt.Sprintf("%.2f", float64(b[i].Value)/float64(a[i].Value))
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\t\n", a[i].Name, a[i].Value, b[i].Value, ratio)
	}
	fmt.Fprintf(w, "\n")
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "committed  %s\nmeasured   %s\n", committed, measured)
	return err
}

func writeCosts(name string, t costs.Table) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("parallax calibrate: %w", err)
	}
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("parallax calibrate: %w", err)
	}
	return errors.Join(t.Write(f), f.Close())
}
