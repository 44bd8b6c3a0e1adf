package segment

import (
	"encoding/binary"
	"fmt"
	"math"
)

const (
	entryMagic = "PXE1"
	entryFixed = 40
	// rowsMax keeps row numbers within the int32 of a selection.
	rowsMax = math.MaxInt32
)

// entry is the parts of an entry, aliasing its bytes.
type entry struct {
	segment   uint64
	partition int32
	offset    int64
	rows      int
	deltas    []byte
	message   []byte
	body      []byte
}

// parseEntry takes an entry apart; b must hold exactly one.
func parseEntry(b []byte) (e entry, err error) {
	if len(b) < entryFixed || string(b[:4]) != entryMagic {
		return e, fmt.Errorf("%w: no entry", ErrCorrupt)
	}
	e.partition = int32(binary.LittleEndian.Uint32(b[4:]))
	e.segment = binary.LittleEndian.Uint64(b[8:])
	e.offset = int64(binary.LittleEndian.Uint64(b[16:]))
	rows := binary.LittleEndian.Uint32(b[24:])
	m := uint64(binary.LittleEndian.Uint32(b[28:]))
	d := uint64(binary.LittleEndian.Uint32(b[32:]))
	body := uint64(binary.LittleEndian.Uint32(b[36:]))
	if rows > rowsMax || e.offset < 0 || e.offset > math.MaxInt64-rowsMax {
		return e, fmt.Errorf("%w: %d rows at offset %d", ErrCorrupt, rows, e.offset)
	}
	e.rows = int(rows)
	dAt := uint64(entryFixed)
	mAt := dAt + up8(d)
	bAt := mAt + up8(m)
	if body%8 != 0 || bAt+body != uint64(len(b)) {
		return e, fmt.Errorf("%w: parts of %d bytes, entry of %d", ErrCorrupt, bAt+body, len(b))
	}
	if !zeros(b[dAt+d:mAt]) || !zeros(b[mAt+m:bAt]) {
		return e, fmt.Errorf("%w: padding is not zero", ErrCorrupt)
	}
	e.deltas = b[dAt : dAt+d : dAt+d]
	e.message = b[mAt : mAt+m : mAt+m]
	e.body = b[bAt:len(b):len(b)]
	return e, nil
}

func up8(n uint64) uint64 { return (n + 7) &^ 7 }

// delta is what one string column's dictionary gains with an entry.
type delta struct {
	before int
	n      int
	sizes  []byte // n lengths of 4 bytes
	bytes  []byte
}

// parseDelta takes the first delta off b.
func parseDelta(b []byte) (d delta, rest []byte, err error) {
	if len(b) < 8 {
		return d, nil, fmt.Errorf("%w: dictionary delta of %d bytes", ErrCorrupt, len(b))
	}
	before, n := binary.LittleEndian.Uint32(b), uint64(binary.LittleEndian.Uint32(b[4:]))
	b = b[8:]
	if before > rowsMax || n > uint64(len(b))/4 {
		return d, nil, fmt.Errorf("%w: dictionary delta of %d strings in %d bytes", ErrCorrupt, n, len(b))
	}
	d.before, d.n = int(before), int(n)
	d.sizes, b = b[:4*n], b[4*n:]
	total := uint64(0)
	for i := range d.n {
		total += uint64(binary.LittleEndian.Uint32(d.sizes[4*i:]))
	}
	if total > uint64(len(b)) {
		return d, nil, fmt.Errorf("%w: dictionary delta of %d bytes in %d", ErrCorrupt, total, len(b))
	}
	d.bytes, rest = b[:total], b[total:]
	return d, rest, nil
}
