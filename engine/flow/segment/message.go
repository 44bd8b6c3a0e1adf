package segment

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Slots of the flatbuffer tables of Arrow's Message.fbs.
const (
	messageSlotHeaderType = 1
	messageSlotHeader     = 2
	messageSlotBodyLength = 3
	messageSlotCustom     = 4
	batchSlotLength       = 0
	batchSlotNodes        = 1
	batchSlotBuffers      = 2
	batchSlotCompression  = 3
	batchSlotVariadic     = 4
	headerTypeRecordBatch = 3
)

// layout is where a record batch's columns lie in its body. Every column of an entry is
// of fixed width: one node, and two buffers, the validity bitmap and the values.
type layout struct {
	rows    int
	nodes   []byte // {rows, nulls} of 8 bytes each, by column
	buffers []byte // {offset, length} of 8 bytes each, two by column
	body    []byte
}

// structSize is the bytes of a node and of a buffer.
const structSize = 16

// parseMessage reads the layout of so many columns off a record batch message, and
// refuses what the writer does not write: compressed bodies, custom metadata, sizes that
// do not agree with the entry's.
func parseMessage(b, body []byte, rows, columns int) (l layout, err error) {
	if len(b) < 8 || len(b) > math.MaxInt32 {
		return l, fmt.Errorf("%w: Arrow message of %d bytes", ErrCorrupt, len(b))
	}
	msg, ok := tableAt(b, 0)
	if !ok {
		return l, fmt.Errorf("%w: Arrow message without a root", ErrCorrupt)
	}
	kind, okKind := msg.slot(messageSlotHeaderType, 1)
	if !okKind || b[kind] != headerTypeRecordBatch {
		return l, fmt.Errorf("%w: Arrow message is no record batch", ErrCorrupt)
	}
	if length, _ := msg.int64(messageSlotBodyLength); length != int64(len(body)) {
		return l, fmt.Errorf("%w: Arrow body of %d bytes, message says %d", ErrCorrupt, len(body), length)
	}
	header, okHeader := msg.slot(messageSlotHeader, 4)
	if !okHeader || msg.has(messageSlotCustom) {
		return l, fmt.Errorf("%w: Arrow message is not the writer's", ErrCorrupt)
	}
	batch, ok := tableAt(b, header)
	if !ok || batch.has(batchSlotCompression) || batch.has(batchSlotVariadic) {
		return l, fmt.Errorf("%w: Arrow record batch is not the writer's", ErrCorrupt)
	}
	if length, _ := batch.int64(batchSlotLength); length != int64(rows) {
		return l, fmt.Errorf("%w: entry of %d rows, Arrow record batch of %d", ErrCorrupt, rows, length)
	}
	l.rows, l.body = rows, body
	var okNodes, okBuffers bool
	l.nodes, okNodes = batch.structs(batchSlotNodes, columns)
	l.buffers, okBuffers = batch.structs(batchSlotBuffers, 2*columns)
	if !okNodes || !okBuffers {
		return l, fmt.Errorf("%w: Arrow record batch has not %d columns", ErrCorrupt, columns)
	}
	return l, nil
}

// column is the validity bitmap of a column, nil where no row is null, and the bytes of
// its values, each so many bits wide.
func (l *layout) column(i, width int) (valid, values []byte, err error) {
	length, nulls := pairAt(l.nodes, i)
	if length != uint64(l.rows) || nulls > length {
		return nil, nil, fmt.Errorf("%w: column %d of the Arrow record batch: %d rows of %d, %d nulls", ErrCorrupt, i, length, l.rows, nulls)
	}
	if nulls > 0 {
		if valid, err = l.buffer(2*i, 1); err != nil {
			return nil, nil, err
		}
	}
	values, err = l.buffer(2*i+1, width)
	return valid, values, err
}

// buffer is the bytes of a buffer that holds so many bits for every row.
func (l *layout) buffer(i, width int) ([]byte, error) {
	at, length := pairAt(l.buffers, i)
	need := (uint64(l.rows)*uint64(width) + 7) / 8
	if have := uint64(len(l.body)); at%8 != 0 || length < need || at > have || length > have-at {
		return nil, fmt.Errorf("%w: buffer %d of the Arrow record batch: %d bytes at %d of %d, %d rows of %d bits",
			ErrCorrupt, i, length, at, have, l.rows, width)
	}
	return l.body[at : at+need : at+need], nil
}

// pairAt is the two numbers of the i-th node or buffer.
func pairAt(b []byte, i int) (x, y uint64) {
	b = b[structSize*i : structSize*(i+1)]
	return binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
}

// table is a flatbuffer table: its position and its vtable's extent, which are
// known to lie within the bytes.
type table struct {
	b          []byte
	pos, vt, n int
}

// tableAt follows the offset stored at position at.
func tableAt(b []byte, at int) (table, bool) {
	if at+4 > len(b) {
		return table{}, false
	}
	pos := at + int(binary.LittleEndian.Uint32(b[at:]))
	if pos+4 > len(b) {
		return table{}, false
	}
	vt := pos - int(int32(binary.LittleEndian.Uint32(b[pos:])))
	if vt < 0 || vt+4 > len(b) {
		return table{}, false
	}
	n := int(binary.LittleEndian.Uint16(b[vt:]))
	return table{b: b, pos: pos, vt: vt, n: n}, n >= 4 && vt+n <= len(b)
}

// has tells whether a slot is set.
func (t table) has(slot int) bool {
	o := 4 + 2*slot
	return o+2 <= t.n && binary.LittleEndian.Uint16(t.b[t.vt+o:]) != 0
}

// slot is the position of a slot's size bytes; ok is false when it is not set or
// lies outside.
func (t table) slot(slot, size int) (pos int, ok bool) {
	if !t.has(slot) {
		return 0, false
	}
	pos = t.pos + int(binary.LittleEndian.Uint16(t.b[t.vt+4+2*slot:]))
	return pos, pos+size <= len(t.b)
}

// int64 reads a slot; one that is not set is 0.
func (t table) int64(slot int) (int64, bool) {
	pos, ok := t.slot(slot, 8)
	if !ok {
		return 0, false
	}
	return int64(binary.LittleEndian.Uint64(t.b[pos:])), true
}

// structs is the bytes of a slot's vector of n nodes or buffers; ok is false when it has
// another length.
func (t table) structs(slot, n int) (b []byte, ok bool) {
	at, ok := t.slot(slot, 4)
	if !ok {
		return nil, false
	}
	from := uint64(at) + uint64(binary.LittleEndian.Uint32(t.b[at:]))
	to := from + 4 + structSize*uint64(n)
	if to > uint64(len(t.b)) || binary.LittleEndian.Uint32(t.b[from:]) != uint32(n) {
		return nil, false
	}
	return t.b[from+4 : to], true
}
