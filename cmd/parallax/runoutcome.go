package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"parallax/scenarios"
	"parallax/sim"
	"parallax/sim/cluster"
)

// inconclusive is a run that shows nothing.
type inconclusive struct{ why error }

func (i inconclusive) Error() string { return "inconclusive: " + i.why.Error() }

// runOutcome is what a run says, as its JSON has it.
type runOutcome struct {
	Format     string            `json:"schema"`
	Job        string            `json:"job"`
	Arch       string            `json:"arch"`
	Verdict    string            `json:"verdict"`
	Kind       string            `json:"kind,omitempty"`
	Why        string            `json:"why,omitempty"`
	Seed       uint64            `json:"seed"`
	Faults     string            `json:"faults"`
	Brokers    int               `json:"brokers"`
	Pace       int64             `json:"pace"`
	Partitions int               `json:"partitions"`
	Rows       int64             `json:"rows"`
	Batches    int               `json:"batches"`
	Windows    int               `json:"windows"` // rows of the view
	DataS      float64           `json:"data_s"`
	ClusterS   float64           `json:"cluster_s"`
	Events     uint64            `json:"events"`
	Trace      string            `json:"trace"`
	Costs      string            `json:"costs"`
	Counters   map[string]uint64 `json:"counters"`
	Lambda     *layersOutcome    `json:"lambda,omitempty"`
	Reproduce  string            `json:"reproduce"`

	tally *cluster.Tally
}

// layersOutcome is what only a Lambda system has.
type layersOutcome struct {
	BatchS   float64 `json:"batch_every_s"`
	Late     string  `json:"late"`
	Markers  uint64  `json:"markers"`
	Compared uint64  `json:"answers_compared"`
	Behind   uint64  `json:"answers_behind"` // by servers that had not come as far as the client
	Both     uint64  `json:"answers_of_both_layers"`
	Repaired uint64  `json:"rows_repaired"` // of answers: they hold what a stream would have dropped
	Swaps    uint64  `json:"view_swaps"`    // by servers, since their last starts
	Skipped  uint64  `json:"partitions_moved_forward"`
	Way      string  `json:"way"` // merge, or replay
	Why      string  `json:"why,omitempty"`
	Again    uint64  `json:"rows_taken_in_again,omitempty"` // behind the cut of a new view
}

func newRunOutcome(f *runFlags, job *scenarios.Job, r *scenarios.ClusterRun, arch string) *runOutcome {
	o := &runOutcome{
		Format: "parallax.run/v1", Job: job.Name, Arch: arch, Verdict: r.Verdict, Kind: r.Kind, Seed: f.seed, Faults: f.faults,
		Brokers: f.brokers, Pace: r.Pace, Partitions: r.Partitions, Rows: r.Rows, Batches: r.Batches,
		DataS: seconds(r.DataNs), ClusterS: seconds(r.ClusterNs), Events: r.Tally.Events,
		Trace: fmt.Sprintf("%016x", r.Hash), Costs: fmt.Sprintf("%016x", r.CostsHash), Counters: map[string]uint64{},
		Reproduce: f.line(job.File), tally: &r.Tally,
	}
	if r.Why != nil {
		o.Why = r.Why.Error()
	}
	if r.Results != nil {
		o.Windows = r.Results.Rows
	}
	if l := r.Layers; l != nil {
		o.Lambda = &layersOutcome{
			BatchS: seconds(l.EveryNs), Late: l.Late, Markers: l.Markers, Compared: l.Compared, Behind: l.Behind, Both: l.FromBoth,
			Repaired: l.Repaired, Swaps: l.Swaps, Skipped: l.Skipped, Way: l.Way, Why: l.Why, Again: l.Again,
		}
	}
	for _, line := range counterLines {
		if o.Lambda != nil && line.kappa {
			continue
		}
		for _, c := range line.counters {
			o.Counters[c.name] = c.of(&r.Tally)
		}
	}
	return o
}

func seconds(ns int64) float64 { return float64(ns/int64(time.Millisecond)) / 1000 }

// counter is one number of a run: in JSON by name, in text by words, of which the
// first is for one.
type counter struct {
	name, one, many string
	of              func(*cluster.Tally) uint64
}

// counterLines are the numbers of a run, in lines.
var counterLines = []struct {
	title    string
	kappa    bool // a Lambda system has none of it
	counters []counter
}{
	{"machines", false, []counter{
		{"crashes", "crash", "crashes", func(t *cluster.Tally) uint64 { return t.Crashes }},
		{"crashes_at_persist", "at a persist", "at persists", func(t *cluster.Tally) uint64 { return t.CrashesAtPersist }},
		{"pauses", "pause", "pauses", func(t *cluster.Tally) uint64 { return t.Pauses }},
		{"zombies", "zombie", "zombies", func(t *cluster.Tally) uint64 { return t.Zombies }},
	}},
	{"disks", false, []counter{
		{"writes_lost", "write lost", "writes lost", func(t *cluster.Tally) uint64 { return t.LostWrites }},
		{"writes_torn", "torn", "torn", func(t *cluster.Tally) uint64 { return t.TornWrites }},
		{"removes_undone", "remove undone", "removes undone", func(t *cluster.Tally) uint64 { return t.UndoneRemoves }},
		{"slow_syncs", "slow sync", "slow syncs", func(t *cluster.Tally) uint64 { return t.SlowSyncs }},
	}},
	{"messages", false, []counter{
		{"messages", "sent", "sent", func(t *cluster.Tally) uint64 { return t.Messages }},
		{"messages_dropped", "dropped", "dropped", func(t *cluster.Tally) uint64 { return t.Dropped }},
		{"messages_duplicated", "duplicated", "duplicated", func(t *cluster.Tally) uint64 { return t.Duplicated }},
		{"messages_reordered", "reordered", "reordered", func(t *cluster.Tally) uint64 { return t.Reordered }},
		{"messages_slowed", "slowed", "slowed", func(t *cluster.Tally) uint64 { return t.Slowed }},
		{"messages_to_down", "to a node that was down", "to nodes that were down", func(t *cluster.Tally) uint64 { return t.ToDown }},
	}},
	{"links", false, []counter{
		{"links_cut", "cut", "cuts", func(t *cluster.Tally) uint64 { return t.Severs }},
		{"messages_cut", "message lost there", "messages lost there", func(t *cluster.Tally) uint64 { return t.SeveredMessages }},
	}},
	{"log", true, []counter{
		{"leader_changes", "change of leader", "changes of leaders", func(t *cluster.Tally) uint64 { return t.LeaderChanges }},
		{"log_conflicts", "entry replaced", "entries replaced", func(t *cluster.Tally) uint64 { return t.LogConflicts }},
		{"log_snapshots", "snapshot installed", "snapshots installed", func(t *cluster.Tally) uint64 { return t.LogSnapshots }},
		{"log_trims", "trim", "trims", func(t *cluster.Tally) uint64 { return t.LogTrims }},
		{"produce_copies", "batch sent twice", "batches sent twice", func(t *cluster.Tally) uint64 { return t.ProduceCopies }},
		{"idle_records", "idle record", "idle records", func(t *cluster.Tally) uint64 { return t.IdleRecords }},
	}},
	{"worker", true, []counter{
		{"spans", "span published", "spans published", func(t *cluster.Tally) uint64 { return t.Spans }},
		{"span_copies", "again", "again", func(t *cluster.Tally) uint64 { return t.SpanCopies }},
		{"worker_restores", "start from a checkpoint", "starts from checkpoints", func(t *cluster.Tally) uint64 { return t.WorkerRestores }},
		{"rows_refused", "row refused", "rows refused", func(t *cluster.Tally) uint64 { return t.Unread + t.Valueless }},
	}},
	{"checked", false, []counter{
		{"answers", "answer", "answers", func(t *cluster.Tally) uint64 { return t.Answers }},
		{"answer_rows", "row of them", "rows of them", func(t *cluster.Tally) uint64 { return t.AnswerRows }},
	}},
}

// print writes the outcome for people.
func (o *runOutcome) print(w io.Writer) error {
	var b strings.Builder
	word := map[string]string{scenarios.Pass: "PASS", scenarios.Violated: "FAIL", scenarios.Inconclusive: "INCONCLUSIVE"}[o.Verdict]
	name := o.Job
	if o.Arch != archKappa {
		name += ", " + o.Arch
	}
	fmt.Fprintf(&b, "%s %s: seed %d, faults %s, %s, pace %d\n", word, name, o.Seed, o.Faults,
		count(uint64(o.Brokers), "broker", "brokers"), o.Pace)
	fmt.Fprintf(&b, "  data      %s in %s and %s, over %s\n", count(uint64(o.Rows), "row", "rows"),
		count(uint64(o.Partitions), "partition", "partitions"), count(uint64(o.Batches), "batch", "batches"), spell(o.DataS))
	fmt.Fprintf(&b, "  cluster   %s in %s\n", count(o.Events, "event", "events"), spell(o.ClusterS))
	if l := o.Lambda; l != nil {
		fmt.Fprintf(&b, "  lambda    %s, a batch every %s, late: %s, %s, %s moved forward\n", count(l.Markers, "marker", "markers"), spell(l.BatchS),
			l.Late, count(l.Swaps, "view swapped", "views swapped"), count(l.Skipped, "partition", "partitions"))
		fmt.Fprintf(&b, "  answers   %s, %s of both layers, %s repaired; %s behind their client\n", count(l.Compared, "compared", "compared"),
			digits(l.Both), count(l.Repaired, "row", "rows"), digits(l.Behind))
		if l.Why != "" {
			fmt.Fprintf(&b, "  %-9s %s; %s taken in again behind new views\n", l.Way, l.Why, count(l.Again, "row", "rows"))
		}
	}
	for _, line := range counterLines {
		if o.Lambda != nil && line.kappa {
			continue
		}
		fmt.Fprintf(&b, "  %-9s ", line.title)
		for i, c := range line.counters {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(count(c.of(o.tally), c.one, c.many))
		}
		b.WriteByte('\n')
	}
	if o.Verdict == scenarios.Pass {
		fmt.Fprintf(&b, "  view      %s, exact\n", count(uint64(o.Windows), "row", "rows"))
	}
	fmt.Fprintf(&b, "  trace     %s, with costs %s\n", o.Trace, o.Costs)
	fmt.Fprintf(&b, "  again     %s\n", o.Reproduce)
	_, err := io.WriteString(w, b.String())
	return err
}

func (o *runOutcome) printJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(o)
}

// err is the error of a run that is no pass: what broke, how to see it again, and
// where it is.
func (o *runOutcome) err(r *scenarios.ClusterRun) error {
	switch r.Verdict {
	case scenarios.Pass:
		return nil
	case scenarios.Inconclusive:
		return inconclusive{r.Why}
	}
	what, where := r.Why.Error(), fmt.Sprintf("at the end, after %s", spell(o.ClusterS))
	var at *sim.Failure
	if errors.As(r.Why, &at) {
		node := ""
		if at.Node != "" {
			node = " on " + at.Node
		}
		what, where = at.Err.Error(), fmt.Sprintf("event %d%s, after %s of the cluster's time", at.Event, node, spell(o.ClusterS))
		if len(at.Stack) > 0 {
			where += "\n" + string(at.Stack)
		}
	}
	return violated{fmt.Sprintf("%s: %s\nreproduce: %s\nwhere: %s", r.Kind, what, o.Reproduce, where)}
}

// count is a number with its noun.
func count(n uint64, one, many string) string {
	if n == 1 {
		return digits(n) + " " + one
	}
	return digits(n) + " " + many
}

// digits is a number with its thousands apart.
func digits(n uint64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// spell is a time that people can read.
func spell(s float64) string {
	switch {
	case s < 600:
		return fmt.Sprintf("%.1f s", s)
	case s < 3*3600:
		return fmt.Sprintf("%.1f min", s/60)
	case s < 72*3600:
		return fmt.Sprintf("%.1f h", s/3600)
	}
	return fmt.Sprintf("%.1f days", s/86400)
}
