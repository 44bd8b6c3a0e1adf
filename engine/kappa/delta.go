package kappa

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"parallax/engine/kappa/vault"
	"parallax/engine/wire"
)

// A delta makes one image from another: it is what has to be written of a state
// whose predecessor is on the disk. Pieces are cut where the bytes say so and not
// at fixed places, so that what is inserted in front of a piece does not change it
// (A. Muthitacharoen, B. Chen, D. Mazières, A Low-bandwidth Network File System,
// SOSP 2001, section 3.1).
//
//	length 8 | CRC-32 4 | CRC-32C 4 | operations, each a varint n << 1 | copy:
//	  literal: n bytes
//	  copy:    varint offset in the predecessor, from where n bytes are taken
//
// Length and checksums are of the image that is made; without them a mistake in
// either direction would go on unseen from checkpoint to checkpoint.

// The lengths of pieces. A piece ends on average after 192 bytes, so a value that
// has changed costs about as much.
const (
	pieceBytesMin = 64
	pieceBytesMax = 4096
	pieceBits     = 7 // log₂ of how many bytes pass on average, beyond the least, before a cut
)

var (
	gear       = gearTable()
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// gearTable is 256 fixed random words, for a hash of the last 64 bytes that moves
// on by a shift and an addition (SplitMix64, G. Steele, D. Lea, C. Flood, OOPSLA
// 2014, figure 16).
func gearTable() (table [256]uint64) {
	x := uint64(0)
	for i := range table {
		x += 0x9e3779b97f4a7c15
		z := x
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		table[i] = z ^ z>>31
	}
	return table
}

// piece is the length of the first piece of b and its name: pieces of one name are
// equal, or nearly always.
func piece(b []byte) (n int, name uint64) {
	// The hash is of the 64 bytes before a place, and no place before pieceBytesMin
	// is looked at.
	roll, most := uint64(0), min(len(b), pieceBytesMax)
	for n = pieceBytesMin - 64; n < most; n++ {
		roll = roll<<1 + gear[b[n]]
		if roll>>(64-pieceBits) == 0 && n >= pieceBytesMin {
			break
		}
	}
	n = min(max(n, 0)+1, most)
	return n, uint64(n)<<32 | uint64(crc32.Checksum(b[:n], castagnoli))
}

// image is a state as it was last written, and where its pieces are.
type image struct {
	data   []byte
	pieces map[uint64]int // by name; of equal ones the first
}

// next makes data an image and appends the delta from the one before.
func (old *image) next(b, data []byte) (*image, []byte) {
	img := &image{data: data, pieces: make(map[uint64]int, len(data)>>pieceBits)}
	b = wire.Order.AppendUint64(b, uint64(len(data)))
	b = wire.Order.AppendUint64(b, vault.Checksum(data))
	literal, from, size := 0, 0, 0 // bytes that wait to be written, and a copy that may go on
	flush := func() {
		if size > 0 {
			b = binary.AppendUvarint(b, uint64(size)<<1|1)
			b = binary.AppendUvarint(b, uint64(from))
			size = 0
		}
	}
	for at := 0; at < len(data); {
		n, name := piece(data[at:])
		p := data[at : at+n]
		if _, known := img.pieces[name]; !known {
			img.pieces[name] = at
		}
		found, ok := from+size, size > 0 && old.has(from+size, p)
		if !ok {
			found, ok = old.pieces[name]
			ok = ok && old.has(found, p)
		}
		switch {
		case !ok:
			flush()
			literal += n
		case size > 0 && found == from+size:
			size += n
		default:
			b = appendLiteral(b, data[at-literal:at])
			literal = 0
			flush()
			from, size = found, n
		}
		at += n
	}
	b = appendLiteral(b, data[len(data)-literal:])
	flush()
	return img, b
}

// has reports whether p stands at an offset.
func (old *image) has(at int, p []byte) bool {
	return at+len(p) <= len(old.data) && bytes.Equal(old.data[at:at+len(p)], p)
}

func appendLiteral(b, p []byte) []byte {
	if len(p) == 0 {
		return b
	}
	return append(binary.AppendUvarint(b, uint64(len(p))<<1), p...)
}

// errDelta is returned for a delta that does not fit its predecessor.
var errDelta = errors.New("damaged delta")

// applyDelta makes the image whose delta from old is given.
func applyDelta(old, delta []byte) ([]byte, error) {
	r := &wire.Reader{Rest: delta}
	length, sum := r.U64(), r.U64()
	var data []byte
	for rest := r.Rest; len(rest) > 0; {
		op, k := binary.Uvarint(rest)
		if k <= 0 {
			return nil, fmt.Errorf("%w: operation", errDelta)
		}
		rest = rest[k:]
		n, source := op>>1, rest
		if op&1 == 1 {
			from, k := binary.Uvarint(rest)
			if k <= 0 || from > uint64(len(old)) {
				return nil, fmt.Errorf("%w: copy from %d of %d", errDelta, from, len(old))
			}
			rest, source = rest[k:], old[from:]
		}
		if n > uint64(len(source)) || n > length-uint64(len(data)) {
			return nil, fmt.Errorf("%w: %d bytes of %d", errDelta, n, len(source))
		}
		data = append(data, source[:n]...)
		if op&1 == 0 {
			rest = rest[n:]
		}
	}
	if uint64(len(data)) != length || vault.Checksum(data) != sum {
		return nil, fmt.Errorf("%w: it makes another state", errDelta)
	}
	return data, nil
}
