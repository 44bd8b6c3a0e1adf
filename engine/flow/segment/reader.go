package segment

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"parallax/engine/flow/column"
)

// Reader decodes the entries of one segment, in order.
type Reader struct {
	header Header
	dicts  []*column.Dict // nil for columns that are no strings
	nulls  [][]bool
	bools  [][]bool
	nums   [][]column.Decimal
	sink   uint32 // keeps the reads of fetch from being optimized away
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
	return r, nil
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
	l, err := parseMessage(e.message, e.body, e.rows, timeColumns+len(r.header.Schema))
	if err != nil {
		return err
	}
	times, err := l.ints(0)
	if err != nil {
		return err
	}
	appends, err := l.ints(1)
	if err != nil {
		return err
	}
	columns := b.Columns[:0]
	for i := range r.header.Schema {
		columns = append(columns, column.Column{})
		if err := r.column(i, &l, &columns[i]); err != nil {
			return fmt.Errorf("column %q: %w", r.header.Schema[i].Name, err)
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

// ints is the values of a time column, which has no nulls.
func (l *layout) ints(i int) ([]int64, error) {
	valid, values, err := l.column(i, 64)
	if err == nil && valid != nil {
		err = fmt.Errorf("%w: a time column has nulls", ErrCorrupt)
	}
	return arrow.Int64Traits.CastFromBytes(values), err
}

// column takes an Arrow column over into c.
func (r *Reader) column(i int, l *layout, c *column.Column) error {
	f := &r.header.Schema[i]
	*c = column.Column{Type: f.Type, Dict: r.dicts[i]}
	valid, values, err := l.column(timeColumns+i, width(f.Type.Kind))
	if err != nil {
		return err
	}
	if valid != nil {
		r.nulls[i] = resize(r.nulls[i], l.rows)
		c.Null = r.nulls[i]
		unpackBits(c.Null, valid, false)
	}
	switch f.Type.Kind {
	case column.Bool:
		r.bools[i] = resize(r.bools[i], l.rows)
		c.Bools = r.bools[i]
		unpackBits(c.Bools, values, true)
	case column.Float64:
		c.Floats = arrow.Float64Traits.CastFromBytes(values)
	case column.Decimal128:
		r.nums[i] = resize(r.nums[i], l.rows)
		c.Decimals = r.nums[i]
		for row := range c.Decimals {
			lo, hi := pairAt(values, row)
			c.Decimals[row] = column.Decimal{Hi: int64(hi), Lo: lo}
		}
	case column.String:
		c.Codes = arrow.Uint32Traits.CastFromBytes(values)
		r.fetch(c.Codes)
		return checkCodes(c)
	default:
		c.Ints = arrow.Int64Traits.CastFromBytes(values)
	}
	return nil
}

// width is how many bits a value takes in an Arrow column.
func width(k column.Kind) int {
	switch k {
	case column.Bool:
		return 1
	case column.String:
		return 32
	case column.Decimal128:
		return 128
	}
	return 64
}

const (
	lineCodes = 16   // codes in a cache line
	pageCodes = 1024 // in a page of memory
)

// fetch brings codes into the near caches: it reads one of every line, in four pages at
// a time. Whoever walks them from front to back waits at the beginning of every page,
// where the processor does not look ahead. It is a matter of speed alone.
func (r *Reader) fetch(codes []uint32) {
	for ; len(codes) >= 4*pageCodes; codes = codes[4*pageCodes:] {
		p, q := codes[:pageCodes], codes[pageCodes:2*pageCodes]
		s, t := codes[2*pageCodes:3*pageCodes], codes[3*pageCodes:4*pageCodes]
		for i := 0; i < pageCodes; i += lineCodes {
			r.sink ^= p[i] ^ q[i] ^ s[i] ^ t[i]
		}
	}
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
