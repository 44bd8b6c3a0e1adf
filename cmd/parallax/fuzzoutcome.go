package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"parallax/scenarios"
	"parallax/scenarios/fuzz"
	"parallax/sim/cluster"
	"parallax/sim/fault"
	"parallax/sim/shrink"
)

// fuzzOutcome is what a campaign says, as its JSON has it.
type fuzzOutcome struct {
	Format       string            `json:"schema"`
	Target       string            `json:"target,omitempty"`
	Verdict      string            `json:"verdict"`
	Seeds        string            `json:"seeds"`
	Runs         uint64            `json:"runs"`
	Inconclusive uint64            `json:"inconclusive"`
	Excused      uint64            `json:"excused"`
	Unrestricted bool              `json:"unrestricted"`
	PlayedAgain  int               `json:"played_again"`
	Events       uint64            `json:"events"`
	Seconds      float64           `json:"seconds"`
	Faults       map[string]uint64 `json:"faults"` // by family, how often it struck
	Failures     []*failureFound   `json:"failures"`
	Nothing      []remarkable      `json:"shown_nothing"` // inconclusive runs, some
	Spared       []remarkable      `json:"excused_by"`    // excused runs, some
	Skipped      []skippedFile     `json:"skipped"`
	Probes       []probeCoverage   `json:"probes"`
	Families     []familyCoverage  `json:"families"`

	report   *fuzz.Report
	took     time.Duration
	coverage bool
}

// remarkable is a run that did not fail, and what there is to say of it.
type remarkable struct {
	Seed uint64   `json:"seed"`
	Why  []string `json:"why"`
}

// probeCoverage is how many runs came to a probe.
type probeCoverage struct {
	Probe string `json:"probe"`
	Runs  int    `json:"runs"`
}

// familyCoverage is in how many runs a family was on, and then struck.
type familyCoverage struct {
	Family string `json:"family"`
	Active int    `json:"active"`
	Struck int    `json:"struck"`
}

func newFuzzOutcome(f *fuzzFlags, target string, r *fuzz.Report, took time.Duration, skipped []skippedFile) *fuzzOutcome {
	o := &fuzzOutcome{
		Format: "parallax.fuzz/v1", Target: target, Verdict: scenarios.Pass, Seeds: f.seeds, Runs: r.Runs, Inconclusive: r.Inconclusive,
		Excused: r.Excused, Unrestricted: f.unrestricted, Events: r.Events, Seconds: seconds(int64(took)), Faults: map[string]uint64{},
		Failures: []*failureFound{}, Nothing: []remarkable{}, Spared: []remarkable{}, Skipped: append([]skippedFile{}, skipped...),
		report: r, took: took, coverage: f.coverage,
	}
	for _, n := range r.Nothing {
		o.Nothing = append(o.Nothing, remarkable{n.Seed, []string{n.Outcome.Why.Error()}})
	}
	for _, e := range r.Spared {
		o.Spared = append(o.Spared, remarkable{e.Seed, e.Outcome.Excused})
	}
	for _, p := range cluster.Probes() {
		o.Probes = append(o.Probes, probeCoverage{p.Name, r.Probes.In(p.Name)})
	}
	if n := len(r.Hashes); n > 0 {
		o.Seeds = fmt.Sprintf("%d..%d", r.Hashes[0].Seed, r.Hashes[n-1].Seed)
	}
	for _, family := range fault.All() {
		o.Faults[family.String()] = r.Strikes[family]
		row := &r.Families.Rows[family]
		o.Families = append(o.Families, familyCoverage{family.String(), row.Active, row.Fired})
	}
	switch {
	case r.Failures > 0:
		o.Verdict = scenarios.Violated
	case r.Inconclusive == r.Runs:
		o.Verdict = scenarios.Inconclusive
	}
	return o
}

var verdictWords = map[string]string{scenarios.Pass: "PASS", scenarios.Violated: "FAIL", scenarios.Inconclusive: "INCONCLUSIVE"}

func (o *fuzzOutcome) print(w io.Writer) error {
	var b strings.Builder
	of := "drawn runs"
	if o.Target != "" {
		of = o.Target
	}
	fmt.Fprintf(&b, "%s %s: seeds %s\n", verdictWords[o.Verdict], of, o.Seeds)
	rate := ""
	if s := o.took.Seconds(); s > 0 {
		rate = fmt.Sprintf(", %.0f a second", float64(o.Runs)/s)
	}
	fmt.Fprintf(&b, "  runs      %s in %s%s; %s\n", count(o.Runs, "run", "runs"), spell(o.Seconds), rate, count(o.Events, "event", "events"))
	if o.Inconclusive > 0 {
		fmt.Fprintf(&b, "            %s inconclusive, seed %d for one: %s\n", count(o.Inconclusive, "is", "are"), o.Nothing[0].Seed, o.Nothing[0].Why[0])
	}
	if o.Excused > 0 {
		fmt.Fprintf(&b, "            %s excused, seed %d for one: %s\n", count(o.Excused, "is", "are"), o.Spared[0].Seed, strings.Join(o.Spared[0].Why, "; "))
	}
	fmt.Fprintf(&b, "  again     %s by a second process\n", count(uint64(o.PlayedAgain), "run", "runs"))
	for i, family := range fault.All() {
		if i%4 == 0 {
			b.WriteString(map[bool]string{true: "  faults    ", false: "\n            "}[i == 0])
		} else {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %s", family, digits(o.report.Strikes[family]))
	}
	b.WriteByte('\n')
	o.printCoverage(&b)
	for _, f := range o.Failures {
		fmt.Fprintf(&b, "  found     seed %d: %s; %s\n", f.Seed, f.Property, f.Scenario)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// printCoverage says which probes no run came to; in full, how many runs came to each,
// and in how many each family struck.
func (o *fuzzOutcome) printCoverage(b *strings.Builder) {
	for _, s := range o.Skipped {
		fmt.Fprintf(b, "  skipped   %s\n", s.Why)
	}
	missed := o.report.Probes.Missed()
	fmt.Fprintf(b, "  probes    %d of %d were come to\n", len(o.Probes)-len(missed), len(o.Probes))
	if !o.coverage {
		return
	}
	for _, p := range missed {
		fmt.Fprintf(b, "            never: %s, %s\n", p.Name, p.Says)
	}
	fmt.Fprintf(b, "\n%s\n%s\n", &o.report.Probes, &o.report.Families)
}

func (o *fuzzOutcome) printJSON(w io.Writer) error { return writeJSONLine(w, o) }

// failureFound is a failure that was shrunk and written.
type failureFound struct {
	Seed     uint64 `json:"seed"`
	Property string `json:"property"`
	Kind     string `json:"kind"` // safety, liveness, expectation
	Why      string `json:"why"`
	Event    uint64 `json:"event"`
	Node     string `json:"node,omitempty"`
	Rows     [2]int `json:"rows"`   // before and after
	Faults   [2]int `json:"faults"` // before and after
	Runs     int    `json:"runs"`   // that shrinking took
	Scenario string `json:"scenario"`
	Trace    string `json:"trace"`
	Replay   string `json:"replay"`
	Test     string `json:"test"`

	at string
}

// footer is the three lines that end a failure: what broke, how to see it again, where
// to look.
func (f *failureFound) footer() string {
	where := fmt.Sprintf("event %d", f.Event)
	if f.Node != "" {
		where += " on " + f.Node
	}
	where += ", after " + f.at
	if f.Trace != "" {
		where += fmt.Sprintf("; %s and %s are left of %d and %d; trace in %s", count(uint64(f.Rows[1]), "row", "rows"),
			count(uint64(f.Faults[1]), "fault", "faults"), f.Rows[0], f.Faults[0], f.Trace)
	}
	return fmt.Sprintf("%s: %s\nreproduce: %s   or: %s\nwhere: %s", f.Property, f.Why, f.Replay, f.Test, where)
}

// write shrinks a failure and writes it down with its trace.
func (f *fuzzFlags) write(cmd *cobra.Command, target string, found *fuzz.Found) (*failureFound, error) {
	s, out, runs := found.Scenario, found.Outcome, 0
	rows, faults := len(s.Story.Rows), len(out.Fired)
	if f.shrink > 0 {
		shrunk, err := shrinkFor(cmd, s, out, f.shrink)
		if err != nil {
			return nil, internal{err}
		}
		s, out, runs = shrunk.Scenario, shrunk.Outcome, shrunk.Runs
	}
	s.Origin.FoundBy, s.Origin.Seed, s.Origin.Commit = strings.TrimSpace("parallax fuzz "+target), found.Seed, commit()
	s.Name = fileName(s.Name)
	file, trace, err := writeScenario(f.out, s)
	if err != nil {
		return nil, err
	}
	return newFailure(found.Seed, s, out, [2]int{rows, len(s.Story.Rows)}, [2]int{faults, len(out.Fired)}, runs, file, trace), nil
}

func newFailure(seed uint64, s *scenarios.Scenario, out *scenarios.Outcome, rows, faults [2]int, runs int, file, trace string) *failureFound {
	kind, why, property := "safety", strings.Join(out.Missed, "; "), "as-expected"
	if out.Liveness {
		kind = "liveness"
	}
	if out.Property != "" {
		property = out.Property
		for _, p := range cluster.Properties() {
			if p.Name == property {
				why = p.Says + " " + strings.ReplaceAll(out.Why.Error(), "cluster: ", "")
			}
		}
	} else {
		kind = "expectation"
	}
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		dir = filepath.Dir(file)
	}
	return &failureFound{
		Seed: seed, Property: property, Kind: kind, Why: why, Event: out.Event, Node: out.Node, Rows: rows, Faults: faults, Runs: runs,
		Scenario: file, Trace: trace, Replay: "parallax replay " + quoted(file), at: spell(seconds(int64(out.At))),
		Test: fmt.Sprintf("PARALLAX_SCENARIOS=%s go test parallax/scenarios -run 'TestScenarios/%s$'", quoted(dir), s.Name),
	}
}

// fileName is a name that a file can have.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' {
			return r
		}
		return '-'
	}, name)
}

// writeScenario writes a scenario and the trace of its run to a folder.
func writeScenario(dir string, s *scenarios.Scenario) (file, trace string, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // files for others to read
		return "", "", err
	}
	file, trace = filepath.Join(dir, s.Name+".yaml"), filepath.Join(dir, s.Name+".jsonl")
	s.File = file
	if err := toFile(file, func(w io.Writer) error {
		_, err := io.WriteString(w, s.String())
		return err
	}); err != nil {
		return "", "", err
	}
	return file, trace, toFile(trace, func(w io.Writer) error {
		b := bufio.NewWriter(w)
		if _, err := scenarios.Play(s, scenarios.PlayOptions{Trace: b}); err != nil {
			return err
		}
		return b.Flush()
	})
}

// shrinkFor makes a failure smaller, for so long.
func shrinkFor(cmd *cobra.Command, s *scenarios.Scenario, out *scenarios.Outcome, lasts time.Duration) (*fuzz.Shrunk, error) {
	began := time.Now()
	o := fuzz.ShrinkOptions{Budget: shrink.Budget{Over: func() bool { return time.Since(began) > lasts }}}
	bar := newProgress(remarks(cmd))
	if bar != nil {
		bar.what = "shrinking"
		o.Progress = func(_, rows, faults int) {
			bar.what = fmt.Sprintf("shrinking: %d rows, %d faults", rows, faults)
			bar.tell(int64(time.Since(began)), int64(lasts))
		}
	}
	shrunk, err := fuzz.Shrink(s, out, o)
	bar.end()
	return shrunk, err
}
