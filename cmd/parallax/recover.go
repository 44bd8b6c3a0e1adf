package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"parallax/engine/flow"
	"parallax/scenarios"
)

// recoverFlags are the flags of the command recover.
type recoverFlags struct {
	buggy   string
	lasts   string
	at      string
	sets    []string
	seed    uint64
	faults  string
	brokers int
	pace    int64
	batch   string
	asJSON  bool
}

const recoverLong = `Run a job whose code has a mistake, mend it after a while, and have everything that
was answered until then answered anew: by a Kappa system, where a new worker reads the
log from its beginning into a new view, and by a Lambda system, where a new batch job
folds all archived files into a new view and new servers go on from its cut. In both,
the old code goes on beside the new, readers are sent to the new answers as soon as
those stand where the old ones do, the old programs are retired then, and rows keep
arriving all the time.

--buggy is the job file with the mistake. It reads the same source with the same kind of
watermark, and may differ in everything else. It runs from the first row on, for as long
as --for says; then comes the code of JOB. With --at, the code of JOB runs until then, too,
and the mistake is deployed in its place as the fix will be: beside it, answering
everything anew, wrongly. --for then counts from --at on.

Side by side it is shown how many rows were wrong when the code was mended, how long it
took until every answer was right, how old what was served meanwhile was, and what was
read, written, sent, computed and stored: by all programs but those that bring the data
and ask, and of that by those that were started for it. Whole answers of the mended code
are held against answers from scratch, when readers are sent to them, while the rest of
the data comes, and at the end.

The log keeps everything, in both. The seed, both jobs, their data and these flags decide
all figures. Times are the cluster's, to a millisecond; with --pace, the data's are as many times
longer. The processor time of a program includes that of its start.`

func newRecover() *cobra.Command {
	var f recoverFlags
	cmd := &cobra.Command{
		Use:   "recover JOB --buggy JOB2",
		Short: "Mend a mistake in a job's code, and say what it costs each architecture to answer anew",
		Long:  recoverLong,
		Example: `  parallax recover job.yaml --buggy wrong.yaml --for 2m
  parallax recover job.yaml --buggy wrong.yaml --at 10m --for 2m
  parallax recover job.yaml --buggy wrong.yaml --for 2m --batch every=30s,late=same --json`,
		Args:              oneJob,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
		ValidArgsFunction: yamlFiles,
	}
	flags := cmd.Flags()
	flags.StringVar(&f.buggy, "buggy", "", "the job file with the mistake, which runs first")
	flags.StringVar(&f.lasts, "for", "2m", "how long it runs, of the data's time")
	flags.StringVar(&f.at, "at", "0s", "when it is deployed, of the data's time; 0s: it is there from the first row")
	flags.StringArrayVar(&f.sets, "set", nil, "override a key of both jobs, as in watermark.bounded=5s (may be repeated)")
	flags.Uint64Var(&f.seed, "seed", 1, "decides delays, faults and everything else that is left to chance; decimal or 0x…")
	flags.StringVar(&f.faults, "faults", faultsNone, "none; default: as in parallax run, until all data has come")
	flags.IntVar(&f.brokers, "brokers", 3, "replicas of the log")
	flags.Int64Var(&f.pace, "pace", 0, "stretch every period of the cluster so many times; 0 chooses")
	flags.StringVar(&f.batch, "batch", "", "every=30s,late=complete, or late=same; otherwise the job's batch key decides")
	flags.BoolVar(&f.asJSON, "json", false, "print the outcome as JSON")
	complete(cmd, "faults", faultsDefault, faultsNone)
	return cmd
}

// options reads the flags.
func (f *recoverFlags) options() (o scenarios.RecoverOptions, err error) {
	lasts, err := flow.ParseDuration(f.lasts)
	at, wrong := flow.ParseDuration(f.at)
	switch {
	case err != nil:
		return o, fmt.Errorf("parallax recover: --for: %s", strings.TrimPrefix(err.Error(), "flow: "))
	case wrong != nil:
		return o, fmt.Errorf("parallax recover: --at: %s", strings.TrimPrefix(wrong.Error(), "flow: "))
	case at < 0 || at > math.MaxInt64/1000/2:
		return o, fmt.Errorf("parallax recover: --at %s is not a time at which code can be deployed", f.at)
	case lasts < 1 || lasts > math.MaxInt64/1000/2:
		return o, fmt.Errorf("parallax recover: --for %s is not a time that a mistake can last", f.lasts)
	case f.buggy == "":
		return o, errors.New("parallax recover: --buggy is missing: the job file with the mistake, which runs first")
	case f.faults != faultsDefault && f.faults != faultsNone:
		return o, fmt.Errorf("parallax recover: --faults %q is not one of %s, %s", f.faults, faultsDefault, faultsNone)
	case f.brokers < 1 || f.brokers > 9:
		return o, fmt.Errorf("parallax recover: --brokers %d is not in 1..9", f.brokers)
	case f.pace < 0:
		return o, fmt.Errorf("parallax recover: --pace %d is negative", f.pace)
	}
	return scenarios.RecoverOptions{
		Seed: f.seed, Faults: f.faults == faultsDefault, Brokers: f.brokers, Pace: f.pace, BuggyUs: lasts, AtUs: at,
	}, nil
}

func (f *recoverFlags) run(cmd *cobra.Command, file string) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	job, err := scenarios.Load(file, f.sets)
	if err != nil {
		return err
	}
	buggy, err := scenarios.Load(f.buggy, f.sets)
	if err != nil {
		return err
	}
	if o.Batch = job.Batch; f.batch != "" {
		if o.Batch, err = scenarios.ParseBatch(f.batch, o.Batch); err != nil {
			return fmt.Errorf("parallax recover: --batch: %w", err)
		}
	}
	list, err := scenarios.Recover(job, buggy, o)
	switch {
	case errors.Is(err, scenarios.ErrNoRows):
		return inconclusive{err}
	case errors.Is(err, scenarios.ErrNotMended):
		return violated{fmt.Sprintf("%v\nreproduce: %s", err, f.line(file))}
	case err != nil:
		return blame(err)
	}
	if f.asJSON {
		return f.printJSON(cmd.OutOrStdout(), job, list, file)
	}
	return f.print(cmd.OutOrStdout(), job, list, file)
}

// late tells whether the mistake is not there from the beginning.
func (f *recoverFlags) late() bool {
	at, err := flow.ParseDuration(f.at)
	return err == nil && at > 0
}

// line is the command that gives the same again.
func (f *recoverFlags) line(file string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "parallax recover %s --buggy %s", quoted(file), quoted(f.buggy))
	if f.late() {
		b.WriteString(" --at " + quoted(f.at))
	}
	fmt.Fprintf(&b, " --for %s --seed %d", quoted(f.lasts), f.seed)
	if f.faults != faultsNone {
		b.WriteString(" --faults " + f.faults)
	}
	if f.brokers != 3 {
		fmt.Fprintf(&b, " --brokers %d", f.brokers)
	}
	if f.pace != 0 {
		fmt.Fprintf(&b, " --pace %d", f.pace)
	}
	if f.batch != "" {
		b.WriteString(" --batch " + quoted(f.batch))
	}
	for _, set := range f.sets {
		b.WriteString(" --set " + quoted(set))
	}
	return b.String()
}

// recoverLines are the figures, as both architectures have them.
var recoverLines = []struct {
	title string
	of    func(*scenarios.Recovery) string
}{
	{"rows served when mended", func(r *scenarios.Recovery) string { return digits(uint64(r.Shown)) }},
	{"  of them wrong", func(r *scenarios.Recovery) string { return digits(uint64(r.Wrong)) }},
	{"  missing", func(r *scenarios.Recovery) string { return digits(uint64(r.Missing)) }},
	{"every answer right after", func(r *scenarios.Recovery) string { return thousandths(r.RightNs) }},
	{"served meanwhile, staleness", func(r *scenarios.Recovery) string { return thousandths(r.StaleNs) }},
	{"processor time", func(r *scenarios.Recovery) string { return thousandths(r.Used.ProcessorNs) }},
	{"  of what was started", func(r *scenarios.Recovery) string { return thousandths(r.Again.ProcessorNs) }},
	{"bytes read from disks", func(r *scenarios.Recovery) string { return digits(uint64(r.Used.Read)) }},
	{"bytes written", func(r *scenarios.Recovery) string { return digits(uint64(r.Used.Wrote)) }},
	{"bytes sent", func(r *scenarios.Recovery) string { return digits(uint64(r.Used.Sent)) }},
	{"bytes stored before", func(r *scenarios.Recovery) string { return digits(uint64(r.StoredBefore)) }},
	{"bytes stored at most", func(r *scenarios.Recovery) string { return digits(uint64(r.StoredPeak)) }},
	{"whole answers compared", func(r *scenarios.Recovery) string { return digits(uint64(r.Compared)) + ", exact" }},
	{"rows of the last", func(r *scenarios.Recovery) string { return digits(uint64(r.Rows)) }},
	{"trace", func(r *scenarios.Recovery) string { return fmt.Sprintf("%016x", r.Hash) }},
}

// thousandths is a time with its milliseconds.
func thousandths(ns int64) string { return fmt.Sprintf("%.3f s", seconds(ns)) }

// print writes the outcome for people.
func (f *recoverFlags) print(w io.Writer, job *scenarios.Job, list []*scenarios.Recovery, file string) error {
	var b strings.Builder
	at := ""
	if f.late() {
		at = " at " + f.at
	}
	fmt.Fprintf(&b, "%s: %s%s for %s, then mended; seed %d, faults %s, pace %d\n", job.Name, f.buggy, at, f.lasts, f.seed, f.faults, list[0].Pace)
	line := func(title string, of func(*scenarios.Recovery) string) {
		fmt.Fprintf(&b, "  %-28s", title)
		for _, r := range list {
			fmt.Fprintf(&b, " %18s", of(r))
		}
		b.WriteByte('\n')
	}
	line("", func(r *scenarios.Recovery) string { return r.Arch })
	for _, l := range recoverLines {
		line(l.title, l.of)
	}
	fmt.Fprintf(&b, "  again: %s\n", f.line(file))
	_, err := io.WriteString(w, b.String())
	return err
}

// effortOutcome is what programs have used, as JSON has it.
type effortOutcome struct {
	ProcessorMs float64 `json:"processor_ms"`
	Read        int64   `json:"bytes_read"`
	Wrote       int64   `json:"bytes_written"`
	Sent        int64   `json:"bytes_sent"`
}

func newEffort(e *scenarios.Effort) effortOutcome {
	return effortOutcome{float64(e.ProcessorNs/1000) / 1000, e.Read, e.Wrote, e.Sent}
}

// recoverOutcome is one architecture's recovery, as JSON has it.
type recoverOutcome struct {
	Arch         string        `json:"arch"`
	Shown        int           `json:"rows_served"`
	Wrong        int           `json:"rows_wrong"`
	Missing      int           `json:"rows_missing"`
	RightMs      float64       `json:"right_after_ms"`
	StaleMs      float64       `json:"staleness_ms"`
	Used         effortOutcome `json:"used"`
	Again        effortOutcome `json:"used_by_started"`
	StoredBefore int64         `json:"bytes_stored_before"`
	StoredPeak   int64         `json:"bytes_stored_peak"`
	Compared     int           `json:"answers_compared"`
	Rows         int           `json:"rows"`
	Trace        string        `json:"trace"`
}

func (f *recoverFlags) printJSON(w io.Writer, job *scenarios.Job, list []*scenarios.Recovery, file string) error {
	out := struct {
		Format    string           `json:"schema"`
		Job       string           `json:"job"`
		Buggy     string           `json:"buggy"`
		Lasts     string           `json:"for"`
		At        string           `json:"at"`
		Seed      uint64           `json:"seed"`
		Faults    string           `json:"faults"`
		Pace      int64            `json:"pace"`
		Sides     []recoverOutcome `json:"architectures"`
		Reproduce string           `json:"reproduce"`
	}{"parallax.recover/v1", job.Name, f.buggy, f.lasts, f.at, f.seed, f.faults, list[0].Pace, nil, f.line(file)}
	for _, r := range list {
		out.Sides = append(out.Sides, recoverOutcome{
			Arch: r.Arch, Shown: r.Shown, Wrong: r.Wrong, Missing: r.Missing, RightMs: 1000 * seconds(r.RightNs), StaleMs: 1000 * seconds(r.StaleNs),
			Used: newEffort(&r.Used), Again: newEffort(&r.Again), StoredBefore: r.StoredBefore, StoredPeak: r.StoredPeak,
			Compared: r.Compared, Rows: r.Rows, Trace: fmt.Sprintf("%016x", r.Hash),
		})
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(out)
}
