package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"parallax/engine/flow/expr"
	"parallax/scenarios"
	"parallax/scenarios/fuzz"
	"parallax/sim/zoo"
	"parallax/sim/zoo/layers"
)

func newZoo() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "zoo",
		Short: "Mistakes built in on purpose, to grade what looks for mistakes",
		Long: `The zoo holds mistakes that can be switched on at their real place in the engine. No job
and no flag of another command switches them on. A checker is worth what it finds:
parallax zoo run looks for each of them from random seeds.`,
		Example: "  parallax zoo list\n  parallax zoo show no-dedup\n  parallax zoo run",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newZooList(), newZooShow(), newZooRun())
	return cmd
}

func newZooList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the mistakes, and those of other systems that cannot be made here",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var list [][2]string
			for _, d := range zoo.All() {
				list = append(list, [2]string{d.Name, fmt.Sprintf("%-9s %s", d.Layer, d.Reference)})
			}
			if err := printPairs(cmd.OutOrStdout(), list); err != nil {
				return err
			}
			if _, err := fmt.Fprint(cmd.OutOrStdout(), "\nOf a batch layer, a speed layer and servers:\n"); err != nil {
				return err
			}
			list = nil
			for _, d := range layers.All() {
				list = append(list, [2]string{d.Name, fmt.Sprintf("%-9s %s", d.Layer, d.Reference)})
			}
			if err := printPairs(cmd.OutOrStdout(), list); err != nil {
				return err
			}
			if _, err := fmt.Fprint(cmd.OutOrStdout(), "\nNot here, and why:\n"); err != nil {
				return err
			}
			for _, a := range append(slices.Clone(zoo.Absences()), layers.Absences()...) {
				if _, err := fmt.Fprintf(cmd.OutOrStdout(), "\n%s, in the %s\n  %s\n", a.Reference, a.Layer, a.Reason); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// allNames are those of all mistakes.
func allNames() []string { return append(zoo.Names(), layers.Names()...) }

// defect finds a defect by name.
func defect(name string) (*zoo.Defect, error) {
	d, ok := zoo.Find(name)
	if !ok {
		hint := ""
		if near := expr.Nearest(name, allNames()); near != "" {
			hint = fmt.Sprintf("; did you mean %q?", near)
		}
		return nil, fmt.Errorf("there is no defect %q; parallax zoo list names them%s", name, hint)
	}
	return d, nil
}

func newZooShow() *cobra.Command {
	return &cobra.Command{
		Use:       "show NAME",
		Short:     "Say what a mistake is, and what may find it",
		ValidArgs: allNames(),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("parallax zoo show: one name was expected; parallax zoo list names them")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if d, ok := layers.Find(args[0]); ok {
				return showLayer(cmd.OutOrStdout(), d)
			}
			d, err := defect(args[0])
			if err != nil {
				return err
			}
			may := strings.Join(d.Properties, ", ")
			if may == "" {
				may = "any: it has many faces"
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s, in the %s\n\nLike:      %s\nMistake:   %s\nFound by:  %s\nScenario:  scenarios/zoo/%s.yaml\n",
				d.Name, d.Layer, d.Reference, d.Mechanism, may, d.Name)
			return err
		},
	}
}

// zooFlags are the flags of zoo run.
type zooFlags struct {
	seeds  uint64
	out    string
	asJSON bool
	shrink time.Duration
	jobs   int
}

func newZooRun() *cobra.Command {
	f := &zooFlags{}
	cmd := &cobra.Command{
		Use:   "run [NAME...]",
		Short: "Look for each mistake from random seeds",
		Long: `Build each mistake in, one after another, and play drawn runs until a property is
violated; then shrink that run. The table says how many seeds it took, what found it,
what is left behind shrinking, and how long all of that took. Mistakes of a batch layer, a
speed layer and servers have a table of their own behind it, of drawn Lambda systems,
which nothing shrinks. The exit code is 1 if one was not found, or by a property that it
has nothing to do with.`,
		Example: `  parallax zoo run
  parallax zoo run no-dedup --shrink 0
  parallax zoo run two-reads keep-absorbed
  parallax zoo run --out scenarios/zoo`,
		ValidArgs: allNames(),
		RunE:      func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	flags := cmd.Flags()
	flags.Uint64Var(&f.seeds, "seeds", 1000, "give up after so many")
	flags.StringVar(&f.out, "out", "", "write the scenario that is left of each to this folder, as NAME.yaml")
	flags.BoolVar(&f.asJSON, "json", false, "print the table as JSON Lines")
	flags.DurationVar(&f.shrink, "shrink", time.Minute, "make each smaller for so long; 0 leaves it as it is")
	flags.IntVarP(&f.jobs, "jobs", "j", 1, "worlds at a time")
	return cmd
}

// specimen is a line of the table.
type specimen struct {
	Format   string  `json:"schema"`
	Defect   string  `json:"defect"`
	Layer    string  `json:"layer"`
	Seeds    uint64  `json:"seeds"` // it took; 0 if it was not found
	Property string  `json:"property,omitempty"`
	Expected bool    `json:"expected"` // the property is one that may find it
	Rows     int     `json:"rows"`     // behind shrinking
	Faults   int     `json:"faults"`
	Found    float64 `json:"found_s"`
	Shrunk   float64 `json:"shrunk_s"`
	Plain    bool    `json:"plain_seed,omitempty"` // nothing can shrink it
}

func (f *zooFlags) run(cmd *cobra.Command, names []string) error {
	if len(names) == 0 {
		names = allNames()
	}
	var clusters []*zoo.Defect
	var others []*layers.Defect
	for _, name := range names {
		if d, ok := layers.Find(name); ok {
			others = append(others, d)
			continue
		}
		d, err := defect(name)
		if err != nil {
			return fmt.Errorf("parallax zoo run: %w", err)
		}
		clusters = append(clusters, d)
	}
	var failed error
	if len(clusters) > 0 {
		var missed violated
		if failed = f.runClusters(cmd, clusters); failed != nil && !errors.As(failed, &missed) {
			return failed
		}
	}
	if len(others) > 0 {
		if err := f.runLayers(cmd.OutOrStdout(), others, len(clusters) > 0); err != nil {
			return err
		}
	}
	return failed
}

// runClusters looks for mistakes in drawn clusters.
func (f *zooFlags) runClusters(cmd *cobra.Command, defects []*zoo.Defect) error {
	var list []specimen
	w := cmd.OutOrStdout()
	if !f.asJSON {
		if _, err := fmt.Fprintln(w, specimenHead); err != nil {
			return err
		}
	}
	for _, d := range defects {
		s, err := f.hunt(cmd, d)
		if err != nil {
			return err
		}
		list = append(list, s)
		if f.asJSON {
			err = writeJSONLine(w, s)
		} else {
			_, err = fmt.Fprintln(w, s)
		}
		if err != nil {
			return err
		}
	}
	return f.grade(w, list)
}

// hunt looks for one defect.
func (f *zooFlags) hunt(cmd *cobra.Command, d *zoo.Defect) (specimen, error) {
	s := specimen{Format: "parallax.zoo/v1", Defect: d.Name, Layer: d.Layer}
	began := time.Now()
	c := fuzz.Campaign{From: 1, To: f.seeds, Workers: f.jobs, Scenario: func(seed uint64) (*scenarios.Scenario, error) {
		drawn := scenarios.Drawn(seed)
		drawn.Defect = d.Name
		return drawn, nil
	}}
	r, err := c.Run()
	s.Found = seconds(int64(time.Since(began)))
	if err != nil || len(r.Found) == 0 {
		return s, err
	}
	found := r.Found[0]
	s.Seeds, s.Property = found.Seed, found.Outcome.Property
	s.Expected = d.Expects(s.Property)
	s.Rows, s.Faults = len(found.Scenario.Story.Rows), len(found.Outcome.Fired)
	if f.shrink == 0 {
		return s, nil
	}
	began = time.Now()
	small, err := shrinkFor(cmd, found.Scenario, found.Outcome, f.shrink)
	if err != nil {
		return s, internal{err}
	}
	s.Shrunk = seconds(int64(time.Since(began)))
	s.Rows, s.Faults = len(small.Scenario.Story.Rows), len(small.Outcome.Fired)
	if f.out == "" {
		return s, nil
	}
	small.Scenario.Name, small.Scenario.Doc = d.Name, d.Mechanism
	small.Scenario.Origin.FoundBy, small.Scenario.Origin.Seed, small.Scenario.Origin.Commit = "parallax zoo run", found.Seed, commit()
	_, trace, err := writeScenario(f.out, small.Scenario)
	if err != nil {
		return s, err
	}
	return s, os.Remove(trace) // parallax replay --trace writes it again
}

const specimenHead = "defect              layer     seeds  found by            rows  faults  seconds"

// String is a line of the table.
func (s specimen) String() string {
	if s.Seeds == 0 {
		return fmt.Sprintf("%-19s %-9s     -  not found                          %7.1f", s.Defect, s.Layer, s.Found)
	}
	mark := ""
	if !s.Expected {
		mark = "  which has nothing to do with it"
	}
	return fmt.Sprintf("%-19s %-9s %5d  %-18s %5d %7d  %7.1f%s", s.Defect, s.Layer, s.Seeds, s.Property, s.Rows, s.Faults, s.Found+s.Shrunk, mark)
}

// The goals of shrinking.
const (
	rowsSmall   = 15
	faultsSmall = 3
)

// grade sums up.
func (f *zooFlags) grade(w io.Writer, list []specimen) error {
	var seeds []uint64
	small := 0
	for _, s := range list {
		if s.Seeds > 0 && s.Expected {
			seeds = append(seeds, s.Seeds)
		}
		if s.Seeds > 0 && s.Rows <= rowsSmall && s.Faults <= faultsSmall {
			small++
		}
	}
	if n := len(seeds); n > 0 && !f.asJSON {
		slices.Sort(seeds)
		fmt.Fprintf(w, "%d of %d found, the median after %s; %d with at most %d rows and %d faults\n", n, len(list),
			count(seeds[n/2], "seed", "seeds"), small, rowsSmall, faultsSmall)
	}
	if len(seeds) < len(list) {
		return violated{fmt.Sprintf("%d of %d mistakes were not found as they should be", len(list)-len(seeds), len(list))}
	}
	return nil
}
