package cluster

// Property catches-up: once the faults are over, everything that was sent is in the view
// within a bounded time. [Deployment.Run] is given the bound; only data that was
// destroyed excuses a run from it, see [Deployment.Excused].

import (
	"errors"
	"fmt"

	"parallax/engine/commitlog"
	"parallax/engine/kappa"
	"parallax/serving"
)

// ErrLiveness is a world that is calm and does not catch up.
var ErrLiveness = errors.New("cluster: does not catch up")

// caughtUp reports whether nothing is left to be done.
func (d *Deployment) caughtUp() bool {
	p, ok := d.Actor(d.producer).(*kappa.Producer)
	if !ok || !p.Done() {
		return false
	}
	v, ok := d.Actor(d.view).(*serving.View)
	if !ok {
		return false
	}
	cut, _ := v.Cut()
	for part, c := range cut {
		// Brokers that are down, or have just come back, know of no end.
		if c.Offset < max(d.logEnd(part), d.job.Feed.records(part)) {
			return false
		}
	}
	return true
}

// logEnd is the greatest offset that any broker has applied up to.
func (d *Deployment) logEnd(part int) int64 {
	end := int64(0)
	for _, id := range d.brokers {
		if b, ok := d.Actor(id).(*commitlog.Broker); ok {
			end = max(end, b.Ends(nil)[part])
		}
	}
	return end
}

// where says in one line how far everything is.
func (d *Deployment) where() string {
	s := ""
	if p, ok := d.Actor(d.producer).(*kappa.Producer); ok {
		for part := range d.job.Feed {
			s += fmt.Sprintf("producer %d of %d; ", p.Acked(int32(part)), len(d.job.Feed[part]))
		}
	}
	if w, ok := d.Actor(d.worker).(*kappa.Worker); ok {
		s += fmt.Sprintf("worker at %v, silent %v; ", w.Status().Reached, w.Status().Silent)
	}
	if v, ok := d.Actor(d.view).(*serving.View); ok {
		cut, _ := v.Cut()
		s += fmt.Sprintf("view at %v; ", cut)
	}
	for part := range d.job.Feed {
		s += fmt.Sprintf("log %d ends at %d; ", part, d.logEnd(part))
	}
	return s
}
