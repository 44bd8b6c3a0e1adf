package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"parallax/scenarios"
)

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema [job|scenario]",
		Short: "Print the JSON Schema of job or scenario files",
		Long: `Print the JSON Schema of job files, or of scenario files, for editors that complete
and check YAML. A file that begins with the line

  # yaml-language-server: $schema=job-v1.json

is checked as it is typed.`,
		Example: `  parallax schema > job-v1.json
  parallax schema scenario > scenario-v1.json`,
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: []string{"job", "scenario"},
		RunE: func(cmd *cobra.Command, args []string) error {
			schema := scenarios.JSONSchema
			switch {
			case len(args) == 0 || args[0] == "job":
			case args[0] == "scenario":
				schema = scenarios.ScenarioSchema
			default:
				return fmt.Errorf("parallax schema: %q is not a kind of file; there are job and scenario", args[0])
			}
			_, err := cmd.OutOrStdout().Write(schema())
			return err
		},
	}
}
