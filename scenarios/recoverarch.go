package scenarios

import (
	"slices"

	"parallax/engine"
	"parallax/engine/flow"
	"parallax/serving"
	"parallax/sim"
	"parallax/sim/cluster"
	"parallax/sim/cluster/lambda"
	"parallax/sim/story"
)

// mendedKappa is a Kappa system: a new worker reads the log from its beginning.
type mendedKappa struct {
	d          *cluster.Deployment
	view, next engine.NodeID // next is 0 while no code comes
	plan       *flow.Plan    // of view
	nextPlan   *flow.Plan
}

func (o *RecoverOptions) cluster() *ClusterOptions {
	return &ClusterOptions{Seed: o.Seed, Faults: o.Faults, Brokers: o.Brokers}
}

func mendKappa(stage *Stage, first *input, o *RecoverOptions) (mending, error) {
	options := stage.Options(o.cluster())
	options.Unchecked, options.Log.RetainBytes = true, 0 // a log that can be replayed
	d, err := cluster.Deploy(stage.Job(&first.job.Pipeline), options)
	if err != nil {
		return nil, first.job.place(err)
	}
	m := &mendedKappa{d: d, plan: first.plan}
	m.view = engine.NodeID(slices.Index(cluster.NodeNames(&story.Sizes{Brokers: o.Brokers}), "view") + 1)
	return m, nil
}

func (m *mendedKappa) world() (string, *sim.World) { return Kappa, m.d.World }

func (m *mendedKappa) mend(next *input) (err error) {
	if m.next == 0 {
		m.nextPlan = next.plan
		m.next, err = m.d.Beside(&next.job.Pipeline)
	}
	return err
}

func (m *mendedKappa) say(next, table bool) (s stated, err error) {
	id, plan := m.view, m.plan
	if next {
		id, plan = m.next, m.nextPlan
	}
	if id == 0 {
		return s, nil
	}
	v, ok := m.d.Actor(id).(*serving.View)
	if !ok {
		return s, nil
	}
	cut, _ := v.Cut()
	if s.cut = slices.Clone(cut); table {
		var rows []serving.Row
		v.Rows(func(r serving.Row) bool {
			rows = append(rows, r)
			return true
		})
		s.table, _, err = newViewTable(plan).finish(rows)
	}
	return s, err
}

func (m *mendedKappa) changeOver() {
	m.d.ChangeOver()
	m.view, m.plan, m.next = m.next, m.nextPlan, 0
}

func (m *mendedKappa) finish() error { return m.d.Run(0, calmNs) }

// mendedLambda is a Lambda system: a new batch job folds the archive, and new servers begin
// at its view.
type mendedLambda struct {
	d              *lambda.Deployment
	plan, nextPlan *flow.Plan // nextPlan is nil while no code comes
}

func mendLambda(stage *Stage, first *input, o *RecoverOptions) (mending, error) {
	options, err := layersOptions(stage, o.cluster(), o.Batch)
	if err != nil {
		return nil, err
	}
	options.CheckEvery, options.Log.RetainBytes = -1, 0 // what is right, a witness says
	d, err := lambda.Deploy(lambda.Job{Pipeline: &first.job.Pipeline, Schema: stage.Schema, Feed: stage.Feed}, options)
	if err != nil {
		return nil, first.job.place(err)
	}
	return &mendedLambda{d: d, plan: first.plan}, nil
}

func (m *mendedLambda) world() (string, *sim.World) { return Lambda, m.d.World }

func (m *mendedLambda) mend(next *input) error {
	if m.nextPlan == nil {
		m.nextPlan = next.plan
		return m.d.Recompute(&next.job.Pipeline)
	}
	m.d.Serve()
	return nil
}

func (m *mendedLambda) say(next, table bool) (s stated, err error) {
	plan := m.plan
	own, coming := m.d.Cuts()
	if s.cut = own; next {
		s.cut, plan = coming, m.nextPlan
	}
	if s.cut == nil || !table {
		return s, nil
	}
	told, err := m.d.Answer(next)
	if err != nil || told.Behind {
		return stated{}, err
	}
	s.batch, s.complete = told.BatchCut, told.Complete
	view := newViewTable(plan)
	if err := view.answered(told.Rows); err != nil {
		return s, err
	}
	s.table, err = view.results()
	return s, err
}

func (m *mendedLambda) changeOver() {
	m.d.ChangeOver()
	m.plan, m.nextPlan = m.nextPlan, nil
}

func (m *mendedLambda) finish() error { return m.d.Run(0, calmNs) }
