package frontier

import (
	"errors"
	"fmt"
	"slices"

	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
	"parallax/scenarios"
	"parallax/scenarios/source"
)

// JobOptions shape the curves of a job.
type JobOptions struct {
	Delays      []int64 // µs, ascending; nil: every one at which anything changes
	ByPartition bool    // a curve for each partition of the source, too
	Lag         bool    // windows published by the clock: see LagPoint
	Horizon     int64   // of Lag, µs
	Progress    func(done, total int64)
}

// Result is the curves of a job: of all rows, and behind it those of the partitions
// that were asked for.
type Result struct {
	Job         string
	PartitionBy []string
	Aggregates  []string
	Windows     string // as the job file has it
	Simulated   bool   // every delay was run by itself
	Own         int64  // the job's own delay, µs; -1 if its watermark is not of a bounded delay
	Curves      []Curve
	Strategy    *Strategy // the job's own watermark, where that is not of a bounded delay
}

// Curve is the points of all rows or of one partition.
type Curve struct {
	Partition int      // -1: all
	Values    []string // of the columns that decide a row's partition
	Points    []Point
	Lags      []LagPoint
}

// Errors of what cannot be asked of a job's windows.
var (
	// ErrDelays is returned where the delays must be named.
	ErrDelays = errors.New("these windows depend on which rows were kept, and are run again for each delay: name the delays")
	// ErrWindows is returned for windows without edges of their own.
	ErrWindows = errors.New("this takes tumbling or hopping windows")
)

// Run works the curves of a job out. Mistakes in the job are *[scenarios.Error],
// those in its data *[source.Error].
func Run(job *scenarios.Job, o JobOptions) (*Result, error) {
	rows, err := job.Open(o.Progress)
	if err != nil {
		return nil, err
	}
	job = untriggered(job)
	bounded := job.Pipeline
	bounded.Watermark, bounded.Marker = watermark.Spec{
		Across: job.Pipeline.Watermark.Across, AheadMax: job.Pipeline.Watermark.AheadMax,
		BatchRows: job.Pipeline.Watermark.BatchRows, BatchEvery: job.Pipeline.Watermark.BatchEvery,
	}, nil
	plan, err := rows.Plan(&bounded)
	if err != nil {
		return nil, err
	}
	if len(plan.After) > 0 {
		return nil, fmt.Errorf("%w of rows, and this job has windows over results", ErrWindows)
	}
	out := &Result{Job: job.Name, PartitionBy: job.Source.PartitionBy, Own: -1, Windows: flow.WindowText(plan.Window)}
	for i := range plan.Aggregates {
		out.Aggregates = append(out.Aggregates, plan.Aggregates[i].Name)
	}
	if kind := job.Pipeline.Watermark.Kind; kind == watermark.BoundedDisorder || kind == watermark.Monotonic {
		out.Own = job.Pipeline.Watermark.Bounded
	}
	r := run{job: job, rows: rows, plan: plan, opts: o, out: out}
	fixed := plan.Window.Kind == window.Tumbling || plan.Window.Kind == window.Hopping
	switch {
	case plan.Window.Numbered():
		return nil, fmt.Errorf("%w of time: the edges of count windows are numbers of rows, which all change when one row is left out", ErrWindows)
	case o.Lag && !fixed:
		return nil, fmt.Errorf("%w: %s ones have no end that a clock could wait for", ErrWindows, plan.Window.Kind)
	case o.Lag:
		err = r.lag()
	case !fixed || bounded.IdleAfter > 0 || apart(&bounded):
		err = r.simulate()
	default:
		err = r.curves()
	}
	if err == nil && !o.Lag && out.Own < 0 {
		err = r.strategy()
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// untriggered is a job without a trigger: a delay decides when a window is complete
// and what it loses, not what is told before.
func untriggered(job *scenarios.Job) *scenarios.Job {
	plain := *job
	plain.Pipeline.Steps = slices.DeleteFunc(slices.Clone(job.Pipeline.Steps), func(s flow.Step) bool { return s.Trigger != nil })
	return &plain
}

// apart tells whether what becomes of a row follows from more than its partition's
// frontier, or the least, and the end of its window.
func apart(p *flow.Pipeline) bool {
	return p.Late.PerElement || p.Watermark.Across == watermark.Max || p.Watermark.InBatches()
}

// run is one call of Run.
type run struct {
	job  *scenarios.Job
	rows *scenarios.Rows
	plan *flow.Plan
	opts JobOptions
	out  *Result
}

// options of the traces.
func (r *run) options() Options {
	p := r.plan.Pipeline
	return Options{
		Window: r.plan.Window, Allowed: p.Late.Allowed, Partitions: len(r.rows.Partitions()), Operator: p.Late.Rule == flow.Operator,
		Own: p.Watermark.Across == watermark.Own, Grain: r.grain(),
	}
}

// grain is a millisecond, unless a delay is no whole number of them: the edges of
// windows are.
func (r *run) grain() int64 {
	const ms = 1000
	w := &r.plan.Window
	for _, t := range append([]int64{w.Size, w.Every, w.Offset}, r.opts.Delays...) {
		if t%ms != 0 {
			return 0
		}
	}
	return ms
}

// each hands out the rows as the windows see them.
func (r *run) each(take func(b *column.Batch, rows *Rows, in *aggregate.Input) error) error {
	plan, err := r.rows.Plan(r.plan.Pipeline) // a path of its own for each pass
	if err != nil {
		return err
	}
	path := operator.NewPath(plan, len(r.rows.Partitions()))
	order := source.ReadOptions{FileOrder: r.plan.Pipeline.Late.Rule == flow.Operator}
	return r.rows.Each(order, func(b *column.Batch) error {
		in, err := path.Front(b)
		if err != nil {
			return err
		}
		selected, keys := path.Counted()
		p := int(b.Partition)
		return take(b, &Rows{
			Partition: p, Times: b.Times[:b.Rows], Appends: b.Appends, Frontiers: b.Frontiers, Select: selected, Keys: keys,
			After: path.Entry().Frontier(p),
		}, in)
	})
}

// curves are exact, from one pass over the rows; values take a second.
func (r *run) curves() error {
	parts := r.rows.Partitions()
	traces := []*Trace{NewTrace(r.options())}
	if r.opts.ByPartition {
		for range parts {
			traces = append(traces, NewTrace(r.options()))
		}
	}
	err := r.each(func(_ *column.Batch, b *Rows, _ *aggregate.Input) error {
		traces[0].Add(b)
		if !r.opts.ByPartition {
			return nil
		}
		for p, t := range traces[1:] {
			if p == b.Partition {
				t.Add(b)
			} else { // the others' frontier counts there, too
				t.Passed(b)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	errs := traces[0].Errors(r.plan.Functions())
	err = r.each(func(_ *column.Batch, b *Rows, in *aggregate.Input) error {
		errs.Add(b, in)
		return nil
	})
	if err != nil {
		return err
	}
	for i, t := range traces {
		c := Curve{Partition: i - 1}
		if i > 0 {
			c.Values = parts[i-1].Values
		}
		delays := r.opts.Delays
		if delays == nil {
			delays = t.Delays()
		}
		c.Points = t.Curve(delays)
		if i == 0 {
			errs.Fill(c.Points)
		}
		r.out.Curves = append(r.out.Curves, c)
	}
	return nil
}

// lag works out windows that are published by the clock.
func (r *run) lag() error {
	parts := r.rows.Partitions()
	lags := []*Lags{NewLags(r.plan.Window, r.opts.Horizon)}
	if r.opts.ByPartition {
		for range parts {
			lags = append(lags, NewLags(r.plan.Window, r.opts.Horizon))
		}
	}
	err := r.each(func(_ *column.Batch, b *Rows, _ *aggregate.Input) error {
		for i, l := range lags {
			for _, at := range b.Appends {
				l.Arrived(at)
			}
			if i == 0 || i == 1+b.Partition {
				l.Add(b)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, l := range lags {
		c := Curve{Partition: i - 1}
		if i > 0 {
			c.Values = parts[i-1].Values
		}
		at := r.opts.Delays
		if at == nil {
			at = l.Lags()
		}
		c.Lags = l.Curve(at)
		r.out.Curves = append(r.out.Curves, c)
	}
	return nil
}
