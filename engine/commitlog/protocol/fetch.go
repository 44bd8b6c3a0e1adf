package protocol

import (
	"parallax/engine"

	"parallax/engine/wire"
)

// Fetch asks a partition's leader for committed batches from Offset on, of at
// most Credit bytes of payload in all; one batch is sent even if it is larger.
//
//	request 8 | topic 4+n | partition 4 | offset 8 | credit 4
type Fetch struct {
	Request   uint64
	Partition PartitionID
	Offset    int64
	Credit    int32
}

// Kind is kindFetch.
func (m Fetch) Kind() engine.Kind { return kindFetch }

// AppendTo encodes the message.
func (m Fetch) AppendTo(b []byte) []byte {
	b = wire.Order.AppendUint64(b, m.Request)
	b = appendPartition(b, m.Partition)
	b = wire.Order.AppendUint64(b, uint64(m.Offset))
	return wire.Order.AppendUint32(b, uint32(m.Credit))
}

func decodeFetch(r *reader) engine.Message {
	return Fetch{Request: r.U64(), Partition: r.partition(), Offset: r.I64(), Credit: r.I32()}
}

// Fetched answers Fetch. OK with no batches means "not yet": after a restart a
// leader may know less to be committed than a reader has already seen, so an
// offset beyond End is no error.
//
//	request 8 | topic 4+n | partition 4 | code 1 | leader 4 | start: offset 8, frontier 8 |
//	end 8 | batches 4, each: length 4, batch
type Fetched struct {
	Request   uint64
	Partition PartitionID
	Code      Code
	Leader    engine.NodeID
	Start     Cut   // the log's start
	End       int64 // offset behind the last committed record
	Batches   []Batch
}

// Kind is kindFetched.
func (m Fetched) Kind() engine.Kind { return kindFetched }

// AppendTo encodes the message.
func (m Fetched) AppendTo(b []byte) []byte {
	b = wire.Order.AppendUint64(b, m.Request)
	b = appendPartition(b, m.Partition)
	b = append(b, byte(m.Code))
	b = wire.Order.AppendUint32(b, uint32(m.Leader))
	b = appendCut(b, m.Start)
	b = wire.Order.AppendUint64(b, uint64(m.End))
	b = wire.Order.AppendUint32(b, uint32(len(m.Batches)))
	for i := range m.Batches {
		at := len(b)
		b = m.Batches[i].AppendTo(append(b, 0, 0, 0, 0))
		wire.Order.PutUint32(b[at:], uint32(len(b)-at-4))
	}
	return b
}

func decodeFetched(r *reader) engine.Message {
	m := Fetched{
		Request: r.U64(), Partition: r.partition(), Code: Code(r.U8()), Leader: engine.NodeID(r.U32()),
		Start: r.cut(), End: r.I64(),
	}
	n := r.Count(4)
	m.Batches = make([]Batch, 0, n)
	for range n {
		batch, err := DecodeBatch(r.Bytes())
		if err != nil {
			r.Fail()
		}
		m.Batches = append(m.Batches, batch)
	}
	return m
}
