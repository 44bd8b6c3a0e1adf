package compare

import (
	"errors"
	"fmt"
	"slices"

	"parallax/bench/measure"
	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/sim"
	"parallax/sim/cluster"
	"parallax/sim/cluster/lambda"
)

// rerun is what it took to answer everything again, as behind a mistake in the code.
type rerun struct {
	Ns     int64
	Work   []measure.Work
	Stored uint64 // when the new answers stand beside the old ones
}

// againNs is how long answering everything again may take, in the cluster's time.
const againNs = 600 * engine.Second

// againKappa answers everything anew, behind a run: a second worker reads the log from its
// beginning and fills a second view.
func againKappa(in *Input, d *cluster.Deployment) (*rerun, error) {
	ns, nodes, err := d.Reprocess(againNs)
	if err != nil {
		return nil, err
	}
	a := &rerun{Ns: in.paced(ns), Stored: stored(d.World)}
	for i, u := range nodes {
		a.Work = in.addWork(a.Work, roleOf(d.Name(engine.NodeID(i+1))), u)
	}
	return a, nil
}

var errAgain = errors.New("the second view does not catch up")

// againLambda does so by a second batch job, which folds the archive, and a server that
// goes on from its view, until that stands where the first one does.
func againLambda(in *Input, d *lambda.Deployment, delay int64) (*rerun, error) {
	before, began := usage(d.World), d.Now()
	if err := d.Recompute(in.with(delay)); err != nil {
		return nil, err
	}
	for {
		d.Serve()
		if old, now := d.Cuts(); now != nil && slices.EqualFunc(old, now, func(a, b protocol.Cut) bool { return a.Offset <= b.Offset }) {
			break
		}
		if int64(d.Now()-began) > againNs*in.Stage.Pace {
			return nil, fmt.Errorf("%w within %d s", errAgain, againNs/engine.Second)
		}
		if err := d.RunFor(engine.Millisecond * in.Stage.Pace); err != nil {
			return nil, err
		}
	}
	a := &rerun{Ns: in.paced(int64(d.Now() - began)), Stored: stored(d.World)}
	for i, u := range usage(d.World) {
		if i < len(before) {
			was := &before[i]
			u.BusyNs, u.Sent, u.Wrote, u.Read = u.BusyNs-was.BusyNs, u.Sent-was.Sent, u.Wrote-was.Wrote, u.Read-was.Read
		}
		a.Work = in.addWork(a.Work, layerOf(d.Name(engine.NodeID(i+1))), u)
	}
	return a, nil
}

// usage is that of all nodes.
func usage(w *sim.World) (list []sim.Usage) {
	for i := range w.Nodes() {
		list = append(list, w.Usage(engine.NodeID(i+1)))
	}
	return list
}
