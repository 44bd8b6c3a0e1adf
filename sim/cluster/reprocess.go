package cluster

import (
	"errors"
	"fmt"
	"slices"

	"parallax/engine"
	"parallax/engine/flow"
	"parallax/serving"
	"parallax/sim"
)

var errChecked = errors.New("cluster: a checked deployment has one view")

// Reprocess does what a Kappa job does behind a mistake in its code: a new worker reads
// the log from its beginning and fills a new view beside the old one, which could take
// its place. It wants an unchecked deployment that has run, because the model knows of one
// view alone, and a log that keeps everything; it gives up after so many ns of the
// cluster's time. ns is the world's time until the new view stands where the old one does;
// nodes is what each has used meanwhile, from id 1 on, the new view and worker last.
func (d *Deployment) Reprocess(limitNs int64) (ns int64, nodes []sim.Usage, err error) {
	old, ok := d.Actor(d.view).(*serving.View)
	if !ok {
		return 0, nil, fmt.Errorf("%w: the view is down", ErrLiveness)
	}
	target, _ := old.Cut()
	before := d.usage()
	began := d.Now()
	view, err := d.Beside(d.job.Pipeline)
	if err != nil {
		return 0, nil, err
	}
	for {
		if v, ok := d.Actor(view).(*serving.View); ok {
			if cut, _ := v.Cut(); slices.Equal(cut, target) {
				break
			}
		}
		if int64(d.Now()-began) > limitNs*d.opts.Pace {
			return 0, nil, fmt.Errorf("%w: reprocessing within %d s", ErrLiveness, limitNs/engine.Second)
		}
		if err := d.RunFor(engine.Millisecond * d.opts.Pace); err != nil {
			return 0, nil, err
		}
	}
	for i, u := range d.usage() {
		if i < len(before) {
			was := before[i]
			u.BusyNs, u.Sent, u.Wrote, u.Read = u.BusyNs-was.BusyNs, u.Sent-was.Sent, u.Wrote-was.Wrote, u.Read-was.Read
		}
		nodes = append(nodes, u)
	}
	return int64(d.Now() - began), nodes, nil
}

// Beside boots a worker of other code, or of the same again, with a view of its own: it
// reads the log from its beginning, which must be kept, and goes on like the old one.
// view is the node of the new view. It wants an unchecked deployment. [Deployment.ChangeOver]
// may follow it.
func (d *Deployment) Beside(p *flow.Pipeline) (view engine.NodeID, err error) {
	if d.check != nil {
		return 0, errChecked
	}
	job := d.job
	job.Pipeline = p
	plan, err := p.Plan(job.Schema)
	if err != nil {
		return 0, err
	}
	d.beside.codes++
	view = d.Boot(d.beside.name("view"), serving.Start(job.viewOptions(&d.opts, plan)), decode)
	worker := d.Boot(d.beside.name("worker"), job.startWorker(&d.opts, d.beside.name("view"), view), decode)
	d.beside.pipeline, d.beside.view, d.beside.worker = p, view, worker
	return view, nil
}

// beside is the latest code that was put beside a deployment's own.
type beside struct {
	codes        int // so far
	pipeline     *flow.Pipeline
	view, worker engine.NodeID
}

// name is that of a program of the latest code: the second worker is worker-2.
func (b *beside) name(program string) string { return fmt.Sprintf("%s-%d", program, b.codes+1) }

// ChangeOver sends whoever asks to the view that Beside has booted last, and retires the
// programs of the code before.
func (d *Deployment) ChangeOver() {
	for _, id := range []engine.NodeID{d.client, d.worker, d.view} {
		d.Retire(id)
	}
	b := &d.beside
	d.job.Pipeline, d.view, d.worker = b.pipeline, b.view, b.worker
	d.client = d.Boot(b.name("client"), startClient(client{view: d.view, everyNs: d.opts.AskEvery * d.opts.Pace}), decode)
}

// usage is that of all nodes, by id from 1 on.
func (d *Deployment) usage() (list []sim.Usage) {
	for id := range d.Nodes() {
		list = append(list, d.Usage(engine.NodeID(id+1)))
	}
	return list
}
