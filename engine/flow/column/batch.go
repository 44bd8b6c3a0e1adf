package column

import "math"

// NoFrontier is the frontier of a partition before its first row: less than
// every event time.
const NoFrontier int64 = math.MinInt64

// Field is a named column of a schema.
type Field struct {
	Name string
	Type Type
}

// Schema is the ordered columns of a batch.
type Schema []Field

// Index is the position of the field called name, or -1.
func (s Schema) Index(name string) int {
	for i := range s {
		if s[i].Name == name {
			return i
		}
	}
	return -1
}

// Names lists the fields' names in order.
func (s Schema) Names() []string {
	names := make([]string, len(s))
	for i := range s {
		names[i] = s[i].Name
	}
	return names
}

// Column is one column of a batch: the slice that belongs to its kind, and Null
// (nil: no row is null). A null row's value is the kind's zero, except that a
// null string's code may be anything below the dictionary's length, or 0 when
// the dictionary is empty.
type Column struct {
	Type     Type
	Null     []bool
	Bools    []bool    // Bool
	Ints     []int64   // Int64, and Timestamp in microseconds
	Floats   []float64 // Float64
	Decimals []Decimal // Decimal128, unscaled
	Codes    []uint32  // String: codes into Dict
	Dict     *Dict
}

// Len is the number of rows.
func (c *Column) Len() int {
	switch c.Type.Kind {
	case Bool:
		return len(c.Bools)
	case Int64, Timestamp:
		return len(c.Ints)
	case Float64:
		return len(c.Floats)
	case Decimal128:
		return len(c.Decimals)
	case String:
		return len(c.Codes)
	}
	return 0
}

// IsNull tells whether a row is null.
func (c *Column) IsNull(row int) bool { return c.Null != nil && c.Null[row] }

// Reset empties the column, keeps its memory, and gives it a type and, for
// strings, a dictionary.
func (c *Column) Reset(t Type, d *Dict) {
	*c = Column{
		Type: t, Null: nil, Bools: c.Bools[:0], Ints: c.Ints[:0], Floats: c.Floats[:0],
		Decimals: c.Decimals[:0], Codes: c.Codes[:0], Dict: d,
	}
}

// Slice views the rows [from, to): it shares their memory.
func (c *Column) Slice(from, to int) Column {
	s := Column{Type: c.Type, Dict: c.Dict}
	if c.Null != nil {
		s.Null = c.Null[from:to]
	}
	switch c.Type.Kind {
	case Bool:
		s.Bools = c.Bools[from:to]
	case Int64, Timestamp:
		s.Ints = c.Ints[from:to]
	case Float64:
		s.Floats = c.Floats[from:to]
	case Decimal128:
		s.Decimals = c.Decimals[from:to]
	case String:
		s.Codes = c.Codes[from:to]
	}
	return s
}

// Append adds one value of the column's kind, interning a string in the
// column's dictionary. It is for the edges; operators fill slices.
func (c *Column) Append(v Value) {
	row := c.Len()
	switch c.Type.Kind {
	case Bool:
		c.Bools = append(c.Bools, v.Bool && !v.Null)
	case Int64, Timestamp:
		c.Ints = append(c.Ints, v.Int)
	case Float64:
		c.Floats = append(c.Floats, v.Float)
	case Decimal128:
		c.Decimals = append(c.Decimals, v.Decimal)
	case String:
		code := uint32(0)
		if !v.Null {
			code = c.Dict.Intern(v.String)
		}
		c.Codes = append(c.Codes, code)
	}
	if v.Null && c.Null == nil {
		c.Null = make([]bool, row, max(16, 2*row))
	}
	if c.Null != nil {
		c.Null = append(c.Null, v.Null)
	}
}

// Value boxes one row. It is for the edges.
func (c *Column) Value(row int) Value {
	v := Value{Type: c.Type}
	if c.IsNull(row) {
		v.Null = true
		return v
	}
	switch c.Type.Kind {
	case Bool:
		v.Bool = c.Bools[row]
	case Int64, Timestamp:
		v.Int = c.Ints[row]
	case Float64:
		v.Float = c.Floats[row]
	case Decimal128:
		v.Decimal = c.Decimals[row]
	case String:
		v.String = c.Dict.Value(c.Codes[row])
	}
	return v
}

// Batch is consecutive records of one partition: Rows of them from Offset on.
// All times are microseconds since the Unix epoch.
type Batch struct {
	Schema    Schema
	Partition int32
	Offset    int64 // of row 0; row i has offset Offset+i
	Rows      int
	Columns   []Column
	Times     []int64 // event time
	Appends   []int64 // append (processing) time, never going back in a partition
	// Frontiers is the partition's frontier just before each row, over all
	// committed, parseable rows before any filter; NoFrontier before the first.
	Frontiers []int64
	// Results says that the rows are results of windows, which stand at no offset of
	// their own: all of them are at Offset.
	Results bool
	// Select lists the rows that take part, ascending; nil means all.
	Select []int32
}

// Selected is the number of rows that take part.
func (b *Batch) Selected() int {
	if b.Select != nil {
		return len(b.Select)
	}
	return b.Rows
}

// View sets into to the rows [from, to) of a batch without stamps and without a
// selection. It shares their memory, and into keeps its own for the list of columns
// and the stamps to come.
func (b *Batch) View(from, to int, into *Batch) {
	*into = Batch{
		Schema: b.Schema, Partition: b.Partition, Offset: b.Offset + int64(from), Rows: to - from,
		Columns: into.Columns[:0], Times: b.Times[from:to], Appends: b.Appends[from:to], Frontiers: into.Frontiers,
	}
	for i := range b.Columns {
		into.Columns = append(into.Columns, b.Columns[i].Slice(from, to))
	}
}
