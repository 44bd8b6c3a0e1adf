package scenarios

import (
	"fmt"

	"parallax/engine"
	"parallax/engine/flow"
	"parallax/engine/flow/fold"
	"parallax/engine/flow/watermark"
	"parallax/sim/cluster/lambda"
)

// LayersRun is what only a run as a Lambda system shows.
type LayersRun struct {
	EveryNs int64 // between two markers
	Late    string
	Way     string // merge, or replay
	Why     string // if not by merging
	Markers uint64
	lambda.Tally
}

// batchesNs is how far apart, in the cluster's time, cuts of the batch layer may lie at
// least: it has to read, fold and publish in between.
const batchesNs = 200 * engine.Millisecond

// compareRows is with how many rows one answer in two is compared: each is computed from
// scratch, of all rows below its cut.
const compareRows = 1000

// RunLayers runs a job as a Lambda system in a simulated world: the log with its
// producer, a metronome that writes markers, an archiver, a batch job, an object store
// that makes trouble, and two servers that add the log behind a batch view to the view.
// What does not add up goes on from the operators' state at a view's cut instead. Answers
// are checked as RunCluster checks them.
func RunLayers(job *Job, o ClusterOptions, b Batch) (*ClusterRun, error) {
	stage, err := job.LayersStage(o.Pace)
	if err != nil {
		return nil, err
	}
	b, way, why, err := stage.Layers(b)
	if err != nil {
		return nil, err
	}
	if k := job.Pipeline.Watermark.Kind; way == fold.Replay && k != watermark.BoundedDisorder && k != watermark.Monotonic {
		return nil, job.unchecked("watermark."+k.String(), "answers that go on from a state are checked for watermarks that follow the "+
			"greatest event time; use bounded or monotonic, or parallax results --path lambda")
	}
	run := &ClusterRun{Verdict: Inconclusive, Why: errNoRows, Rows: stage.Rows, Partitions: stage.Partitions, Pace: stage.Pace}
	if stage.Rows == 0 {
		return run, nil
	}
	run.DataNs = stage.DataNs()
	options, err := layersOptions(stage, &o, b)
	if err != nil {
		return nil, err
	}
	if o.plantLayers != nil {
		o.plantLayers(&options)
	}
	d, err := lambda.Deploy(lambda.Job{Pipeline: &job.Pipeline, Schema: stage.Schema, Feed: stage.Feed}, options)
	if err != nil {
		return nil, job.place(err)
	}
	if o.Progress != nil {
		d.OnStep(ticks(d.World, stage.Start, d.LastMarker(), o.Progress))
	}
	storm, calm := stage.Periods()
	storm = max(storm, int64(d.LastMarker()-stage.Start)/stage.Pace+engine.Second)
	err = d.Run(storm, calm)
	for _, part := range stage.Feed {
		run.Batches += len(part)
	}
	run.ClusterNs = int64(d.Now()-stage.Start) / stage.Pace
	run.Hash, run.Tally.Stats = d.Hash(), d.Stats()
	run.Layers = &LayersRun{EveryNs: options.Batch.Every, Late: b.late(), Way: way.String(), Why: why, Markers: d.Markers(), Tally: d.Tally()}
	run.Tally.Answers, run.Tally.AnswerRows = run.Layers.Answers, run.Layers.Rows
	run.CostsHash = options.World.Stretched(run.Pace).Costs.Hash()
	run.judge(err, o.Faults)
	if run.Verdict != Pass {
		return run, nil
	}
	rows, err := d.Rows()
	if err != nil {
		return run, err
	}
	view := newViewTable(stage.in.plan)
	if err := view.answered(rows); err != nil {
		return run, err
	}
	run.Results, err = view.results()
	return run, err
}

// layersOptions are all sizes of a deployment, and its world.
func layersOptions(stage *Stage, o *ClusterOptions, b Batch) (lambda.Options, error) {
	base := stage.Options(o)
	every, err := stage.BatchEvery(b)
	if err != nil {
		return lambda.Options{}, err
	}
	options := lambda.Options{
		World: base.World, Brokers: base.Brokers, Log: base.Log, Batch: lambda.Batch{Every: every, Complete: !b.Same}, Pace: stage.Pace,
		CheckEvery: 1 + int(stage.Rows/compareRows),
	}
	if o.Faults {
		options.Trouble.Seed = o.Seed
		options.Trouble.Busy, options.Trouble.Lose, options.Trouble.SlowList = 50_000, 50_000, 100_000
	}
	return options, nil
}

// BatchEvery is how far apart in ns, in the data's time, a batch layer's cuts lie: as
// asked for, or eight to the whole. It refuses what leaves the layer no time in between.
func (s *Stage) BatchEvery(b Batch) (int64, error) {
	every := b.Every * engine.Microsecond
	if every == 0 {
		const periods = 8
		every = max(s.DataNs()/periods, engine.Second*s.Pace)
	}
	if least := batchesNs * s.Pace; every < least {
		return 0, s.job.refuse("batch.every", fmt.Sprintf(
			"at pace %d, a batch every %s of the data is one every %d ms of the cluster's time, in which it cannot read, fold and publish: every=%s at least, or a smaller --pace",
			s.Pace, flow.FormatDuration(every/engine.Microsecond), every/s.Pace/engine.Millisecond, flow.FormatDuration(least/engine.Microsecond)))
	}
	return every, nil
}
