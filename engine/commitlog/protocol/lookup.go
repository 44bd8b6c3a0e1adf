package protocol

import (
	"parallax/engine"

	"parallax/engine/wire"
)

// Lookup asks for the cut before the first batch whose append time is at least
// Append; it is the log's end when there is none yet.
//
//	request 8 | topic 4+n | partition 4 | append time 8
type Lookup struct {
	Request   uint64
	Partition PartitionID
	Append    int64 // microseconds
}

// Kind is kindLookup.
func (m Lookup) Kind() engine.Kind { return kindLookup }

// AppendTo encodes the message.
func (m Lookup) AppendTo(b []byte) []byte {
	b = wire.Order.AppendUint64(b, m.Request)
	b = appendPartition(b, m.Partition)
	return wire.Order.AppendUint64(b, uint64(m.Append))
}

func decodeLookup(r *reader) engine.Message {
	return Lookup{Request: r.U64(), Partition: r.partition(), Append: r.I64()}
}

// LookedUp answers Lookup.
//
//	request 8 | topic 4+n | partition 4 | code 1 | leader 4 | offset 8 | frontier 8
type LookedUp struct {
	Request   uint64
	Partition PartitionID
	Code      Code
	Leader    engine.NodeID
	Cut       Cut
}

// Kind is kindLookedUp.
func (m LookedUp) Kind() engine.Kind { return kindLookedUp }

// AppendTo encodes the message.
func (m LookedUp) AppendTo(b []byte) []byte {
	b = wire.Order.AppendUint64(b, m.Request)
	b = appendPartition(b, m.Partition)
	b = append(b, byte(m.Code))
	b = wire.Order.AppendUint32(b, uint32(m.Leader))
	return appendCut(b, m.Cut)
}

func decodeLookedUp(r *reader) engine.Message {
	return LookedUp{
		Request: r.U64(), Partition: r.partition(), Code: Code(r.U8()), Leader: engine.NodeID(r.U32()), Cut: r.cut(),
	}
}
