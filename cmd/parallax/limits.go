package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"parallax/bench/limits"
)

// newLimits is for scripts/bench-report.sh.
func newLimits() *cobra.Command {
	pattern := false
	cmd := &cobra.Command{
		Use:    "limits",
		Short:  "Make a table of benchmarks beside their limits, of what go test prints on standard input",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if pattern {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), limits.Pattern())
				return err
			}
			return limits.Write(cmd.OutOrStdout(), cmd.InOrStdin())
		},
	}
	cmd.Flags().BoolVar(&pattern, "pattern", false, "print which benchmarks are needed, for go test -bench")
	return cmd
}
