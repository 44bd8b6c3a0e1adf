package commitlog

import (
	"fmt"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/wire"
)

// The kinds that brokers send to each other and to themselves.
const (
	kindRaft engine.Kind = 120 + iota
	kindBeat
	kindElection
	kindStatus
	kindStatusReply
	kindIdle
	kindJoin
)

func decodeInternal(k engine.Kind, r *reader) (engine.Message, error) {
	var m engine.Message
	switch k {
	case kindRaft:
		m = decodeRaft(r)
	case kindBeat:
		m = beat{}
	case kindElection:
		m = election{partition: r.U32()}
	case kindStatus:
		m = status{partition: r.U32()}
	case kindStatusReply:
		m = statusReply{partition: r.U32(), leads: r.Bool(), quiet: r.I64(), end: r.cut()}
	case kindIdle:
		m = idle{partition: r.U32(), end: r.I64(), frontier: r.I64()}
	case kindJoin:
		m = join{partition: r.U32(), replica: r.U64()}
	default:
		return nil, fmt.Errorf("%w: kind %d", protocol.ErrMessage, k)
	}
	return finish(k, r, m)
}

// beat is the broker's timer: leaders send heartbeats and look after retention,
// idleness and those who wait. It has no content.
type beat struct{}

func (beat) Kind() engine.Kind { return kindBeat }

func (beat) AppendTo(b []byte) []byte { return b }

// election is a follower's timer: perhaps it has not heard of a leader for a while.
//
//	partition 4
type election struct{ partition uint32 }

func (election) Kind() engine.Kind { return kindElection }

func (m election) AppendTo(b []byte) []byte { return wire.Order.AppendUint32(b, m.partition) }

// status asks a broker how a partition stands; only its leader knows.
//
//	partition 4
type status struct{ partition uint32 }

func (status) Kind() engine.Kind { return kindStatus }

func (m status) AppendTo(b []byte) []byte { return wire.Order.AppendUint32(b, m.partition) }

// statusReply says for how long (ns, by the leader's clock) nothing has been
// appended, and where the log ends.
//
//	partition 4 | leads 1 | quiet 8 | end: offset 8, frontier 8
type statusReply struct {
	partition uint32
	leads     bool
	quiet     int64
	end       protocol.Cut
}

func (statusReply) Kind() engine.Kind { return kindStatusReply }

func (m statusReply) AppendTo(b []byte) []byte {
	b = wire.Order.AppendUint32(b, m.partition)
	b = wire.Order.AppendUint64(wire.AppendBool(b, m.leads), uint64(m.quiet))
	return appendCut(b, m.end)
}

// idle asks a partition's leader to append a record without rows that carries a
// frontier, if its log still ends at end.
//
//	partition 4 | end 8 | frontier 8
type idle struct {
	partition uint32
	end       int64
	frontier  int64
}

func (idle) Kind() engine.Kind { return kindIdle }

func (m idle) AppendTo(b []byte) []byte {
	b = wire.Order.AppendUint32(b, m.partition)
	b = wire.Order.AppendUint64(b, uint64(m.end))
	return wire.Order.AppendUint64(b, uint64(m.frontier))
}

// join asks a partition's leader to replace the sender's replica, whose log is
// damaged, by a new one that begins as a learner.
//
//	partition 4 | replica 8
type join struct {
	partition uint32
	replica   uint64
}

func (join) Kind() engine.Kind { return kindJoin }

func (m join) AppendTo(b []byte) []byte {
	return wire.Order.AppendUint64(wire.Order.AppendUint32(b, m.partition), m.replica)
}
