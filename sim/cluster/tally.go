package cluster

import (
	"parallax/engine"
	"parallax/engine/commitlog"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/kappa"
	"parallax/serving"
	"parallax/sim"
)

// Tally counts what has happened in a run: what the world did, and what that meant
// to those in it. A run that should have shown something and counts 0 of it has
// shown nothing.
type Tally struct {
	sim.Stats

	LeaderChanges uint64 // of a partition
	LogConflicts  uint64 // entries of a replica's log that a later term replaced
	LogSnapshots  uint64 // installed by replicas
	LogTrims      uint64 // of a partition
	TrimsReplayed uint64 // while the worker was down, or replaying up to the view's cut
	ProduceCopies uint64 // of batches that were committed before, at the partition's leader
	IdleRecords   uint64

	Spans          uint64 // that the view has applied
	SpanCopies     uint64 // that reached the view after they were applied
	SpansAgain     uint64 // publications that were sent again
	SpanParts      uint64 // parts beyond the first
	ViewRollBacks  uint64 // restarts of the view that lost a span nobody was told of
	ViewBases      uint64
	WorkerRestores uint64 // starts from a checkpoint
	DeltaRestores  uint64 // of these, from a base and deltas
	Bases, Deltas  uint64 // checkpoints written

	Answers      uint64 // that the client got, each compared
	AnswerRows   uint64
	AnswerPages  uint64 // that went on behind another one
	OracleChecks uint64 // of the whole view
	StateChecks  uint64 // of what the worker keeps
	ClassChecks  uint64 // of how rows are classified, by partition
	TakenBack    uint64 // rows of the view, because sessions were joined
	PairsOnTime  uint64
	PairsRevised uint64
	PairsDropped uint64
	Unread       uint64 // rows of batches that the job cannot read
	Valueless    uint64 // rows for which an expression has no value
}

// Tally counts what has happened so far; of an unchecked run, what the world did.
func (d *Deployment) Tally() Tally {
	var t Tally
	if c := d.check; c != nil {
		t = c.tally
		t.IdleRecords = c.log.idles
		t.PairsOnTime = uint64(c.model.counts.PairsOnTime)
		t.PairsRevised = uint64(c.model.counts.PairsRevised)
		t.PairsDropped = uint64(c.model.counts.PairsDropped)
		t.Unread, t.Valueless = uint64(c.model.unread), uint64(c.model.valueless)
	}
	t.Stats = d.Stats()
	return t
}

// countProduce looks at a batch that is about to be handed to a broker.
func (c *checker) countProduce(to engine.NodeID, m *protocol.Produce) {
	b, ok := c.d.Actor(to).(*commitlog.Broker)
	if part := int(m.Partition.Number); ok && c.log.parts[part].sequence > m.Sequence && b.Status()[part].Leads {
		c.tally.ProduceCopies++
	}
}

// countPublish looks at a part of a span that is about to be handed to the view.
func (c *checker) countPublish(m *serving.Publish) {
	if m.Part > 0 {
		c.tally.SpanParts++
	}
	if now := (publication{m.Request, m.Part}); now == c.lastPublish {
		c.tally.SpansAgain++
	} else {
		c.lastPublish = now
	}
	if m.Upper[0].Offset <= c.model.cut[0].Offset && advanced(c.model.cut, m.Upper) {
		c.tally.SpanCopies++
	}
}

// publication is a part of a span, as the view is sent it.
type publication struct {
	request uint64
	part    uint32
}

// advanced reports whether a cut lies nowhere before another one.
func advanced(cut, other []protocol.Cut) bool {
	for i := range cut {
		if cut[i].Offset < other[i].Offset {
			return false
		}
	}
	return true
}

// replica is what was last seen of one partition on one broker.
type replica struct {
	conflicts, snapshots int
}

// countLog looks at how the replicas of a broker stand.
func (c *checker) countLog(s *seen, status []commitlog.PartitionStatus) {
	for part := range status {
		p, r, known := &status[part], &s.replicas[part], &c.log.parts[part]
		c.tally.LogConflicts += uint64(p.Conflicts - r.conflicts)
		c.tally.LogSnapshots += uint64(p.Snapshots - r.snapshots)
		r.conflicts, r.snapshots = p.Conflicts, p.Snapshots
		if p.Start.Offset > known.start {
			known.start = p.Start.Offset
			c.tally.LogTrims++
			if w, ok := c.d.Actor(c.d.worker).(*kappa.Worker); !ok || w.Replaying() {
				c.tally.TrimsReplayed++
			}
		}
	}
}

// workerSeen is what was last seen of the worker.
type workerSeen struct {
	worker      *kappa.Worker
	restored    bool
	checkpoints kappa.Checkpoints
}

func (c *checker) countWorker(w *kappa.Worker) {
	s := &c.worker
	if s.worker != w {
		*s = workerSeen{worker: w}
	}
	if n := w.Restored(); n > 0 && !s.restored { // from a store it takes a while
		s.restored = true
		c.tally.WorkerRestores++
		if n > 1 {
			c.tally.DeltaRestores++
		}
	}
	now := w.Checkpoints()
	c.tally.Bases += uint64(now.Bases - s.checkpoints.Bases)
	c.tally.Deltas += uint64(now.Deltas - s.checkpoints.Deltas)
	s.checkpoints = now
}
