package source

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"

	"parallax/engine/flow/column"
)

// File is a scanned file: what its columns are, how many rows each partition has,
// and what could not be read.
type File struct {
	spec        Spec
	format      Format
	names       []string // all columns
	slots       []string // columns that are decoded: the needed ones first
	types       []column.Type
	blank       []string // undeclared columns without a value
	needed      int      // of slots
	eventSlot   int
	arrivalSlot int // or -1
	rows        int64
	partitions  *partitioner
	rejects     []*Error
	rejected    int64
	listing     bool // the first pass lists what is refused
	progress    func(done, total int64)
	passed      int64 // bytes of earlier passes
	unpacked    *recorder
}

// ReadOptions shape the batches of File.Read.
type ReadOptions struct {
	BatchRows int // about so many rows of a partition in a batch; 0 is 8192
	// FileOrder hands rows out in the order of the file, in a batch for each run
	// of rows of one partition. Without it only the rows of a partition are in
	// order.
	FileOrder bool
}

const chunkRows = 8192

// Columns reads the names of all columns: of CSV from the header, of Parquet from
// the footer; of JSON Lines it goes over the whole file, and there are none if no
// line is there.
func Columns(spec Spec) ([]string, error) {
	o, err := open(&spec, nil)
	if err != nil {
		return nil, err
	}
	defer o.file.Close()
	switch o.format {
	case CSV:
		lex, err := newCSV(spec.File, o.content)
		if err != nil {
			return nil, err
		}
		return lex.columns(), nil
	case Parquet:
		p, err := openParquet(&spec, o)
		if err != nil {
			return nil, err
		}
		return p.names(), nil
	}
	lex := newJSONL(spec.File, o.content)
	lex.want(nil)
	for {
		err := lex.next(nil)
		if bad, ok := err.(*Error); err == io.EOF || ok && bad.fatal && spec.SkipBad {
			return lex.columns(), nil
		} else if err != nil && !(ok && spec.SkipBad) {
			return nil, err
		}
	}
}

// Scan goes over the whole file. need lists the columns that Read will hand out;
// those the file does not have are left out, and nil means all. progress, which
// may be nil, is told the bytes read so far and in all by Scan and Read together.
func Scan(spec Spec, need []string, progress func(done, total int64)) (*File, error) {
	if err := spec.Check(); err != nil {
		return nil, err
	}
	f := &File{spec: spec, progress: progress, listing: true}
	o, err := f.open()
	if err != nil {
		return nil, err
	}
	defer o.file.Close()
	f.format = o.format
	if need == nil {
		if need, err = Columns(spec); err != nil {
			return nil, err
		}
	}
	rows, err := f.reader(o, need)
	if err != nil {
		return nil, err
	}
	if err := rows.scan(); err != nil {
		return nil, err
	}
	f.listing = false
	return f, f.afterScan()
}

// rowReader is one format's decoder.
type rowReader interface {
	scan() error
	fill(c *chunk, rows int) error
}

func (f *File) open() (*opened, error) {
	total := int64(0)
	o, err := open(&f.spec, func(read int64) {
		if f.progress != nil && total > 0 {
			f.progress(f.passed+read, 2*total)
		}
	})
	if err != nil {
		return nil, err
	}
	total = o.size
	if o.gzipped && o.format != Parquet {
		if again := f.unpacked.again(); again != nil {
			o.content = again
		} else if f.unpacked == nil {
			f.unpacked = &recorder{r: o.content}
			o.content = bufio.NewReader(f.unpacked)
		}
	}
	return o, nil
}

// reader binds the decoder of the file's format to the needed columns.
func (f *File) reader(o *opened, need []string) (rowReader, error) {
	switch f.format {
	case Parquet:
		p, err := openParquet(&f.spec, o)
		if err != nil {
			return nil, err
		}
		if f.slots == nil {
			f.names = p.names()
			if err := f.bind(need, f.names); err != nil {
				return nil, err
			}
		}
		return newParquetRows(f, p)
	case CSV:
		lex, err := newCSV(f.spec.File, o.content)
		if err != nil {
			return nil, err
		}
		if f.slots == nil {
			if err := f.bind(need, lex.columns()); err != nil {
				return nil, err
			}
		}
		return newTextRows(f, lex)
	}
	if f.slots == nil {
		if err := f.bind(need, nil); err != nil {
			return nil, err
		}
	}
	return newTextRows(f, newJSONL(f.spec.File, o.content))
}

// bind lays out the cells: the needed columns, then those of times and partitions.
// have is the file's columns, nil when they are not known yet.
func (f *File) bind(need, have []string) error {
	if err := f.missing(have); err != nil {
		return err
	}
	slot := func(name string) int {
		at := slices.Index(f.slots, name)
		if at < 0 {
			at = len(f.slots)
			f.slots = append(f.slots, name)
		}
		return at
	}
	for _, name := range need {
		if have == nil || slices.Contains(have, name) {
			slot(name)
		}
	}
	f.needed = len(f.slots)
	f.eventSlot, f.arrivalSlot = slot(f.spec.EventTime.Field), -1
	if f.spec.ArrivalTime.Field != "" {
		f.arrivalSlot = slot(f.spec.ArrivalTime.Field)
	}
	by := make([]int, len(f.spec.PartitionBy))
	for i, name := range f.spec.PartitionBy {
		by[i] = slot(name)
	}
	f.partitions = newPartitioner(by, f.spec.Partitions)
	return nil
}

// Roles lists the columns that the spec itself names and what for, in order.
func (s *Spec) Roles() (names, roles []string) {
	add := func(role, name string) {
		if name != "" {
			names, roles = append(names, name), append(roles, role)
		}
	}
	add("event_time.field", s.EventTime.Field)
	add("arrival_time.field", s.ArrivalTime.Field)
	for _, name := range s.PartitionBy {
		add("partition_by", name)
	}
	for _, c := range s.Columns {
		add("columns."+c.Name, c.Name)
	}
	return names, roles
}

func (f *File) missing(have []string) error {
	if have == nil {
		return nil
	}
	names, roles := f.spec.Roles()
	for i, name := range names {
		if !slices.Contains(have, name) {
			return &Error{File: f.spec.File, Line: 1, Field: name, Msg: "the file has no such column (" + roles[i] + " names it)"}
		}
	}
	return nil
}

// afterScan checks what only the whole of a file shows.
func (f *File) afterScan() error {
	if f.rows == 0 && f.rejected == 0 {
		return nil
	}
	have := f.names
	if f.format == JSONL && f.rejected == 0 {
		if err := f.missing(have); err != nil {
			return err
		}
	}
	kept := 0 // needed columns that the file really has
	for s := 0; s < f.needed; s++ {
		if slices.Contains(have, f.slots[s]) {
			kept++
		}
	}
	if kept == f.needed {
		return nil
	}
	return f.dropAbsent(have)
}

// dropAbsent leaves out needed columns that no record of a JSON Lines file has.
func (f *File) dropAbsent(have []string) error {
	old, types := f.slots, f.types
	var need []string
	for s := 0; s < f.needed; s++ {
		if slices.Contains(have, old[s]) {
			need = append(need, old[s])
		}
	}
	parts := f.partitions
	f.slots = nil
	if err := f.bind(need, nil); err != nil {
		return err
	}
	parts.by, f.partitions = f.partitions.by, parts
	f.types = make([]column.Type, len(f.slots))
	for s, name := range f.slots {
		f.types[s] = types[slices.Index(old, name)]
	}
	return nil
}

// refuse lists a record that cannot be read, or stops.
func (f *File) refuse(bad *Error) error {
	if !f.spec.SkipBad {
		return bad
	}
	if f.listing {
		f.rejects = append(f.rejects, bad)
		f.rejected += max(bad.Lost, 1)
	}
	return nil
}

// Schema is all columns of the file. Those that are not needed have no type that
// anyone looked at and are called strings.
func (f *File) Schema() column.Schema {
	schema := make(column.Schema, len(f.names))
	for i, name := range f.names {
		schema[i] = column.Field{Name: name, Type: column.TypeOf(column.String)}
		if s := slices.Index(f.slots, name); s >= 0 {
			schema[i].Type = f.types[s]
		}
	}
	return schema
}

// Needed is the columns of the batches.
func (f *File) Needed() column.Schema {
	schema := make(column.Schema, f.needed)
	for s := range schema {
		schema[s] = column.Field{Name: f.slots[s], Type: f.types[s]}
	}
	return schema
}

// Blank lists the undeclared columns in which no row has a value; they are called
// strings. Assume gives all of them another type.
func (f *File) Blank() []string { return f.blank }

// Assume sets the type of the columns that Blank lists.
func (f *File) Assume(t column.Type) {
	for s, name := range f.slots {
		if slices.Contains(f.blank, name) {
			f.types[s] = t
		}
	}
}

// Format is the format that was found.
func (f *File) Format() Format { return f.format }

// Rows is the number of rows that can be read.
func (f *File) Rows() int64 { return f.rows }

// Partitions lists the partitions by number.
func (f *File) Partitions() []Partition { return f.partitions.list }

// Rejects lists what could not be read, in file order, and Rejected counts it.
func (f *File) Rejects() []*Error { return f.rejects }

// Rejected is the number of records that could not be read; the uncounted rest of
// a damaged text file counts as one.
func (f *File) Rejected() int64 { return f.rejected }

// Read hands out all rows in batches, which are valid until emit returns. An error
// of emit ends it.
func (f *File) Read(o ReadOptions, emit func(*column.Batch) error) error {
	if o.BatchRows <= 0 {
		o.BatchRows = chunkRows
	}
	f.partitions.restart()
	file, err := f.open()
	if err != nil {
		return err
	}
	defer file.file.Close()
	f.passed = file.size
	rows, err := f.reader(file, nil)
	if err != nil {
		return err
	}
	c := newChunk(f.Needed())
	r := newRouter(f.Needed(), len(f.partitions.list), o, emit)
	read := int64(0)
	for done := false; !done; {
		c.clear()
		err := rows.fill(c, min(chunkRows, o.BatchRows))
		if done = err == io.EOF; err != nil && !done {
			return err
		}
		if read += int64(c.rows); len(f.partitions.list) != len(r.offsets) {
			break
		}
		if err := r.take(c); err != nil {
			return err
		}
	}
	if read != f.rows {
		return &Error{File: f.spec.File, Msg: fmt.Sprintf("has changed between two passes: %d rows, then %d", f.rows, read)}
	}
	return r.finish()
}

// whole reads the rest of an opened file into memory, for formats that need it.
func (o *opened) whole() (*bytes.Reader, error) {
	data, err := io.ReadAll(o.content)
	return bytes.NewReader(data), err
}
