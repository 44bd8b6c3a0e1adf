package commitlog

import "parallax/engine"

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

// Kind is KindFetch.
func (m Fetch) Kind() engine.Kind { return KindFetch }

// AppendTo encodes the message.
func (m Fetch) AppendTo(b []byte) []byte {
	b = order.AppendUint64(b, m.Request)
	b = appendPartition(b, m.Partition)
	b = order.AppendUint64(b, uint64(m.Offset))
	return order.AppendUint32(b, uint32(m.Credit))
}

func decodeFetch(r *reader) engine.Message {
	return Fetch{Request: r.u64(), Partition: r.partition(), Offset: r.i64(), Credit: r.i32()}
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

// Kind is KindFetched.
func (m Fetched) Kind() engine.Kind { return KindFetched }

// AppendTo encodes the message.
func (m Fetched) AppendTo(b []byte) []byte {
	b = order.AppendUint64(b, m.Request)
	b = appendPartition(b, m.Partition)
	b = append(b, byte(m.Code))
	b = order.AppendUint32(b, uint32(m.Leader))
	b = appendCut(b, m.Start)
	b = order.AppendUint64(b, uint64(m.End))
	b = order.AppendUint32(b, uint32(len(m.Batches)))
	for i := range m.Batches {
		at := len(b)
		b = m.Batches[i].appendTo(append(b, 0, 0, 0, 0))
		order.PutUint32(b[at:], uint32(len(b)-at-4))
	}
	return b
}

func decodeFetched(r *reader) engine.Message {
	m := Fetched{
		Request: r.u64(), Partition: r.partition(), Code: Code(r.u8()), Leader: engine.NodeID(r.u32()),
		Start: r.cut(), End: r.i64(),
	}
	n := r.count(4)
	m.Batches = make([]Batch, 0, n)
	for range n {
		batch, err := decodeBatch(r.bytes())
		if err != nil {
			r.bad = true
		}
		m.Batches = append(m.Batches, batch)
	}
	return m
}
