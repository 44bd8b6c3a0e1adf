package protocol

import (
	"parallax/engine"

	"parallax/engine/wire"
)

// Produce asks a partition's leader to append one batch. The producer numbers
// its batches per partition and epoch from 0; a batch that is sent again keeps
// its number and is stored once. Request is the sender's own number for the
// answer.
//
// An idle batch has no rows and carries a frontier in TimeMax, the greatest int64
// at the end of the input: then nothing more will come.
//
//	request 8 | topic 4+n | partition 4 | producer 8 | epoch 4 | sequence 4 |
//	records 4 | greatest event time 8 | idle 1 | payload 4+n
type Produce struct {
	Request   uint64
	Partition PartitionID
	Producer  uint64
	Epoch     uint32
	Sequence  uint32
	Count     int32 // records in Payload, at least 1
	TimeMax   int64 // the greatest event time among them, microseconds
	Idle      bool
	Payload   []byte
}

// Kind is kindProduce.
func (m Produce) Kind() engine.Kind { return kindProduce }

// LogicalKey is the producer's own number for the batch, whatever the attempt.
func (m Produce) LogicalKey() uint64 {
	return m.Producer<<40 ^ uint64(m.Partition.Number)<<32 ^ uint64(m.Epoch)<<24 ^ uint64(m.Sequence)
}

// AppendTo encodes the message.
func (m Produce) AppendTo(b []byte) []byte {
	b = wire.Order.AppendUint64(b, m.Request)
	b = appendPartition(b, m.Partition)
	b = wire.Order.AppendUint64(b, m.Producer)
	b = wire.Order.AppendUint32(b, m.Epoch)
	b = wire.Order.AppendUint32(b, m.Sequence)
	b = wire.Order.AppendUint32(b, uint32(m.Count))
	b = wire.Order.AppendUint64(b, uint64(m.TimeMax))
	return wire.AppendBytes(wire.AppendBool(b, m.Idle), m.Payload)
}

func decodeProduce(r *reader) engine.Message {
	return Produce{
		Request: r.U64(), Partition: r.partition(), Producer: r.U64(), Epoch: r.U32(), Sequence: r.U32(),
		Count: r.I32(), TimeMax: r.I64(), Idle: r.Bool(), Payload: r.Bytes(),
	}
}

// Produced answers Produce. With OK the batch is committed at Base, now or
// already by an earlier attempt.
//
//	request 8 | topic 4+n | partition 4 | code 1 | leader 4 | base 8 | append time 8
type Produced struct {
	Request   uint64
	Partition PartitionID
	Code      Code
	Leader    engine.NodeID
	Base      int64 // offset of the batch's first record
	Append    int64 // its append time, microseconds
}

// Kind is kindProduced.
func (m Produced) Kind() engine.Kind { return kindProduced }

// AppendTo encodes the message.
func (m Produced) AppendTo(b []byte) []byte {
	b = wire.Order.AppendUint64(b, m.Request)
	b = appendPartition(b, m.Partition)
	b = append(b, byte(m.Code))
	b = wire.Order.AppendUint32(b, uint32(m.Leader))
	b = wire.Order.AppendUint64(b, uint64(m.Base))
	return wire.Order.AppendUint64(b, uint64(m.Append))
}

func decodeProduced(r *reader) engine.Message {
	return Produced{
		Request: r.U64(), Partition: r.partition(), Code: Code(r.U8()), Leader: engine.NodeID(r.U32()),
		Base: r.I64(), Append: r.I64(),
	}
}
