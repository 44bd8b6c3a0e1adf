package compare

import (
	"fmt"
	"strings"

	"parallax/bench/costs"
	"parallax/engine"
	"parallax/engine/commitlog"
	"parallax/engine/flow/fold"
	"parallax/scenarios"
	"parallax/sim/cluster/lambda"
	"parallax/speed"
)

// runLambda runs a job as an archive of the log, batch views of it, and servers that add
// to a view what the log holds behind it. What comes too late for the speed layer counts
// with the next batch; but where answers do not add up, servers go on from the operators'
// state at a batch's cut, and nothing is repaired. It has one server, as Kappa has one view,
// and nobody but the reader asks, whose questions are no work.
func runLambda(in *Input, c Case) (*Trial, error) { return runLayers(in, c, reachOf) }

func runLayers(in *Input, c Case, of func(s *speed.Server) reach) (*Trial, error) {
	d, err := in.deployLayers(c, commitlog.Options{})
	if err != nil {
		return nil, err
	}
	l := newLooker(in, c, d.World)
	l.of = of
	d.OnStep(l.look)
	sampleDisks(in, d.World, l.trial)
	if err := in.runOut(d); err != nil {
		return nil, fmt.Errorf("compare: %s: %w", c, err)
	}
	l.next = 0
	if err := l.look(d.World); err != nil {
		return nil, err
	}
	l.next = 1<<63 - 1 // what comes is about the cost of answering anew
	t := l.finish()
	t.CalmNs = in.paced(d.CaughtUpNs())
	if n := len(t.News); n > 0 {
		t.Quiet = t.News[n-1]
	}
	t.Events, t.Hash = d.Stats().Events, d.Hash()
	t.Work, t.Strikes = in.works(d.World, layerOf), in.strikes(d.Fired())
	if !c.Faults {
		if t.Again, err = againLambda(in, d, c.Delay); err != nil {
			return nil, fmt.Errorf("compare: %s: %w", c, err)
		}
	}
	return t, nil
}

// deployLayers boots a Lambda system for a case; log is what its log keeps, by default
// everything, and in how large segments.
func (in *Input) deployLayers(c Case, log commitlog.Options) (*lambda.Deployment, error) {
	k := in.Stage.Options(&scenarios.ClusterOptions{Seed: c.Seed, Faults: c.Faults})
	o := lambda.Options{
		World: k.World, Log: k.Log, Pace: in.Stage.Pace, CheckEvery: -1, AskEvery: -1, Servers: 1,
		Batch: lambda.Batch{Every: c.Batch * engine.Microsecond, Complete: in.replayed == ""},
	}
	o.Log.RetainBytes, o.Log.SegmentBytes = log.RetainBytes, log.SegmentBytes
	o.World.Costs = costs.Default().World()
	thin(&o.World)
	d, err := lambda.Deploy(lambda.Job{Pipeline: in.with(c.Delay), Schema: in.Stage.Schema, Feed: in.Stage.Feed}, o)
	if err != nil {
		return nil, fmt.Errorf("compare: %s: %w", c, err)
	}
	return d, nil
}

// runOut lets all data come and everything catch up with it.
func (in *Input) runOut(d *lambda.Deployment) error {
	storm, calm := in.Stage.Periods()
	return d.Run(max(storm, int64(d.LastMarker()-in.Stage.Start)/in.Stage.Pace+2*engine.Second), calm)
}

// segments is in how many parts a log that is trimmed is kept, so that most of what may be
// forgotten is.
const segments = 64

// trimmed is the most that a Lambda system keeps on all disks whose log forgets what no
// reader is going to ask for, as its archive has it.
func trimmed(in *Input, c Case) (int64, error) {
	d, err := in.deployLayers(c, commitlog.Options{RetainBytes: 1, SegmentBytes: max(1<<12, in.bytes/int64(segments*in.Stage.Partitions))})
	if err != nil {
		return 0, err
	}
	var t Trial
	sampleDisks(in, d.World, &t)
	if err := in.runOut(d); err != nil {
		return 0, fmt.Errorf("compare: %s: %w", c, err)
	}
	peak := int64(stored(d.World))
	for _, l := range t.Stored {
		peak = max(peak, l.Amount)
	}
	return peak, nil
}

// layerOf is what a node of a Lambda system does, by its name.
func layerOf(name string) string {
	role, _, _ := strings.Cut(name, "-")
	switch role {
	case "broker":
		return "log"
	case "producer", "client", "metronome":
		return ""
	case "server":
		return "speed"
	case "store":
		return "blob"
	}
	return role
}

// takesLayers says why two layers cannot answer a job, if they cannot.
func takesLayers(in *Input) error {
	way, why := fold.Choose(in.plan, in.Stage.Partitions)
	switch b := &in.Job.Batch; {
	case way == fold.Neither:
		return fmt.Errorf("two layers cannot answer it: %s", why)
	case way == fold.Replay && b.Said && !b.Same:
		return fmt.Errorf("late=complete needs answers that add up, and this job's do not: %s; use late=same", why)
	}
	return nil
}
