package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, the commit and the Go release",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), version())
			return err
		},
	}
}

// commit is that of the program, with a mark if it was built of more than that; "" if
// it does not know.
func commit() string {
	commit, dirty := "", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				commit = s.Value
			case "vcs.modified":
				if s.Value == "true" {
					dirty = "+changes"
				}
			}
		}
	}
	return commit + dirty
}

func version() string {
	commit := commit()
	if commit == "" {
		commit = "unknown"
	}
	return fmt.Sprintf("parallax job/v1 scenario/v1 commit %s %s %s/%s", commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
