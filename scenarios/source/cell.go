package source

import (
	"encoding/binary"
	"errors"
	"time"
	"unicode/utf8"

	"parallax/engine/flow/column"
)

// cellKind is what a record says about one value before its type is known.
type cellKind uint8

const (
	cellNull   cellKind = iota // absent, or JSON null
	cellText                   // CSV: anything
	cellString                 // JSON string, unescaped
	cellNumber                 // JSON number
	cellBool                   // JSON true or false
	cellNested                 // JSON object or array, as written
)

// cell is one value of a record. Its bytes are valid until the next record.
type cell struct {
	text []byte
	at   int // byte in its line, from 1
	line int64
	kind cellKind
}

// empty tells whether the cell is null in every column but a string column.
func (c *cell) empty() bool {
	return c.kind == cellNull || len(c.text) == 0
}

// interner finds the code of a string without allocating for known ones. A small
// table of recent codes stands before the map.
type interner struct {
	dict   *column.Dict
	index  map[string]uint32
	recent [internRecent]uint32 // codes plus 1
}

const internRecent = 1 << 10

func newInterner() *interner {
	return &interner{dict: &column.Dict{}, index: map[string]uint32{}}
}

// intern returns the code of b; ok is false if b is not UTF-8, and then it has
// none.
func (in *interner) intern(b []byte) (code uint32, ok bool) {
	slot := &in.recent[recentSlot(b)]
	if *slot != 0 && in.dict.Value(*slot-1) == string(b) {
		return *slot - 1, true
	}
	code, ok = in.index[string(b)]
	if !ok {
		if !utf8.Valid(b) {
			return 0, false
		}
		s := string(b)
		code = in.dict.Append(s)
		in.index[s] = code
	}
	*slot = code + 1
	return code, true
}

// recentSlot spreads strings by their length and last eight bytes.
func recentSlot(b []byte) uint64 {
	var tail uint64
	if n := len(b); n >= 8 {
		tail = binary.LittleEndian.Uint64(b[n-8:])
	} else {
		for _, c := range b {
			tail = tail<<8 | uint64(c)
		}
	}
	return (tail + uint64(len(b))) * 0x9e3779b97f4a7c15 >> 54
}

// appendCell adds a cell to a column of a known type; msg says what is wrong, and
// then nothing was added.
func appendCell(col *column.Column, in *interner, c *cell) (msg string) {
	if col.Type.Kind == column.String {
		return appendString(col, in, c)
	}
	if c.empty() {
		col.Append(column.Value{Type: col.Type, Null: true})
		return ""
	}
	if c.kind == cellNested {
		return "a nested value where " + col.Type.String() + " was expected"
	}
	switch col.Type.Kind {
	case column.Int64:
		v, digits, fits := parseInt(c.text)
		if !fits {
			return numberMessage(c, col.Type, digits)
		}
		col.Ints = append(col.Ints, v)
	case column.Float64:
		v, number, fits := parseFloat(c.text)
		if !fits {
			return numberMessage(c, col.Type, number)
		}
		col.Floats = append(col.Floats, v)
	case column.Decimal128:
		v, err := column.ParseDecimal(text(c.text), col.Type)
		if err != nil {
			return numberMessage(c, col.Type, errors.Is(err, column.ErrDecimalRange))
		}
		col.Decimals = append(col.Decimals, v)
	case column.Bool:
		v, ok := parseBool(c.text)
		if !ok {
			return "bad bool " + quote(c.text) + ": true or false was expected"
		}
		col.Bools = append(col.Bools, v)
	case column.Timestamp:
		v, ok := parseTimestamp(c.text)
		if !ok {
			return "bad timestamp " + quote(c.text) + ": RFC 3339 or an integer of microseconds was expected"
		}
		col.Ints = append(col.Ints, v)
	}
	if col.Null != nil {
		col.Null = append(col.Null, false)
	}
	return ""
}

func appendString(col *column.Column, in *interner, c *cell) string {
	if c.kind == cellNull {
		col.Append(column.Value{Type: col.Type, Null: true})
		return ""
	}
	code, ok := in.intern(c.text)
	if !ok {
		return "not valid UTF-8: " + quote(c.text)
	}
	col.Codes = append(col.Codes, code)
	if col.Null != nil {
		col.Null = append(col.Null, false)
	}
	return ""
}

func numberMessage(c *cell, t column.Type, outOfRange bool) string {
	if outOfRange {
		return "number out of range: " + quote(c.text) + " does not fit " + t.String()
	}
	return "bad number " + quote(c.text) + ": " + t.String() + " was expected"
}

// parseTimestamp reads RFC 3339, or an integer of microseconds.
func parseTimestamp(b []byte) (int64, bool) {
	if v, _, fits := parseInt(b); fits {
		return v, true
	}
	t, err := time.Parse(time.RFC3339Nano, string(b))
	return t.UnixMicro(), err == nil
}

// truncate takes the last rows of a column back.
func truncate(col *column.Column, rows int) {
	switch col.Type.Kind {
	case column.Bool:
		col.Bools = col.Bools[:rows]
	case column.Int64, column.Timestamp:
		col.Ints = col.Ints[:rows]
	case column.Float64:
		col.Floats = col.Floats[:rows]
	case column.Decimal128:
		col.Decimals = col.Decimals[:rows]
	case column.String:
		col.Codes = col.Codes[:rows]
	}
	if col.Null != nil {
		col.Null = col.Null[:rows]
	}
}
