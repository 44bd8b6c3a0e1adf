package source

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"

	"parallax/engine/flow/column"
)

// parquetColumn decodes the pages of one column into typed rows.
type parquetColumn struct {
	leaf   *parquetLeaf
	out    column.Column // the rows of the last read
	bad    []string      // nil, or why a row of the last read is refused
	intern *interner

	native  column.Column // rows as the file types them, where out has another type
	pages   parquet.Pages
	page    parquet.Page
	levels  []byte // definition levels of the page, nil when all values are there
	row     int    // next row of the page
	rows    int
	value   int // next value of the page
	asked   int // rows of the current read
	refused []refusal
	data    encoding.Values
	coded   bool     // the page's strings are indexes into the row group's dictionary
	indexes []int32  // of such a page
	codes   []uint32 // code of each of that dictionary's strings, plus 1; 0: not known yet
	ints    []int32
	longs   []int64
	floats  []float32
	doubles []float64
	bits    []byte
	bytes   []byte
	offsets []uint32
	size    int // of fixed-length values
}

func newParquetColumn(leaf *parquetLeaf, want column.Type) *parquetColumn {
	c := &parquetColumn{leaf: leaf, intern: newInterner()}
	c.out.Reset(want, c.intern.dict)
	c.native.Reset(leaf.typ, c.intern.dict)
	return c
}

func (c *parquetColumn) open(chunk parquet.ColumnChunk) {
	c.pages = chunk.Pages()
	c.codes = c.codes[:0]
}

// close lets go of the row group; what is read from damaged pages may not close
// cleanly, which no longer matters.
func (c *parquetColumn) close() {
	if c.page != nil {
		parquet.Release(c.page)
		c.page = nil
	}
	if c.pages != nil {
		_ = c.pages.Close()
		c.pages = nil
	}
	c.row, c.rows = 0, 0
}

// read decodes the next n rows.
func (c *parquetColumn) read(n int) (err error) {
	defer guard(&err)
	c.bad, c.asked = nil, n
	target := &c.out
	if c.native.Type != c.out.Type {
		target = &c.native
	}
	target.Reset(target.Type, target.Dict)
	for done := 0; done < n; {
		if c.row == c.rows {
			if err := c.nextPage(); err != nil {
				return err
			}
			continue
		}
		take := min(n-done, c.rows-c.row)
		if err := c.rowsOfPage(target, take); err != nil {
			return err
		}
		c.row += take
		done += take
	}
	if target == &c.native {
		c.convert(n)
	}
	return nil
}

func (c *parquetColumn) nextPage() error {
	if c.page != nil {
		parquet.Release(c.page)
		c.page = nil
	}
	page, err := c.pages.ReadPage()
	if err == io.EOF {
		return errors.New("fewer values than the row group says")
	}
	if err != nil {
		return err
	}
	c.page, c.row, c.value, c.rows = page, 0, 0, int(page.NumRows())
	c.levels = nil
	values := c.rows
	if c.leaf.levelMax > 0 {
		c.levels = page.DefinitionLevels()
		if len(c.levels) != c.rows {
			return errors.New("a page without all its definition levels")
		}
		values = 0
		for _, l := range c.levels {
			if int(l) == c.leaf.levelMax {
				values++
			}
		}
	}
	c.data, c.coded = page.Data(), false
	if dict := page.Dictionary(); dict != nil {
		return c.indexed(dict, values)
	}
	c.codes = c.codes[:0]
	return c.plain(values)
}

// plain takes the values of a page that has them in full.
func (c *parquetColumn) plain(values int) error {
	have := 0
	switch c.leaf.shape.kind {
	case parquet.Boolean:
		c.bits = c.data.Boolean()
		have = 8 * len(c.bits)
	case parquet.Int32:
		c.ints = c.data.Int32()
		have = len(c.ints)
	case parquet.Int64:
		c.longs = c.data.Int64()
		have = len(c.longs)
	case parquet.Float:
		c.floats = c.data.Float()
		have = len(c.floats)
	case parquet.Double:
		c.doubles = c.data.Double()
		have = len(c.doubles)
	case parquet.ByteArray:
		c.bytes, c.offsets = c.data.ByteArray()
		have = len(c.offsets) - 1
	case parquet.FixedLenByteArray:
		c.bytes, c.size = c.data.FixedLenByteArray()
		if c.size > 0 {
			have = len(c.bytes) / c.size
		}
	}
	if have < values {
		return errors.New("a page with fewer values than it says")
	}
	return nil
}

// indexed takes the values of a page that refers to the row group's dictionary.
// The indexes are kept in ints and the dictionary's values take their places.
func (c *parquetColumn) indexed(dict parquet.Dictionary, values int) error {
	indexes := c.data.Int32()
	if len(indexes) < values {
		return errors.New("a page with fewer values than it says")
	}
	for _, i := range indexes[:values] {
		if uint32(i) >= uint32(dict.Len()) {
			return errors.New("an index beyond its dictionary")
		}
	}
	c.data = dict.Page().Data()
	if err := c.plain(dict.Len()); err != nil {
		return err
	}
	if c.native.Type.Kind == column.String {
		for i := len(c.codes); i < dict.Len(); i++ {
			c.codes = append(c.codes, 0)
		}
		c.coded, c.indexes = true, indexes
		return nil
	}
	c.expand(indexes[:values])
	return nil
}

// expand replaces a dictionary's values by the page's, in page order.
func (c *parquetColumn) expand(indexes []int32) {
	switch c.leaf.shape.kind {
	case parquet.Int32:
		c.ints = pick(c.ints, indexes)
	case parquet.Int64:
		c.longs = pick(c.longs, indexes)
	case parquet.Float:
		c.floats = pick(c.floats, indexes)
	case parquet.Double:
		c.doubles = pick(c.doubles, indexes)
	case parquet.ByteArray:
		var all []byte
		offsets := make([]uint32, 1, len(indexes)+1)
		for _, i := range indexes {
			all = append(all, c.bytes[c.offsets[i]:c.offsets[i+1]]...)
			offsets = append(offsets, uint32(len(all)))
		}
		c.bytes, c.offsets = all, offsets
	case parquet.FixedLenByteArray:
		all := make([]byte, 0, len(indexes)*c.size)
		for _, i := range indexes {
			all = append(all, c.bytes[int(i)*c.size:int(i+1)*c.size]...)
		}
		c.bytes = all
	case parquet.Boolean:
		all := make([]byte, (len(indexes)+7)/8)
		for to, i := range indexes {
			all[to/8] |= c.bits[i/8] >> (i % 8) & 1 << (to % 8)
		}
		c.bits = all
	}
}

func pick[T any](values []T, indexes []int32) []T {
	out := make([]T, len(indexes))
	for to, i := range indexes {
		out[to] = values[i]
	}
	return out
}

// rowsOfPage appends n rows of the page to out.
func (c *parquetColumn) rowsOfPage(out *column.Column, n int) error {
	base, there := out.Len(), n
	if c.levels != nil {
		there = 0
		for _, l := range c.levels[c.row : c.row+n] {
			if int(l) == c.leaf.levelMax {
				there++
			}
		}
	}
	c.refused = c.refused[:0]
	if err := c.values(out, there); err != nil {
		return err
	}
	if there == n {
		if out.Null != nil {
			out.Null = append(out.Null, make([]bool, n)...)
		}
		for _, r := range c.refused {
			c.refuseRow(base+r.value, r.msg)
		}
		return nil
	}
	if out.Null == nil {
		out.Null = make([]bool, base, base+n)
	}
	for _, l := range c.levels[c.row : c.row+n] {
		out.Null = append(out.Null, int(l) != c.leaf.levelMax)
	}
	spreadColumn(out, base, there, out.Null[base:])
	for _, r := range c.refused {
		value := 0
		for i, null := range out.Null[base:] {
			if null {
				continue
			}
			if value == r.value {
				c.refuseRow(base+i, r.msg)
			}
			value++
		}
	}
	return nil
}

// refusal is a value of the page's current rows that cannot be taken.
type refusal struct {
	value int
	msg   string
}

func (c *parquetColumn) refuseRow(row int, msg string) {
	if c.bad == nil {
		c.bad = make([]string, c.asked)
	}
	c.bad[row] = msg
}

// spreadColumn moves the packed values behind base to the rows that are not null.
func spreadColumn(out *column.Column, base, there int, null []bool) {
	switch out.Type.Kind {
	case column.Bool:
		out.Bools = spread(out.Bools, base, there, null)
	case column.Int64, column.Timestamp:
		out.Ints = spread(out.Ints, base, there, null)
	case column.Float64:
		out.Floats = spread(out.Floats, base, there, null)
	case column.Decimal128:
		out.Decimals = spread(out.Decimals, base, there, null)
	case column.String:
		out.Codes = spread(out.Codes, base, there, null)
	}
}

func spread[T any](values []T, base, there int, null []bool) []T {
	var zero T
	for len(values) < base+len(null) {
		values = append(values, zero)
	}
	from := base + there - 1
	for i := len(null) - 1; i >= 0; i-- {
		if null[i] {
			values[base+i] = zero
			continue
		}
		values[base+i] = values[from]
		from--
	}
	return values
}

// values appends the next n values that are there, as the file types them.
func (c *parquetColumn) values(out *column.Column, n int) error {
	from, to := c.value, c.value+n
	c.value = to
	switch out.Type.Kind {
	case column.Bool:
		for i := from; i < to; i++ {
			out.Bools = append(out.Bools, c.bits[i/8]>>(i%8)&1 == 1)
		}
	case column.Int64, column.Timestamp:
		out.Ints = c.integers(out.Ints, from, to)
	case column.Float64:
		if c.leaf.shape.kind == parquet.Double {
			out.Floats = append(out.Floats, c.doubles[from:to]...)
			break
		}
		for _, v := range c.floats[from:to] {
			out.Floats = append(out.Floats, float64(v))
		}
	case column.Decimal128:
		for i := from; i < to; i++ {
			v, ok := c.decimal(i)
			if !ok || !v.Fits(out.Type.Precision) {
				c.refused = append(c.refused, refusal{i - from, "number out of range: it does not fit " + out.Type.String()})
				v = column.Decimal{}
			}
			out.Decimals = append(out.Decimals, v)
		}
	case column.String:
		for i := from; i < to; i++ {
			code, ok := c.code(i)
			if !ok {
				c.refused = append(c.refused, refusal{i - from, "not valid UTF-8"})
				code, _ = c.intern.intern(nil)
			}
			out.Codes = append(out.Codes, code)
		}
	}
	return nil
}

// integers appends 64-bit integers, scaled to microseconds if they are times.
func (c *parquetColumn) integers(out []int64, from, to int) []int64 {
	base, shape := len(out), c.leaf.shape
	switch {
	case shape.kind == parquet.Int64:
		out = append(out, c.longs[from:to]...)
	case shape.unsigned:
		for _, v := range c.ints[from:to] {
			out = append(out, int64(uint32(v)))
		}
	default:
		for _, v := range c.ints[from:to] {
			out = append(out, int64(v))
		}
	}
	if shape.num == 1 && shape.den == 1 && !shape.unsigned {
		return out
	}
	k := clock{num: shape.num, den: shape.den}
	for i, v := range out[base:] {
		if shape.unsigned {
			if v < 0 {
				c.refused = append(c.refused, refusal{i, "number out of range: it does not fit int64"})
			}
			continue
		}
		micros, msg := k.scale(v)
		if msg != "" {
			c.refused = append(c.refused, refusal{i, msg})
		}
		out[base+i] = micros
	}
	return out
}

// blob is the bytes of value i.
func (c *parquetColumn) blob(i int) []byte {
	if c.leaf.shape.kind == parquet.FixedLenByteArray {
		return c.bytes[i*c.size : (i+1)*c.size]
	}
	return c.bytes[c.offsets[i]:c.offsets[i+1]]
}

// code is the code of string i; ok is false when it is not UTF-8.
func (c *parquetColumn) code(i int) (code uint32, ok bool) {
	if !c.coded {
		return c.intern.intern(c.blob(i))
	}
	i = int(c.indexes[i])
	if c.codes[i] == 0 {
		if code, ok = c.intern.intern(c.blob(i)); !ok {
			return 0, false
		}
		c.codes[i] = code + 1
	}
	return c.codes[i] - 1, true
}

// decimal is the unscaled integer i, big-endian two's complement in bytes; ok is
// false when it needs more than 128 bits.
func (c *parquetColumn) decimal(i int) (d column.Decimal, ok bool) {
	switch c.leaf.shape.kind {
	case parquet.Int32:
		return column.DecimalFromInt(int64(c.ints[i])), true
	case parquet.Int64:
		return column.DecimalFromInt(c.longs[i]), true
	}
	b := c.blob(i)
	sign := byte(0)
	if len(b) > 0 && b[0]&0x80 != 0 {
		sign = 0xff
	}
	for len(b) > 16 {
		if b[0] != sign || b[1]&0x80 != sign&0x80 {
			return d, false
		}
		b = b[1:]
	}
	var full [16]byte
	for j := range full {
		full[j] = sign
	}
	copy(full[16-len(b):], b)
	return column.Decimal{Hi: int64(binary.BigEndian.Uint64(full[:8])), Lo: binary.BigEndian.Uint64(full[8:])}, true
}

// convert turns the rows as the file types them into the declared type, by their
// text.
func (c *parquetColumn) convert(n int) {
	c.out.Reset(c.out.Type, c.out.Dict)
	kind := cellText
	for i := 0; i < n; i++ {
		v := c.native.Value(i)
		in := cell{text: []byte(v.Text()), kind: kind}
		if v.Null {
			in.kind = cellNull
		}
		if msg := appendCell(&c.out, c.intern, &in); msg != "" {
			c.refuseRow(i, msg)
			c.out.Append(column.Value{Type: c.out.Type, Null: true})
		}
	}
}
