package protocol

import (
	"parallax/engine"

	"parallax/engine/wire"
)

// Pin registers the place from which Holder may have to read again: a checkpoint,
// a view's cut, an archiver's position. Retention never removes anything at or
// above the least pin. A pin only moves forward; a holder that is done releases
// it with Release.
//
//	request 8 | topic 4+n | partition 4 | holder 4+n | offset 8 | frontier 8 | release 1
type Pin struct {
	Request   uint64
	Partition PartitionID
	Holder    string
	Cut       Cut
	Release   bool
}

// Kind is kindPin.
func (m Pin) Kind() engine.Kind { return kindPin }

// AppendTo encodes the message.
func (m Pin) AppendTo(b []byte) []byte {
	b = wire.Order.AppendUint64(b, m.Request)
	b = appendPartition(b, m.Partition)
	b = wire.AppendBytes(b, []byte(m.Holder))
	return wire.AppendBool(appendCut(b, m.Cut), m.Release)
}

func decodePin(r *reader) engine.Message {
	return Pin{
		Request: r.U64(), Partition: r.partition(), Holder: r.Text(), Cut: r.cut(), Release: r.Bool(),
	}
}

// Pinned answers Pin. With OK the pin is committed; with Compacted the log
// begins above it, at Start.
//
//	request 8 | topic 4+n | partition 4 | code 1 | leader 4 | start: offset 8, frontier 8
type Pinned struct {
	Request   uint64
	Partition PartitionID
	Code      Code
	Leader    engine.NodeID
	Start     Cut
}

// Kind is kindPinned.
func (m Pinned) Kind() engine.Kind { return kindPinned }

// AppendTo encodes the message.
func (m Pinned) AppendTo(b []byte) []byte {
	b = wire.Order.AppendUint64(b, m.Request)
	b = appendPartition(b, m.Partition)
	b = append(b, byte(m.Code))
	b = wire.Order.AppendUint32(b, uint32(m.Leader))
	return appendCut(b, m.Start)
}

func decodePinned(r *reader) engine.Message {
	return Pinned{
		Request: r.U64(), Partition: r.partition(), Code: Code(r.U8()), Leader: engine.NodeID(r.U32()), Start: r.cut(),
	}
}
