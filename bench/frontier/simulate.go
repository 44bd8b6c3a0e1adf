package frontier

import (
	"fmt"
	"slices"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/watermark"
	"parallax/scenarios"
	"parallax/scenarios/source"
)

// simulate runs the job once for each delay.
func (r *run) simulate() error {
	if r.opts.Delays == nil {
		return ErrDelays
	}
	if r.opts.ByPartition {
		return fmt.Errorf("%w: %s ones have no curves by partition", ErrWindows, r.plan.Window.Kind)
	}
	r.out.Simulated = true
	c := Curve{Partition: -1}
	for _, d := range r.opts.Delays {
		p := *r.plan.Pipeline
		p.Watermark.Kind, p.Watermark.Bounded = watermark.BoundedDisorder, d
		point, err := r.point(&p)
		if err != nil {
			return err
		}
		point.Delay = d
		c.Points = append(c.Points, point)
	}
	r.out.Curves = []Curve{c}
	return nil
}

// point runs a pipeline over the job's rows, one by one in the order of the file, and
// measures what came of it.
func (r *run) point(p *flow.Pipeline) (Point, error) {
	plan, err := r.rows.Plan(p)
	if err != nil {
		return Point{}, err
	}
	path := operator.NewPath(plan, len(r.rows.Partitions()))
	var waits []int64
	var pane operator.Pane
	err = r.rows.Each(source.ReadOptions{BatchRows: 1, FileOrder: true}, func(b *column.Batch) error {
		if err := path.Process(b); err != nil {
			return err
		}
		for path.Next(&pane) {
			if pane.Kind != operator.OnTime {
				continue
			}
			for i := range pane.Keys {
				_, end := pane.Window(i)
				waits = append(waits, b.Appends[0]-end)
			}
		}
		return nil
	})
	if err != nil {
		return Point{}, err
	}
	var c operator.Counts
	for part := range r.rows.Partitions() {
		c.Add(path.Windowed().Counts(part))
	}
	point := Point{
		Rows: c.Rows, RowsBehind: c.RowsBehind, RowsDropped: c.RowsDropped, Pairs: c.PairsOnTime + c.PairsRevised + c.PairsDropped,
		OnTime: c.PairsOnTime, Revised: c.PairsRevised, Dropped: c.PairsDropped, Fired: int64(len(waits)),
	}
	job := *r.job
	job.Pipeline = *p
	all, err := scenarios.Run(&job, scenarios.Options{})
	if err != nil {
		return Point{}, err
	}
	point.Windows, point.Incomplete = all.Summary.Windows, all.Summary.WindowsIncomplete
	if n := int64(len(waits)); n > 0 {
		slices.Sort(waits)
		at := func(percent int64) int64 { return waits[rank(n, percent)-1] }
		point.Latency = Latency{at(50), at(90), at(99), waits[n-1]}
	}
	return point, nil
}

// Strategy is a job's own watermark against bounded ones.
type Strategy struct {
	Watermark string // as the job file has it
	Point     Point
	// Same is the least delay with which at least as many pairs are kept; Regret is by
	// how much longer the strategy's windows waited than those, in µs at each rank.
	// A negative regret is a gain. Without such a delay on the curve, Found is false.
	Found  bool
	Same   int64
	Regret Latency
}

// strategy places the job's own watermark against the curve.
func (r *run) strategy() error {
	p := r.job.Pipeline
	point, err := r.point(&p)
	if err != nil {
		return err
	}
	s := &Strategy{Watermark: p.WatermarkText(), Point: point}
	points := r.out.Curves[0].Points
	at := slices.IndexFunc(points, func(p Point) bool { return p.Dropped <= point.Dropped })
	if at >= 0 {
		l, b := point.Latency, points[at].Latency
		s.Found, s.Same = true, points[at].Delay
		s.Regret = Latency{l.P50 - b.P50, l.P90 - b.P90, l.P99 - b.P99, l.Max - b.Max}
	}
	r.out.Strategy = s
	return nil
}
