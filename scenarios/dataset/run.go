package dataset

import (
	"errors"
	"fmt"
	"math"

	"github.com/zeebo/xxh3"

	"parallax/batch/archive"
	"parallax/batch/job"
	"parallax/engine"
	"parallax/engine/blob/store"
	"parallax/engine/commitlog"
	"parallax/engine/commitlog/tail"
	"parallax/engine/flow"
	"parallax/engine/flow/fold"
	"parallax/engine/kappa"
	"parallax/scenarios"
	"parallax/sim"
	"parallax/speed"
)

// Options say how a job's rows are archived.
type Options struct {
	Batch    scenarios.Batch
	Pace     int64            // as of a cluster's; 0 chooses
	Code     string           // version of the code; "" is a hash of the pipeline
	Refined  *archive.Refined // what the refined zone has; Table is not looked at. Nil: all columns
	Progress func(done, total int64)
}

// The names of what an archive has.
const (
	Raw     = "raw"
	Refine  = "refined"
	View    = "view"
	topic   = "rows"
	serving = "server" // holder of the server's pins
)

// Producers of the log.
const (
	producer  = 1
	metronome = 2
)

// Periods at pace 1, in ns; those of the deployments that are broken on purpose.
const (
	brokerBeat    = 100 * engine.Millisecond
	fetchWait     = 500 * engine.Millisecond
	readRetry     = 700 * engine.Millisecond
	producerRetry = 300 * engine.Millisecond
	pollMost      = 500 * engine.Millisecond
)

// ErrNoRows is returned for a job without rows: there is nothing to archive.
var ErrNoRows = errors.New("dataset: the source has no rows: nothing to archive")

// Layers is a job's batch and speed layer, when all rows have come and everything is
// published.
type Layers struct {
	Stage *scenarios.Stage
	Plan  *flow.Plan
	Way   fold.Way // Replay: the view is a state and what it shows; Neither: there is a dataset, and no view and no server
	Why   string
	Code  string

	world   *sim.World
	recipe  *scenarios.Recipe
	markers uint64
	nodes   nodes
}

// nodes are the programs' places in the world; 0 is none.
type nodes struct {
	broker, store, archive, batch, server, producer, metronome engine.NodeID
}

// beats is the metronome's feed: n markers in every partition, that raise no frontier.
type beats struct {
	start engine.Instant
	every int64
	n     uint64
}

// Batch is a marker.
func (b beats) Batch(_ int32, sequence uint32) (kappa.FeedBatch, bool) {
	due := b.start + engine.Instant(b.every)*engine.Instant(sequence+1)
	return kappa.FeedBatch{Due: due, Count: 1, TimeMax: math.MinInt64, Idle: true}, uint64(sequence) < b.n
}

// Version names the code that a pipeline is.
func Version(p *flow.Pipeline) string { return fmt.Sprintf("job-%016x", xxh3.HashString(p.String())) }

// Run archives a job's rows, folds them, and serves them.
func Run(j *scenarios.Job, o Options) (*Layers, error) {
	stage, err := j.LayersStage(o.Pace)
	if err != nil {
		return nil, err
	}
	if stage.Rows == 0 {
		return nil, ErrNoRows
	}
	every, err := stage.BatchEvery(o.Batch)
	if err != nil {
		return nil, err
	}
	l := &Layers{Stage: stage, Code: o.Code, recipe: j.Recipe(stage.Schema, stage.Partitions, o.Batch)}
	if l.Code == "" {
		l.Code = Version(&j.Pipeline)
	}
	if l.Plan, err = j.Pipeline.Plan(stage.Schema); err != nil {
		return nil, err
	}
	if o.Batch, l.Way, l.Why, err = stage.Layers(o.Batch); err != nil && l.Way != fold.Neither {
		return nil, err
	}
	// The last batch brings the end of the input: a marker comes behind it.
	l.markers = uint64(stage.DataNs()/every) + 1
	if err := l.boot(&o, every); err != nil {
		return nil, err
	}
	return l, l.finish(stage.Start+engine.Instant(every)*engine.Instant(l.markers), o.Progress)
}

// boot starts all programs.
func (l *Layers) boot(o *Options, every int64) error {
	s, pipeline, pace, n := l.Stage, l.Plan.Pipeline, l.Stage.Pace, &l.nodes
	base := s.Options(&scenarios.ClusterOptions{Seed: 1})
	l.world = sim.New(base.World.Stretched(pace))
	log := base.Log
	log.Beat, log.FetchWait, log.Election = brokerBeat*pace, fetchWait*pace, log.Election*pace
	log.Topics = []commitlog.Topic{{Name: topic, Partitions: int32(s.Partitions), Holders: []string{archive.Holder}}}
	if l.Way != fold.Neither {
		log.Topics[0].Holders = append(log.Topics[0].Holders, serving)
	}
	log.Brokers = []engine.NodeID{1}
	n.broker = l.world.Boot("broker", commitlog.Start(log), commitlog.Decode)
	n.store = l.world.Boot("store", store.Start(store.Options{}), store.Decode)
	read := tail.Options{Topic: topic, Partitions: int32(s.Partitions), Brokers: log.Brokers, Retry: readRetry * pace}
	refined := archive.Refined{}
	if o.Refined != nil {
		refined = *o.Refined
	}
	refined.Table = Refine
	keeper := archive.Options{
		Log: read, Markers: metronome, Schema: s.Schema, Watermark: pipeline.Watermark, Store: n.store, Table: Raw, Refined: &refined, Code: l.Code,
	}
	if err := keeper.Check(); err != nil {
		return err
	}
	n.archive = l.world.Boot("archiver", archive.Start(keeper), archive.Decode)
	if l.Way != fold.Neither {
		l.answers(o, read, min(every/4, pollMost*pace))
	}
	feed := func(id uint64, f kappa.Feed) engine.Start {
		return kappa.StartProducer(kappa.ProducerOptions{
			ID: id, Topic: topic, Partitions: int32(s.Partitions), Brokers: log.Brokers, Feed: f, Retry: producerRetry * pace,
		})
	}
	n.producer = l.world.Boot("producer", feed(producer, s.Feed), kappa.Decode)
	n.metronome = l.world.Boot("metronome", feed(metronome, beats{s.Start, every, l.markers}), kappa.Decode)
	return nil
}

// answers starts what folds and serves.
func (l *Layers) answers(o *Options, read tail.Options, poll int64) {
	n := &l.nodes
	n.batch = l.world.Boot("batch", job.Start(job.Options{
		Pipeline: l.Plan.Pipeline, Schema: l.Stage.Schema, Partitions: int32(l.Stage.Partitions), Store: n.store, Table: Raw, View: View,
		Code: l.Code, Late: job.Late{Complete: !o.Batch.Same, Poll: poll},
	}), job.Decode)
	read.Holder = serving
	n.server = l.world.Boot("server", speed.Start(speed.Options{
		Pipeline: l.Plan.Pipeline, Schema: l.Stage.Schema, Log: read, Markers: metronome, Store: n.store, View: View, Poll: poll,
	}), speed.Decode)
}

// errSlow is a world that does not come to its end.
var errSlow = errors.New("dataset: the layers do not come to their end")

// finish runs until all that is due has come and is published.
func (l *Layers) finish(last engine.Instant, progress func(done, total int64)) error {
	total := int64(last - l.Stage.Start)
	tick := max(total/200, 100*engine.Millisecond*l.Stage.Pace)
	_, calm := l.Stage.Periods()
	for end := last + engine.Instant(calm*l.Stage.Pace); !l.done(); {
		if err := l.fatal(); err != nil {
			return err
		}
		if l.world.Now() >= end {
			return errSlow
		}
		if err := l.world.RunFor(tick); err != nil {
			return err
		}
		if progress != nil {
			progress(min(int64(l.world.Now()-l.Stage.Start), total), total)
		}
	}
	return nil
}

// fatal is why a program has given up.
func (l *Layers) fatal() error {
	for id := engine.NodeID(1); int(id) <= l.world.Nodes(); id++ {
		if err := l.world.Fatal(id); err != nil {
			return fmt.Errorf("dataset: %s: %w", l.world.Name(id), err)
		}
	}
	return nil
}

// done reports whether nothing is left to be done.
func (l *Layers) done() bool {
	for _, id := range []engine.NodeID{l.nodes.producer, l.nodes.metronome} {
		if p, ok := l.world.Actor(id).(*kappa.Producer); !ok || !p.Done() {
			return false
		}
	}
	a, ok := l.world.Actor(l.nodes.archive).(*archive.Archiver)
	if !ok || a.Marker() != l.markers {
		return false
	}
	if l.Way == fold.Neither {
		return true
	}
	b, ok := l.world.Actor(l.nodes.broker).(*commitlog.Broker)
	s := l.Server()
	if !ok || s == nil || s.Head() == nil || s.Head().Marker != l.markers || s.Staleness() < 0 {
		return false
	}
	ends := b.Ends(nil)
	for p, c := range s.Cut() {
		if c.Offset < ends[p] {
			return false
		}
	}
	return true
}

// Server is the program that answers from both layers, nil if there is none. The world
// stands still: it may be asked by one goroutine at a time.
func (l *Layers) Server() *speed.Server {
	if l.nodes.server == 0 {
		return nil
	}
	s, _ := l.world.Actor(l.nodes.server).(*speed.Server)
	return s
}
