package cluster

import (
	"fmt"

	"parallax/engine"
	"parallax/engine/blob/store"
	"parallax/engine/commitlog"
	"parallax/engine/flow"
	"parallax/engine/kappa"
	"parallax/serving"
)

// Role is a program of a deployment, for whatever driver runs it.
type Role struct {
	ID     engine.NodeID
	Name   string
	Start  engine.Start
	Decode engine.Decode
}

// Roles are a job's programs, ascending by id from 1 on: brokers, view, worker, producer
// and, if it has one, the object store. The id behind the last is free for a client.
func (j Job) Roles(opts Options) ([]Role, error) {
	opts.fill()
	return j.roles(&opts)
}

// fill puts in what the options leave open.
func (o *Options) fill() {
	if o.Brokers == 0 {
		o.Brokers = 3
	}
	if o.AskEvery == 0 {
		o.AskEvery = askEveryMax
	}
	o.stretch()
	o.Log.Brokers = nil
	for i := range o.Brokers {
		o.Log.Brokers = append(o.Log.Brokers, engine.NodeID(i+1))
	}
}

// ids of the nodes behind the brokers. That of the object store is 0 if there is none.
func (o *Options) ids() (view, worker, producer, objects, client engine.NodeID) {
	n := engine.NodeID(o.Brokers)
	if o.Store {
		return n + 1, n + 2, n + 3, n + 4, n + 5
	}
	return n + 1, n + 2, n + 3, 0, n + 4
}

func (j Job) roles(opts *Options) ([]Role, error) {
	plan, err := j.Pipeline.Plan(j.Schema)
	if err != nil {
		return nil, err
	}
	partitions := int32(len(j.Feed))
	log := opts.Log
	log.Topics = []commitlog.Topic{{Name: topic, Partitions: partitions, Holders: []string{kappa.Holder}}}
	viewID, workerID, producerID, storeID, _ := opts.ids()

	var list []Role
	for i, id := range log.Brokers {
		list = append(list, Role{id, fmt.Sprintf("broker-%d", i), commitlog.Start(log), commitlog.Decode})
	}
	list = append(
		list,
		Role{viewID, "view", serving.Start(j.viewOptions(opts, plan)), decode},
		Role{workerID, "worker", j.startWorker(opts, "view", viewID), decode},
		Role{producerID, "producer", kappa.StartProducer(kappa.ProducerOptions{
			ID: 1, Topic: topic, Partitions: partitions, Brokers: log.Brokers, Feed: j.Feed, Retry: producerRetry * opts.Pace,
			Defect: opts.Worker.Defect,
		}), decode},
	)
	if opts.Store {
		list = append(list, Role{storeID, "store", store.Start(store.Options{Trouble: opts.Trouble}), store.Decode})
	}
	return list, nil
}

// viewOptions are those of a view of the job's answers.
func (j Job) viewOptions(opts *Options, plan *flow.Plan) serving.Options {
	view := opts.View
	view.Partitions, view.Functions = len(j.Feed), plan.Last().Functions()
	return view
}

// checkpoints is how the names of the objects begin that keep the state of a view's worker.
func checkpoints(view string) string { return "checkpoints/" + view }

// startWorker starts a worker that fills a view.
func (j Job) startWorker(opts *Options, name string, view engine.NodeID) engine.Start {
	worker := opts.Worker
	_, _, _, worker.Checkpoint.Store, _ = opts.ids()
	worker.Checkpoint.Prefix = checkpoints(name)
	worker.Pipeline, worker.Schema, worker.Topic, worker.Partitions = j.Pipeline, j.Schema, topic, int32(len(j.Feed))
	worker.Brokers, worker.View = opts.Log.Brokers, view
	return kappa.StartWorker(worker)
}
