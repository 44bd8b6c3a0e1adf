package sheet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"

	"parallax/engine/flow/column"
)

// Reader reads the columns that it was opened for, from the first row to the last.
type Reader struct {
	name    string
	file    *parquet.File
	rows    int64
	columns []cursor // by the fields asked for
	groups  []parquet.RowGroup
	group   int   // row groups begun
	left    int64 // rows of the one at hand
}

// Open checks a file's content against its checksum and begins to read the given
// fields. One that the file does not have is null in all rows; one that the file has
// in another type is an error.
func Open(name string, content []byte, sum uint64, fields []Field) (r *Reader, err error) {
	defer func() {
		if err != nil {
			r, err = nil, fmt.Errorf("%w: %s: %w", ErrDamaged, name, err)
		}
	}()
	defer guard(&err)
	if got := Sum(content); got != sum {
		return nil, fmt.Errorf("%d bytes with the checksum %016x, written were some with %016x", len(content), got, sum)
	}
	if n := len(content); n < 12 || int64(binary.LittleEndian.Uint32(content[n-8:])) > int64(n-12) {
		return nil, fmt.Errorf("%d bytes without a footer", n)
	}
	file, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, err
	}
	r = &Reader{name: name, file: file, rows: file.NumRows(), columns: make([]cursor, len(fields)), groups: file.RowGroups()}
	for i := range fields {
		if err := r.columns[i].bind(file, &fields[i]); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// guard turns a panic of the decoder on damaged input into an error.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%v", p)
	}
}

// Rows is how many rows the file has.
func (r *Reader) Rows() int64 { return r.rows }

// Property is a text that the file carries.
func (r *Reader) Property(key string) (value string, ok bool) { return r.file.Lookup(key) }

// Next reads up to n rows on, at least one, into columns of the reader's own that stay
// valid until the next call; io.EOF behind the last. Strings of a column are codes of
// one dictionary, which grows as the file is read.
func (r *Reader) Next(n int, columns []*column.Column) (rows int, err error) {
	defer func() {
		if err != nil && err != io.EOF {
			err = fmt.Errorf("%w: %s: %w", ErrDamaged, r.name, err)
		}
	}()
	defer guard(&err)
	for r.left == 0 {
		if r.group == len(r.groups) {
			r.close()
			return 0, io.EOF
		}
		g := r.groups[r.group]
		r.group++
		r.left = g.NumRows()
		for i := range r.columns {
			r.columns[i].begin(g)
		}
	}
	rows = int(min(int64(n), r.left))
	for i := range r.columns {
		if err := r.columns[i].read(rows); err != nil {
			return 0, fmt.Errorf("column %q: %w", r.columns[i].field.Name, err)
		}
		columns[i] = &r.columns[i].out
	}
	r.left -= int64(rows)
	return rows, nil
}

// GoTo goes to a row, from which Next goes on: of each column the page is decoded that has
// it, and none before.
func (r *Reader) GoTo(row int64) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w: %s: row %d: %w", ErrDamaged, r.name, row, err)
		}
	}()
	defer guard(&err)
	for i, g := range r.groups {
		if n := g.NumRows(); row >= n {
			row -= n
			continue
		}
		r.group, r.left = i+1, g.NumRows()-row
		for c := range r.columns {
			r.columns[c].begin(g)
			if err := r.columns[c].seek(g, row); err != nil {
				return err
			}
		}
		return nil
	}
	r.group, r.left = len(r.groups), 0
	return nil
}

func (r *Reader) close() {
	for i := range r.columns {
		r.columns[i].close()
	}
}

// bind finds a field in a file by its id.
func (c *cursor) bind(file *parquet.File, f *Field) error {
	c.field = *f
	var dict *column.Dict
	if f.Type.Kind == column.String {
		dict = new(column.Dict)
	}
	c.out.Reset(f.Type, dict)
	leaves := file.Root().Columns()
	at := slices.IndexFunc(leaves, func(l *parquet.Column) bool { return l.ID() == int(f.ID) })
	if at < 0 {
		c.leaf = -1
		return nil
	}
	want, err := f.node()
	if err != nil {
		return err
	}
	if have := leaves[at]; !have.Leaf() || have.Type().String() != want.Type().String() || !have.Optional() {
		return fmt.Errorf("column %q, id %d, is %s, not %s", have.Name(), f.ID, have.Type(), want.Type())
	}
	c.leaf = leaves[at].Index()
	return nil
}
