package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"parallax/scenarios"
	"parallax/scenarios/fuzz"
	"parallax/sim/cluster"
)

// replayFlags are the flags of the command replay.
type replayFlags struct {
	sets   []string
	at     time.Duration
	step   bool
	asJSON bool
	trace  string
}

func newReplay() *cobra.Command {
	f := &replayFlags{}
	cmd := &cobra.Command{
		Use:   "replay SCENARIO",
		Short: "Play a scenario, to its end, to an instant, or step by step",
		Long: `Play a scenario file and say what it comes to. A run is a function of its file, so
what happened once happens again: if the trace hash is another one than the file
remembers, the program behaves differently now, which is said, with the commit that had
found it.

--at T stops at an instant and shows what every program knows there. --step goes from
event to event: Enter takes the next one, a number so many, f goes on to the next fault,
s shows what every program knows, q leaves. Both are re-execution from the beginning;
there is no recording to be out of date.

The exit code is 1 when a property is violated, also if the file expects that, and 3 when
the run has shown nothing (a planned fault did not strike, nothing was compared, a probe
that the file expects was not come to), unless the file expects that.`,
		Example: `  parallax replay testdata/parallax/drawn-73.yaml
  parallax replay crash.yaml --at 5.2s
  parallax replay crash.yaml --step
  parallax replay crash.yaml --set seed=7 --trace trace.jsonl --json`,
		Args:              oneScenario,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
		ValidArgsFunction: yamlFiles,
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.sets, "set", nil, "override a key of the scenario, as in watermark.bounded=5s (may be repeated)")
	flags.DurationVar(&f.at, "at", 0, "stop there, counted from the start of the run, and show what every program knows")
	flags.BoolVar(&f.step, "step", false, "go from event to event")
	flags.BoolVar(&f.asJSON, "json", false, "print as JSON")
	flags.StringVar(&f.trace, "trace", "", "write everything that happens to this file, as JSON Lines")
	return cmd
}

// oneScenario wants one argument.
func oneScenario(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%s: one scenario file was expected, there are %d; see %s --help", cmd.CommandPath(), len(args), cmd.CommandPath())
	}
	return nil
}

func (f *replayFlags) run(cmd *cobra.Command, file string) error {
	s, err := scenarios.LoadScenario(file, f.sets)
	if err != nil {
		return err
	}
	switch {
	case f.at < 0:
		return fmt.Errorf("parallax replay: --at %v is before the start", f.at)
	case f.step:
		return stepThrough(s, cmd.InOrStdin(), cmd.OutOrStdout())
	case cmd.Flags().Changed("at"):
		d, err := fuzz.PlayUntil(s, f.at)
		if err != nil {
			return violated{err.Error()}
		}
		return showState(cmd.OutOrStdout(), d, s, f.asJSON)
	}
	out, err := f.play(s)
	if err != nil {
		return err
	}
	o := newReplayOutcome(s, out)
	print := o.print
	if f.asJSON {
		print = func(w io.Writer) error { return writeJSONLine(w, o) }
	}
	if err := print(cmd.OutOrStdout()); err != nil {
		return err
	}
	return o.err(s, out)
}

// play plays a scenario, with a trace if it was asked for.
func (f *replayFlags) play(s *scenarios.Scenario) (out *scenarios.Outcome, err error) {
	if f.trace == "" {
		return scenarios.Play(s, scenarios.PlayOptions{View: true})
	}
	err = toFile(f.trace, func(w io.Writer) error {
		b := bufio.NewWriter(w)
		if out, err = scenarios.Play(s, scenarios.PlayOptions{View: true, Trace: b}); err != nil {
			return err
		}
		return b.Flush()
	})
	return out, err
}

func writeJSONLine(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// replayOutcome is what a replay says, as its JSON has it.
type replayOutcome struct {
	Format   string              `json:"schema"`
	Scenario string              `json:"scenario"`
	Verdict  string              `json:"verdict"`
	Expected string              `json:"expected"`
	Property string              `json:"property,omitempty"`
	Why      string              `json:"why,omitempty"`
	Missed   []string            `json:"missed,omitempty"`
	Event    uint64              `json:"event"`
	At       string              `json:"at"`
	Node     string              `json:"node,omitempty"`
	Trace    string              `json:"trace"`
	Recorded string              `json:"recorded,omitempty"` // the trace that the file remembers
	Rows     int                 `json:"rows"`
	Faults   []string            `json:"faults"`
	Excused  []string            `json:"excused,omitempty"` // by which destroyed data
	Probes   map[string]uint64   `json:"probes,omitempty"`  // how often the run came to each
	View     []map[string]string `json:"view,omitempty"`

	doc   string
	teach []scenarios.Note
	view  []string
}

func newReplayOutcome(s *scenarios.Scenario, out *scenarios.Outcome) *replayOutcome {
	o := &replayOutcome{
		Format: "parallax.replay/v1", Scenario: s.Name, Verdict: out.Verdict, Expected: s.Expect.Verdict, Property: out.Property,
		Missed: out.Missed, Event: out.Event, At: time.Duration(out.At).String(), Node: out.Node, Trace: fmt.Sprintf("%016x", out.Hash),
		Recorded: s.Origin.Trace, Rows: len(s.Story.Rows), Faults: []string{}, Excused: out.Excused, Probes: out.Probes, doc: s.Doc, teach: s.Teach,
	}
	if out.Why != nil {
		o.Why = out.Why.Error()
	}
	for i := range out.Fired {
		o.Faults = append(o.Faults, out.Fired[i].String())
	}
	if out.View != nil {
		for _, l := range out.View.Lines() {
			o.view = append(o.view, l.String())
			row := map[string]string{}
			for _, c := range l {
				row[c.Column] = c.Text
			}
			o.View = append(o.View, row)
		}
	}
	return o
}

// rowsPrinted is how many rows and faults are printed for people.
const rowsPrinted = 24

func (o *replayOutcome) print(w io.Writer) error {
	var b strings.Builder
	word := verdictWords[o.Verdict]
	if o.Verdict == scenarios.Pass && len(o.Missed) > 0 {
		word = verdictWords[scenarios.Violated]
	}
	fmt.Fprintf(&b, "%s %s", word, o.Scenario)
	if o.Verdict != scenarios.Pass || o.Expected != scenarios.Pass {
		fmt.Fprintf(&b, " (expected is %s)", o.Expected)
	}
	b.WriteByte('\n')
	if o.doc != "" {
		fmt.Fprintf(&b, "  %s\n", strings.ReplaceAll(strings.TrimSpace(o.doc), "\n", "\n  "))
	}
	if o.Property != "" {
		fmt.Fprintf(&b, "  violated  %s, at event %d, after %s\n", o.Property, o.Event, o.At)
	}
	if o.Verdict == scenarios.Inconclusive {
		fmt.Fprintf(&b, "  nothing   %s\n", o.Why)
	}
	fmt.Fprintf(&b, "  rows      %d\n", o.Rows)
	list := func(title string, lines []string) {
		for i, line := range lines {
			if i == rowsPrinted {
				fmt.Fprintf(&b, "            … %d more\n", len(lines)-i)
				break
			}
			if i > 0 {
				title = ""
			}
			fmt.Fprintf(&b, "  %-9s %s\n", title, line)
		}
	}
	list("faults", o.Faults)
	list("excused", o.Excused)
	list("view", o.view)
	list("missed", o.Missed)
	for _, n := range o.teach {
		at := "note"
		if n.At != 0 {
			at = "at " + time.Duration(n.At*1000).String()
		}
		list(at, []string{n.Say})
	}
	same := ""
	if o.Recorded != "" {
		if same = ", as recorded"; o.Recorded != o.Trace {
			same = ", recorded was " + o.Recorded
		}
	}
	fmt.Fprintf(&b, "  trace     %s, %s%s\n", o.Trace, count(o.Event, "event", "events"), same)
	_, err := io.WriteString(w, b.String())
	return err
}

// err is the error of a run that is no pass.
func (o *replayOutcome) err(s *scenarios.Scenario, out *scenarios.Outcome) error {
	switch {
	case out.Verdict == scenarios.Violated:
		f := newFailure(s.Origin.Seed, s, out, [2]int{o.Rows, o.Rows}, [2]int{len(out.Fired), len(out.Fired)}, 0, s.File, "")
		return violated{f.footer()}
	case out.Verdict == scenarios.Inconclusive && s.Expect.Verdict != scenarios.Inconclusive:
		return inconclusive{out.Why}
	case s.Expect.Verdict == scenarios.Violated:
		by := ""
		if s.Origin.Commit != "" {
			by = ", which commit " + s.Origin.Commit + " had found"
		}
		return vanished{fmt.Sprintf("the failure is gone%s: %s no longer violates %s", by, s.Name, orWord(s.Expect.Property, "anything"))}
	case len(out.Missed) > 0:
		return violated{count(uint64(len(out.Missed)), "thing is", "things are") + " not as expected"}
	}
	return nil
}

func orWord(s, word string) string {
	if s == "" {
		return word
	}
	return s
}

// vanished is a failure that a replay no longer shows. It is a mistake in the file, not
// a property that is violated.
type vanished struct{ what string }

func (v vanished) Error() string { return v.what }

// showState shows what every program knows.
func showState(w io.Writer, d *cluster.Deployment, s *scenarios.Scenario, asJSON bool) error {
	m := d.Metrics()
	if asJSON {
		return writeJSONLine(w, struct {
			Format string `json:"schema"`
			cluster.Metrics
		}{"parallax.state/v1", m})
	}
	text, err := fuzz.State(s, d)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, text)
	return err
}

// stepThrough goes from event to event as its input says.
func stepThrough(s *scenarios.Scenario, in io.Reader, w io.Writer) error {
	st, err := fuzz.NewStepper(s)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: Enter the next event, a number so many, f the next fault, s what every program knows, q leave\n", s.Name)
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var n uint64
		switch word := strings.TrimSpace(lines.Text()); word {
		case "q":
			return nil
		case "s":
			if err := showState(w, st.Deployment(), s, false); err != nil {
				return err
			}
			continue
		case "f":
			n = 1 << 62
		case "":
			n = 1
		default:
			if _, err := fmt.Sscanf(word, "%d", &n); err != nil {
				fmt.Fprintf(w, "%q is none of Enter, a number, f, s, q\n", word)
				continue
			}
		}
		more, err := st.Step(n, n == 1<<62, w)
		if err != nil {
			return violated{err.Error()}
		}
		if !more {
			fmt.Fprintln(w, "the run is over")
			return nil
		}
	}
	return lines.Err()
}
