package aggregate

import (
	"encoding/binary"
	"fmt"
	"math"

	"parallax/engine/flow/column"
)

// A group's encoding is
//
//	version  1 byte, formatVersion
//	then for every function of the table, in order, its accumulator
//
// Each accumulator's layout stands with its type. The parts are
//
//	uvarint   base 128, low digits first, as short as possible (encoding/binary)
//	integer   length uvarint, then that many bytes of two's complement, low
//	          bytes first, as few as possible: none for 0, 01 01 for 1, 01 ff for -1
//	string    length uvarint, then its bytes
//	ordinal   8 bytes, high byte first, ordered as the values are
const formatVersion = 1

var errSpecials = fmt.Errorf("%w: special numbers flagged, none there", ErrEncoding)

func appendUint(b []byte, v uint64) []byte { return binary.AppendUvarint(b, v) }

// readUint reads a uvarint of the shortest form.
func readUint(b []byte) (v uint64, rest []byte, err error) {
	v, n := binary.Uvarint(b)
	if n <= 0 || n > 1 && b[n-1] == 0 {
		return 0, nil, fmt.Errorf("%w: bad uvarint", ErrEncoding)
	}
	return v, b[n:], nil
}

// readCount reads a number of rows.
func readCount(b []byte) (v uint64, rest []byte, err error) {
	v, rest, err = readUint(b)
	if err == nil && v > math.MaxInt64 {
		return 0, nil, fmt.Errorf("%w: more than 2^63 rows", ErrEncoding)
	}
	return v, rest, err
}

// readBytes reads a length and so many bytes, which alias b.
func readBytes(b []byte) (p, rest []byte, err error) {
	n, rest, err := readUint(b)
	if err == nil && n > uint64(len(rest)) {
		err = fmt.Errorf("%w: cut short", ErrEncoding)
	}
	if err != nil {
		return nil, nil, err
	}
	return rest[:n], rest[n:], nil
}

// appendInteger appends the integer with the given limbs, two's complement, low
// limbs first.
func appendInteger(b []byte, limbs ...uint64) []byte {
	n := 8 * len(limbs)
	at := func(i int) byte { return byte(limbs[i>>3] >> (i & 7 * 8)) }
	sign := byte(int64(limbs[len(limbs)-1]) >> 63)
	for n > 0 && at(n-1) == sign && (n == 1 && sign == 0 || n > 1 && (at(n-2)^sign)&0x80 == 0) {
		n--
	}
	b = appendUint(b, uint64(n))
	for i := range n {
		b = append(b, at(i))
	}
	return b
}

// readInteger reads an integer into limbs, low limbs first; one that they do not
// hold is refused.
func readInteger(b []byte, limbs ...*uint64) (rest []byte, err error) {
	p, rest, err := readBytes(b)
	if err != nil {
		return nil, err
	}
	if err := checkInteger(p, len(limbs)); err != nil {
		return nil, err
	}
	for i, l := range limbs {
		*l = limbOf(p, i)
	}
	return rest, nil
}

// checkInteger refuses an integer that is longer than it must be or does not fit
// so many limbs.
func checkInteger(p []byte, limbs int) error {
	n := len(p)
	if n > 8*limbs {
		return fmt.Errorf("%w: integer of %d bytes", ErrEncoding, n)
	}
	if n > 0 {
		sign := byte(int8(p[n-1]) >> 7)
		if n == 1 && p[0] == 0 || n > 1 && p[n-1] == sign && (p[n-2]^sign)&0x80 == 0 {
			return fmt.Errorf("%w: integer is not minimal", ErrEncoding)
		}
	}
	return nil
}

// limbOf is the i-th limb of an integer's bytes, with its sign extended.
func limbOf(p []byte, i int) uint64 {
	var sign byte
	if n := len(p); n > 0 {
		sign = byte(int8(p[n-1]) >> 7)
	}
	var l uint64
	for k := 7; k >= 0; k-- {
		c := sign
		if at := 8*i + k; at < len(p) {
			c = p[at]
		}
		l = l<<8 | uint64(c)
	}
	return l
}

// appendOrdinal appends 8 bytes.
func appendOrdinal(b []byte, o uint64) []byte { return binary.BigEndian.AppendUint64(b, o) }

// readOrdinal reads 8 bytes.
func readOrdinal(b []byte) (o uint64, rest []byte, err error) {
	if len(b) < 8 {
		return 0, nil, fmt.Errorf("%w: cut short", ErrEncoding)
	}
	return binary.BigEndian.Uint64(b), b[8:], nil
}

// readOrdinalOf reads the ordinal of a value of a kind.
func readOrdinalOf(k column.Kind, b []byte) (o uint64, rest []byte, err error) {
	o, rest, err = readOrdinal(b)
	if err == nil && !validOrdinal(k, o) {
		return 0, nil, fmt.Errorf("%w: no %s has ordinal %#x", ErrEncoding, k, o)
	}
	return o, rest, err
}

// readFlag reads a byte that is 0 or 1.
func readFlag(b []byte) (set bool, rest []byte, err error) {
	if len(b) == 0 || b[0] > 1 {
		return false, nil, fmt.Errorf("%w: flag byte is not 0 or 1", ErrEncoding)
	}
	return b[0] == 1, b[1:], nil
}
