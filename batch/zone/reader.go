package zone

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"parallax/batch/manifest"
	"parallax/batch/sheet"
	"parallax/engine/flow/column"
)

// Options are what a reader needs of a file; the zero value is nothing but event times.
type Options struct {
	Need      []bool // by column of the input; nil means all
	Appends   bool   // append times; else they are 0
	Frontiers bool   // else they are NoFrontier, as if no row came before
	BatchRows int    // 0 means 8192
}

// Reader reads a file's rows as batches of consecutive offsets. Rows that were rejected
// take no part in them.
type Reader struct {
	r       *sheet.Reader
	file    manifest.File
	input   column.Schema
	opts    Options
	fields  []sheet.Field
	columns []*column.Column // by field
	at      [1 + hiddenColumns]int
	places  []int // by column of the input: its field, or -1

	rows, done int // of the step at hand
	before     int64
	behind     int64
	zeros      []int64
	never      []int64
	frontiers  []int64
	selection  []int32
}

// Open begins to read a file that a manifest names. The input's columns are looked for
// by their names in the table's latest schema, and by the ids they have there in the file.
func Open(f manifest.File, schema *manifest.Schema, input column.Schema, content []byte, o Options) (*Reader, error) {
	if o.BatchRows == 0 {
		o.BatchRows = 8192
	}
	r := &Reader{file: f, input: input, opts: o, before: f.From}
	r.want(idEvent, column.Timestamp)
	if f.To-f.From != f.Rows {
		r.want(idOffset, column.Int64)
	}
	if o.Appends {
		r.want(idAppend, column.Timestamp)
	}
	if o.Frontiers {
		r.want(idFrontier, column.Timestamp)
	}
	if !slices.ContainsFunc(f.Stats, func(s manifest.Stat) bool { return s.Field == idReject && s.Nulls == f.Rows }) {
		r.want(idReject, column.String)
	}
	for i, c := range input {
		r.places = append(r.places, -1)
		if o.Need != nil && !o.Need[i] {
			continue
		}
		id := int32(math.MaxInt32) // no file has it
		if at := slices.IndexFunc(schema.Fields, func(g manifest.Field) bool { return g.Name == c.Name && g.ID >= idFirst }); at >= 0 {
			id = schema.Fields[at].ID
		}
		r.places[i] = len(r.fields)
		r.fields = append(r.fields, sheet.Field{ID: id, Name: c.Name, Type: c.Type})
	}
	r.columns = make([]*column.Column, len(r.fields))
	var err error
	if r.r, err = sheet.Open(f.Name, content, f.Sum, r.fields); err != nil {
		return nil, err
	}
	if r.behind, err = behindOf(r.r, &f); err != nil {
		return nil, err
	}
	return r, nil
}

// behindOf is what a file says of its rows, of which there must be as many as the manifest
// has.
func behindOf(r *sheet.Reader, f *manifest.File) (int64, error) {
	text, _ := r.Property(behindKey)
	behind, err := strconv.ParseInt(text, 10, 64)
	if err != nil || r.Rows() != f.Rows {
		return 0, fmt.Errorf("%w: %s: %d rows, %q behind", sheet.ErrDamaged, f.Name, r.Rows(), text)
	}
	return behind, nil
}

func (r *Reader) want(id int32, k column.Kind) {
	r.fields = append(r.fields, sheet.Field{ID: id, Name: strconv.Itoa(int(id)), Type: column.TypeOf(k)})
	r.at[id] = len(r.fields)
}

// hidden is a hidden column of the step, or nil.
func (r *Reader) hidden(id int32) *column.Column {
	if at := r.at[id]; at > 0 {
		return r.columns[at-1]
	}
	return nil
}

// Behind is how far a row that counts is behind its frontier at most, in µs.
func (r *Reader) Behind() int64 { return r.behind }

// Next makes b the next batch, which is the reader's own until the next call; io.EOF
// behind the last.
func (r *Reader) Next(b *column.Batch) error {
	if r.done == r.rows {
		n, err := r.r.Next(r.opts.BatchRows, r.columns)
		if err != nil {
			return err
		}
		r.rows, r.done = n, 0
		r.stamps()
	}
	from, to := r.done, r.run()
	r.done = to
	*b = column.Batch{
		Schema: r.input, Partition: r.file.Partition, Offset: r.before, Rows: to - from, Columns: b.Columns[:0],
		Times: r.hidden(idEvent).Ints[from:to], Appends: r.zeros[from:to], Frontiers: r.frontiers[from:to],
	}
	if o := r.hidden(idOffset); o != nil {
		b.Offset = o.Ints[from]
	}
	r.before = b.Offset + int64(b.Rows)
	if a := r.hidden(idAppend); a != nil {
		b.Appends = a.Ints[from:to]
	}
	for i, at := range r.places {
		if at < 0 {
			b.Columns = append(b.Columns, column.Column{Type: r.input[i].Type})
			continue
		}
		b.Columns = append(b.Columns, r.columns[at].Slice(from, to))
	}
	r.choose(b, from, to)
	return nil
}

// stamps prepares what is not in the file as it is in a batch.
func (r *Reader) stamps() {
	for len(r.zeros) < r.rows {
		r.zeros, r.never = append(r.zeros, 0), append(r.never, column.NoFrontier)
	}
	f := r.hidden(idFrontier)
	if f == nil {
		r.frontiers = r.never
		return
	}
	r.frontiers = f.Ints
	for row, null := range f.Null {
		if null {
			r.frontiers[row] = column.NoFrontier
		}
	}
}

// run is the end of the rows at hand whose offsets are consecutive.
func (r *Reader) run() int {
	o := r.hidden(idOffset)
	if o == nil {
		return r.rows
	}
	to := r.done + 1
	for to < r.rows && o.Ints[to] == o.Ints[to-1]+1 {
		to++
	}
	return to
}

// choose leaves rejected rows out.
func (r *Reader) choose(b *column.Batch, from, to int) {
	c := r.hidden(idReject)
	if c == nil {
		return
	}
	r.selection = append(r.selection[:0], -1)[:0] // not nil, which would be all
	for row := from; row < to; row++ {
		if c.IsNull(row) {
			r.selection = append(r.selection, int32(row-from))
		}
	}
	if len(r.selection) < to-from {
		b.Select = r.selection
	}
}
