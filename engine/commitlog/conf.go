package commitlog

import (
	"fmt"
	"slices"

	"go.etcd.io/raft/v3/raftpb"

	"parallax/engine/commitlog/protocol"
)

// A replica's Raft id is the broker's id and a generation: a replica that has
// lost what it promised must not come back under the name that promised it.
const generationBits = 32

func replicaID(broker, generation uint64) uint64 { return broker<<generationBits | generation }

func brokerOf(replica uint64) uint64 { return replica >> generationBits }

func generationOf(replica uint64) uint64 { return replica & (1<<generationBits - 1) }

// decodeConf reads a membership entry of either format.
func decodeConf(kind raftpb.EntryType, data []byte) (*raftpb.ConfChangeV2, error) {
	cc := &raftpb.ConfChangeV2{}
	if kind == raftpb.EntryConfChange {
		old := &raftpb.ConfChange{}
		if err := unmarshal(data, old); err != nil {
			return nil, fmt.Errorf("%w: membership: %v", protocol.ErrMessage, err)
		}
		return old.AsV2(), nil
	}
	if err := unmarshal(data, cc); err != nil {
		return nil, fmt.Errorf("%w: membership: %v", protocol.ErrMessage, err)
	}
	return cc, nil
}

// nextConf is the membership behind an entry, for simple changes, which are the
// only ones that brokers propose.
func nextConf(conf *raftpb.ConfState, kind raftpb.EntryType, data []byte) (*raftpb.ConfState, error) {
	cc, err := decodeConf(kind, data)
	if err != nil {
		return nil, err
	}
	voters, learners := slices.Clone(conf.GetVoters()), slices.Clone(conf.GetLearners())
	for _, c := range cc.GetChanges() {
		id := c.GetNodeId()
		same := func(v uint64) bool { return v == id }
		voters, learners = slices.DeleteFunc(voters, same), slices.DeleteFunc(learners, same)
		switch c.GetType() {
		case raftpb.ConfChangeAddNode:
			voters = append(voters, id)
		case raftpb.ConfChangeAddLearnerNode:
			learners = append(learners, id)
		}
	}
	slices.Sort(voters)
	slices.Sort(learners)
	return raftpb.EnsureConfState(&raftpb.ConfState{Voters: voters, Learners: learners}), nil
}
