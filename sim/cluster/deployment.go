package cluster

import (
	"errors"
	"fmt"
	"slices"

	"parallax/engine"
	"parallax/engine/blob/store"
	"parallax/engine/commitlog"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/kappa"
	"parallax/serving"
	"parallax/sim"
	"parallax/sim/story"
)

// Job is what a deployment runs.
type Job struct {
	Pipeline *flow.Pipeline
	Schema   column.Schema
	Feed     Feed
	// Story is what Feed was made of, so that faults can strike its rows; nil lets them
	// be.
	Story *story.Story
}

// Options of a deployment. Log.Brokers and Log.Topics, and all that the job
// decides, are filled in.
type Options struct {
	World   sim.Options
	Brokers int // 0 means 3
	Log     commitlog.Options
	Worker  kappa.WorkerOptions
	View    serving.Options

	// Pace stretches every period of the deployment, and the world's, so many
	// times: then the world's clock is the data's, and the cluster lives in
	// another, slower time. 0 means 1.
	Pace int64
	// AskEvery is the longest time, in ns at pace 1, between two questions of the
	// client; 0 means 400 ms, less than 0 that nobody asks.
	AskEvery int64
	// OracleEvery is after how many spans the view is compared with the oracle, on
	// top of the model; 0 means at the end only.
	OracleEvery int
	// Unchecked runs without model and invariants, to measure what they cost.
	Unchecked bool
	disks
}

// disks is what a deployment's data lies on.
type disks struct {
	// Unrestricted lets damage strike every disk, also where there is no other copy.
	// Then data may be destroyed, which Excused names, and safety alone is demanded.
	Unrestricted bool
	// Store has the worker's checkpoints kept by an object store, a node of its own, and
	// not on the worker's disk; Trouble is what it does to its clients.
	Store   bool
	Trouble store.Trouble
}

// topic is the name of the only topic.
const topic = "rows"

// Deployment is a job's nodes in one world.
type Deployment struct {
	*sim.World
	job       Job
	delivered *delivered
	opts      Options

	brokers  []engine.NodeID
	producer engine.NodeID
	worker   engine.NodeID
	view     engine.NodeID
	store    engine.NodeID // 0: there is none
	client   engine.NodeID
	beside   beside

	check *checker

	caughtUpNs int64    // how long the second phase took
	excused    []string // by what, when it did not catch up
}

// ErrPromises refuses records that brokers write into partitions that are idle: those
// tell the greatest event time of others, which is more than they have promised.
var ErrPromises = errors.New("cluster: idle records know the greatest event times only, which is more than this watermark promises")

// Deploy boots a job's nodes.
func Deploy(job Job, opts Options) (*Deployment, error) {
	opts.fill()
	opts.World.FatalAllowed = opts.World.FatalAllowed || opts.Unrestricted
	d := &Deployment{World: sim.New(opts.World), job: job, opts: opts}
	if opts.Log.IdleAfter > 0 && !simple(job.Pipeline) {
		return nil, ErrPromises
	}
	var err error
	if d.delivered, err = d.job.deliver(d.World, &opts.World); err != nil {
		return nil, err
	}
	roles, err := d.job.roles(&opts)
	if err != nil {
		return nil, err
	}
	d.brokers = opts.Log.Brokers
	d.view, d.worker, d.producer, d.store, d.client = opts.ids()
	for _, r := range roles {
		d.Boot(r.Name, r.Start, r.Decode)
	}
	if opts.Unrestricted {
		for _, r := range roles {
			d.Replicas(0, r.ID)
		}
	} else {
		d.Replicas(opts.Brokers/2+1, d.brokers...)
	}
	d.Receipts(d.producer, protocol.Produced{}.Kind())
	if err := d.bootClient(); err != nil {
		return nil, err
	}
	if !opts.Unchecked {
		if d.check, err = newChecker(d); err != nil {
			return nil, err
		}
		d.OnTrace(d.check.note)
		d.OnStep(d.check.step)
	}
	return d, nil
}

// partition names a partition of the only topic.
func partition(p int) protocol.PartitionID {
	return protocol.PartitionID{Topic: topic, Number: int32(p)}
}

// Run lets the world do its worst for so many ns and then gives it so many to
// catch up: all of the feed committed, and all of the log in the view, unless
// destroyed data excuses it. The times are the cluster's: with a pace, the world's are
// longer.
func (d *Deployment) Run(stormNs, calmNs int64) error {
	stormNs, calmNs = stormNs*d.opts.Pace, calmNs*d.opts.Pace
	if err := d.RunFor(stormNs); err != nil {
		return err
	}
	d.Calm()
	calm := d.Now()
	for end := calm + engine.Instant(calmNs); !d.caughtUp(); {
		if d.Now() >= end {
			if d.excused = d.excuses(); d.excused != nil {
				return d.gaveUp()
			}
		}
		if d.Now() >= end {
			return fmt.Errorf("%w within %d s: %s; %s", ErrLiveness, calmNs/d.opts.Pace/engine.Second, d.where(), d.opts.World.Reproduce)
		}
		if err := d.RunFor(100 * engine.Millisecond * d.opts.Pace); err != nil {
			return err
		}
	}
	d.caughtUpNs = int64(d.Now() - calm)
	if err := d.gaveUp(); d.opts.Unrestricted && err != nil {
		return err
	}
	if d.check == nil {
		return nil
	}
	return d.check.finally()
}

// CaughtUpNs is how long, in ns, it took to catch up when the world had become
// calm.
func (d *Deployment) CaughtUpNs() int64 { return d.caughtUpNs }

// Rows lists the view's rows, ascending by (start, key); nil while the view server
// is down. They are valid until the next step.
func (d *Deployment) Rows() []serving.Row {
	v, ok := d.Actor(d.view).(*serving.View)
	if !ok {
		return nil
	}
	var list []serving.Row
	v.Rows(func(r serving.Row) bool {
		list = append(list, r)
		return true
	})
	return slices.Clip(list)
}
