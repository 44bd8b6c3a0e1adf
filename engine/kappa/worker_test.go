package kappa_test

import (
	"errors"
	"strings"
	"testing"

	"parallax/engine"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
	"parallax/engine/kappa"
	"parallax/serving"
	"parallax/sim"
	"parallax/sim/cluster"
)

var readings = column.Schema{
	{Name: "city", Type: column.TypeOf(column.String)},
	{Name: "degrees", Type: column.TypeOf(column.Int64)},
}

// sums adds degrees by city and second.
func sums(t testing.TB) *flow.Pipeline {
	t.Helper()
	call, err := expr.ParseCall("sum(degrees)")
	if err != nil {
		t.Fatal(err)
	}
	w := window.Tumble(1_000_000, 0)
	return &flow.Pipeline{Steps: []flow.Step{
		{KeyBy: []string{"city"}}, {Window: &w}, {Aggregates: []flow.Aggregate{{Name: "sum", Call: call}}},
	}}
}

// add puts a batch of one row into a feed, due when it happened.
func add(t testing.TB, feed cluster.Feed, part int32, city string, degrees, time int64) {
	t.Helper()
	b := &column.Batch{Schema: readings, Partition: part, Rows: 1, Times: []int64{time}, Appends: []int64{time}}
	b.Columns = make([]column.Column, len(readings))
	for i, v := range []column.Value{{String: city}, {Int: degrees}} {
		b.Columns[i].Reset(readings[i].Type, &column.Dict{})
		b.Columns[i].Append(v)
	}
	if err := feed.Add(part, engine.Instant(time*engine.Microsecond), b); err != nil {
		t.Fatal(err)
	}
}

// A worker refuses what it could not replay, lateness that is judged by how
// partitions happened to interleave.
func TestRefusedJobs(t *testing.T) {
	for _, c := range []struct {
		rule       flow.Rule
		across     watermark.Across
		partitions int
		sessions   bool
		refused    string
	}{
		{flow.Log, watermark.Min, 2, false, ""},
		{flow.Operator, watermark.Min, 2, false, "cannot be replayed"},
		{flow.Operator, watermark.Min, 1, false, ""},
		{flow.Operator, watermark.Own, 2, false, ""},
		{flow.Log, watermark.Min, 1, true, ""},
	} {
		p := sums(t)
		if c.sessions {
			*p.Steps[1].Window = window.Sessions(1_000_000, 0)
		}
		p.Late.Rule, p.Watermark.Across = c.rule, c.across
		d, err := cluster.Deploy(cluster.Job{Pipeline: p, Schema: readings, Feed: make(cluster.Feed, c.partitions)}, cluster.Options{Unchecked: true})
		if err == nil {
			err = d.RunFor(engine.Second)
		}
		if (err != nil) != (c.refused != "") || err != nil && !strings.Contains(err.Error(), c.refused) {
			t.Errorf("%s, across %s, %d partitions, sessions %v: %v", c.rule, c.across, c.partitions, c.sessions, err)
		}
	}
}

// A worker refuses watermarks that follow what it finds late, and, where partitions
// promise something else than their greatest event times, idle records that brokers
// have written by those.
func TestRefusedStrategies(t *testing.T) {
	p := sums(t)
	p.Late.Rule, p.Watermark = flow.Operator, watermark.Spec{Kind: watermark.Completeness, Millionths: 900_000}
	d, err := cluster.Deploy(cluster.Job{Pipeline: p, Schema: readings, Feed: make(cluster.Feed, 1)}, cluster.Options{Unchecked: true})
	if err == nil {
		err = d.RunFor(engine.Second)
	}
	if err == nil || !strings.Contains(err.Error(), "cannot be replayed") {
		t.Errorf("completeness: %v", err)
	}
	p = sums(t)
	p.Late.Rule, p.Watermark = flow.Operator, watermark.Spec{BatchRows: 2}
	d, err = cluster.Deploy(cluster.Job{Pipeline: p, Schema: readings, Feed: make(cluster.Feed, 1)}, cluster.Options{Unchecked: true})
	if err == nil {
		err = d.RunFor(engine.Second)
	}
	if err == nil || !strings.Contains(err.Error(), "micro-batches cannot be replayed") {
		t.Errorf("micro-batches: %v", err)
	}
	p = sums(t)
	p.Watermark = watermark.Spec{Kind: watermark.Percentile, Millionths: 900_000}
	o := cluster.Options{}
	o.Log.IdleAfter = engine.Second
	if _, err := cluster.Deploy(cluster.Job{Pipeline: p, Schema: readings, Feed: make(cluster.Feed, 1)}, o); err == nil ||
		!strings.Contains(err.Error(), "more than this watermark promises") {
		t.Errorf("idle records: %v", err)
	}
}

// A row too far in the future does not raise the watermark: the windows before it
// stay open, and the rows that follow are on time.
func TestRowsAheadDoNotMoveTheCut(t *testing.T) {
	p := sums(t)
	p.Watermark.AheadMax = 500_000
	feed := make(cluster.Feed, 1)
	add(t, feed, 0, "oslo", 1, 200_000)
	add(t, feed, 0, "oslo", 100, 900_000_000)
	feed[0][1].Due = engine.Instant(300 * engine.Millisecond)
	add(t, feed, 0, "oslo", 2, 700_000)
	d, err := cluster.Deploy(cluster.Job{Pipeline: p, Schema: readings, Feed: feed}, cluster.Options{OracleEvery: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Run(5*engine.Second, 5*engine.Second); err != nil {
		t.Fatal(err)
	}
	for _, id := range []engine.NodeID{4, 5} {
		switch a := d.Actor(id).(type) {
		case *serving.View:
			if cut, mark := a.Cut(); cut[0].Offset != 3 || mark != 700_000 || a.Len() != 0 {
				t.Errorf("the view stands at %v, watermark %d, with %d rows", cut, mark, a.Len())
			}
		case *kappa.Worker:
			if s := a.Status(); s.Reached[0].Frontier != 700_000 || s.State.Windows != 1 {
				t.Errorf("the worker stands at %+v", s)
			}
		default:
			t.Errorf("node %d is %T", id, a)
		}
	}
}

// A worker that meets a view to which a later attempt has published stops: it can
// never be right to go on.
func TestFencedWorkerStops(t *testing.T) {
	feed := make(cluster.Feed, 1)
	for i := range int64(8) {
		add(t, feed, 0, "oslo", i, i*800_000)
	}
	d, err := cluster.Deploy(cluster.Job{Pipeline: sums(t), Schema: readings, Feed: feed}, cluster.Options{World: sim.Options{FatalAllowed: true}})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.RunFor(4 * engine.Second); err != nil {
		t.Fatal(err)
	}
	v, ok := d.Actor(4).(*serving.View)
	if !ok {
		t.Fatal("no view")
	}
	cut, mark := v.Cut()
	d.Inject(d.Now(), 5, 4, serving.Publish{Epoch: 9, Lower: cut, Upper: cut, Watermark: mark})
	if err := d.RunFor(6 * engine.Second); err != nil {
		t.Fatal(err)
	}
	if err := d.Fatal(5); err == nil || errors.Unwrap(err) == nil || !strings.Contains(err.Error(), "later attempt") {
		t.Errorf("the worker ended with %v", err)
	}
}
