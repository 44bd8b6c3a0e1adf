package zone

import (
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"parallax/batch/manifest"
	"parallax/batch/sheet"
	"parallax/engine/flow/column"
)

// The ids of columns.
const (
	idOffset int32 = 1 + iota
	idEvent
	idAppend
	idFrontier
	idReject
	idPayload
	hiddenColumns = iota
	idFirst       = int32(16)
)

// behindKey is the property that says how far rows are behind their frontier, µs.
const behindKey = "parallax.behind"

// Schema is the columns of a zone's files, as a manifest has them, for the first
// version of an input.
func Schema(input column.Schema) *manifest.Schema {
	stamp, s := column.TypeOf(column.Timestamp), &manifest.Schema{ID: 1}
	hide := func(id int32, name string, t column.Type) {
		for input.Index(name) >= 0 {
			name = "_" + name
		}
		s.Fields = append(s.Fields, manifest.Field{ID: id, Name: name, Type: t})
	}
	hide(idOffset, "_offset", column.TypeOf(column.Int64))
	hide(idEvent, "_event", stamp)
	hide(idAppend, "_append", stamp)
	hide(idFrontier, "_frontier", stamp)
	hide(idReject, "_reject", column.TypeOf(column.String))
	hide(idPayload, "_payload", column.TypeOf(column.String))
	for i, f := range input {
		s.Fields = append(s.Fields, manifest.Field{ID: idFirst + int32(i), Name: f.Name, Type: f.Type})
	}
	return s
}

// Evolve is the schema of a zone whose input has changed, or nil if it has not: columns
// keep the ids of their names, new ones get new ids, and one whose type has changed is a
// new one.
func Evolve(last *manifest.Schema, input column.Schema) *manifest.Schema {
	next, free := Schema(input), idFirst
	next.ID = last.ID + 1
	for _, f := range last.Fields {
		free = max(free, f.ID+1)
	}
	for i := hiddenColumns; i < len(next.Fields); i++ {
		f := &next.Fields[i]
		at := slices.IndexFunc(last.Fields, func(g manifest.Field) bool { return g.Name == f.Name && g.Type == f.Type && g.ID >= idFirst })
		if at >= 0 {
			f.ID = last.Fields[at].ID
			continue
		}
		f.ID = free
		free++
	}
	if slices.Equal(next.Fields, last.Fields) {
		return nil
	}
	return next
}

// Rows are rows of one partition on their way into a file.
type Rows struct {
	fields  []sheet.Field
	schema  int32
	columns []column.Column // by field
	codes   []uint32        // scratch: a dictionary's codes in ours, plus 1
	behind  int64
}

// NewRows is no rows of a zone's schema.
func NewRows(schema *manifest.Schema) *Rows {
	r := &Rows{schema: schema.ID, behind: column.NoFrontier}
	for _, f := range schema.Fields {
		r.fields = append(r.fields, sheet.Field{ID: f.ID, Name: f.Name, Type: f.Type, Binary: f.ID == idPayload})
		var dict *column.Dict
		if f.Type.Kind == column.String {
			dict = new(column.Dict)
		}
		c := column.Column{}
		c.Reset(f.Type, dict)
		r.columns = append(r.columns, c)
	}
	return r
}

// Len is how many rows there are.
func (r *Rows) Len() int { return len(r.columns[0].Ints) }

// Append adds the rows of a stamped batch of the partition. Those at the places
// refused, ascending, are rejected for the reason; a selection is not looked at.
func (r *Rows) Append(b *column.Batch, refused []int32, reason string) {
	offsets, frontiers, rejects := &r.columns[0], &r.columns[3], &r.columns[4]
	base := r.Len()
	r.columns[1].Ints = append(r.columns[1].Ints, b.Times[:b.Rows]...)
	r.columns[2].Ints = append(r.columns[2].Ints, b.Appends[:b.Rows]...)
	frontiers.Ints = append(frontiers.Ints, b.Frontiers[:b.Rows]...)
	nulls(rejects, b.Rows)
	nulls(&r.columns[5], b.Rows)
	for row := range b.Rows {
		offsets.Ints = append(offsets.Ints, b.Offset+int64(row))
		f := b.Frontiers[row]
		if f == column.NoFrontier {
			setNull(frontiers, base+row)
		}
		if len(refused) > 0 && int(refused[0]) == row {
			refused = refused[1:]
			rejects.Codes[base+row], rejects.Null[base+row] = rejects.Dict.Intern(reason), false
			continue
		}
		r.behind = max(r.behind, lag(f, b.Times[row]))
	}
	grow(frontiers)
	for i := range b.Columns {
		r.copy(&r.columns[hiddenColumns+i], &b.Columns[i], b.Rows)
	}
}

// AppendRaw adds what could not be read, as it is: one row without values.
func (r *Rows) AppendRaw(offset, appended int64, reason, payload string) {
	r.columns[0].Ints = append(r.columns[0].Ints, offset)
	r.columns[1].Ints = append(r.columns[1].Ints, appended)
	r.columns[2].Ints = append(r.columns[2].Ints, appended)
	r.columns[3].Append(column.Value{Type: r.columns[3].Type, Null: true})
	r.columns[4].Append(column.Value{Type: r.columns[4].Type, String: reason})
	c := &r.columns[5]
	nulls(c, 1)
	c.Codes[len(c.Codes)-1], c.Null[len(c.Null)-1] = c.Dict.Append(payload), false
	for i := hiddenColumns; i < len(r.columns); i++ {
		r.columns[i].Append(column.Value{Type: r.columns[i].Type, Null: true})
	}
}

// nulls appends nulls to a column of strings.
func nulls(c *column.Column, n int) {
	base := len(c.Codes)
	c.Codes = append(c.Codes, make([]uint32, n)...)
	for len(c.Null) < base+n {
		c.Null = append(c.Null, len(c.Null) >= base)
	}
}

// setNull makes a row of a column of times null.
func setNull(c *column.Column, row int) {
	grow(c)
	for len(c.Null) < len(c.Ints) {
		c.Null = append(c.Null, false)
	}
	c.Ints[row], c.Null[row] = 0, true
}

// grow keeps a column's nulls, if it has any, as long as its values.
func grow(c *column.Column) {
	for c.Null != nil && len(c.Null) < len(c.Ints) {
		c.Null = append(c.Null, false)
	}
}

// AppendOnly adds some rows of a stamped batch, at the places given, and leaves the others
// out.
func (r *Rows) AppendOnly(b *column.Batch, places []int32) {
	null := column.Value{Type: r.columns[4].Type, Null: true}
	for _, row := range places {
		f, t := b.Frontiers[row], b.Times[row]
		r.columns[0].Ints = append(r.columns[0].Ints, b.Offset+int64(row))
		r.columns[1].Ints = append(r.columns[1].Ints, t)
		r.columns[2].Ints = append(r.columns[2].Ints, b.Appends[row])
		r.columns[3].Append(column.Value{Type: r.columns[3].Type, Int: nothing(f), Null: f == column.NoFrontier})
		r.columns[4].Append(null)
		nulls(&r.columns[5], 1)
		r.behind = max(r.behind, lag(f, t))
		for i := range b.Columns {
			r.columns[hiddenColumns+i].Append(b.Columns[i].Value(int(row)))
		}
	}
}

// AppendFile adds all rows of a file of the same schema, as they are there.
func (r *Rows) AppendFile(f manifest.File, content []byte) error {
	s, err := sheet.Open(f.Name, content, f.Sum, r.fields)
	if err != nil {
		return err
	}
	behind, err := behindOf(s, &f)
	if err != nil {
		return err
	}
	r.behind = max(r.behind, behind)
	columns := make([]*column.Column, len(r.fields))
	for {
		n, err := s.Next(copyRows, columns)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		for i := range columns {
			r.copy(&r.columns[i], columns[i], n)
		}
	}
}

// copyRows is how many rows are copied at a time.
const copyRows = 8192

// nothing is 0 for the frontier that there is not.
func nothing(f int64) int64 {
	if f == column.NoFrontier {
		return 0
	}
	return f
}

// lag is frontier - t, as far as it can be told.
func lag(frontier, t int64) int64 {
	switch {
	case frontier == column.NoFrontier:
		return column.NoFrontier
	case frontier > t && frontier-t < 0:
		return math.MaxInt64
	}
	return max(frontier-t, column.NoFrontier+1)
}

// copy appends rows of a column, strings in our own codes.
func (r *Rows) copy(to, from *column.Column, rows int) {
	base := to.Len()
	switch from.Type.Kind {
	case column.Bool:
		to.Bools = append(to.Bools, from.Bools[:rows]...)
	case column.Int64, column.Timestamp:
		to.Ints = append(to.Ints, from.Ints[:rows]...)
	case column.Float64:
		to.Floats = append(to.Floats, from.Floats[:rows]...)
	case column.Decimal128:
		to.Decimals = append(to.Decimals, from.Decimals[:rows]...)
	case column.String:
		r.copyCodes(to, from, rows)
	}
	if from.Null != nil && to.Null == nil {
		to.Null = make([]bool, base, base+rows)
	}
	switch {
	case from.Null != nil:
		to.Null = append(to.Null, from.Null[:rows]...)
	case to.Null != nil:
		to.Null = append(to.Null, make([]bool, rows)...)
	}
}

func (r *Rows) copyCodes(to, from *column.Column, rows int) {
	r.codes = r.codes[:0]
	if from.Dict != nil {
		for range from.Dict.Len() {
			r.codes = append(r.codes, 0)
		}
	}
	for row, code := range from.Codes[:rows] {
		if from.IsNull(row) {
			to.Codes = append(to.Codes, 0)
			continue
		}
		if r.codes[code] == 0 {
			r.codes[code] = to.Dict.Intern(from.Dict.Value(code)) + 1
		}
		to.Codes = append(to.Codes, r.codes[code]-1)
	}
}

// Encode is a file of the rows, which lie at offsets of [from, to) of a partition, and
// what a manifest says of it but for the name.
func (r *Rows) Encode(partition int32, from, to int64) ([]byte, manifest.File, error) {
	content, err := sheet.Encode(r.fields, r.columns, r.Len(),
		sheet.Property{Key: "parallax.partition", Value: strconv.Itoa(int(partition))},
		sheet.Property{Key: "parallax.offsets", Value: strconv.FormatInt(from, 10) + "-" + strconv.FormatInt(to, 10)},
		sheet.Property{Key: behindKey, Value: strconv.FormatInt(r.behind, 10)})
	if err != nil {
		return nil, manifest.File{}, err
	}
	f := manifest.File{
		Partition: partition, From: from, To: to, Rows: int64(r.Len()), Bytes: int64(len(content)),
		Sum: sheet.Sum(content), Schema: r.schema,
	}
	for i := range r.fields {
		f.Stats = append(f.Stats, statOf(r.fields[i].ID, &r.columns[i]))
	}
	return content, f, nil
}

// boundBytes is how much of a long string a manifest keeps.
const boundBytes = 64

// statOf sums a column up. Long strings are cut off: the least one is then less than all
// of them, and the greatest, which cannot be cut, is not told.
func statOf(id int32, c *column.Column) manifest.Stat {
	s := manifest.Stat{Field: id, Min: column.Value{Type: c.Type, Null: true}, Max: column.Value{Type: c.Type, Null: true}}
	if c.Null == nil && (c.Type.Kind == column.Int64 || c.Type.Kind == column.Timestamp) {
		if len(c.Ints) > 0 {
			lo, hi := c.Ints[0], c.Ints[0]
			for _, v := range c.Ints {
				lo, hi = min(lo, v), max(hi, v)
			}
			s.Min, s.Max = column.Value{Type: c.Type, Int: lo}, column.Value{Type: c.Type, Int: hi}
		}
		return s
	}
	for row := range c.Len() {
		v := c.Value(row)
		switch {
		case v.Null:
			s.Nulls++
			continue
		case v.Float != v.Float:
			s.NaNs++
			continue
		}
		if s.Min.Null || v.Compare(s.Min) < 0 {
			s.Min = v
		}
		if s.Max.Null || v.Compare(s.Max) > 0 {
			s.Max = v
		}
	}
	if len(s.Min.String) > boundBytes {
		s.Min.String = strings.Clone(s.Min.String[:boundBytes])
	}
	if len(s.Max.String) > boundBytes {
		s.Max = column.Value{Type: c.Type, Null: true}
	}
	return s
}
