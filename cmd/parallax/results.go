package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"parallax/bench/profile"
	"parallax/scenarios"
	"parallax/scenarios/source"
)

// resultsFlags are the flags of the command results.
type resultsFlags struct {
	sets    []string
	path    string
	batch   string
	format  string
	out     string
	late    string
	panes   string
	rejects string
	summary string
	config  bool
	profile []string
	json    bool
}

func newResults() *cobra.Command {
	var f resultsFlags
	cmd := &cobra.Command{
		Use:   "results JOB",
		Short: "Answer a job: one row for every key and window",
		Long: `Answer a job and print its final view: key columns, window_start_ms,
window_end_ms and the aggregates, sorted by those columns. Count windows have
window_start_row and window_end_row instead, numbers of the key's rows.

--set overrides any key of the job: names and list positions, from 0, with dots
between. A relative source.file given so is looked for beside the job file, then
in the working directory.

--path lambda answers as two layers do: what arrived before a cut is archived as Parquet
files and folded into a batch view, every so often; what came behind it is folded by a
speed layer; and the answer is the sum of both. With late=same it is the kappa path's to
the last bit; with late=complete the batch layer counts what was too late as well. Jobs
whose windows do not add up (sessions, windows over results, and so on) go on from
the operators' state at the cut, with late=same; --summary says which way, and why.

--panes lists every pane of every (key, window): early, on-time or late, its numbers
(that of the pane on time and those behind it apart), whether it is the first or the
last, its rows that no pane had before, the arrival clock when it came, and its own
values. With a trigger of retracting panes, each pane that was taken back follows as
a retraction.

A FILE of --late, --panes and --rejects is CSV unless it ends in .jsonl or .parquet; for
--summary, - is standard error, and for --panes, standard output in the place of the
results.

--profile names engines, of beam, flink, kafka-streams and spark: the job is answered as
each of them would, in everything that it does not say itself, and the rows are
shown on which they disagree, with the option that makes the difference. The exit
code is 0 if they agree and 1 if not. For one engine, use --set profile=NAME.`,
		Example: `  parallax results job.yaml
  parallax results job.yaml --set watermark.bounded=5s --set pipeline.2.window.tumble=1s
  parallax results job.yaml --late late.csv --summary summary.json > results.csv
  parallax results job.yaml --panes -
  parallax results job.yaml --path oracle --format jsonl
  parallax results job.yaml --path lambda --batch every=1h,late=same
  parallax results job.yaml --profile flink,beam,kafka-streams,spark`,
		Args: oneJob,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd, args[0])
		},
		ValidArgsFunction: yamlFiles,
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.sets, "set", nil, "override a key of the job, as in watermark.bounded=5s (may be repeated)")
	flags.StringVar(&f.path, "path", scenarios.Kappa, "kappa: by the engine; lambda: by a batch and a speed layer; oracle: from scratch")
	flags.StringVar(&f.batch, "batch", "", "with --path lambda: every=1h,late=complete, or late=same; otherwise the job's batch key decides")
	flags.StringVar(&f.format, "format", "csv", "csv, jsonl or parquet")
	flags.StringVarP(&f.out, "out", "o", "", "write the results to this file instead of standard output")
	flags.StringVar(&f.late, "late", "", "list the dropped (row, window) pairs in this file")
	flags.StringVar(&f.panes, "panes", "", "list every pane in this file; - is standard output")
	flags.StringVar(&f.rejects, "rejects", "", "list the records that could not be read in this file (with on_error: skip)")
	flags.StringVar(&f.summary, "summary", "", "write the counts to this file as JSON")
	flags.StringSliceVar(&f.profile, "profile", nil, "show the rows on which these engines disagree, and why")
	flags.BoolVar(&f.json, "json", false, "with --profile: as JSON Lines")
	flags.BoolVar(&f.config, "print-config", false, "print what the job says, and where each value is from, instead of running it")
	complete(cmd, "path", scenarios.Kappa, scenarios.Lambda, scenarios.Oracle)
	complete(cmd, "format", "csv", "jsonl", "parquet")
	complete(cmd, "profile", profile.Names()...)
	return cmd
}

// complete offers the values of a flag to the shell.
func complete(cmd *cobra.Command, flag string, values ...string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	if err != nil { // the flag was not declared
		panic(err)
	}
}

func yamlFiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
}

func (f *resultsFlags) run(cmd *cobra.Command, file string) error {
	format := source.Format(f.format)
	switch format {
	case source.CSV, source.JSONL, source.Parquet:
	default:
		return fmt.Errorf("parallax results: --format %q is not one of csv, jsonl, parquet", f.format)
	}
	if f.path != scenarios.Kappa && f.path != scenarios.Oracle && f.path != scenarios.Lambda {
		return fmt.Errorf("parallax results: --path %q is not one of kappa, lambda, oracle", f.path)
	}
	if f.batch != "" && f.path != scenarios.Lambda {
		return errors.New("parallax results: --batch goes with --path lambda")
	}
	if format == source.Parquet && f.out == "" && isTerminal(cmd.OutOrStdout()) {
		return fmt.Errorf("parallax results: Parquet is not for a terminal; use --out FILE, or redirect standard output")
	}
	if f.profile != nil {
		return f.compare(cmd, file)
	}
	if f.json {
		return errors.New("parallax results: --json goes with --profile; for the results, use --format jsonl")
	}
	job, err := scenarios.Load(file, f.sets)
	if err != nil {
		return err
	}
	if f.config {
		return job.WriteConfig(cmd.OutOrStdout())
	}
	options := scenarios.Options{Path: f.path, Panes: f.panes != ""}
	if f.batch != "" {
		batch, err := scenarios.ParseBatch(f.batch, job.Batch)
		if err != nil {
			return fmt.Errorf("parallax results: --batch: %w", err)
		}
		options.Batch = &batch
	}
	bar := newProgress(remarks(cmd))
	if bar != nil {
		options.Progress = bar.tell
	}
	out, err := scenarios.Run(job, options)
	bar.end()
	if err != nil {
		return blame(err)
	}
	if err := f.write(cmd, out, format); err != nil {
		return err
	}
	remark(remarks(cmd), verbose(cmd), job, out)
	return nil
}

// blame marks an error of a run that is neither the job's nor the data's.
func blame(err error) error {
	var (
		inJob  *scenarios.Error
		inData *source.Error
	)
	if errors.As(err, &inJob) || errors.As(err, &inData) {
		return err
	}
	return internal{err}
}

// write puts everything that was asked for where it was asked for.
func (f *resultsFlags) write(cmd *cobra.Command, out *scenarios.Results, format source.Format) error {
	table := func(t *scenarios.Table, as source.Format) func(io.Writer) error {
		return func(w io.Writer) error { return t.Write(w, as) }
	}
	if f.late != "" {
		if err := toFile(f.late, table(out.Late, formatOf(f.late))); err != nil {
			return err
		}
	}
	if f.panes != "" && f.panes != "-" {
		if err := toFile(f.panes, table(out.Panes, formatOf(f.panes))); err != nil {
			return err
		}
	}
	if f.rejects != "" {
		if err := toFile(f.rejects, table(scenarios.RejectTable(out.Rejects), formatOf(f.rejects))); err != nil {
			return err
		}
	}
	switch f.summary {
	case "":
	case "-":
		if err := out.Summary.Write(cmd.ErrOrStderr()); err != nil {
			return err
		}
	default:
		if err := toFile(f.summary, out.Summary.Write); err != nil {
			return err
		}
	}
	if f.out != "" {
		if err := toFile(f.out, table(out.Table, format)); err != nil {
			return err
		}
	}
	if f.panes == "-" {
		return out.Panes.Write(cmd.OutOrStdout(), format)
	}
	if f.out != "" {
		return nil
	}
	return out.Table.Write(cmd.OutOrStdout(), format)
}

// toFile writes a file in full or not at all. A pipe or a device is written to as
// it is, and never replaced.
func toFile(file string, write func(io.Writer) error) error {
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return toDevice(file, write)
	}
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target // a link stays one
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", file, err)
	}
	defer os.Remove(tmp.Name()) // gone already when all went well
	if err := write(tmp); err != nil {
		tmp.Close()
		return fmt.Errorf("%s cannot be written: %w", file, err)
	}
	if err := tmp.Chmod(0o644); err != nil {
		tmp.Close()
		return fmt.Errorf("%s cannot be written: %w", file, err)
	}
	if err := tmp.Close(); err != nil {
		return fmt.Errorf("%s cannot be written: %w", file, err)
	}
	if err := os.Rename(tmp.Name(), file); err != nil {
		return fmt.Errorf("%s cannot be written: %w", file, err)
	}
	return nil
}

func toDevice(file string, write func(io.Writer) error) error {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", file, err)
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return fmt.Errorf("%s cannot be written: %w", file, err)
	}
	return nil
}

// formatOf is the format that a file's name asks for.
func formatOf(file string) source.Format {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".jsonl", ".ndjson":
		return source.JSONL
	case ".parquet":
		return source.Parquet
	}
	return source.CSV
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// remark says what should not be overlooked.
func remark(w io.Writer, all bool, job *scenarios.Job, out *scenarios.Results) {
	s := &out.Summary
	if all {
		fmt.Fprintf(w, "%s: %d rows in %d partitions, %d windows\n", job.Name, s.Rows, len(s.Partitions), s.Windows)
	}
	if s.PairsDropped > 0 {
		fmt.Fprintf(w, "%s: %d of %d rows came too late for all their windows; %d of %d windows are incomplete", job.Name,
			s.RowsDropped, s.Rows, s.WindowsIncomplete, s.Windows)
		if bound, ok := out.BoundEnough(job); ok {
			fmt.Fprintf(w, "; --set watermark.bounded=%s would have dropped nothing", bound)
		}
		fmt.Fprintln(w)
	}
	if l := s.Lambda; l != nil && l.Repaired > 0 {
		fmt.Fprintf(w, "%s: %d of %d dropped pairs are in the batch view and count (late: complete)\n", job.Name, l.Repaired, s.PairsDropped)
	}
	if s.RowsAhead > 0 {
		fmt.Fprintf(w, "%s: %d rows were too far in the future (ahead_max)\n", job.Name, s.RowsAhead)
	}
	if out.Overflows > 0 {
		fmt.Fprintf(w, "%s: %d results did not fit their type and are null; declare a wider one, or float64\n", job.Name, out.Overflows)
	}
	const most = 5
	for i, r := range out.Rejects {
		if i == most && !all {
			fmt.Fprintf(w, "… and %d more; --rejects FILE lists them\n", len(out.Rejects)-most)
			break
		}
		fmt.Fprintf(w, "skipped: %v\n", r)
	}
	if s.Rejected > 0 {
		fmt.Fprintf(w, "%s: %d records could not be read and were skipped\n", job.Name, s.Rejected)
	}
}
