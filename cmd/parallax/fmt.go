package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"parallax/scenarios"
)

func newFmt() *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "fmt FILE...",
		Short: "Write job and scenario files as they should be written",
		Long: `Format job and scenario files in place. A scenario without comments is written anew, as
parallax fuzz would write it. Elsewhere words and comments stay: top-level keys come in
the order of the format; spaces at line ends and doubled empty lines go. Files that
change are named on standard output. A file with mistakes is left alone.`,
		Example: "  parallax fmt jobs/*.yaml scenarios/library/*.yaml\n  parallax fmt --check *.yaml",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("parallax fmt: no files to format; see parallax fmt --help")
			}
			return nil
		},
		ValidArgsFunction: yamlFiles,
		RunE: func(cmd *cobra.Command, files []string) error {
			changed := 0
			for _, file := range files {
				is, err := formatFile(file, !check)
				if err != nil {
					return err
				}
				if is {
					changed++
					fmt.Fprintln(cmd.OutOrStdout(), file)
				}
			}
			if check && changed > 0 {
				return shown{errors.New("files are not formatted")}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "change nothing; the exit code is 2 if something would change")
	return cmd
}

// formatFile formats a file, and reports whether that changes it.
func formatFile(file string, write bool) (changed bool, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return false, err
	}
	out, err := scenarios.Format(file, data)
	if err != nil || bytes.Equal(out, data) || !write {
		return err == nil && !bytes.Equal(out, data), err
	}
	return true, toFile(file, func(w io.Writer) error {
		_, err := w.Write(out)
		return err
	})
}
