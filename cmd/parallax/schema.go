package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"parallax/scenarios"
)

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema [job]",
		Short: "Print the JSON Schema of job files",
		Long: `Print the JSON Schema of job files, for editors that complete and check YAML.
A job file that begins with the line

  # yaml-language-server: $schema=job-v1.json

is checked as it is typed.`,
		Example:   "  parallax schema > job-v1.json",
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: []string{"job"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && args[0] != "job" {
				return fmt.Errorf("parallax schema: %q is not a kind of file; there is job", args[0])
			}
			_, err := cmd.OutOrStdout().Write(scenarios.JSONSchema())
			return err
		},
	}
}
