package cluster

import (
	"fmt"

	"parallax/engine/commitlog"
	"parallax/engine/kappa"
	"parallax/serving"
	"parallax/sim/story"
)

// Of makes a job and the options of its deployment of a story.
func Of(s *story.Story) (Job, Options, error) {
	job := Job{Pipeline: s.Pipeline, Schema: s.Schema, Feed: make(Feed, s.Partitions)}
	if err := s.Batches(job.Feed.Add); err != nil {
		return Job{}, Options{}, err
	}
	job.Feed.End(s.EndsAt())
	z := &s.Sizes
	return job, Options{
		World: s.World, Brokers: z.Brokers, AskEvery: s.AskEvery, Pace: s.Pace,
		Log:    commitlog.Options{SegmentBytes: z.SegmentBytes, RetainBytes: z.RetainBytes, IdleAfter: z.IdleAfter},
		Worker: kappa.WorkerOptions{CheckpointBytes: z.CheckpointBytes, Credit: z.Credit},
		View:   serving.Options{SegmentBytes: z.ViewBytes, BaseBytes: z.BaseBytes},
	}, nil
}

// Play runs the two phases of a story on a deployment of it.
func (d *Deployment) Play(s *story.Story) error { return d.Run(s.StormNs, s.CalmNs) }

// NodeNames are the names of a deployment's nodes, by id from 1 on: broker-0 and on,
// view, worker, producer, client. 0 brokers mean as many as there are by default.
func NodeNames(brokers int) []string {
	o := Options{Brokers: brokers}
	o.fill()
	var names []string
	for i := range o.Brokers {
		names = append(names, fmt.Sprintf("broker-%d", i))
	}
	return append(names, "view", "worker", "producer", "client")
}
