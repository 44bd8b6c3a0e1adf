package commitlog

import (
	"errors"
	"slices"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"go.etcd.io/raft/v3/tracker"

	"parallax/engine"
	"parallax/engine/journal"
)

// joinBeats is how many beats a new replica lets pass between two requests.
const joinBeats = 8

// beginAgain makes a new replica of one that has lost what it had promised: it may neither
// vote nor acknowledge as itself any more. The new one's first record is durable before
// the old one's files are gone: a disk without files would be that of a replica that has
// promised nothing.
//
// Its name is one that no replica of this broker has had which could have promised
// anything: of those that have, the newest one's files are still there, and the new name
// is above it. Boots rise, so usually the boot is.
func (r *replica) beginAgain(former uint64, fx *engine.Effects) (generation uint64, err error) {
	r.broker.env.Sometimes("commitlog.rejoin")
	generation = max(uint64(r.broker.env.Boot), former+1)
	if err = r.recover(generation); err == nil {
		r.log.journal.Append(fx, appendRecord(nil, nil, nil))
	}
	return generation, err
}

// unreadable is for what keeps a replica from reading its own log: damage is looked at
// when this step's work is carried out.
func (r *replica) unreadable(err error) {
	if errors.Is(err, journal.ErrCorrupt) {
		r.log.spoiled = err
	} else {
		r.fatal = err
	}
}

// renew is beginAgain for a replica that finds, while it runs, that its disk does not give
// back what it holds. Nothing that Raft has made of a log with a hole has left. What the
// former replica had sent before was true, and what its writes still let leave is, too:
// it is a member that falls silent.
func (r *replica) renew(fx *engine.Effects) {
	former := generationOf(r.self)
	r.lead = 0
	if r.leads() {
		r.resign(fx)
	}
	generation, err := r.beginAgain(former, fx)
	if err == nil {
		r.removeGenerations(r.broker.env.Disk, []uint64{former}, fx)
		err = r.run(generation)
	}
	if err != nil {
		r.fatal = err
		return
	}
	r.asked = 0
	r.waitForLeader(fx)
}

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
