package commitlog

import (
	"slices"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"go.etcd.io/raft/v3/tracker"

	"parallax/engine"
)

// joinBeats is how many beats a new replica lets pass between two requests.
const joinBeats = 8

// member reports whether a replica belongs to the group, as far as this one knows.
func (r *replica) member(id uint64) bool {
	return slices.Contains(r.log.conf.GetVoters(), id) || slices.Contains(r.log.conf.GetLearners(), id)
}

// askToJoin is the beat of a replica that is not a member yet: its predecessor on
// this broker has lost its log.
func (r *replica) askToJoin(fx *engine.Effects) {
	if generationOf(r.self) == 0 || r.member(r.self) {
		return
	}
	r.asked++
	if r.asked%joinBeats != 1 {
		return
	}
	for _, to := range r.broker.opts.Brokers {
		if to != r.broker.env.ID {
			fx.SendEager(to, join{partition: r.index, replica: r.self})
		}
	}
}

// admit is the leader's answer: the broker's former replica goes, then the new
// one comes as a learner. One step at a time; the replica asks again.
func (r *replica) admit(from engine.NodeID, m join) {
	if !r.ready() || brokerOf(m.replica) != uint64(from) {
		return
	}
	members := append(slices.Clone(r.log.conf.GetVoters()), r.log.conf.GetLearners()...)
	for _, id := range members {
		if brokerOf(id) != brokerOf(m.replica) {
			continue
		}
		if generationOf(id) < generationOf(m.replica) {
			r.broker.env.Sometimes("commitlog.former-self-removed")
			r.change(raftpb.ConfChangeRemoveNode, id)
		}
		return
	}
	r.change(raftpb.ConfChangeAddLearnerNode, m.replica)
}

// promote makes a learner a voter that has everything that was committed a beat
// ago: under load it never has quite everything.
func (r *replica) promote() {
	goal := r.leading.promoteAt
	r.leading.promoteAt = r.applied
	if len(r.log.conf.GetLearners()) == 0 || !r.ready() || goal == 0 {
		return
	}
	r.raft.WithProgress(func(id uint64, _ raft.ProgressType, pr tracker.Progress) {
		if pr.IsLearner && pr.Match >= goal {
			r.broker.env.Sometimes("commitlog.learner-promoted")
			r.change(raftpb.ConfChangeAddNode, id)
		}
	})
}

// change proposes a membership change. Raft turns it into nothing while another
// one is on its way.
func (r *replica) change(kind raftpb.ConfChangeType, id uint64) {
	cc := &raftpb.ConfChangeV2{Changes: []*raftpb.ConfChangeSingle{{Type: kind.Enum(), NodeId: new(id)}}}
	if err := r.raft.ProposeConfChange(cc); err != nil {
		return // dropped: it is tried again at the next beat or request
	}
}
