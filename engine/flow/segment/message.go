package segment

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// errStarved means that the shared reader asked for a message out of turn.
var errStarved = errors.New("segment: no message at hand")

// messages is the ipc.MessageReader under the shared reader: it hands out the
// one message it was given. It must never report an end of stream, after which
// an ipc.Reader refuses to read on.
type messages struct{ next *ipc.Message }

func (m *messages) Message() (*ipc.Message, error) {
	msg := m.next
	if msg == nil {
		return nil, errStarved
	}
	m.next = nil
	return msg, nil
}

// Release and Retain do nothing: memory is the garbage collector's.
func (m *messages) Release() {}

// Retain does nothing, like Release.
func (m *messages) Retain() {}

// feed makes a message of its parts, without copying, the next one.
func (m *messages) feed(meta, body []byte) {
	m.next = ipc.NewMessage(memory.NewBufferBytes(meta), memory.NewBufferBytes(body))
}

// Slots of the flatbuffer tables of Arrow's Message.fbs.
const (
	messageSlotHeaderType = 1
	messageSlotHeader     = 2
	messageSlotBodyLength = 3
	messageSlotCustom     = 4
	batchSlotLength       = 0
	batchSlotCompression  = 3
	batchSlotVariadic     = 4
	headerTypeRecordBatch = 3
)

// checkMessage looks at the parts of a record batch message on which arrow-go
// would allocate without bound (compressed bodies, custom metadata), and at the
// sizes that must agree with the entry's.
func checkMessage(b []byte, rows, body int) error {
	if len(b) < 8 || len(b) > math.MaxInt32 {
		return fmt.Errorf("%w: Arrow message of %d bytes", ErrCorrupt, len(b))
	}
	msg, ok := tableAt(b, 0)
	if !ok {
		return fmt.Errorf("%w: Arrow message without a root", ErrCorrupt)
	}
	kind, okKind := msg.slot(messageSlotHeaderType, 1)
	if !okKind || b[kind] != headerTypeRecordBatch {
		return fmt.Errorf("%w: Arrow message is no record batch", ErrCorrupt)
	}
	if length, _ := msg.int64(messageSlotBodyLength); length != int64(body) {
		return fmt.Errorf("%w: Arrow body of %d bytes, message says %d", ErrCorrupt, body, length)
	}
	header, okHeader := msg.slot(messageSlotHeader, 4)
	if !okHeader || msg.has(messageSlotCustom) {
		return fmt.Errorf("%w: Arrow message is not the writer's", ErrCorrupt)
	}
	batch, ok := tableAt(b, header)
	if !ok || batch.has(batchSlotCompression) || batch.has(batchSlotVariadic) {
		return fmt.Errorf("%w: Arrow record batch is not the writer's", ErrCorrupt)
	}
	if length, _ := batch.int64(batchSlotLength); length != int64(rows) {
		return fmt.Errorf("%w: entry of %d rows, Arrow record batch of %d", ErrCorrupt, rows, length)
	}
	return nil
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
