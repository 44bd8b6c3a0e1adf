package segment

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"parallax/engine/flow/column"
)

// ErrBatch is returned for a batch that does not fit the segment or breaks the
// invariant of package column.
var ErrBatch = errors.New("segment: batch does not fit")

// Writer encodes the entries of one segment, in order. It owns the segment's
// dictionaries: batches may bring dictionaries of their own, whose codes it
// translates.
type Writer struct {
	header  Header
	schema  *arrow.Schema
	ipc     *ipc.Writer
	out     payload
	dicts   []coder // for string columns
	arrays  []arrow.Array
	pending []byte // deltas of the entry being built
	codes   []uint32
	packed  []byte
	nums    []decimal128.Num
}

// coder translates one column's codes into the segment's dictionary.
type coder struct {
	dict column.Dict
	sent int          // strings that earlier entries carried
	from *column.Dict // what to translates
	to   []uint32     // segment code + 1 by code of from; 0: not met yet
}

// NewWriter starts a segment. The caller writes h itself first.
func NewWriter(h Header) (*Writer, error) {
	if err := h.valid(); err != nil {
		return nil, err
	}
	w := &Writer{header: h, schema: arrowSchema(h.Schema), dicts: make([]coder, len(h.Schema))}
	w.ipc = ipc.NewWriterWithPayloadWriter(&w.out, ipc.WithSchema(w.schema), ipc.WithAllocator(memory.NewGoAllocator()))
	return w, nil
}

// Append appends the entry that holds all rows of b to dst. The batch must have
// the segment's schema and partition and no selection: a log holds all rows.
// After an error the writer can go on; a dictionary may then have gained strings
// that the next entry carries.
func (w *Writer) Append(dst []byte, b *column.Batch) ([]byte, error) {
	if err := w.check(b); err != nil {
		return dst, err
	}
	w.arrays, w.packed, w.nums, w.codes = w.arrays[:0], w.packed[:0], w.nums[:0], w.codes[:0]
	w.arrays = append(w.arrays, numbers(b.Times), numbers(b.Appends))
	for i := range b.Columns {
		a, err := w.array(i, &b.Columns[i])
		if err != nil {
			return dst, err
		}
		w.arrays = append(w.arrays, a)
	}
	if err := w.ipc.Write(array.NewRecordBatch(w.schema, w.arrays, int64(b.Rows))); err != nil {
		return dst, fmt.Errorf("%w: %w", ErrBatch, err)
	}
	return w.entry(dst, b)
}

func (w *Writer) check(b *column.Batch) error {
	switch {
	case b.Partition != w.header.Partition:
		return fmt.Errorf("%w: partition %d in a segment of %d", ErrBatch, b.Partition, w.header.Partition)
	case b.Select != nil:
		return fmt.Errorf("%w: it has a selection", ErrBatch)
	case b.Rows < 0 || b.Rows > rowsMax || b.Offset < 0 || b.Offset > math.MaxInt64-rowsMax:
		return fmt.Errorf("%w: %d rows at offset %d", ErrBatch, b.Rows, b.Offset)
	case len(b.Columns) != len(w.header.Schema):
		return fmt.Errorf("%w: %d columns, the schema has %d", ErrBatch, len(b.Columns), len(w.header.Schema))
	case len(b.Times) != b.Rows || len(b.Appends) != b.Rows:
		return fmt.Errorf("%w: %d event times and %d append times for %d rows", ErrBatch, len(b.Times), len(b.Appends), b.Rows)
	}
	for i := range b.Columns {
		c, f := &b.Columns[i], w.header.Schema[i]
		if c.Type != f.Type || c.Len() != b.Rows || c.Null != nil && len(c.Null) != b.Rows {
			return fmt.Errorf("%w: column %q is %d rows of %s, want %d of %s", ErrBatch, f.Name, c.Len(), c.Type, b.Rows, f.Type)
		}
	}
	return nil
}

// array wraps a column's values as an Arrow array, copying only what Arrow lays
// out differently.
func (w *Writer) array(i int, c *column.Column) (arrow.Array, error) {
	var valid *memory.Buffer
	nulls := 0
	if c.Null != nil {
		at := len(w.packed)
		packed, set := packBits(w.packed, c.Null, false)
		w.packed = packed
		nulls = len(c.Null) - set
		valid = memory.NewBufferBytes(packed[at:])
	}
	var values []byte
	switch c.Type.Kind {
	case column.Bool:
		at := len(w.packed)
		w.packed, _ = packBits(w.packed, c.Bools, true)
		values = w.packed[at:]
	case column.Int64, column.Timestamp:
		values = arrow.Int64Traits.CastToBytes(c.Ints)
	case column.Float64:
		values = arrow.Float64Traits.CastToBytes(c.Floats)
	case column.Decimal128:
		at := len(w.nums)
		for _, d := range c.Decimals {
			w.nums = append(w.nums, decimal128.New(d.Hi, d.Lo))
		}
		values = arrow.Decimal128Traits.CastToBytes(w.nums[at:])
	case column.String:
		codes, err := w.translate(i, c)
		if err != nil {
			return nil, err
		}
		values = arrow.Uint32Traits.CastToBytes(codes)
	}
	data := array.NewData(arrowType(c.Type), c.Len(), []*memory.Buffer{valid, memory.NewBufferBytes(values)}, nil, nulls, 0)
	return array.MakeFromData(data), nil
}

func numbers(v []int64) arrow.Array {
	values := memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(v))
	return array.NewInt64Data(array.NewData(arrow.PrimitiveTypes.Int64, len(v), []*memory.Buffer{nil, values}, nil, 0, 0))
}

// translate maps a column's codes to the segment's, adding strings that are new.
// Null rows get code 0.
func (w *Writer) translate(i int, c *column.Column) ([]uint32, error) {
	k := &w.dicts[i]
	if k.from != c.Dict {
		k.from, k.to = c.Dict, k.to[:0]
	}
	n := 0
	if c.Dict != nil {
		n = c.Dict.Len()
	}
	for len(k.to) < n {
		k.to = append(k.to, 0)
	}
	at := len(w.codes)
	for row, code := range c.Codes {
		if c.IsNull(row) {
			w.codes = append(w.codes, 0)
			continue
		}
		if int(code) >= n {
			return nil, fmt.Errorf("%w: column %q, row %d: code %d of %d", ErrBatch, w.header.Schema[i].Name, row, code, n)
		}
		if k.to[code] == 0 {
			k.to[code] = k.dict.Intern(c.Dict.Value(code)) + 1
		}
		w.codes = append(w.codes, k.to[code]-1)
	}
	return w.codes[at:], nil
}

// entry puts the parts together.
func (w *Writer) entry(dst []byte, b *column.Batch) ([]byte, error) {
	w.pending = w.pending[:0]
	for i := range w.dicts {
		if w.header.Schema[i].Type.Kind != column.String {
			continue
		}
		k := &w.dicts[i]
		added := k.dict.Values()[k.sent:]
		w.pending = binary.LittleEndian.AppendUint32(w.pending, uint32(k.sent))
		w.pending = binary.LittleEndian.AppendUint32(w.pending, uint32(len(added)))
		for _, s := range added {
			w.pending = binary.LittleEndian.AppendUint32(w.pending, uint32(len(s)))
		}
		for _, s := range added {
			w.pending = append(w.pending, s...)
		}
	}
	if max(len(w.pending), len(w.out.meta), len(w.out.body)) > math.MaxInt32 {
		return dst, fmt.Errorf("%w: an entry's part exceeds 2 GiB", ErrBatch)
	}
	for i := range w.dicts {
		w.dicts[i].sent = w.dicts[i].dict.Len()
	}
	start := len(dst)
	dst = append(dst, entryMagic...)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(b.Partition))
	dst = binary.LittleEndian.AppendUint64(dst, w.header.ID)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(b.Offset))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(b.Rows))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(w.out.meta)))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(w.pending)))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(w.out.body)))
	dst = pad(append(dst, w.pending...), start)
	dst = pad(append(dst, w.out.meta...), start)
	return append(dst, w.out.body...), nil
}

// payload is the ipc.PayloadWriter that keeps the last message's parts.
type payload struct{ meta, body []byte }

// Start does nothing: the schema's message is thrown away with the next payload.
func (p *payload) Start() error { return nil }

// Close does nothing.
func (p *payload) Close() error { return nil }

// WritePayload copies the parts.
func (p *payload) WritePayload(in ipc.Payload) error {
	p.meta = append(p.meta[:0], in.Meta().Bytes()...)
	p.body = p.body[:0]
	return in.SerializeBody(p)
}

// Write appends to the body.
func (p *payload) Write(b []byte) (int, error) {
	p.body = append(p.body, b...)
	return len(b), nil
}
