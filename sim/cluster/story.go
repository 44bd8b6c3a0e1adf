package cluster

import (
	"fmt"

	"parallax/engine/blob/store"
	"parallax/engine/commitlog"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/kappa"
	"parallax/serving"
	"parallax/sim/oracle"
	"parallax/sim/story"
)

// Of makes a job and the options of its deployment of a story.
func Of(s *story.Story) (Job, Options, error) {
	job := Job{Pipeline: s.Pipeline, Schema: s.Schema, Feed: make(Feed, s.Partitions), Story: s}
	if err := s.Batches(job.Feed.Add); err != nil {
		return Job{}, Options{}, err
	}
	job.Feed.End(s.EndsAt())
	z := &s.Sizes
	return job, Options{
		World: s.World, Brokers: z.Brokers, AskEvery: s.AskEvery, Pace: s.Pace,
		disks: disks{Unrestricted: s.Unrestricted, Store: z.Store.On, Trouble: store.Trouble{
			Seed: s.World.Seed, Busy: z.Store.Busy, Lose: z.Store.Lost, SlowList: z.Store.Slow,
		}},
		Log: commitlog.Options{
			SegmentBytes: z.SegmentBytes, CacheBytes: z.CacheBytes, RetainBytes: z.RetainBytes, IdleAfter: z.IdleAfter,
		},
		Worker: kappa.WorkerOptions{Checkpoint: kappa.CheckpointOptions{Bytes: z.CheckpointBytes}, Credit: z.Credit},
		View:   serving.Options{SegmentBytes: z.ViewBytes, BaseBytes: z.BaseBytes},
	}, nil
}

// Play runs the two phases of a story on a deployment of it.
func (d *Deployment) Play(s *story.Story) error { return d.Run(s.StormNs, s.CalmNs) }

// NodeNames are the names of the nodes of a deployment of such sizes, by id from 1 on:
// broker-0 and on, view, worker, producer, store if there is one, client.
func NodeNames(z *story.Sizes) []string { return nodeNames(z.Brokers, z.Store.On) }

func nodeNames(brokers int, objects bool) []string {
	o := Options{Brokers: brokers}
	o.fill()
	var names []string
	for i := range o.Brokers {
		names = append(names, fmt.Sprintf("broker-%d", i))
	}
	names = append(names, "view", "worker", "producer")
	if objects {
		names = append(names, "store")
	}
	return append(names, "client")
}

// RowRef names a row of a story: the how many-th of its partition it is, from 0.
type RowRef struct {
	Partition int32
	Number    int64
}

// Dropped are the rows that the oracle says lost a window, of the log as it is
// committed, in its order; a row as often as it lost one.
func (d *Deployment) Dropped() ([]RowRef, error) {
	var cut []protocol.Cut
	for i := range d.check.log.parts {
		cut = append(cut, d.check.log.parts[i].end())
	}
	answer, err := oracle.Answer(d.job.Pipeline, d.check.input(cut))
	if err != nil {
		return nil, err
	}
	var list []RowRef
	for i := range answer.Drops {
		drop := &answer.Drops[i]
		number := drop.Offset
		for _, b := range d.check.log.parts[drop.Partition].batches {
			if b.Idle && b.Base < drop.Offset {
				number-- // a record of the log that is no row
			}
		}
		list = append(list, RowRef{drop.Partition, d.delivered.of(d.job.Story, drop.Partition, number)})
	}
	return list, nil
}
