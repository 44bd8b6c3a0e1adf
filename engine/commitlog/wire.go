package commitlog

import (
	"encoding/binary"
	"errors"
	"fmt"

	"parallax/engine"
)

// The kinds of this package's messages.
const (
	KindProduce engine.Kind = 100 + iota
	KindProduced
	KindFetch
	KindFetched
	KindPin
	KindPinned
	KindLookup
	KindLookedUp
)

// ErrMessage is returned by Decode for bytes that are no message.
var ErrMessage = errors.New("commitlog: not a message")

// Decode reads a message of this package. Payloads alias b.
func Decode(k engine.Kind, b []byte) (engine.Message, error) {
	r := &reader{b: b}
	var m engine.Message
	switch k {
	case KindProduce:
		m = decodeProduce(r)
	case KindProduced:
		m = decodeProduced(r)
	case KindFetch:
		m = decodeFetch(r)
	case KindFetched:
		m = decodeFetched(r)
	case KindPin:
		m = decodePin(r)
	case KindPinned:
		m = decodePinned(r)
	case KindLookup:
		m = decodeLookup(r)
	case KindLookedUp:
		m = decodeLookedUp(r)
	default:
		return decodeInternal(k, r)
	}
	return r.end(k, m)
}

// reader takes a message apart. After the first short read everything is zero,
// so that decoders need no checks of their own.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) end(k engine.Kind, m engine.Message) (engine.Message, error) {
	if r.bad || len(r.b) != 0 {
		return nil, fmt.Errorf("%w: kind %d, %d bytes left, short: %v", ErrMessage, k, len(r.b), r.bad)
	}
	return m, nil
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.bad, r.b = true, nil
		return nil
	}
	p := r.b[:n:n]
	r.b = r.b[n:]
	return p
}

func (r *reader) u8() uint8 {
	if p := r.take(1); p != nil {
		return p[0]
	}
	return 0
}

func (r *reader) u32() uint32 {
	if p := r.take(4); p != nil {
		return binary.LittleEndian.Uint32(p)
	}
	return 0
}

func (r *reader) u64() uint64 {
	if p := r.take(8); p != nil {
		return binary.LittleEndian.Uint64(p)
	}
	return 0
}

func (r *reader) i32() int32 { return int32(r.u32()) }
func (r *reader) i64() int64 { return int64(r.u64()) }

// bytes reads a length of 4 bytes and so many bytes.
func (r *reader) bytes() []byte { return r.take(int(r.u32())) }

// count reads a number of things of at least least bytes each, so that a
// forged number cannot make the caller allocate more than the message holds.
func (r *reader) count(least int) int {
	n := int(r.u32())
	if n > len(r.b)/least {
		r.bad, r.b = true, nil
		return 0
	}
	return n
}

func (r *reader) partition() PartitionID {
	return PartitionID{Topic: string(r.bytes()), Number: r.i32()}
}

func (r *reader) cut() Cut { return Cut{Offset: r.i64(), Frontier: r.i64()} }

var order = binary.LittleEndian

func appendBytes(b, p []byte) []byte {
	return append(order.AppendUint32(b, uint32(len(p))), p...)
}

func appendPartition(b []byte, p PartitionID) []byte {
	b = order.AppendUint32(b, uint32(len(p.Topic)))
	b = append(b, p.Topic...)
	return order.AppendUint32(b, uint32(p.Number))
}

func appendCut(b []byte, c Cut) []byte {
	b = order.AppendUint64(b, uint64(c.Offset))
	return order.AppendUint64(b, uint64(c.Frontier))
}
