package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"parallax/scenarios"
	"parallax/scenarios/source"
)

// runFlags are the flags of the command run.
type runFlags struct {
	sets     []string
	seed     uint64
	faults   string
	brokers  int
	pace     int64
	results  string
	format   string
	asJSON   bool
	live     string
	realTime bool
	log      string
	metrics  string
	arch     string
	batch    string
}

// The values of --faults.
const (
	faultsDefault = "default"
	faultsNone    = "none"
)

// The values of --arch.
const (
	archKappa  = "kappa"
	archLambda = "lambda"
	archBoth   = "both"
)

const runLong = `Run a job as a cluster in a simulated world: a producer brings the rows into a
log that brokers replicate, when they arrive; a worker aggregates them; a view
serves the answers; a client asks for them. Machines crash, disks lose what was
not synced, messages are lost, doubled and delayed, links are cut, processes
stop and wake up again: with an odd seed all of that at the usual rates, with an
even one each of it never, as often, or three times as often. After every event it
is checked that nothing that was acknowledged is lost or counts twice, and that the
view and every answer are exact at the cut they state. Then the faults stop,
everything must catch up, and the view must be the oracle's.

The world's clock is the data's. --pace says how many times slower than usual
the cluster lives through it; unless given, it is so great that the arrivals take
the cluster five minutes. The seed, the job, its data and these flags decide the
run: the same ones give the same trace hash everywhere. The view that --results
writes is what the command results prints, but for two things that only a log
decides: rows that ahead_max refuses are judged by when they are appended, and
source.idle lets a partition without rows hear how far the others are.

late: {rule: operator} is refused: what is late would depend on how partitions
happen to interleave, and there would be no right answer to compare with.

--set checkpoints=store, or that key in the job, has the worker save its state in an object
store, a node more, and not on its own disk.

--arch lambda runs the job as a Lambda system over the same log: an archiver copies the
log into Parquet files, a batch job folds them into views at cuts that markers in the
log make, and two servers add what the log holds behind a view to the view. The client
asks either of them and never goes back; every answer is held against one from scratch
at the cut that it states, or of large data a share of them. --batch says how far apart
cuts are in the data's time, and what the batch layer does about late rows. What does not
add up (sessions, windows over results, sliding and count windows) goes on from the
operators' state at a view's cut, with late=same. --arch both
runs one after the other with the same seed; with late=same both must end with the same
rows.

--live DIR runs the same nodes as processes of this machine instead, on loopback,
with their state in DIR: as fast as they can, or with --real-time when the rows
are due, --pace times faster. source.idle counts in real time only. What is stopped
goes on when it is started again; a process that dies is started again. No fault is
injected; kill what you like. With --arch lambda, every of --batch counts in real time
only; otherwise a cut comes each half second of this machine. When the view has everything,
the run ends and says whether that is the job's answer. The folder stays: parallax serve
DIR answers questions about it, also while the run goes on, and parallax files DIR lists
its Parquet files. --arch both takes a folder in DIR for each.`

func newRun() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run JOB",
		Short: "Run a job as a cluster that is broken on purpose, and check every answer",
		Long:  runLong,
		Example: `  parallax run job.yaml
  parallax run job.yaml --seed 7 --json
  parallax run job.yaml --faults none --results view.csv
  parallax run job.yaml --arch both --batch every=30s,late=same
  parallax run job.yaml --live state --results view.csv
  parallax run job.yaml --arch lambda --live state --real-time --pace 60`,
		Args:              oneJob,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
		ValidArgsFunction: yamlFiles,
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.sets, "set", nil, "override a key of the job, as in watermark.bounded=5s (may be repeated)")
	flags.Uint64Var(&f.seed, "seed", 1, "decides faults, delays and everything else that is left to chance; decimal or 0x…")
	flags.StringVar(&f.faults, "faults", faultsDefault, "default: the seed chooses of every family how often; none")
	flags.IntVar(&f.brokers, "brokers", 3, "replicas of the log")
	flags.Int64Var(&f.pace, "pace", 0, "stretch every period of the cluster so many times; 0 chooses")
	flags.StringVar(&f.results, "results", "", "write the final view to this file, as parallax results would")
	flags.StringVar(&f.format, "format", "", "of that file: csv, jsonl or parquet; otherwise its name decides")
	flags.BoolVar(&f.asJSON, "json", false, "print the outcome as JSON")
	flags.StringVar(&f.log, "log", "", "write what happens to the nodes to this file, as JSON Lines")
	flags.StringVar(&f.metrics, "metrics", "", "write how every actor stands, each second of the cluster's time, to this file, as JSON Lines")
	flags.StringVar(&f.arch, "arch", archKappa, "kappa: a worker and a view; lambda: a batch and a speed layer; both: one after the other")
	flags.StringVar(&f.batch, "batch", "", "with --arch lambda or both: every=30s,late=complete, or late=same; otherwise the job's batch key decides")
	flags.StringVar(&f.live, "live", "", "run processes with their state in this folder, not a simulation")
	flags.BoolVar(&f.realTime, "real-time", false, "with --live: a row comes when it is due, counted from the first start")
	complete(cmd, "faults", faultsDefault, faultsNone)
	complete(cmd, "format", "csv", "jsonl", "parquet")
	complete(cmd, "arch", archKappa, archLambda, archBoth)
	return cmd
}

// check finds mistakes in the flags.
func (f *runFlags) check() error {
	switch {
	case f.faults != faultsDefault && f.faults != faultsNone:
		return fmt.Errorf("parallax run: --faults %q is not one of %s, %s", f.faults, faultsDefault, faultsNone)
	case f.brokers < 1 || f.brokers > 9:
		return fmt.Errorf("parallax run: --brokers %d is not in 1..9", f.brokers)
	case f.pace < 0:
		return fmt.Errorf("parallax run: --pace %d is negative", f.pace)
	case f.live != "" && f.log+f.metrics != "":
		return fmt.Errorf("parallax run: with --live every process has a log in %s; --log and --metrics are for simulated runs", filepath.Join(f.live, "logs"))
	case f.arch != archKappa && f.arch != archLambda && f.arch != archBoth:
		return fmt.Errorf("parallax run: --arch %q is not one of %s, %s, %s", f.arch, archKappa, archLambda, archBoth)
	case f.batch != "" && f.arch == archKappa:
		return fmt.Errorf("parallax run: --batch goes with --arch %s or %s", archLambda, archBoth)
	case f.arch != archKappa && f.log+f.metrics != "":
		return fmt.Errorf("parallax run: --log and --metrics are for --arch %s", archKappa)
	case f.realTime && f.live == "":
		return fmt.Errorf("parallax run: --real-time belongs to --live")
	}
	switch source.Format(f.format) {
	case "", source.CSV, source.JSONL, source.Parquet:
		return nil
	}
	return fmt.Errorf("parallax run: --format %q is not one of csv, jsonl, parquet", f.format)
}

func (f *runFlags) run(cmd *cobra.Command, file string) error {
	if err := f.check(); err != nil {
		return err
	}
	job, err := scenarios.Load(file, f.sets)
	if err != nil {
		return err
	}
	if f.batch != "" {
		if job.Batch, err = scenarios.ParseBatch(f.batch, job.Batch); err != nil {
			return fmt.Errorf("parallax run: --batch: %w", err)
		}
	}
	if f.live != "" {
		return f.runLive(cmd, job)
	}
	options := scenarios.ClusterOptions{
		Seed: f.seed, Faults: f.faults == faultsDefault, Brokers: f.brokers, Pace: f.pace, Reproduce: f.line(file),
	}
	var runs []*scenarios.ClusterRun
	var failed error
	for _, arch := range f.archs() {
		out, err := f.one(cmd, job, options, arch)
		if err != nil {
			return err
		}
		runs = append(runs, out)
		if failed == nil {
			failed = newRunOutcome(f, job, out, arch).err(out)
		}
	}
	if failed == nil && len(runs) == 2 && runs[1].Layers != nil && runs[1].Layers.Late == "same" && !runs[0].Results.Equal(runs[1].Results) {
		failed = violated{fmt.Sprintf("safety: the two architectures end with other rows\nreproduce: %s", f.line(file))}
	}
	if last := runs[len(runs)-1]; last.Results != nil && failed == nil {
		if err := f.writeResults(last.Results); err != nil {
			return err
		}
	}
	return failed
}

// archs are those to be run, in their order.
func (f *runFlags) archs() []string {
	if f.arch == archBoth {
		return []string{archKappa, archLambda}
	}
	return []string{f.arch}
}

// one runs a job by one architecture and prints what came of it.
func (f *runFlags) one(cmd *cobra.Command, job *scenarios.Job, o scenarios.ClusterOptions, arch string) (*scenarios.ClusterRun, error) {
	bar := newProgress(remarks(cmd))
	if bar != nil {
		bar.what = "running"
		o.Progress = bar.tell
	}
	var out *scenarios.ClusterRun
	var err error
	if arch == archLambda {
		out, err = scenarios.RunLayers(job, o, job.Batch)
	} else {
		out, err = f.watched(job, o)
	}
	bar.end()
	if err != nil {
		return nil, err
	}
	outcome := newRunOutcome(f, job, out, arch)
	if f.asJSON {
		return out, outcome.printJSON(cmd.OutOrStdout())
	}
	return out, outcome.print(cmd.OutOrStdout())
}

// watched runs a job with a log and metrics, if they were asked for.
func (f *runFlags) watched(job *scenarios.Job, o scenarios.ClusterOptions) (out *scenarios.ClusterRun, err error) {
	run := func() error {
		out, err = scenarios.RunCluster(job, o)
		return err
	}
	if f.metrics != "" {
		without := run
		run = func() error {
			return toFile(f.metrics, func(w io.Writer) error {
				m := newMetricsWriter(w)
				o.Metrics = m.write
				return errors.Join(without(), m.flush())
			})
		}
	}
	if f.log != "" {
		without := run
		run = func() error {
			return toFile(f.log, func(w io.Writer) error {
				b := bufio.NewWriter(w)
				o.Log = slog.NewJSONHandler(b, nil)
				return errors.Join(without(), b.Flush())
			})
		}
	}
	return out, run()
}

// writeResults writes a view where it was asked for, if it was.
func (f *runFlags) writeResults(t *scenarios.Table) error {
	if f.results == "" {
		return nil
	}
	format := source.Format(f.format)
	if format == "" {
		format = formatOf(f.results)
	}
	return toFile(f.results, func(w io.Writer) error { return t.Write(w, format) })
}

// line is the command that gives the same run again.
func (f *runFlags) line(file string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "parallax run %s --seed %d", quoted(file), f.seed)
	if f.faults != faultsDefault {
		b.WriteString(" --faults " + f.faults)
	}
	if f.brokers != 3 {
		fmt.Fprintf(&b, " --brokers %d", f.brokers)
	}
	if f.pace != 0 {
		fmt.Fprintf(&b, " --pace %d", f.pace)
	}
	if f.arch != archKappa {
		b.WriteString(" --arch " + f.arch)
	}
	if f.batch != "" {
		b.WriteString(" --batch " + f.batch)
	}
	for _, set := range f.sets {
		b.WriteString(" --set " + quoted(set))
	}
	return b.String()
}

// quoted is a word for a shell.
func quoted(word string) string {
	if word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=:,+-") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
