package segment

import (
	"encoding/binary"
	"errors"
	"fmt"

	"parallax/engine/flow/column"
)

// Errors of decoding. They are wrapped with what is wrong.
var (
	// ErrCorrupt: the bytes are no header or entry that a Writer made.
	ErrCorrupt = errors.New("segment: corrupt")
	// ErrForeign: the entry belongs to another segment or partition, whose
	// dictionaries are not this reader's.
	ErrForeign = errors.New("segment: entry of another segment")
	// ErrGap: an entry before this one was not read, so its strings are missing.
	ErrGap = errors.New("segment: entry out of order")
)

const (
	headerMagic   = "PXSG"
	headerVersion = 1
	headerFixed   = 24
	fieldsMax     = 1 << 12
	fieldNameMax  = 1 << 16
)

// Header opens a segment. ID must be unlike that of every other segment of the
// partition that ever existed: dictionaries are told apart by it.
//
//	 0  4  magic "PXSG"
//	 4  2  version, 1
//	 6  2  fields
//	 8  8  id
//	16  4  partition
//	20  4  length of the fields below, padded to a multiple of 8
//	24     for each field: kind, precision, scale, 0 (1 byte each), length of
//	       the name (4), the name
type Header struct {
	ID        uint64
	Partition int32
	Schema    column.Schema
}

// AppendTo appends the encoding.
func (h Header) AppendTo(b []byte) []byte {
	start := len(b)
	b = append(b, headerMagic...)
	b = binary.LittleEndian.AppendUint16(b, headerVersion)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(h.Schema)))
	b = binary.LittleEndian.AppendUint64(b, h.ID)
	b = binary.LittleEndian.AppendUint32(b, uint32(h.Partition))
	b = binary.LittleEndian.AppendUint32(b, 0)
	for _, f := range h.Schema {
		b = append(b, byte(f.Type.Kind), f.Type.Precision, f.Type.Scale, 0)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(f.Name)))
		b = append(b, f.Name...)
	}
	b = pad(b, start)
	binary.LittleEndian.PutUint32(b[start+20:], uint32(len(b)-start-headerFixed))
	return b
}

// ParseHeader reads a header from the front of b and returns what follows it.
func ParseHeader(b []byte) (h Header, rest []byte, err error) {
	if len(b) < headerFixed || string(b[:4]) != headerMagic {
		return Header{}, nil, fmt.Errorf("%w: no segment header", ErrCorrupt)
	}
	if v := binary.LittleEndian.Uint16(b[4:]); v != headerVersion {
		return Header{}, nil, fmt.Errorf("%w: header version %d, known is %d", ErrCorrupt, v, headerVersion)
	}
	fields := int(binary.LittleEndian.Uint16(b[6:]))
	h.ID = binary.LittleEndian.Uint64(b[8:])
	h.Partition = int32(binary.LittleEndian.Uint32(b[16:]))
	size := uint64(binary.LittleEndian.Uint32(b[20:]))
	if size > uint64(len(b)-headerFixed) || size%8 != 0 {
		return Header{}, nil, fmt.Errorf("%w: header of %d bytes in %d", ErrCorrupt, size, len(b))
	}
	body, rest := b[headerFixed:headerFixed+size], b[headerFixed+size:]
	for i := range fields {
		f, tail, ok := parseField(body)
		if !ok {
			return Header{}, nil, fmt.Errorf("%w: field %d of the header", ErrCorrupt, i)
		}
		h.Schema = append(h.Schema, f)
		body = tail
	}
	if len(body) >= 8 || !zeros(body) {
		return Header{}, nil, fmt.Errorf("%w: bytes behind the header's fields", ErrCorrupt)
	}
	return h, rest, h.valid()
}

func parseField(b []byte) (f column.Field, rest []byte, ok bool) {
	if len(b) < 8 || b[3] != 0 {
		return f, nil, false
	}
	n := uint64(binary.LittleEndian.Uint32(b[4:]))
	if n > uint64(len(b)-8) {
		return f, nil, false
	}
	f.Type = column.Type{Kind: column.Kind(b[0]), Precision: b[1], Scale: b[2]}
	f.Name = string(b[8 : 8+n])
	return f, b[8+n:], true
}

// valid refuses schemas that cannot be encoded.
func (h Header) valid() error {
	if len(h.Schema) > fieldsMax {
		return fmt.Errorf("%w: %d fields, at most %d", ErrCorrupt, len(h.Schema), fieldsMax)
	}
	for _, f := range h.Schema {
		if _, err := column.ParseType(f.Type.String()); err != nil {
			return fmt.Errorf("%w: field %q: %w", ErrCorrupt, f.Name, err)
		}
		if f.Type.Kind != column.Decimal128 && (f.Type.Precision|f.Type.Scale) != 0 {
			return fmt.Errorf("%w: field %q: digits on a %s", ErrCorrupt, f.Name, f.Type)
		}
		if len(f.Name) > fieldNameMax {
			return fmt.Errorf("%w: a field's name has %d bytes, at most %d", ErrCorrupt, len(f.Name), fieldNameMax)
		}
	}
	return nil
}

// pad appends zeros until the length counted from start is a multiple of 8.
func pad(b []byte, start int) []byte {
	for (len(b)-start)%8 != 0 {
		b = append(b, 0)
	}
	return b
}

func zeros(b []byte) bool {
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}
