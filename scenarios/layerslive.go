package scenarios

import (
	"math"
	"time"

	"parallax/engine"
	"parallax/engine/kappa"
	"parallax/sim/cluster"
	"parallax/sim/cluster/lambda"
)

// beatNs is how far apart the cuts of a live run's batch layer lie if rows come as fast as
// they can: then the data's time says nothing about them.
const beatNs = 500 * engine.Millisecond

// liveFileRows keeps files of a live run so small that each fits a message of the network.
const liveFileRows = 64 << 10

// layers notes what the programs of a Lambda system must know beside those of a Kappa one.
func (m *Manifest) layers(s *Stage) error {
	b, _, _, err := s.Layers(s.job.Batch)
	if err != nil {
		return err
	}
	m.Late, m.EveryNs = b.late(), beatNs
	if !m.RealTime {
		return nil
	}
	every, err := s.BatchEvery(s.job.Batch)
	m.EveryNs = every / m.Pace
	return err
}

// layersRoles are the programs of a Lambda system.
func (m *Manifest) layersRoles(j lambda.Job, o *cluster.Options) []cluster.Role {
	return j.Roles(lambda.Options{
		Brokers: o.Brokers, Log: o.Log, CheckEvery: -1,
		Batch: lambda.Batch{Every: m.EveryNs, Complete: m.Late == lateComplete, FileRows: liveFileRows},
	}, &pulse{start: engine.Instant(time.Now().UnixNano()), every: m.EveryNs})
}

// pulse is the feed of a metronome that beats as long as it runs: a marker in every
// partition, that raises no frontier, each time the period is over. Where it was stopped,
// it goes on, without the beats that it has missed.
type pulse struct {
	start engine.Instant
	every int64
	begun bool
	first uint32 // the first marker that was asked for since the start
}

// Batch is a marker. When it is due depends on the first one that was asked for; what it
// holds does not.
func (p *pulse) Batch(_ int32, sequence uint32) (kappa.FeedBatch, bool) {
	if !p.begun {
		p.begun, p.first = true, sequence
	}
	due := p.start + engine.Instant(p.every*(int64(sequence)-int64(p.first)+1))
	return kappa.FeedBatch{Due: due, Count: 1, TimeMax: math.MinInt64, Idle: true}, true
}

// Wanted is what a live run must have answered when all rows have come and, of a Lambda
// system, when its view has them all: it then counts what was dropped too, if its batch
// layer does.
func (m *Manifest) Wanted(j *Job) (*Table, error) {
	own := *j
	if m.Arch == Lambda && m.Late == lateComplete {
		const forever = 1 << 60
		own.Pipeline.Late.Allowed = forever
	}
	out, err := Run(&own, Options{})
	if err != nil {
		return nil, err
	}
	return out.Table, nil
}
