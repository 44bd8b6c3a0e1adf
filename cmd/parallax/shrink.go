package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"parallax/scenarios"
	"parallax/scenarios/fuzz"
)

func newShrink() *cobra.Command {
	var (
		out   string
		lasts time.Duration
	)
	cmd := &cobra.Command{
		Use:   "shrink SCENARIO",
		Short: "Make a scenario that fails smaller",
		Long: `Take away from a scenario that fails what it does not need: faults, rows, questions of
the client, steps of the pipeline, columns, partitions, sizes. A part stays away if the
same property is violated without it. What is left is printed, or written with --out.`,
		Example: `  parallax shrink failing.yaml
  parallax shrink failing.yaml --for 5m --out small.yaml`,
		Args:              oneScenario,
		ValidArgsFunction: yamlFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := scenarios.LoadScenario(args[0], nil)
			if err != nil {
				return err
			}
			played, err := scenarios.Play(s, scenarios.PlayOptions{})
			if err != nil {
				return err
			}
			if played.Verdict != scenarios.Violated && (played.Verdict != scenarios.Pass || len(played.Missed) == 0 || s.Expect.Verdict != scenarios.Pass) {
				return fmt.Errorf("parallax shrink: %s does not fail: its verdict is %s", args[0], played.Verdict)
			}
			small, err := shrinkFor(cmd, s, played, lasts)
			if err != nil {
				return err
			}
			fmt.Fprintf(remarks(cmd), "%s, %s\n", shrunkText(small.Scenario), count(uint64(small.Runs), "run", "runs"))
			if out == "" {
				_, err = io.WriteString(cmd.OutOrStdout(), small.Scenario.String())
				return err
			}
			return toFile(out, func(w io.Writer) error {
				_, err := io.WriteString(w, small.Scenario.String())
				return err
			})
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "write what is left to this file")
	cmd.Flags().DurationVar(&lasts, "for", time.Minute, "try for so long")
	return cmd
}

// shrunkText says what became smaller.
func shrunkText(s *scenarios.Scenario) string {
	parts := make([]string, len(s.Origin.Shrunk))
	for i, p := range s.Origin.Shrunk {
		parts[i] = p[0] + " " + p[1]
	}
	return strings.Join(parts, ", ")
}

func newExplain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain SCENARIO",
		Short: "Tell in prose what led to a failure",
		Long: `Play a scenario and tell what it comes to: what should hold and what was seen, the chain
of messages and writes that ends there, first things first, and the faults that struck
on the way.`,
		Example:           "  parallax explain testdata/parallax/drawn-73.yaml",
		Args:              oneScenario,
		ValidArgsFunction: yamlFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := scenarios.LoadScenario(args[0], nil)
			if err != nil {
				return err
			}
			text, err := fuzz.Explain(s)
			if err != nil {
				return err
			}
			_, err = io.WriteString(cmd.OutOrStdout(), text)
			return err
		},
	}
}

func newDiff() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Find the first event at which two runs part",
		Long: `Play two scenarios and find the first thing that happens in one and not in the other.
Both note the hash of all that has happened after every 1,024th event; only where these
differ first are events compared. The exit code is 1 if the runs differ.`,
		Example: `  parallax diff before.yaml after.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("parallax diff: two scenario files were expected, there are %d; see parallax diff --help", len(args))
			}
			return nil
		},
		ValidArgsFunction: yamlFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			var list [2]*scenarios.Scenario
			for i := range list {
				s, err := scenarios.LoadScenario(args[i], nil)
				if err != nil {
					return err
				}
				list[i] = s
			}
			d, err := fuzz.Diff(list[0], list[1])
			if err != nil {
				return err
			}
			if asJSON {
				if err := writeJSONLine(cmd.OutOrStdout(), newDiffOutcome(d)); err != nil {
					return err
				}
			} else if err := printDiff(cmd.OutOrStdout(), args, d); err != nil {
				return err
			}
			if !d.Same {
				return violated{fmt.Sprintf("the runs differ from event %d on", d.Event)}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

// diffOutcome is what diff says, as its JSON has it.
type diffOutcome struct {
	Format string               `json:"schema"`
	Same   bool                 `json:"same"`
	Event  uint64               `json:"event"`
	A      *scenarios.TraceLine `json:"a,omitempty"`
	B      *scenarios.TraceLine `json:"b,omitempty"`
}

func newDiffOutcome(d *fuzz.Difference) diffOutcome {
	return diffOutcome{Format: "parallax.diff/v1", Same: d.Same, Event: d.Event, A: d.A, B: d.B}
}

func printDiff(w io.Writer, files []string, d *fuzz.Difference) error {
	var b strings.Builder
	if d.Same {
		fmt.Fprintf(&b, "the same run: %s\n", count(d.Event, "event", "events"))
	}
	for i := range d.Before {
		fmt.Fprintf(&b, "  %s\n", d.Before[i])
	}
	for i, l := range []*scenarios.TraceLine{d.A, d.B} {
		switch {
		case d.Same:
		case l == nil:
			fmt.Fprintf(&b, "%c nothing more happens (%s)\n", "-+"[i], files[i])
		default:
			fmt.Fprintf(&b, "%c %s (%s)\n", "-+"[i], l, files[i])
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
