package scenarios

import (
	"errors"
	"fmt"
	"log/slog"

	"parallax/engine"
	"parallax/engine/blob/store"
	"parallax/engine/commitlog"
	"parallax/engine/flow"
	"parallax/engine/kappa"
	"parallax/sim"
	"parallax/sim/cluster"
	"parallax/sim/cluster/lambda"
)

// ClusterOptions shape the run of a job as a simulated cluster.
type ClusterOptions struct {
	Seed    uint64
	Faults  bool  // as the seed chooses them, sim.Swarm
	Brokers int   // 0 means 3
	Pace    int64 // cluster time is the data's divided by it; 0: the least with which a run stays short
	// Reproduce is the line that a failure prints.
	Reproduce string
	Progress  func(done, total int64) // of the run's time
	Log       slog.Handler            // gets a record of everything that happens to the nodes, stamped by the data's time
	Metrics   func(cluster.Metrics)   // gets how every actor stands, each second of the cluster's time and at the end

	plant       func(*cluster.Options) // a mistake, to see that it is found
	plantLayers func(*lambda.Options)  // likewise, of a Lambda system
}

// The verdicts on a run.
const (
	Pass         = "pass"
	Violated     = "violated"
	Inconclusive = "inconclusive"
)

// ClusterRun is what came of a run.
type ClusterRun struct {
	Verdict string
	Why     error  // nil for a pass
	Kind    string // of a violation: safety, liveness

	Pace       int64
	Partitions int
	Rows       int64
	Batches    int
	DataNs     int64 // from the first arrival until everything was due
	ClusterNs  int64 // how long the run took the cluster
	Hash       uint64
	CostsHash  uint64
	Tally      cluster.Tally
	Layers     *LayersRun // of a Lambda system
	Results    *Table     // the final view; nil unless it is a pass
	Overflows  int        // results that do not fit their type and are null
}

// Times of a run, in the cluster's time.
const (
	stormMinNs = 10 * engine.Second  // so that faults have time to come
	stormNs    = 300 * engine.Second // the default pace keeps the data's arrivals within it
	calmNs     = 120 * engine.Second // everything must have caught up within it
)

// paceMax keeps instants within 64 bits.
const paceMax = 1_000_000

// errNothing marks runs from which nothing can be concluded.
var (
	errNoRows   = errors.New("the source has no rows: nothing was checked")
	errNoFaults = errors.New("faults were asked for and none fired: nothing was shown that a run without them does not show")
)

// RunCluster runs a job as a cluster in a simulated world: a producer brings the
// rows into a replicated log when they arrive, a worker aggregates them, a view
// serves the answers, a client asks for them, and all of that is checked after
// every event. Mistakes in the job are *[Error], those in its data *[source.Error];
// what the run shows is in the result.
func RunCluster(job *Job, o ClusterOptions) (*ClusterRun, error) {
	stage, err := job.Stage(o.Pace)
	if err != nil {
		return nil, err
	}
	run := &ClusterRun{Verdict: Inconclusive, Why: errNoRows, Rows: stage.Rows, Partitions: stage.Partitions, Pace: stage.Pace}
	if stage.Rows == 0 {
		return run, nil
	}
	run.DataNs = stage.DataNs()
	options := stage.Options(&o)
	if o.plant != nil {
		o.plant(&options)
	}
	d, err := cluster.Deploy(stage.Job(&job.Pipeline), options)
	if err != nil {
		return nil, job.place(err)
	}
	o.watch(d, stage.Start, stage.End, run.Pace)
	err = d.Run(stage.Periods())
	if o.Metrics != nil {
		o.Metrics(d.Metrics())
	}
	run.measure(d, stage.Feed, stage.Start)
	run.CostsHash = options.World.Stretched(run.Pace).Costs.Hash()
	run.judge(err, o.Faults)
	if run.Verdict != Pass {
		return run, nil
	}
	run.Results, run.Overflows, err = newViewTable(stage.in.plan).finish(d.Rows())
	return run, err
}

// openCluster opens a job's data and finds out when its rows arrive.
func (j *Job) openCluster() (*input, span, error) {
	in, err := j.open(nil)
	if err != nil {
		return nil, span{}, err
	}
	if n := len(in.file.Partitions()); n > partitionsMax {
		return nil, span{}, fmt.Errorf("scenarios: %d partitions are too many for a run: each is a replicated log of its own, and %d is the limit", n, partitionsMax)
	}
	arrivals, err := in.arrivals()
	if err != nil {
		return nil, span{}, in.explain(err)
	}
	return in, arrivals, nil
}

// pace is the one that was asked for, or for 0 the least with which the arrivals
// take the cluster no longer than a storm.
func (s span) pace(asked int64) (int64, error) {
	pace := asked
	if pace == 0 {
		pace = 1 + int64(instantOf(s.last)-instantOf(s.first))/stormNs
	}
	if pace < 1 || pace > paceMax {
		return 0, fmt.Errorf("scenarios: a pace of %d is not in 1..%d", pace, int64(paceMax))
	}
	return pace, nil
}

// checkLog refuses answers that do not follow from the log.
func (j *Job) checkLog() error {
	if err := j.checkStrategy(); err != nil {
		return err
	}
	if j.Pipeline.Late.Rule == flow.Operator {
		return j.unchecked("late.rule", "a run with faults cannot be checked with the rule operator: "+
			"what is late then depends on how partitions interleave, not on the log; use log")
	}
	for i := range j.Pipeline.Steps {
		if j.Pipeline.Steps[i].Trigger != nil {
			return j.unchecked(stepPath(i, "trigger"), "a run with faults is checked after every event, what the worker keeps included, "+
				"and its model knows no triggers: leave it out; what is final is the same")
		}
	}
	return nil
}

// checkCluster refuses what a run cannot check.
func (j *Job) checkCluster() error {
	if err := j.checkLog(); err != nil {
		return err
	}
	over := false
	for i := range j.Pipeline.Steps {
		if j.Pipeline.Steps[i].Aggregates != nil {
			over = true
		} else if over && j.Pipeline.Steps[i].Window != nil {
			return j.unchecked(fmt.Sprintf("pipeline[%d].window", i), "a run with faults cannot be checked with windows over results: "+
				"its model judges rows, not results")
		}
		if w := j.Pipeline.Steps[i].Window; w != nil && !cluster.Knows(w.Kind) {
			return j.unchecked(stepPath(i, "window"), "a run with faults cannot be checked with windows of this "+
				"kind: its model knows tumbling and hopping ones, and sessions")
		}
	}
	return nil
}

// stepPath is where a step's value stands in a job.
func stepPath(step int, key string) string { return fmt.Sprintf("pipeline[%d].%s", step, key) }

func (j *Job) refuse(path, msg string) error {
	if j.root == nil {
		return fmt.Errorf("scenarios: %s: %s", path, msg)
	}
	return j.root.find(path).errorf("%s", msg)
}

// unchecked refuses what is right and only cannot be checked.
func (j *Job) unchecked(path, msg string) error {
	err := j.refuse(path, msg)
	var e *Error
	if errors.As(err, &e) {
		e.unchecked = true
		return e
	}
	return fmt.Errorf("%w: %w", cluster.ErrUnknown, err)
}

// clusterOptions are all sizes of a deployment, and its world; the pace stretches
// periods.
func clusterOptions(job *Job, o *ClusterOptions, feed cluster.Feed, start engine.Instant) cluster.Options {
	bytes := int64(0)
	for _, part := range feed {
		for i := range part {
			bytes += int64(len(part[i].Payload))
		}
	}
	all := sizes(bytes, len(feed))
	all.World = sim.Options{Seed: o.Seed}
	if o.Faults {
		all.World = sim.Swarm(o.Seed)
	}
	all.World.Start, all.World.Reproduce, all.Brokers = start, o.Reproduce, o.Brokers
	all.Log.IdleAfter = job.IdleAfter * engine.Microsecond
	if all.Store = job.Store; o.Faults {
		all.Trouble = store.Trouble{Seed: o.Seed, Busy: storeTrouble, Lose: storeTrouble, SlowList: storeTrouble}
	}
	return all
}

// storeTrouble is how often, in parts per million, an object store among faults is busy,
// loses a reply, or takes its time to list.
const storeTrouble = 100_000

// sizes are those of segments, retention and checkpoints. They go by the size of the
// log, so that each of them happens several times in a run, and recovery stays short.
func sizes(bytes int64, partitions int) cluster.Options {
	share := max(4<<10, bytes/int64(partitions)/16)
	return cluster.Options{
		Log:    commitlog.Options{SegmentBytes: min(2*share, 4<<20), RetainBytes: min(share, 1<<20)},
		Worker: kappa.WorkerOptions{Checkpoint: kappa.CheckpointOptions{Bytes: max(4<<10, bytes/16)}},
	}
}

// watch tells whoever wants to know how a run goes. None of it changes the run.
func (o *ClusterOptions) watch(d *cluster.Deployment, start, end engine.Instant, pace int64) {
	if o.Progress != nil {
		d.OnStep(ticks(d.World, start, end, o.Progress))
	}
	if o.Log != nil {
		d.LogTo(o.Log)
	}
	if o.Metrics == nil {
		return
	}
	next := start
	d.OnStep(func(w *sim.World) error {
		if w.Now() >= next {
			o.Metrics(d.Metrics())
			next = w.Now() + engine.Instant(engine.Second*pace)
		}
		return nil
	})
}

// ticks tells now and then how far a world is.
func ticks(w *sim.World, start, end engine.Instant, tell func(done, total int64)) func(*sim.World) error {
	const stride = 4096
	n := 0
	return func(*sim.World) error {
		if n++; n%stride == 0 {
			tell(int64(min(w.Now(), end)-start), int64(end-start))
		}
		return nil
	}
}

// measure notes what a deployment has done.
func (r *ClusterRun) measure(d *cluster.Deployment, feed cluster.Feed, start engine.Instant) {
	for _, part := range feed {
		r.Batches += len(part)
	}
	r.ClusterNs = int64(d.Now()-start) / r.Pace
	r.Hash, r.Tally = d.Hash(), d.Tally()
}

// judge makes a verdict of a run's error.
func (r *ClusterRun) judge(err error, faults bool) {
	switch {
	case errors.Is(err, cluster.ErrLiveness):
		r.Verdict, r.Kind, r.Why = Violated, "liveness", err
	case err != nil:
		r.Verdict, r.Kind, r.Why = Violated, "safety", err
	case faults && r.Fired() == 0:
		r.Verdict, r.Why = Inconclusive, errNoFaults
	default:
		r.Verdict, r.Why = Pass, nil
	}
}

// Fired is how many faults there were.
func (r *ClusterRun) Fired() uint64 {
	return r.Tally.Faults
}
