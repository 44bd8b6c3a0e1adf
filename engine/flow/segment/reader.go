package segment

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"parallax/engine/flow/column"
)

// Reader decodes the entries of one segment, in order.
type Reader struct {
	header Header
	meta   []byte // the schema's Arrow message
	source messages
	shared *ipc.Reader
	dicts  []*column.Dict // nil for columns that are no strings
	nulls  [][]bool
	bools  [][]bool
	nums   [][]column.Decimal
}

// NewReader reads the segment that h opens, from its first entry on.
func NewReader(h Header) (*Reader, error) {
	if err := h.valid(); err != nil {
		return nil, err
	}
	n := len(h.Schema)
	r := &Reader{
		header: h, dicts: make([]*column.Dict, n),
		nulls: make([][]bool, n), bools: make([][]bool, n), nums: make([][]column.Decimal, n),
	}
	for i, f := range h.Schema {
		if f.Type.Kind == column.String {
			r.dicts[i] = new(column.Dict)
		}
	}
	var out payload
	w := ipc.NewWriterWithPayloadWriter(&out, ipc.WithSchema(arrowSchema(h.Schema)), ipc.WithAllocator(memory.NewGoAllocator()))
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("segment: schema: %w", err)
	}
	r.meta = out.meta
	return r, r.open()
}

// open makes the shared reader and feeds it the schema.
func (r *Reader) open() error {
	r.source.feed(r.meta, nil)
	shared, err := ipc.NewReaderFromMessageReader(&r.source, ipc.WithAllocator(memory.NewGoAllocator()))
	if err != nil {
		return fmt.Errorf("segment: schema: %w", err)
	}
	r.shared = shared
	return nil
}

// Decode reads the segment's next entry into b, except for the frontiers, which
// are stamped later. The batch is valid until the next Decode and as long as the
// entry's bytes are left alone; the dictionaries stay valid and only grow. An
// entry that was read or skipped before may be read again. After an error the
// reader is as before the call, except that the dictionaries may have gained the
// entry's strings.
func (r *Reader) Decode(raw []byte, b *column.Batch) error {
	e, err := r.accept(raw)
	if err != nil {
		return err
	}
	if err := checkMessage(e.message, e.rows, len(e.body)); err != nil {
		return err
	}
	r.source.feed(e.message, e.body)
	if !r.shared.Next() {
		err := r.shared.Err()
		if errOpen := r.open(); errOpen != nil {
			return errOpen
		}
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	rec := r.shared.RecordBatch()
	times, okTimes := ints(rec.Column(0), e.rows)
	appends, okAppends := ints(rec.Column(1), e.rows)
	if !okTimes || !okAppends {
		return fmt.Errorf("%w: time columns are not %d rows without nulls", ErrCorrupt, e.rows)
	}
	columns := b.Columns[:0]
	for i := range r.header.Schema {
		columns = append(columns, column.Column{})
		if err := r.column(i, rec.Column(timeColumns+i), e.rows, &columns[i]); err != nil {
			return err
		}
	}
	*b = column.Batch{
		Schema: r.header.Schema, Partition: e.partition, Offset: e.offset, Rows: e.rows,
		Columns: columns, Times: times, Appends: appends, Frontiers: b.Frontiers[:0],
	}
	return nil
}

// Skip takes over the strings of the segment's next entry and leaves its rows,
// so that reading can begin in the middle of a segment.
func (r *Reader) Skip(raw []byte) error {
	_, err := r.accept(raw)
	return err
}

// accept checks that the entry belongs here and applies its dictionary deltas.
func (r *Reader) accept(raw []byte) (entry, error) {
	e, err := parseEntry(raw)
	if err != nil {
		return e, err
	}
	if e.segment != r.header.ID || e.partition != r.header.Partition {
		return e, fmt.Errorf("%w: segment %d of partition %d, reading %d of %d",
			ErrForeign, e.segment, e.partition, r.header.ID, r.header.Partition)
	}
	rest := e.deltas
	for i, dict := range r.dicts {
		if dict == nil {
			continue
		}
		var d delta
		if d, rest, err = parseDelta(rest); err != nil {
			return e, err
		}
		if d.before > dict.Len() {
			return e, fmt.Errorf("%w: column %q has %d strings, the entry follows %d",
				ErrGap, r.header.Schema[i].Name, dict.Len(), d.before)
		}
		if err := grow(dict, d); err != nil {
			return e, fmt.Errorf("column %q: %w", r.header.Schema[i].Name, err)
		}
	}
	if len(rest) != 0 {
		return e, fmt.Errorf("%w: %d bytes behind the dictionary deltas", ErrCorrupt, len(rest))
	}
	return e, nil
}

// grow adds a delta's strings, which share one allocation. Those that are there
// already, from an earlier reading, must be the same.
func grow(dict *column.Dict, d delta) error {
	if d.n == 0 {
		return nil
	}
	known := dict.Len()
	text := string(d.bytes)
	for i := range d.n {
		n := binary.LittleEndian.Uint32(d.sizes[4*i:])
		s := text[:n]
		text = text[n:]
		switch code := d.before + i; {
		case code >= known:
			dict.Append(s)
		case dict.Value(uint32(code)) != s:
			return fmt.Errorf("%w: string %d is %q, was %q", ErrForeign, code, s, dict.Value(uint32(code)))
		}
	}
	return nil
}

// ints is the values of an int64 column without nulls.
func ints(a arrow.Array, rows int) ([]int64, bool) {
	c, ok := a.(*array.Int64)
	if !ok || len(c.NullBitmapBytes()) != 0 {
		return nil, false
	}
	v := c.Int64Values()
	return v, len(v) == rows
}

// column takes an Arrow column over into c.
func (r *Reader) column(i int, a arrow.Array, rows int, c *column.Column) error {
	f := &r.header.Schema[i]
	*c = column.Column{Type: f.Type, Dict: r.dicts[i]}
	if valid := a.NullBitmapBytes(); len(valid) != 0 {
		if len(valid) < (rows+7)/8 {
			return fmt.Errorf("%w: column %q: validity of %d bytes for %d rows", ErrCorrupt, f.Name, len(valid), rows)
		}
		r.nulls[i] = resize(r.nulls[i], rows)
		c.Null = r.nulls[i]
		unpackBits(c.Null, valid, false)
	}
	switch a := a.(type) {
	case *array.Boolean:
		var packed []byte
		if buf := a.Data().Buffers()[1]; buf != nil {
			packed = buf.Bytes()
		}
		if len(packed) < (rows+7)/8 {
			return fmt.Errorf("%w: column %q: %d bytes for %d rows", ErrCorrupt, f.Name, len(packed), rows)
		}
		r.bools[i] = resize(r.bools[i], rows)
		c.Bools = r.bools[i]
		unpackBits(c.Bools, packed, true)
	case *array.Int64:
		c.Ints = a.Int64Values()
	case *array.Float64:
		c.Floats = a.Float64Values()
	case *array.Decimal128:
		r.nums[i] = resize(r.nums[i], a.Len())
		c.Decimals = r.nums[i]
		for row, v := range a.Values() {
			c.Decimals[row] = column.Decimal{Hi: v.HighBits(), Lo: v.LowBits()}
		}
	case *array.Uint32:
		c.Codes = a.Uint32Values()
		if err := checkCodes(c); err != nil {
			return fmt.Errorf("column %q: %w", f.Name, err)
		}
	}
	if c.Len() != rows {
		return fmt.Errorf("%w: column %q: %d rows of %d", ErrCorrupt, f.Name, c.Len(), rows)
	}
	return nil
}

// checkCodes verifies that every code is in the dictionary.
func checkCodes(c *column.Column) error {
	n := uint32(c.Dict.Len())
	if n > 0 && within(c.Codes, n-1) || len(c.Codes) == 0 {
		return nil
	}
	most := slices.Max(c.Codes)
	if most > 0 || c.Null == nil {
		return fmt.Errorf("%w: code %d of %d", ErrCorrupt, most, n)
	}
	for row, null := range c.Null {
		if !null {
			return fmt.Errorf("%w: row %d has a string, the dictionary none", ErrCorrupt, row)
		}
	}
	return nil
}

// within tells whether all codes are at most last, which is less than 2^31. It
// looks at the codes by pairs, in both halves of a word: adding 2^31-1-last sets
// the sign of a half whose code is beyond last, unless the code's own is set.
func within(codes []uint32, last uint32) bool {
	more := uint64(math.MaxInt32 - last)
	more |= more << 32
	var a, b uint64
	pairs := arrow.Uint64Traits.CastFromBytes(arrow.Uint32Traits.CastToBytes(codes))
	for ; len(pairs) >= 4; pairs = pairs[4:] {
		a |= (pairs[0] + more) | pairs[0] | (pairs[1] + more) | pairs[1]
		b |= (pairs[2] + more) | pairs[2] | (pairs[3] + more) | pairs[3]
	}
	for _, pair := range pairs {
		a |= (pair + more) | pair
	}
	const signs = 1<<63 | 1<<31
	if len(codes)%2 != 0 && codes[len(codes)-1] > last {
		return false
	}
	return (a|b)&signs == 0
}

// resize makes a slice of n, reusing s.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
