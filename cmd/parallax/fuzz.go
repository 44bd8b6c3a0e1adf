package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"parallax/scenarios"
	"parallax/scenarios/fuzz"
)

// fuzzFlags are the flags of the command fuzz.
type fuzzFlags struct {
	seeds   string
	lasts   time.Duration
	workers int
	keepOn  bool
	out     string
	asJSON  bool
	shrink  time.Duration
	rows    int
	twice   int

	unrestricted bool
	coverage     bool
}

// fuzzSeeds is how many seeds are tried unless something is said.
const fuzzSeeds = 500

func newFuzz() *cobra.Command {
	f := &fuzzFlags{}
	cmd := &cobra.Command{
		Use:   "fuzz [JOB | SCENARIO | DIR]",
		Short: "Look for runs that fail, and make them small",
		Long: `Play what seeds expand to, on all processors, until one fails.

Without an argument a seed draws everything: a pipeline, rows of odd shapes, sizes of
a cluster, and what breaks. Of a job a seed takes some of its rows, in a small cluster;
of a scenario it takes the rows and the pipeline and leaves the faults to chance; of a
folder, all jobs and scenarios in it take turns, and those that no run with faults can
check are skipped and listed. After every event of every run it is
checked that nothing that was acknowledged is lost or counts twice, and that the view
and every answer are exact; then the faults stop, and everything must catch up.

A run that fails is shrunk: faults, rows, steps and sizes are taken away as long as the
same property stays violated. What is left is written as a scenario file, with its trace
beside it, and the last three lines on standard error say what broke, how to see it
again, and where to look. One seed in twenty is played again by a second process, which
must come to the same trace hash.

A run in which a family of faults was on and never struck, or in which nothing was
compared, has shown nothing: it is inconclusive, counted apart, and never a pass. If all
runs are, the exit code is 3. --coverage tells which places in the code runs have come to,
and which faults they have seen.

Damage to disks keeps to a minority of the replicas, so that everything must catch up
again. With --unrestricted it strikes any disk: no answer may ever be wrong then either,
and a run that cannot catch up must be excused by data that was destroyed, which is named.`,
		Example: `  parallax fuzz
  parallax fuzz --seeds 1..20000 -j 8
  parallax fuzz job.yaml --for 10m --keep-going
  parallax fuzz scenarios/library --coverage
  parallax fuzz --unrestricted --for 1m
  parallax fuzz scenarios/library/two-stragglers.yaml --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("parallax fuzz: one file or folder was expected, there are %d; see parallax fuzz --help", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			target := ""
			if len(args) == 1 {
				target = args[0]
			}
			return f.run(cmd, target)
		},
		ValidArgsFunction: yamlFiles,
	}
	flags := cmd.Flags()
	f.targetFlags(cmd)
	flags.DurationVar(&f.lasts, "for", 0, "go on for so long, as in 10m, instead of to the last seed")
	flags.IntVarP(&f.workers, "jobs", "j", runtime.GOMAXPROCS(0), "worlds at a time")
	flags.BoolVar(&f.keepOn, "keep-going", false, "go on behind a failure, and shrink and write each")
	flags.StringVar(&f.out, "out", filepath.Join("testdata", "parallax"), "write scenarios that fail, and their traces, to this folder")
	flags.BoolVar(&f.asJSON, "json", false, "print what was found as JSON Lines")
	flags.DurationVar(&f.shrink, "shrink", time.Minute, "make a failure smaller for so long; 0 leaves it as it is")
	flags.BoolVar(&f.coverage, "coverage", false, "print how many runs came to each probe, and in how many each family of faults struck")
	flags.IntVar(&f.twice, "twice", 5, "percent of seeds that are played again by a second process")
	return cmd
}

// targetFlags are those that say what a seed expands to, here and in the second
// process.
func (f *fuzzFlags) targetFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.seeds, "seeds", fmt.Sprintf("1..%d", fuzzSeeds), "the seeds, as A..B, both included, or one")
	cmd.Flags().IntVar(&f.rows, "rows", 200, "of a job, take so many rows at most")
	cmd.Flags().BoolVar(&f.unrestricted, "unrestricted", false, "let damage strike every disk, and ask for safety alone where it destroys data")
}

// parseSeeds reads A..B or A.
func parseSeeds(text string) (from, to uint64, err error) {
	a, b, ok := strings.Cut(text, "..")
	if !ok {
		b = a
	}
	from, errA := strconv.ParseUint(a, 0, 64)
	to, errB := strconv.ParseUint(b, 0, 64)
	if errA != nil || errB != nil || from > to {
		return 0, 0, fmt.Errorf("--seeds %q is not A..B, two numbers from 0 to 18446744073709551615, decimal or 0x…, the first not the greater", text)
	}
	return from, to, nil
}

func (f *fuzzFlags) check() error {
	switch {
	case f.workers < 1:
		return fmt.Errorf("-j %d: at least one world at a time", f.workers)
	case f.twice < 0 || f.twice > 100:
		return fmt.Errorf("--twice %d is no percentage", f.twice)
	case f.rows < 1:
		return fmt.Errorf("--rows %d: at least one row", f.rows)
	}
	return nil
}

func (f *fuzzFlags) run(cmd *cobra.Command, target string) error {
	from, to, err := parseSeeds(f.seeds)
	if err == nil {
		err = f.check()
	}
	if err != nil {
		return fmt.Errorf("parallax fuzz: %w", err)
	}
	expand, skipped, err := f.expansion(target)
	if err != nil {
		return err
	}
	for _, s := range skipped {
		fmt.Fprintf(remarks(cmd), "skipped: %s\n", s.Why)
	}
	c := fuzz.Campaign{Scenario: expand, From: from, To: to, Workers: f.workers, KeepOn: f.keepOn}
	if f.lasts > 0 {
		if !cmd.Flags().Changed("seeds") {
			c.To = math.MaxUint64
		}
		end := time.Now().Add(f.lasts)
		c.Over = func() bool { return time.Now().After(end) }
	}
	bar := newProgress(remarks(cmd))
	if bar != nil {
		bar.what = "fuzzing"
		began := time.Now()
		c.Progress = func(t fuzz.Tally) {
			if f.lasts > 0 {
				bar.tell(int64(time.Since(began)), int64(f.lasts))
			} else {
				bar.tell(int64(t.Runs), int64(to-from+1))
			}
		}
	}
	began := time.Now()
	report, err := c.Run()
	bar.end()
	if err != nil {
		return err
	}
	return f.conclude(cmd, newFuzzOutcome(f, target, report, time.Since(began), skipped))
}

// conclude says what a campaign has come to.
func (f *fuzzFlags) conclude(cmd *cobra.Command, o *fuzzOutcome) error {
	r := o.report
	differ, again, err := f.playedAgain(cmd, o.Target, r.Hashes)
	if err != nil {
		return internal{err}
	}
	o.PlayedAgain = again
	for i := range r.Found {
		written, err := f.write(cmd, o.Target, &r.Found[i])
		if err != nil {
			return err
		}
		o.Failures = append(o.Failures, written)
	}
	print := o.print
	if f.asJSON {
		print = o.printJSON
	}
	if err := print(cmd.OutOrStdout()); err != nil {
		return err
	}
	switch {
	case len(differ) > 0:
		return nondeterministic{fmt.Sprintf("%d of %d seeds have another trace in another process, seed %d for one", len(differ), again, differ[0])}
	case len(o.Failures) > 0:
		return violated{o.Failures[len(o.Failures)-1].footer()}
	case r.Runs == 0:
		return inconclusive{errors.New("no seed was played")}
	case r.Inconclusive == r.Runs:
		return inconclusive{r.Nothing[0].Outcome.Why}
	}
	return nil
}

// expansion is what a seed expands to.
type expansion = func(seed uint64) (*scenarios.Scenario, error)

// skippedFile is a job or scenario of a folder that no run with faults can check.
type skippedFile struct {
	File string `json:"file"`
	Why  string `json:"why"`
}

// expansion is what seeds expand to, by the flags, and what of a folder is left out.
func (f *fuzzFlags) expansion(target string) (expansion, []skippedFile, error) {
	expand, skipped, err := f.expansionOfAny(target)
	if err != nil || !f.unrestricted {
		return expand, skipped, err
	}
	return func(seed uint64) (*scenarios.Scenario, error) {
		s, err := expand(seed)
		if err == nil {
			s.Unrestrict()
		}
		return s, err
	}, skipped, nil
}

func (f *fuzzFlags) expansionOfAny(target string) (expansion, []skippedFile, error) {
	if target == "" {
		return func(seed uint64) (*scenarios.Scenario, error) { return scenarios.Drawn(seed), nil }, nil, nil
	}
	info, err := os.Stat(target)
	if err != nil || !info.IsDir() {
		one, err := f.expansionOf(target)
		return one, nil, err
	}
	var all []expansion
	var skipped []skippedFile
	files, err := filepath.Glob(filepath.Join(target, "*.yaml"))
	if err != nil {
		return nil, nil, err
	}
	slices.Sort(files)
	for _, file := range files {
		if scenarios.Kind(file) == "" {
			continue // YAML of somebody else
		}
		switch one, err := f.expansionOf(file); {
		case scenarios.Uncheckable(err):
			skipped = append(skipped, skippedFile{file, err.Error()})
		case err != nil:
			return nil, nil, err
		default:
			all = append(all, one)
		}
	}
	switch {
	case len(all) > 0:
	case len(skipped) > 0:
		return nil, nil, inconclusive{fmt.Errorf("nothing in %s can be checked: %s", target, skipped[0].Why)}
	default:
		return nil, nil, fmt.Errorf("parallax fuzz: there are no jobs or scenarios in %s", target)
	}
	return func(seed uint64) (*scenarios.Scenario, error) { return all[seed%uint64(len(all))](seed) }, skipped, nil
}

func (f *fuzzFlags) expansionOf(file string) (expansion, error) {
	if scenarios.Kind(file) == "scenario" {
		s, err := scenarios.LoadScenario(file, nil)
		if err != nil {
			return nil, err
		}
		return func(seed uint64) (*scenarios.Scenario, error) { return s.Reseeded(seed), nil }, nil
	}
	job, err := scenarios.Load(file, nil)
	if err != nil {
		return nil, err
	}
	e, err := scenarios.NewExcerpts(job)
	if err != nil {
		return nil, err
	}
	return func(seed uint64) (*scenarios.Scenario, error) { return e.Scenario(seed, f.rows), nil }, nil
}
