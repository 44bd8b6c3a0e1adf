package scenarios

import (
	"slices"

	"parallax/engine"
	"parallax/serving"
	"parallax/sim"
	"parallax/sim/cluster"
	"parallax/sim/cluster/lambda"
)

// mendedKappa is a Kappa system: a new worker reads the log from its beginning.
type mendedKappa struct {
	d         *cluster.Deployment
	stage     *Stage
	bad       *input
	old, view engine.NodeID // view is 0 before the fix
}

func (o *RecoverOptions) cluster() *ClusterOptions {
	return &ClusterOptions{Seed: o.Seed, Faults: o.Faults, Brokers: o.Brokers}
}

func mendKappa(stage *Stage, bad *input, o *RecoverOptions) (mending, error) {
	options := stage.Options(o.cluster())
	options.Unchecked, options.Log.RetainBytes = true, 0 // a log that can be replayed
	d, err := cluster.Deploy(stage.Job(&bad.job.Pipeline), options)
	if err != nil {
		return nil, bad.job.place(err)
	}
	m := &mendedKappa{d: d, stage: stage, bad: bad}
	m.old = engine.NodeID(slices.Index(cluster.NodeNames(o.Brokers), "view") + 1)
	return m, nil
}

func (m *mendedKappa) name() string { return Kappa }

func (m *mendedKappa) world() *sim.World { return m.d.World }

func (m *mendedKappa) mend() (err error) {
	if m.view == 0 {
		m.view, err = m.d.Beside(&m.stage.job.Pipeline)
	}
	return err
}

func (m *mendedKappa) say(fixed, table bool) (s stated, err error) {
	id, plan := m.old, m.bad.plan
	if fixed {
		id, plan = m.view, m.stage.in.plan
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

func (m *mendedKappa) finish() error { return m.d.Run(0, calmNs) }

// mendedLambda is a Lambda system: a new batch job folds the archive, and new servers begin
// at its view.
type mendedLambda struct {
	d          *lambda.Deployment
	bad, fixed *input
	begun      bool
}

func mendLambda(stage *Stage, bad *input, o *RecoverOptions) (mending, error) {
	options, err := layersOptions(stage, o.cluster(), o.Batch)
	if err != nil {
		return nil, err
	}
	options.Log.RetainBytes = 0
	d, err := lambda.Deploy(lambda.Job{Pipeline: &bad.job.Pipeline, Schema: stage.Schema, Feed: stage.Feed}, options)
	if err != nil {
		return nil, bad.job.place(err)
	}
	return &mendedLambda{d: d, bad: bad, fixed: stage.in}, nil
}

func (m *mendedLambda) name() string { return Lambda }

func (m *mendedLambda) world() *sim.World { return m.d.World }

func (m *mendedLambda) mend() error {
	if !m.begun {
		m.begun = true
		return m.d.Recompute(&m.fixed.job.Pipeline)
	}
	m.d.Serve()
	return nil
}

func (m *mendedLambda) say(fixed, table bool) (s stated, err error) {
	plan := m.bad.plan
	old, now := m.d.Cuts()
	if s.cut = old; fixed {
		s.cut, plan = now, m.fixed.plan
	}
	if s.cut == nil || !table {
		return s, nil
	}
	told, err := m.d.Answer(fixed)
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

func (m *mendedLambda) finish() error { return m.d.Run(0, calmNs) }
