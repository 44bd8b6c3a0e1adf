package lambda

import (
	"errors"
	"fmt"

	"parallax/batch/job"
	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow"
	"parallax/serving/layered"
	"parallax/speed"
)

// recomputing is code that is put in the place of a deployment's own.
type recomputing struct {
	codes   int // so far
	code    code
	batch   engine.NodeID // 0 if there is none
	servers []engine.NodeID
}

var (
	errTwice   = errors.New("lambda: a deployment that is being recomputed changes over first")
	errChecked = errors.New("lambda: a checked deployment has one code")
)

// Recompute does what a Lambda system does behind a mistake in its code: a second batch job
// folds everything that is archived by the code given, into a view beside the old one, and
// goes on like that. It wants an unchecked deployment. [Deployment.Serve] and
// [Deployment.ChangeOver] follow it.
func (d *Deployment) Recompute(p *flow.Pipeline) error {
	r := &d.next
	switch {
	case d.check != nil:
		return errChecked
	case r.batch != 0:
		return errTwice
	}
	r.codes++
	number := r.codes + 1
	r.code = code{p, fmt.Sprint("v", number), fmt.Sprint("view-", number)}
	r.batch = d.Boot(fmt.Sprint("batch-", number), d.startJob(r.code), job.Decode)
	return nil
}

// Serve boots servers of the code given to Recompute, as soon as its view is published:
// before that they would read the whole log, which the batch layer is there to spare them.
// It tells whether they are there, and is called again until they are.
func (d *Deployment) Serve() bool {
	r := &d.next
	if len(r.servers) > 0 {
		return true
	}
	j, ok := d.Actor(r.batch).(*job.Job)
	if !ok || j.Head() == nil || j.Head().Marker == 0 {
		return false
	}
	for i := range d.opts.Servers {
		number := d.opts.Servers*r.codes + i
		r.servers = append(r.servers, d.Boot(serverName(number), d.startServer(number, r.code), speed.Decode))
	}
	return true
}

// ChangeOver sends whoever asks to the servers that Serve has booted, and retires the
// programs of the code before. A client of its own comes with them: what it has seen of
// another view's numbers would mean nothing.
func (d *Deployment) ChangeOver() {
	for _, id := range append([]engine.NodeID{d.batch}, d.servers...) {
		d.Retire(id)
	}
	r := &d.next
	d.job.Pipeline, d.batch, d.servers = r.code.pipeline, r.batch, r.servers
	if d.client != 0 {
		d.Retire(d.client)
		d.client = d.Boot(fmt.Sprint("client-", r.codes+1), startClient(d.servers, d.opts.AskEvery), decode)
	}
	*r = recomputing{codes: r.codes}
}

// Cuts are how far the first server has come, and the first of those that Serve has booted;
// nil for one that is not there, or has no view yet.
func (d *Deployment) Cuts() (own, next []protocol.Cut) {
	if s := d.server(d.servers); s != nil {
		own = s.Cut()
	}
	if s := d.server(d.next.servers); s != nil && s.Head().Marker > 0 {
		next = s.Cut()
	}
	return own, next
}

// Answer is everything that the first server says now, or that of the next code; Behind
// if it can say nothing.
func (d *Deployment) Answer(next bool) (layered.Told, error) {
	list := d.servers
	if next {
		list = d.next.servers
	}
	if s := d.server(list); s != nil {
		return all(s)
	}
	return layered.Told{Behind: true}, nil
}

// server is the first of some, nil if it is down or has not begun.
func (d *Deployment) server(list []engine.NodeID) *speed.Server {
	if len(list) == 0 {
		return nil
	}
	if s, ok := d.Actor(list[0]).(*speed.Server); ok && s.Head() != nil {
		return s
	}
	return nil
}
