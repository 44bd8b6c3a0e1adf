package protocol

import (
	"fmt"
	"hash/crc32"

	"parallax/engine/wire"
)

// Batch is one entry of a partition's log: Count records with consecutive
// offsets from Base on. It is the data of one Raft entry, as the leader made it:
//
//	offset  bytes
//	     0      4  CRC-32C of all that follows
//	     4      1  format, 1
//	     5      1  flags: 1 = idle
//	     6      8  base offset
//	    14      4  records
//	    18      8  append time, microseconds, stamped by the leader, never going back
//	    26      8  producer; 0 for a record of the brokers' own
//	    34      4  epoch
//	    38      4  sequence
//	    42      8  greatest event time, microseconds; of an idle record the frontier
//	    50      …  payload
type Batch struct {
	Base     int64
	Count    int32
	Append   int64
	Producer uint64
	Epoch    uint32
	Sequence uint32
	TimeMax  int64
	// Idle marks a record without rows: it raises the partition's frontier to
	// TimeMax. It takes one offset, so that a cut can lie behind it.
	Idle    bool
	Payload []byte
}

const (
	batchFormat     = 1
	batchHeaderSize = 50
	flagIdle        = 1
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// End is the offset behind the batch's last record.
func (e *Batch) End() int64 { return e.Base + int64(e.Count) }

// Frontier is the partition's frontier behind the batch, given the one before it.
func (e *Batch) Frontier(before int64) int64 { return max(before, e.TimeMax) }

// AppendTo encodes the batch.
func (e *Batch) AppendTo(b []byte) []byte {
	at := len(b)
	flags := byte(0)
	if e.Idle {
		flags = flagIdle
	}
	b = append(b, 0, 0, 0, 0, batchFormat, flags)
	b = wire.Order.AppendUint64(b, uint64(e.Base))
	b = wire.Order.AppendUint32(b, uint32(e.Count))
	b = wire.Order.AppendUint64(b, uint64(e.Append))
	b = wire.Order.AppendUint64(b, e.Producer)
	b = wire.Order.AppendUint32(b, e.Epoch)
	b = wire.Order.AppendUint32(b, e.Sequence)
	b = wire.Order.AppendUint64(b, uint64(e.TimeMax))
	b = append(b, e.Payload...)
	wire.Order.PutUint32(b[at:], crc32.Checksum(b[at+4:], castagnoli))
	return b
}

// DecodeBatch reads what appendTo wrote; Payload aliases b.
func DecodeBatch(b []byte) (Batch, error) {
	if len(b) < batchHeaderSize {
		return Batch{}, fmt.Errorf("%w: %d bytes", ErrMessage, len(b))
	}
	if wire.Order.Uint32(b) != crc32.Checksum(b[4:], castagnoli) {
		return Batch{}, fmt.Errorf("%w: checksum", ErrMessage)
	}
	r := &reader{wire.Reader{Rest: b[4:]}}
	format, flags := r.U8(), r.U8()
	e := Batch{
		Base: r.I64(), Count: r.I32(), Append: r.I64(), Producer: r.U64(), Epoch: r.U32(), Sequence: r.U32(),
		TimeMax: r.I64(), Idle: flags&flagIdle != 0, Payload: r.Rest,
	}
	if format != batchFormat || flags > flagIdle || e.Base < 0 || e.Count < 1 {
		return Batch{}, fmt.Errorf("%w: format %d, flags %d, base %d, %d records", ErrMessage, format, flags, e.Base, e.Count)
	}
	return e, nil
}
