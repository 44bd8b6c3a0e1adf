package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrShort is returned by End for a message that is shorter, or longer, than its
// fields.
var ErrShort = errors.New("wire: length does not fit")

// Order is the byte order of all messages.
var Order = binary.LittleEndian

// Reader reads fields off the front of a message. Make one with its bytes:
// Reader{Rest: b}.
type Reader struct {
	Rest []byte
	bad  bool
}

// End is nil when every field was there and nothing is left.
func (r *Reader) End() error {
	if r.bad || len(r.Rest) != 0 {
		return fmt.Errorf("%w: %d bytes left, short: %v", ErrShort, len(r.Rest), r.bad)
	}
	return nil
}

// Fail makes End return an error: a field has a value that it cannot have.
func (r *Reader) Fail() { r.bad, r.Rest = true, nil }

// Take reads n bytes. They alias the message.
func (r *Reader) Take(n int) []byte {
	if n < 0 || n > len(r.Rest) {
		r.Fail()
		return nil
	}
	p := r.Rest[:n:n]
	r.Rest = r.Rest[n:]
	return p
}

// U8 reads one byte.
func (r *Reader) U8() uint8 {
	if p := r.Take(1); p != nil {
		return p[0]
	}
	return 0
}

// Bool reads one byte that is 0 or 1.
func (r *Reader) Bool() bool {
	v := r.U8()
	if v > 1 {
		r.Fail()
	}
	return v == 1
}

// U32 reads 4 bytes.
func (r *Reader) U32() uint32 {
	if p := r.Take(4); p != nil {
		return Order.Uint32(p)
	}
	return 0
}

// U64 reads 8 bytes.
func (r *Reader) U64() uint64 {
	if p := r.Take(8); p != nil {
		return Order.Uint64(p)
	}
	return 0
}

// I32 reads 4 bytes.
func (r *Reader) I32() int32 { return int32(r.U32()) }

// I64 reads 8 bytes.
func (r *Reader) I64() int64 { return int64(r.U64()) }

// Bytes reads a length of 4 bytes and so many bytes, which alias the message.
func (r *Reader) Bytes() []byte { return r.Take(int(r.U32())) }

// Text reads a length of 4 bytes and so many bytes.
func (r *Reader) Text() string { return string(r.Bytes()) }

// Count reads a number of things of at least least bytes each, least being 1 or
// more; a number that the message cannot hold fails.
func (r *Reader) Count(least int) int {
	n := int(r.U32())
	if n > len(r.Rest)/least {
		r.Fail()
		return 0
	}
	return n
}

// AppendBytes appends p behind its length, as Bytes reads it.
func AppendBytes(b, p []byte) []byte {
	return append(Order.AppendUint32(b, uint32(len(p))), p...)
}

// AppendText appends s behind its length, as Text reads it.
func AppendText(b []byte, s string) []byte {
	return append(Order.AppendUint32(b, uint32(len(s))), s...)
}

// AppendBool appends 0 or 1.
func AppendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}
