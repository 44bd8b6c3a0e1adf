package scenarios

import (
	"parallax/engine"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/sim/cluster"
)

// Stage is a job's data as batches of a log, each with the instant at which a producer
// has it: what different deployments can be given alike. It is not changed by them, so
// that any number of them may run at once.
type Stage struct {
	Pace       int64
	Partitions int
	Rows       int64
	Schema     column.Schema  // of the rows
	Feed       cluster.Feed   // nil without rows
	Start, End engine.Instant // of the first arrival; when the last batch is due

	job *Job
	in  *input
}

// Stage cuts the job's data for a pace, 0 for the least with which its arrivals take a
// cluster no longer than a storm. Mistakes are as of [RunCluster].
func (j *Job) Stage(pace int64) (*Stage, error) {
	if err := j.checkCluster(); err != nil {
		return nil, err
	}
	return j.stage(pace)
}

// LayersStage is Stage for a batch and a speed layer, which run windows that the model of
// a cluster does not know.
func (j *Job) LayersStage(pace int64) (*Stage, error) {
	if err := j.checkLog(); err != nil {
		return nil, err
	}
	return j.stage(pace)
}

func (j *Job) stage(pace int64) (*Stage, error) {
	in, arrivals, err := j.openCluster()
	if err != nil {
		return nil, err
	}
	s := &Stage{Pace: max(pace, 1), Partitions: len(in.file.Partitions()), Rows: arrivals.rows, Schema: in.file.Needed(), job: j, in: in}
	if arrivals.rows == 0 {
		return s, nil
	}
	s.Start = instantOf(arrivals.first)
	if s.Pace, err = arrivals.pace(pace); err != nil {
		return nil, err
	}
	if s.Feed, s.End, err = in.feed(s.Pace); err != nil {
		return nil, in.explain(err)
	}
	return s, nil
}

// Options are all sizes of a deployment for the stage, and its world.
func (s *Stage) Options(o *ClusterOptions) cluster.Options {
	options := clusterOptions(s.job, o, s.Feed, s.Start)
	options.Pace = s.Pace
	return options
}

// Job is what a deployment is given to run: a pipeline over the stage's rows.
func (s *Stage) Job(p *flow.Pipeline) cluster.Job {
	return cluster.Job{Pipeline: p, Schema: s.Schema, Feed: s.Feed}
}

// Periods are how long a deployment lives through the stage's arrivals, in ns of its own
// time, and how long it may then take to catch up.
func (s *Stage) Periods() (storm, calm int64) {
	return max(s.DataNs()/s.Pace+2*engine.Second, stormMinNs), calmNs
}

// DataNs is how long the arrivals go on.
func (s *Stage) DataNs() int64 { return int64(s.End - s.Start) }
