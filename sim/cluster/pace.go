package cluster

import "parallax/engine"

// Periods of a deployment at pace 1, in ns, where neither the options nor an
// actor's own default decide.
const (
	beat          = 100 * engine.Millisecond
	fetchWait     = 500 * engine.Millisecond
	workerRetry   = 700 * engine.Millisecond
	producerRetry = 300 * engine.Millisecond
)

// stretch fills in the periods and lets all of them last Pace times as long, with
// the world's. What speaks of the data's time is left alone: when the world
// starts, when a batch is due, when a partition counts as idle.
func (o *Options) stretch() {
	if o.Pace < 1 {
		o.Pace = 1
	}
	for _, p := range [...]struct {
		ns  *int64
		def int64
	}{{&o.Log.Beat, beat}, {&o.Log.FetchWait, fetchWait}, {&o.Worker.Retry, workerRetry}} {
		if *p.ns == 0 {
			*p.ns = p.def
		}
		*p.ns *= o.Pace
	}
	o.Log.Election *= o.Pace // 0 stays: ten beats
	o.World = o.World.Stretched(o.Pace)
}
