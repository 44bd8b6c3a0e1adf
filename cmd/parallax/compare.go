package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"parallax/bench/compare"
	"parallax/scenarios"
	"parallax/scenarios/source"
)

// compareFlags are the flags of the command compare.
type compareFlags struct {
	sets    []string
	arch    string
	delays  string
	batches string
	faults  string
	seeds   int
	pace    int64
	out     string
	goal    string
	asJSON  bool
}

func newCompare() *cobra.Command {
	var f compareFlags
	cmd := &cobra.Command{
		Use:   "compare JOB",
		Short: "Run a job by every architecture and delay, and say what each answers when, and costs",
		Long: `Run a job in simulated worlds: by each architecture, delay of the watermark and
batch interval, with and without faults, over several seeds. All runs are given the
same operators, log, arrivals, faults and prices. Of each is recorded what readers
could see and when, and what it cost; the answers in the end are held against the
oracle's, and every row against how often it counts.

Without --arch, every architecture runs that takes the job. A Lambda system answers by
adding two layers up, and its batch layer repairs what came too late. Where windows cannot
be added, such as sessions, it goes on from the operators' state at a batch's cut, with
late=same; the table says so.

An estimate of the time comes first, with what is predicted of every comparison; then
the table, and what came of the predictions. --out keeps everything: report.html, which
needs nothing else, with three of its pictures as SVG for print; results.parquet and
results.jsonl with every figure of every run; and results.txt as benchmarks of Go print
them, for benchstat.

The results are a function of the job, its data and the flags, byte for byte.

--goal asks for advice: which architecture and delay do for a share of the rows in a
window's first answer, or for a wait behind its end.

The world's clock is the data's; --pace is as in parallax run. Lengths of time that the
cluster takes, not the data, are told in the cluster's time.`,
		Example: `  parallax compare job.yaml
  parallax compare job.yaml --delay 0s,1s,10s --faults none --seeds 3
  parallax compare job.yaml --goal "completeness 99.9%" --out out/compare
  parallax compare job.yaml --goal "latency p99 5s" --json`,
		Args:              oneJob,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
		ValidArgsFunction: yamlFiles,
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.sets, "set", nil, "override a key of the job, as in late.allowed=5s (may be repeated)")
	flags.StringVar(&f.arch, "arch", "", "of "+strings.Join(compare.Names(), ", ")+"; unless given, all that take the job")
	flags.StringVar(&f.delays, "delay", "", "delays of the watermark; unless given, 0s, the job's, and the least that keep 99 %, 99.9 % and all rows")
	flags.StringVar(&f.batches, "batch", "", "intervals of a batch layer; unless given, 30s and 5m, or a hundredth and a tenth of the data's time")
	flags.StringVar(&f.faults, "faults", faultsNone+","+faultsDefault, "none, default (as parallax run has them, a twentieth as often), or both")
	flags.IntVar(&f.seeds, "seeds", 0, "how many; 0 chooses: as many as fit two minutes on two processors, at most 5")
	flags.Int64Var(&f.pace, "pace", 0, "stretch every period of the cluster so many times; 0 chooses")
	flags.StringVarP(&f.out, "out", "o", "", "keep the report and all figures in this folder")
	flags.StringVar(&f.goal, "goal", "", `what to give advice for: "completeness 99.9%" or "latency p99 5s"`)
	flags.BoolVar(&f.asJSON, "json", false, "print the results as JSON Lines in place of the table")
	complete(cmd, "arch", compare.Names()...)
	complete(cmd, "faults", faultsNone, faultsDefault, faultsNone+","+faultsDefault)
	return cmd
}

// options reads the flags.
func (f *compareFlags) options() (o compare.Options, goal *compare.Goal, err error) {
	mistake := func(flag string, err error) error {
		text := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "flow: "), "compare: ")
		return fmt.Errorf("parallax compare: --%s: %s", flag, text)
	}
	if f.arch != "" {
		o.Architectures = strings.Split(f.arch, ",")
	}
	if o.Delays, err = parseDelays(f.delays); err != nil {
		return o, nil, mistake("delay", err)
	}
	if o.Batches, err = parseDelays(f.batches); err != nil {
		return o, nil, mistake("batch", err)
	}
	for _, name := range strings.Split(f.faults, ",") {
		switch name {
		case faultsNone, faultsDefault:
			o.Faults = append(o.Faults, name == faultsDefault)
		default:
			return o, nil, fmt.Errorf("parallax compare: --faults %q is not one of %s, %s", name, faultsNone, faultsDefault)
		}
	}
	switch {
	case f.seeds < 0 || f.seeds > 1000:
		return o, nil, fmt.Errorf("parallax compare: --seeds %d is not in 0..1000", f.seeds)
	case f.pace < 0:
		return o, nil, fmt.Errorf("parallax compare: --pace %d is negative", f.pace)
	case len(o.Batches) > 0 && o.Batches[0] == 0:
		return o, nil, errors.New("parallax compare: --batch: an interval is longer than 0s")
	}
	o.Seeds, o.Pace = f.seeds, f.pace
	if f.goal != "" {
		g, err := compare.ParseGoal(f.goal)
		if err != nil {
			return o, nil, fmt.Errorf("parallax compare: --goal: %w", err)
		}
		goal = &g
	}
	return o, goal, nil
}

func (f *compareFlags) run(cmd *cobra.Command, file string) error {
	o, goal, err := f.options()
	if err != nil {
		return err
	}
	job, err := scenarios.Load(file, f.sets)
	if err != nil {
		return err
	}
	bar := newProgress(remarks(cmd))
	if bar != nil {
		bar.what = "comparing"
		o.Progress = func(done, total int) { bar.tell(int64(done), int64(total)) }
	}
	plan, err := compare.NewPlan(job, o)
	switch {
	case errors.Is(err, compare.ErrArchitecture), errors.Is(err, compare.ErrBatches), errors.Is(err, compare.ErrIdle), errors.Is(err, compare.ErrEmpty):
		return fmt.Errorf("parallax compare: %s: %s", file, strings.TrimPrefix(err.Error(), "compare: "))
	case err != nil:
		return blame(err)
	}
	announce(remarks(cmd), plan)
	out, err := plan.Run()
	bar.end()
	if err != nil {
		return err
	}
	print := func(w io.Writer) error { return out.WriteText(w, goal) }
	if f.asJSON {
		print = func(w io.Writer) error { return out.Table().Write(w, source.JSONL) }
	}
	if err := print(cmd.OutOrStdout()); err != nil {
		return err
	}
	if f.out != "" {
		if err := f.keep(out, goal, f.line(file)); err != nil {
			return err
		}
		fmt.Fprintf(remarks(cmd), "report: %s\n", filepath.Join(f.out, "report.html"))
	}
	return sound(out)
}

// announce says how long it will take, and what is predicted.
func announce(w io.Writer, p *compare.Plan) {
	fmt.Fprintf(w, "%s: %d runs, about %.0f s with %d processors\n", p.Input.Job.Name, len(p.Cases), max(1, p.Seconds), runtime.GOMAXPROCS(0))
	fmt.Fprintln(w, "predicted:")
	for _, text := range compare.Expectations() {
		fmt.Fprintf(w, "  %s\n", text)
	}
}

// keep writes the folder.
func (f *compareFlags) keep(r *compare.Report, goal *compare.Goal, again string) error {
	if err := os.MkdirAll(f.out, 0o755); err != nil {
		return fmt.Errorf("parallax compare: %w", err)
	}
	built := compare.Built{Commit: commit(), Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, Processor: processor()}
	table := r.Table()
	type part struct {
		name  string
		write func(w io.Writer) error
	}
	parts := []part{
		{"results.parquet", func(w io.Writer) error { return table.Write(w, source.Parquet) }},
		{"results.jsonl", func(w io.Writer) error { return table.Write(w, source.JSONL) }},
		{"results.txt", func(w io.Writer) error { return r.WriteBenchmarks(w, built) }},
		{"report.html", func(w io.Writer) error { return r.WriteHTML(w, again, goal, built) }},
		{"table.txt", func(w io.Writer) error { return r.WriteText(w, goal) }},
	}
	for _, name := range r.Pictures() {
		parts = append(parts, part{name, func(w io.Writer) error { return r.WritePicture(w, name) }})
	}
	for _, p := range parts {
		if err := toFile(filepath.Join(f.out, p.name), p.write); err != nil {
			return err
		}
	}
	return nil
}

// line is the command that gives the same comparison again.
func (f *compareFlags) line(file string) string {
	var b strings.Builder
	b.WriteString("parallax compare " + quoted(file))
	for _, flag := range []struct{ name, value string }{{"arch", f.arch}, {"delay", f.delays}, {"batch", f.batches}, {"goal", f.goal}, {"out", f.out}} {
		if flag.value != "" {
			b.WriteString(" --" + flag.name + " " + quoted(flag.value))
		}
	}
	if f.faults != faultsNone+","+faultsDefault {
		b.WriteString(" --faults " + f.faults)
	}
	if f.seeds != 0 {
		fmt.Fprintf(&b, " --seeds %d", f.seeds)
	}
	if f.pace != 0 {
		fmt.Fprintf(&b, " --pace %d", f.pace)
	}
	for _, set := range f.sets {
		b.WriteString(" --set " + quoted(set))
	}
	return b.String()
}

// sound is an error with its exit code if an answer was wrong.
func sound(r *compare.Report) error {
	if r.Sound() {
		return nil
	}
	for _, p := range r.Predictions() {
		if p.Why != "" {
			return violated{p.Text + ": " + p.Why}
		}
	}
	return violated{"an answer is not the oracle's"}
}

// processor names the machine's, as far as it tells.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	for _, line := range strings.Split(string(text), "\n") {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
