package cluster

import (
	"parallax/engine"
	"parallax/engine/commitlog"
	"parallax/engine/kappa"
	"parallax/serving"
)

// Metrics is how every actor of a deployment stands at one moment, as data. What
// belongs to a node that is down is empty.
type Metrics struct {
	Now      engine.Instant
	Brokers  [][]commitlog.PartitionStatus // by broker, then partition
	Producer kappa.ProducerStatus
	Worker   kappa.Status
	View     serving.Status

	// Lag is how many records of each partition are committed, as far as any
	// broker knows, and not yet in the view's answers.
	Lag []int64
}

// Metrics takes a snapshot. It changes nothing.
func (d *Deployment) Metrics() Metrics {
	m := Metrics{Now: d.Now()}
	for _, id := range d.brokers {
		var status []commitlog.PartitionStatus
		if b, ok := d.Actor(id).(*commitlog.Broker); ok {
			status = b.Status()
		}
		m.Brokers = append(m.Brokers, status)
	}
	if p, ok := d.Actor(d.producer).(*kappa.Producer); ok {
		m.Producer = p.Status()
	}
	if w, ok := d.Actor(d.worker).(*kappa.Worker); ok {
		m.Worker = w.Status()
	}
	v, ok := d.Actor(d.view).(*serving.View)
	if ok {
		m.View = v.Status()
	}
	for part := range d.job.Feed {
		lag := d.logEnd(part)
		if ok {
			lag -= m.View.Cut[part].Offset
		}
		m.Lag = append(m.Lag, max(lag, 0))
	}
	return m
}
