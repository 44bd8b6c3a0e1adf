package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"parallax/scenarios"
	"parallax/scenarios/source"
)

// dataSizeSmall is how large a file lint reads without being asked to.
const dataSizeSmall = 16 << 20

func newLint() *cobra.Command {
	var (
		asJSON, data bool
		sets         []string
	)
	cmd := &cobra.Command{
		Use:   "lint FILE...",
		Short: "Check job and scenario files without running them",
		Long: `Check job files: keys, values, expressions, the order of steps, and, where the
data file is there, the names of its columns. If the file is small, or with --data,
it is read in full, which checks types, and the data itself, as well. Of scenario files,
which hold their rows, everything is checked. With --verbose, a job that has none is
told how a batch and a speed layer would answer it, and why.

Each mistake is printed to standard output as file:line:column: message; the exit
code is 2 if there is any.`,
		Example: `  parallax lint job.yaml
  parallax lint --data jobs/*.yaml scenarios/library/*.yaml
  parallax lint --json job.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("parallax lint: no files to check; see parallax lint --help")
			}
			return nil
		},
		ValidArgsFunction: yamlFiles,
		RunE: func(cmd *cobra.Command, files []string) error {
			bad := 0
			for _, file := range files {
				err := lintFile(cmd, file, sets, data)
				if err == nil {
					continue
				}
				bad++
				print := printMistake
				if asJSON {
					print = printJSON
				}
				if err := print(cmd.OutOrStdout(), file, err); err != nil {
					return err
				}
			}
			if bad > 0 {
				fmt.Fprintf(remarks(cmd), "%d of %d files have mistakes\n", bad, len(files))
				return shown{errors.New("mistakes were found")}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print mistakes as JSON Lines")
	cmd.Flags().BoolVar(&data, "data", false, "read the data in full even if there is much of it")
	cmd.Flags().StringArrayVar(&sets, "set", nil, "override a key of the jobs first (may be repeated)")
	return cmd
}

// lintFile returns a file's first mistake.
func lintFile(cmd *cobra.Command, file string, sets []string, data bool) error {
	if scenarios.Kind(file) == "scenario" {
		_, err := scenarios.LoadScenario(file, sets)
		if err == nil && verbose(cmd) {
			fmt.Fprintf(remarks(cmd), "%s: no mistakes\n", file)
		}
		return err
	}
	job, err := scenarios.Load(file, sets)
	if err != nil {
		return err
	}
	if info, err := os.Stat(job.Source.File); err == nil && info.Size() <= dataSizeSmall {
		data = true
	}
	err = scenarios.Check(job, data)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(remarks(cmd), "%s: %s is not there, its columns were not checked\n", file, job.Source.File)
		return nil
	}
	if err != nil || !verbose(cmd) {
		return err
	}
	layered := ""
	if data {
		if layered, err = job.Layered(); err != nil {
			return err
		}
		layered = "; " + layered
	}
	fmt.Fprintf(remarks(cmd), "%s: no mistakes%s\n", file, layered)
	return nil
}

func printMistake(w io.Writer, _ string, err error) error {
	if _, err := fmt.Fprintln(w, err); err != nil {
		return err
	}
	var inJob *scenarios.Error
	if errors.As(err, &inJob) {
		_, err := fmt.Fprint(w, inJob.Excerpt())
		return err
	}
	return nil
}

// mistake is a line of lint's JSON output.
type mistake struct {
	Format  string `json:"schema"`
	File    string `json:"file"`
	Line    int64  `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
	Nearest string `json:"nearest,omitempty"`
}

func printJSON(w io.Writer, file string, err error) error {
	m := mistake{Format: "parallax.lint/v1", File: file, Message: err.Error()}
	var (
		inJob  *scenarios.Error
		inData *source.Error
	)
	switch {
	case errors.As(err, &inJob):
		m.File, m.Line, m.Column, m.Message, m.Nearest = inJob.File, int64(inJob.Line), inJob.Column, inJob.Msg, inJob.Nearest
	case errors.As(err, &inData):
		m.File, m.Line, m.Column, m.Message = inData.File, inData.Line, inData.Column, inData.Msg
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(m)
}
