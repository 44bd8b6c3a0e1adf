package operator

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrState is returned for bytes that are no saved state of an operator of the
// same configuration.
var ErrState = errors.New("operator: not a saved state")

// formatVersion opens every saved state.
const formatVersion = 1

// decoder reads numbers off a saved state. After the first error everything
// reads as zero.
type decoder struct {
	b   []byte
	err error
}

// fail remembers the first error.
func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", ErrState, fmt.Sprintf(format, args...))
		d.b = nil
	}
}

// version reads the version byte of a part.
func (d *decoder) version(part string) {
	if len(d.b) == 0 || d.b[0] != formatVersion {
		d.fail("version of the %s is not %d", part, formatVersion)
		return
	}
	d.b = d.b[1:]
}

// uint reads a uvarint in its shortest form.
func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 || n > 1 && d.b[n-1] == 0 {
		d.fail("not a number")
		return 0
	}
	d.b = d.b[n:]
	return v
}

// int reads a zigzag varint in its shortest form.
func (d *decoder) int() int64 {
	v := d.uint()
	return int64(v>>1) ^ -int64(v&1)
}

// below reads a number less than limit.
func (d *decoder) below(limit uint64, what string) uint32 {
	v := d.uint()
	if d.err == nil && v >= min(limit, 1<<32) {
		d.fail("%s is %d, want less than %d", what, v, limit)
		return 0
	}
	return uint32(v)
}

// count reads how many items follow, each of which takes at least one byte.
func (d *decoder) count() int {
	v := d.uint()
	if v > uint64(len(d.b)) {
		d.fail("%d items in %d bytes", v, len(d.b))
		return 0
	}
	return int(v)
}

// text reads a string.
func (d *decoder) text() string {
	n := d.count()
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}

func appendUint(b []byte, v uint64) []byte { return binary.AppendUvarint(b, v) }
func appendInt(b []byte, v int64) []byte   { return binary.AppendVarint(b, v) }

// appendKeys appends ascending key numbers as differences.
func appendKeys(b []byte, keys []uint32) []byte {
	b = appendUint(b, uint64(len(keys)))
	next := uint32(0)
	for _, key := range keys {
		b = appendUint(b, uint64(key-next))
		next = key + 1
	}
	return b
}

// keys reads what appendKeys wrote; all are less than limit.
func (d *decoder) keys(limit int) []uint32 {
	n := d.count()
	keys := make([]uint32, 0, n)
	next := uint64(0)
	for range n {
		key := next + d.uint()
		if d.err != nil || key < next || key >= uint64(limit) {
			d.fail("key %d of %d", key, limit)
			return nil
		}
		keys = append(keys, uint32(key))
		next = key + 1
	}
	return keys
}
