package compare

import (
	"fmt"
	"strings"
	"time"

	"parallax/bench/costs"
	"parallax/bench/measure"
	"parallax/engine"
	"parallax/engine/kappa"
	"parallax/scenarios"
	"parallax/sim"
	"parallax/sim/cluster"
	"parallax/sim/fault"
)

// samples is about how often the size of all disks is taken in a run.
const samples = 256

// runKappa runs a job as a replicated log, a worker, and a view that it fills.
func runKappa(in *Input, c Case) (*Trial, error) {
	o := in.Stage.Options(&scenarios.ClusterOptions{Seed: c.Seed, Faults: c.Faults})
	o.Unchecked, o.AskEvery = true, -1
	o.Log.RetainBytes = 0 // a log that can be replayed
	o.World.Costs = costs.Default().World()
	thin(&o.World)
	d, err := cluster.Deploy(in.Stage.Job(in.with(c.Delay)), o)
	if err != nil {
		return nil, fmt.Errorf("compare: %s: %w", c, err)
	}
	r := newReader(in, c, false)
	var failed error
	d.OnPublish(func(p *cluster.Publication) {
		if failed == nil {
			failed = r.publish(micros(p.At), p.Cut, p.Watermark, p.Rows)
		}
		if w, ok := d.Actor(workerID(d)).(*kappa.Worker); ok {
			r.trial.Open = append(r.trial.Open, measure.Level{At: micros(p.At), Amount: int64(w.State().Slots)})
		}
		r.trial.Served = append(r.trial.Served, measure.Level{At: micros(p.At), Amount: int64(len(r.parts))})
	})
	sampleDisks(in, d.World, r.trial)
	if err := d.Run(in.Stage.Periods()); err != nil {
		return nil, fmt.Errorf("compare: %s: %w", c, err)
	}
	if err := d.RunFor(engine.Second * in.Stage.Pace); err != nil { // the last span becomes durable
		return nil, fmt.Errorf("compare: %s: %w", c, err)
	}
	if failed != nil {
		return nil, failed
	}
	t := r.finish()
	t.CalmNs = in.paced(d.CaughtUpNs())
	if n := len(t.News); n > 0 {
		t.Quiet = t.News[n-1]
	}
	t.Events, t.Hash = d.Stats().Events, d.Hash()
	t.Work = in.works(d.World, roleOf)
	t.Strikes = in.strikes(d.Fired())
	if !c.Faults {
		if t.Again, err = againKappa(in, d); err != nil {
			return nil, fmt.Errorf("compare: %s: %w", c, err)
		}
	}
	return t, nil
}

// thinning is how many times less often a family strikes than in runs that look for
// mistakes. Those break several things in each second, so that no cluster gets far; here
// readers' waits are to be measured, which takes one that works most of the time.
const thinning = 20

func thin(w *sim.Options) {
	for _, f := range fault.All() {
		if s := &w.Faults[f]; s.Rate > 0 {
			s.Rate = max(1, s.Rate/thinning)
		}
	}
}

// workerID is the worker's: behind the brokers and the view.
func workerID(d *cluster.Deployment) engine.NodeID { return engine.NodeID(d.Nodes() - 2) }

// roleOf is what a node does, by its name.
func roleOf(name string) string {
	role, _, _ := strings.Cut(name, "-")
	switch role {
	case "broker":
		return "log"
	case "producer", "client":
		return ""
	}
	return role
}

// works adds up what nodes have used by role; what has none brings the data or asks, and
// is nobody's cost.
func (in *Input) works(w *sim.World, role func(name string) string) []measure.Work {
	var list []measure.Work
	for i := range w.Nodes() {
		id := engine.NodeID(i + 1)
		list = in.addWork(list, role(w.Name(id)), w.Usage(id))
	}
	return list
}

func (in *Input) addWork(list []measure.Work, role string, u sim.Usage) []measure.Work {
	if role == "" {
		return list
	}
	w := measure.Work{Role: role, ProcessorNs: in.paced(u.BusyNs), Wrote: u.Wrote, Read: u.Read, Sent: u.Sent, Stored: u.Stored}
	for i := range list {
		if list[i].Role == role {
			list[i] = list[i].Plus(w)
			return list
		}
	}
	return append(list, w)
}

// sampleDisks notes now and then how much all disks hold.
func sampleDisks(in *Input, w *sim.World, t *Trial) {
	next, every := w.Now(), max(1, engine.Instant(in.Stage.DataNs()/samples))
	w.OnStep(func(w *sim.World) error {
		if w.Now() < next {
			return nil
		}
		next = w.Now() + every
		t.Stored = append(t.Stored, measure.Level{At: micros(w.Now()), Amount: int64(stored(w))})
		return nil
	})
}

// stored is how many bytes are on all disks.
func stored(w *sim.World) (sum uint64) {
	for i := range w.Nodes() {
		sum += w.Usage(engine.NodeID(i + 1)).Stored
	}
	return sum
}

// strikes are the faults that hit a node or a link, not a single message or write.
func (in *Input) strikes(fired []fault.Fault) (list []Strike) {
	for i := range fired {
		f := &fired[i]
		if g := f.Family.Group(); !f.Family.Timed() || g == fault.Clock || g == fault.Code {
			continue
		}
		list = append(list, Strike{
			At: micros(in.Stage.Start) + f.At.Microseconds(), Family: f.Family.String(), Node: f.Node, Peer: f.Peer,
			Lasts: int64(f.Lasts / time.Microsecond),
		})
	}
	return list
}
