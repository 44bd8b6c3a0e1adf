package commitlog

import (
	"fmt"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
)

// A replica's Raft id is the broker's id and a generation: a replica that has
// lost what it promised must not come back under the name that promised it.
const generationBits = 32

func replicaID(broker, generation uint64) uint64 { return broker<<generationBits | generation }

func brokerOf(replica uint64) uint64 { return replica >> generationBits }

func generationOf(replica uint64) uint64 { return replica & (1<<generationBits - 1) }

// decodeConf reads a membership entry of either format. Raft itself encodes them,
// in protobuf.
func decodeConf(kind raftpb.EntryType, data []byte) (*raftpb.ConfChangeV2, error) {
	cc, old := &raftpb.ConfChangeV2{}, &raftpb.ConfChange{}
	var err error
	if kind == raftpb.EntryConfChange {
		err = proto.Unmarshal(data, old)
		cc = old.AsV2()
	} else {
		err = proto.Unmarshal(data, cc)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: membership: %w", protocol.ErrMessage, err)
	}
	return cc, nil
}

// changeMembers carries out a committed membership entry, unless the members are
// known as of a later one already. That the entry is committed is written down: a
// replica that comes back as a member of the former group might look for votes of
// replicas that are no more, while the new group is waiting for its own.
func (r *replica) changeMembers(en *raftpb.Entry, fx *engine.Effects) error {
	if en.GetIndex() <= r.log.confIndex {
		return nil
	}
	cc, err := decodeConf(en.GetType(), en.GetData())
	if err != nil {
		return err
	}
	r.log.conf = raftpb.EnsureConfState(r.raft.ApplyConfChange(cc))
	r.log.confIndex = en.GetIndex()
	r.log.journal.Append(fx, appendRecord(nil, r.log.hard, nil))
	return nil
}
