package sheet

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"

	"parallax/engine/flow/column"
)

// cursor reads one column. Values that are there stand packed in a page, at value;
// rows, nulls included, at row.
type cursor struct {
	field Field
	leaf  int // the column's number in the file, -1 if it does not have it
	out   column.Column
	pages parquet.Pages
	page  parquet.Page
	data  encoding.Values
	rows  int // of the page
	row   int
	value int
	null  []byte // definition levels, or nil if no row of the page is null

	longs   []int64
	doubles []float64
	bits    []byte
	bytes   []byte
	offsets []uint32
	indexes []int32  // into the row group's dictionary, or nil
	codes   []uint32 // of that dictionary's strings, those of the values that were met plus 1
}

var (
	errFew   = errors.New("fewer values than rows")
	errIndex = errors.New("an index beyond its dictionary")
)

// begin goes to the next row group.
func (c *cursor) begin(g parquet.RowGroup) {
	c.close()
	c.codes = c.codes[:0]
	if c.leaf >= 0 {
		c.pages = g.ColumnChunks()[c.leaf].Pages()
	}
}

// close lets go of a row group. What is read from memory cannot fail to close.
func (c *cursor) close() {
	c.release()
	if c.pages != nil {
		_ = c.pages.Close()
		c.pages = nil
	}
	c.row, c.rows = 0, 0
}

func (c *cursor) release() {
	if c.page != nil {
		parquet.Release(c.page)
		c.page = nil
	}
}

// seek goes to a row of a group that was begun.
func (c *cursor) seek(g parquet.RowGroup, row int64) error {
	if c.leaf < 0 || row == 0 {
		return nil
	}
	index, err := g.ColumnChunks()[c.leaf].OffsetIndex()
	if err != nil {
		return err
	}
	page := index.NumPages() - 1
	for page > 0 && index.FirstRowIndex(page) > row {
		page--
	}
	first := index.FirstRowIndex(page)
	if err := c.pages.SeekToRow(first); err != nil {
		return err
	}
	if err := c.turn(); err != nil {
		return err
	}
	c.row = int(row - first)
	if c.row > c.rows {
		return errFew
	}
	c.value = c.row
	if c.null != nil {
		c.value = 0
		for _, l := range c.null[:c.row] {
			c.value += int(l & 1)
		}
	}
	return nil
}

// read decodes the next n rows of the group.
func (c *cursor) read(n int) error {
	if c.field.Binary {
		c.out.Dict = new(column.Dict) // its strings have nothing in common
	}
	c.out.Reset(c.field.Type, c.out.Dict)
	if c.leaf < 0 {
		c.absent(n)
		return nil
	}
	for done := 0; done < n; {
		if c.row == c.rows {
			if err := c.turn(); err != nil {
				return err
			}
			continue
		}
		take := min(n-done, c.rows-c.row)
		if err := c.take(take); err != nil {
			return err
		}
		c.row += take
		done += take
	}
	return nil
}

// absent makes rows of a column that the file does not have.
func (c *cursor) absent(n int) {
	for range n {
		c.out.Append(column.Value{Type: c.field.Type, Null: true})
	}
}

// turn goes to the next page.
func (c *cursor) turn() error {
	c.release()
	page, err := c.pages.ReadPage()
	if err == io.EOF {
		return errFew
	}
	if err != nil {
		return err
	}
	c.page, c.row, c.value, c.rows = page, 0, 0, int(page.NumRows())
	values := c.rows
	c.null = nil
	if page.NumNulls() > 0 {
		c.null = page.DefinitionLevels()
		if len(c.null) != c.rows {
			return errFew
		}
		values = 0
		for _, l := range c.null {
			values += int(l & 1)
		}
	}
	c.data, c.indexes = page.Data(), nil
	if dict := page.Dictionary(); dict != nil {
		c.indexes = c.data.Int32()
		if len(c.indexes) < values {
			return errFew
		}
		c.data = dict.Page().Data()
		for len(c.codes) < dict.Len() {
			c.codes = append(c.codes, 0)
		}
		values = dict.Len()
	}
	return c.lay(values)
}

// lay takes the page's values, or its dictionary's, as the slices that they are.
func (c *cursor) lay(values int) error {
	have := 0
	switch c.field.Type.Kind {
	case column.Bool:
		c.bits = c.data.Boolean()
		have = 8 * len(c.bits)
	case column.Int64, column.Timestamp:
		c.longs = c.data.Int64()
		have = len(c.longs)
	case column.Float64:
		c.doubles = c.data.Double()
		have = len(c.doubles)
	case column.Decimal128:
		var size int
		c.bytes, size = c.data.FixedLenByteArray()
		if size == decimalBytes {
			have = len(c.bytes) / size
		}
	case column.String:
		c.bytes, c.offsets = c.data.ByteArray()
		have = len(c.offsets) - 1
	}
	if have < values {
		return errFew
	}
	return nil
}

// take appends the next n rows of the page.
func (c *cursor) take(n int) error {
	base, there := c.out.Len(), n
	if c.null != nil {
		there = 0
		for _, l := range c.null[c.row : c.row+n] {
			there += int(l & 1)
		}
	}
	if err := c.values(c.value, c.value+there); err != nil {
		return err
	}
	c.value += there
	if there == n {
		if c.out.Null != nil {
			c.out.Null = append(c.out.Null, make([]bool, n)...)
		}
		return nil
	}
	if c.out.Null == nil {
		c.out.Null = make([]bool, base, base+n)
	}
	for _, l := range c.null[c.row : c.row+n] {
		c.out.Null = append(c.out.Null, l == 0)
	}
	c.spread(base, there)
	return nil
}

// values appends the values [from, to) of the page.
func (c *cursor) values(from, to int) error {
	out := &c.out
	switch c.field.Type.Kind {
	case column.Bool:
		for i := from; i < to; i++ {
			out.Bools = append(out.Bools, c.bits[i/8]>>(i%8)&1 == 1)
		}
	case column.Int64, column.Timestamp:
		out.Ints = append(out.Ints, c.longs[from:to]...)
	case column.Float64:
		out.Floats = append(out.Floats, c.doubles[from:to]...)
	case column.Decimal128:
		for i := from; i < to; i++ {
			b := c.bytes[i*decimalBytes : (i+1)*decimalBytes]
			out.Decimals = append(out.Decimals, column.Decimal{
				Hi: int64(binary.BigEndian.Uint64(b)), Lo: binary.BigEndian.Uint64(b[decimalBytes/2:]),
			})
		}
	case column.String:
		return c.strings(from, to)
	}
	return nil
}

// strings appends codes. A string of a row group's dictionary is looked up once.
func (c *cursor) strings(from, to int) error {
	out := &c.out
	if c.indexes == nil {
		for i := from; i < to; i++ {
			s := string(c.bytes[c.offsets[i]:c.offsets[i+1]])
			if c.field.Binary {
				out.Codes = append(out.Codes, out.Dict.Append(s))
			} else {
				out.Codes = append(out.Codes, out.Dict.Intern(s))
			}
		}
		return nil
	}
	codes := c.codes
	for _, i := range c.indexes[from:to] {
		if uint32(i) >= uint32(len(codes)) {
			return errIndex
		}
		if codes[i] == 0 {
			codes[i] = out.Dict.Intern(string(c.bytes[c.offsets[i]:c.offsets[i+1]])) + 1
		}
		out.Codes = append(out.Codes, codes[i]-1)
	}
	return nil
}

// spread moves the packed values behind base to the rows that are not null.
func (c *cursor) spread(base, there int) {
	out, null := &c.out, c.out.Null[base:]
	switch c.field.Type.Kind {
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
	from := base + there
	for len(values) < base+len(null) {
		values = append(values, zero)
	}
	for i := len(null) - 1; i >= 0; i-- {
		if null[i] {
			values[base+i] = zero
			continue
		}
		from--
		values[base+i] = values[from]
	}
	return values
}
