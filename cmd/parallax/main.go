package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"parallax/scenarios"
	"parallax/scenarios/source"
)

// The exit codes.
const (
	exitPass         = 0
	exitViolated     = 1
	exitInvalid      = 2
	exitInconclusive = 3
	exitDiffers      = 4
	exitInternal     = 5
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole command with its streams as arguments.
func run(args []string, stdout, stderr io.Writer) (code int) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(stderr, "parallax: internal error: %v\n%s", p, debug.Stack())
			code = exitInternal
		}
	}()
	root := newRoot()
	root.SetArgs(append([]string{}, args...)) // nil would mean the arguments of the process
	root.SetOut(stdout)
	root.SetErr(stderr)
	if err := root.Execute(); err != nil {
		return report(stderr, err)
	}
	return exitPass
}

// shown is an error that was printed already.
type shown struct{ error }

// internal marks an error that is no fault of the input's.
type internal struct{ error }

// violated is a property that does not hold.
type violated struct{ property string }

func (v violated) Error() string { return v.property }

// report prints an error and chooses the exit code.
func report(stderr io.Writer, err error) int {
	var (
		already shown
		own     internal
		broken  violated
		nothing inconclusive
		differs nondeterministic
		inJob   *scenarios.Error
	)
	switch {
	case errors.As(err, &already):
		return exitInvalid
	case errors.As(err, &own):
		fmt.Fprintf(stderr, "parallax: internal error: %v\n", own.error)
		return exitInternal
	}
	fmt.Fprintln(stderr, err)
	if errors.As(err, &broken) {
		return exitViolated
	}
	if errors.As(err, &nothing) {
		return exitInconclusive
	}
	if errors.As(err, &differs) {
		return exitDiffers
	}
	if errors.As(err, &inJob) {
		fmt.Fprint(stderr, inJob.Excerpt())
	}
	var inData *source.Error
	if errors.As(err, &inData) && (inData.Line > 1 || inData.Row > 0) {
		fmt.Fprintln(stderr, "hint: source.on_error: skip lists such records and goes on")
	}
	return exitInvalid
}

// newRoot builds the tree of commands.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "parallax",
		Short: "Answer a streaming job exactly, and say what was late and why",
		Long: `Parallax runs one pipeline over one file of rows and says exactly what it
answers, which rows were too late, and by how much.

Data goes to standard output, everything else to standard error.
Exit codes: 0 pass, 1 a property does not hold, 2 a mistake in the command line,
the job or its data, 3 inconclusive, 4 non-determinism, 5 internal error.

Every flag can be set by a variable of the environment, as --format by
PARALLAX_FORMAT; the flag itself goes first.`,
		Example: `  parallax demo
  parallax results job.yaml
  parallax why job.yaml --at 1m30s
  parallax run job.yaml --seed 7
  parallax results job.yaml --set watermark.bounded=5s --late late.csv --summary -
  parallax lint jobs/*.yaml`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	root.PersistentFlags().BoolP("quiet", "q", false, "no remarks on standard error, errors alone")
	root.PersistentFlags().BoolP("verbose", "v", false, "more remarks on standard error")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return fromEnvironment(cmd) }
	root.AddCommand(newDemo(), newResults(), newFrontier(), newCompare(), newRun(), newRecover(), newWhy(), newFuzz(), newReplay(), newShrink(), newExplain(),
		newDiff(), newZoo(), newHashes(), newLint(), newFmt(), newList(), newSchema(), newCalibrate(), newVersion(), newNode(), newLimits(), newArchive(), newFiles(), newServe())
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%s: %w; see %s --help", cmd.CommandPath(), err, cmd.CommandPath())
	})
	return root
}

// fromEnvironment sets the flags that were not given from PARALLAX_<FLAG>.
func fromEnvironment(cmd *cobra.Command) error {
	variables := os.Environ()
	slices.Sort(variables)
	for _, variable := range variables {
		name, value, _ := strings.Cut(variable, "=")
		flag, ok := strings.CutPrefix(name, "PARALLAX_")
		if !ok {
			continue
		}
		flag = strings.ReplaceAll(strings.ToLower(flag), "_", "-")
		if f := cmd.Flags().Lookup(flag); f == nil || f.Changed || flag == "help" {
			continue
		}
		if err := cmd.Flags().Set(flag, value); err != nil {
			return fmt.Errorf("environment: %s=%q: %w", name, value, err)
		}
	}
	return nil
}

// oneJob is the arguments of a command that wants a job file and nothing else.
func oneJob(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%[1]s: one job file was expected, there are %[2]d; see %[1]s --help", cmd.CommandPath(), len(args))
	}
	return nil
}

// remarks is where remarks go: standard error, or nowhere.
func remarks(cmd *cobra.Command) io.Writer {
	if quiet, err := cmd.Flags().GetBool("quiet"); err == nil && quiet {
		return io.Discard
	}
	return cmd.ErrOrStderr()
}

func verbose(cmd *cobra.Command) bool {
	v, err := cmd.Flags().GetBool("verbose")
	return err == nil && v
}
