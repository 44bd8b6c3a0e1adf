package cluster

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"parallax/engine"
	"parallax/engine/commitlog"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/kappa"
	"parallax/serving"
	"parallax/sim"
)

// Narrator makes a structured log of what actors do, by looking at them after each
// step and telling what has changed. So the actors, which know no clock and no log,
// stay as they are, and the log of a run is a function of the run: every record
// has the instant of the step as its time, on a clock that begins in 1970.
type Narrator struct {
	handler slog.Handler
	nodes   map[string]*told
}

// told is what was last seen of a node.
type told struct {
	actor       engine.Actor
	status      []commitlog.PartitionStatus
	began       bool
	replaying   bool
	cut         []protocol.Cut
	bases       uint64
	epoch       uint32
	checkpoints kappa.Checkpoints
	refused     int // rows, of those that are listed
	done        bool
}

// NewNarrator is a narrator that hands its records to h.
func NewNarrator(h slog.Handler) *Narrator {
	return &Narrator{handler: h, nodes: map[string]*told{}}
}

// LogTo has a deployment's run told to h, from now on. It does not change the run.
func (d *Deployment) LogTo(h slog.Handler) {
	n := NewNarrator(h)
	names := append([]string{""}, d.names()...)
	last := engine.NodeID(0)
	d.OnTrace(func(t sim.Trace) {
		switch t.Op {
		case "message", "timer", "synced":
			last = t.To
		case "start":
			last = t.To
			n.tell(t.At, slog.LevelInfo, "start", names[t.To])
		case "crash", "fatal":
			n.tell(t.At, slog.LevelWarn, t.Op, names[t.To])
		case "pause", "resume":
			n.tell(t.At, slog.LevelInfo, t.Op, names[t.To])
		case "sever", "heal":
			n.tell(t.At, slog.LevelInfo, t.Op, names[t.From], slog.String("to", names[t.To]))
		}
	})
	d.OnStep(func(w *sim.World) error {
		if last != 0 {
			n.Look(w.Now(), names[last], w.Actor(last))
			last = 0
		}
		return nil
	})
}

// tell hands over one record.
func (n *Narrator) tell(now engine.Instant, level slog.Level, message, node string, attrs ...slog.Attr) {
	ctx := context.Background()
	if !n.handler.Enabled(ctx, level) {
		return
	}
	r := slog.NewRecord(time.Unix(0, int64(now)).UTC(), level, message, 0)
	r.AddAttrs(slog.String("node", node))
	r.AddAttrs(attrs...)
	// A log that cannot be written must not change the run.
	_ = n.handler.Handle(ctx, r)
}

// Look tells what has changed about the actor of a node since it was last looked
// at. A nil actor is a node that is down.
func (n *Narrator) Look(now engine.Instant, node string, a engine.Actor) {
	if a == nil {
		return
	}
	t := n.nodes[node]
	if t == nil || t.actor != a {
		t = &told{actor: a}
		n.nodes[node] = t
	}
	switch a := a.(type) {
	case *commitlog.Broker:
		n.broker(now, node, t, a)
	case *kappa.Worker:
		n.worker(now, node, t, a)
	case *serving.View:
		n.view(now, node, t, a)
	case *kappa.Producer:
		if done := a.Done(); done && !t.done {
			t.done = true
			n.tell(now, slog.LevelInfo, "everything is acknowledged", node)
		}
	}
}

func (n *Narrator) broker(now engine.Instant, node string, t *told, b *commitlog.Broker) {
	status := b.Status()
	for i := range status {
		s, old := &status[i], commitlog.PartitionStatus{}
		if t.status != nil {
			old = t.status[i]
		}
		partition := slog.String("partition", s.Partition.String())
		if s.Ready && (!old.Ready || s.Term != old.Term) {
			n.tell(now, slog.LevelInfo, "leads", node, partition, slog.Uint64("term", s.Term), slog.Int64("end", s.End.Offset))
		}
		if old.Leads && !s.Leads {
			n.tell(now, slog.LevelInfo, "leads no more", node, partition, slog.Uint64("term", s.Term))
		}
		if s.Snapshots > old.Snapshots {
			n.tell(now, slog.LevelInfo, "snapshot installed", node, partition, slog.Int64("end", s.End.Offset))
		}
		if s.Conflicts > old.Conflicts {
			n.tell(now, slog.LevelWarn, "entries replaced", node, partition, slog.Int("entries", s.Conflicts-old.Conflicts))
		}
		if t.status != nil && s.Start.Offset > old.Start.Offset {
			n.tell(now, slog.LevelDebug, "log begins later", node, partition, slog.Int64("start", s.Start.Offset))
		}
	}
	t.status = status
}

func (n *Narrator) worker(now engine.Instant, node string, t *told, w *kappa.Worker) {
	if !w.Began() {
		return
	}
	if !t.began {
		t.began, t.replaying = true, true
		n.tell(now, slog.LevelInfo, "recovered", node, slog.Int("checkpoints", w.Restored()), offsets(w.Reached()))
	}
	if t.replaying && !w.Replaying() {
		t.replaying = false
		n.tell(now, slog.LevelInfo, "caught up with the view", node, offsets(w.Reached()))
	}
	if cut := w.Published(); cut != nil && !slices.Equal(cut, t.cut) {
		t.cut = slices.Clone(cut)
		n.tell(now, slog.LevelDebug, "published", node, offsets(cut))
	}
	if list := w.Refusals(); len(list) > t.refused {
		for _, r := range list[t.refused:] {
			n.tell(now, slog.LevelWarn, "refused", node, slog.Int64("partition", int64(r.Partition)), slog.Int64("offset", r.Offset),
				slog.Int64("rows", r.Rows), slog.String("why", r.Why))
		}
		t.refused = len(list)
	}
	if c := w.Checkpoints(); c != t.checkpoints {
		t.checkpoints = c
		n.tell(now, slog.LevelDebug, "checkpoint", node, slog.Int("bases", c.Bases), slog.Int("deltas", c.Deltas))
	}
}

func (n *Narrator) view(now engine.Instant, node string, t *told, v *serving.View) {
	s := v.Status()
	if s.Epoch != t.epoch {
		t.epoch = s.Epoch
		n.tell(now, slog.LevelInfo, "attempt", node, slog.Uint64("epoch", uint64(s.Epoch)))
	}
	if !slices.Equal(s.Cut, t.cut) {
		t.cut = s.Cut
		n.tell(now, slog.LevelDebug, "span", node, offsets(s.Cut), slog.Int64("watermark", s.Watermark), slog.Int("rows", s.Rows))
	}
	if s.Bases != t.bases {
		t.bases = s.Bases
		n.tell(now, slog.LevelDebug, "base", node, slog.Int("bytes", s.Bytes))
	}
}

// offsets is a cut without its frontiers.
func offsets(cut []protocol.Cut) slog.Attr {
	list := make([]int64, len(cut))
	for i, c := range cut {
		list[i] = c.Offset
	}
	return slog.Any("cut", list)
}
