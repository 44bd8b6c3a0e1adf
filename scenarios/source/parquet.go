package source

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"parallax/engine/flow/column"
)

// parquetFile is an opened Parquet file: its flat columns.
type parquetFile struct {
	name   string
	file   *parquet.File
	at     io.ReaderAt
	size   int64
	leaves []parquetLeaf
}

// parquetLeaf is one column of the file and how it is read.
type parquetLeaf struct {
	name     string
	index    int
	levelMax int // definition level of a value that is there
	repeated bool
	shape    parquetShape
	typ      column.Type // zero: of a kind that is not read
	what     string      // the file's own word for the type
}

// parquetShape is how values of a physical type become values of the engine.
type parquetShape struct {
	kind     parquet.Kind
	num, den int64 // factor to microseconds of times and dates
	unsigned bool
}

// guard turns a panic of the decoder on damaged input into an error.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("damaged: %v", p)
	}
}

func openParquet(spec *Spec, o *opened) (p *parquetFile, err error) {
	defer func() {
		if err != nil {
			err = &Error{File: spec.File, Msg: "truncated or damaged Parquet file: " + err.Error()}
		}
	}()
	defer guard(&err)
	var at io.ReaderAt = o.file
	size := o.size
	if o.gzipped {
		whole, err := o.whole()
		if err != nil {
			return nil, errors.New(damaged(err))
		}
		at, size = whole, whole.Size()
	}
	if err := checkFooter(at, size); err != nil {
		return nil, err
	}
	file, err := parquet.OpenFile(at, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "parquet: "))
	}
	p = &parquetFile{name: spec.File, file: file, at: at, size: size}
	for _, path := range file.Schema().Columns() {
		leaf, ok := file.Schema().Lookup(path...)
		if !ok {
			return nil, fmt.Errorf("column %v is not in the schema", path)
		}
		typ := leaf.Node.Type()
		l := parquetLeaf{
			name: strings.Join(path, "."), index: leaf.ColumnIndex, levelMax: leaf.MaxDefinitionLevel,
			repeated: leaf.MaxRepetitionLevel > 0, what: typ.String(),
		}
		l.typ, l.shape = parquetType(typ)
		p.leaves = append(p.leaves, l)
	}
	return p, nil
}

// parquetType maps a column's type; the zero type says that it is not read.
func parquetType(t parquet.Type) (column.Type, parquetShape) {
	shape := parquetShape{kind: t.Kind(), num: 1, den: 1}
	var logical format.LogicalTypeValue
	if l := t.LogicalType(); l != nil {
		logical = l.Value
	}
	if d, ok := logical.(*format.DecimalType); ok && t.Kind() != parquet.Boolean {
		return decimalType(d.Precision, d.Scale), shape
	}
	switch t.Kind() {
	case parquet.Boolean:
		return column.TypeOf(column.Bool), shape
	case parquet.Float, parquet.Double:
		return column.TypeOf(column.Float64), shape
	case parquet.Int32, parquet.Int64:
		switch l := logical.(type) {
		case *format.DateType:
			shape.num = 86_400_000_000
			return column.TypeOf(column.Timestamp), shape
		case *format.TimestampType:
			switch l.Unit.Value.(type) {
			case *format.MilliSeconds:
				shape.num = 1000
			case *format.NanoSeconds:
				shape.den = 1000
			}
			return column.TypeOf(column.Timestamp), shape
		case *format.IntType:
			shape.unsigned = !l.IsSigned
		}
		return column.TypeOf(column.Int64), shape
	case parquet.ByteArray, parquet.FixedLenByteArray:
		switch logical.(type) {
		case *format.StringType, *format.EnumType, *format.JsonType:
			return column.TypeOf(column.String), shape
		case nil:
			if t.Kind() == parquet.ByteArray {
				return column.TypeOf(column.String), shape
			}
		}
	}
	return column.Type{}, shape
}

func decimalType(precision, scale int32) column.Type {
	if precision < 1 || precision > column.DecimalDigitsMax || scale < 0 || scale > precision {
		return column.Type{}
	}
	return column.Type{Kind: column.Decimal128, Precision: uint8(precision), Scale: uint8(scale)}
}

func (p *parquetFile) names() []string {
	names := make([]string, len(p.leaves))
	for i := range p.leaves {
		names[i] = p.leaves[i].name
	}
	return names
}

// parquetRows reads the slots of a file column by column.
type parquetRows struct {
	file   *File
	source *parquetFile
	slots  []*parquetColumn
	event  *clock
	arrive *clock
	group  int   // row groups begun
	left   int64 // rows left in the group
	row    int64 // next row of the file
	cells  []cell
	scrape [][]byte // text of partition values
}

func newParquetRows(f *File, p *parquetFile) (*parquetRows, error) {
	r := &parquetRows{file: f, source: p, cells: make([]cell, len(f.slots)), scrape: make([][]byte, len(f.slots))}
	f.types = make([]column.Type, len(f.slots))
	for s, name := range f.slots {
		leaf := &p.leaves[slices.IndexFunc(p.leaves, func(l parquetLeaf) bool { return l.name == name })]
		if leaf.repeated || leaf.typ.Kind == 0 {
			return nil, &Error{File: p.name, Field: name, Msg: "columns of type " + leaf.what + " cannot be read"}
		}
		f.types[s] = leaf.typ
		if typ, ok := f.spec.declared(name); ok {
			f.types[s] = typ
		}
		r.slots = append(r.slots, newParquetColumn(leaf, f.types[s]))
	}
	var err error
	if r.event, err = newClock(f.spec.EventTime); err != nil {
		return nil, err
	}
	r.arrive, err = newClock(f.spec.ArrivalTime)
	return r, err
}

func (r *parquetRows) scan() error {
	c := newChunk(r.file.Needed())
	for {
		c.clear()
		err := r.fill(c, chunkRows)
		r.file.rows += int64(c.rows)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// nextGroup opens the next row group with rows; ok is false behind the last.
func (r *parquetRows) nextGroup() (ok bool, err error) {
	defer guard(&err)
	groups := r.source.file.RowGroups()
	for r.left == 0 {
		for _, c := range r.slots {
			c.close()
		}
		if r.group == len(groups) {
			return false, nil
		}
		g := groups[r.group]
		r.group++
		r.left = g.NumRows()
		if r.left < 0 {
			return false, errors.New("a row group with a negative number of rows")
		}
		chunks := g.ColumnChunks()
		meta := r.source.file.Metadata().RowGroups[r.group-1].Columns
		for _, c := range r.slots {
			if err := checkPages(r.source.at, r.source.size, &meta[c.leaf.index].MetaData); err != nil {
				return false, fmt.Errorf("column %s: %w", c.leaf.name, err)
			}
			c.open(chunks[c.leaf.index])
		}
	}
	return true, nil
}

func (r *parquetRows) fill(c *chunk, rows int) error {
	for c.rows < rows {
		n, err := r.decode(rows - c.rows)
		if err == io.EOF {
			return io.EOF
		}
		if err != nil {
			lost := &Error{File: r.source.name, Row: r.row, Lost: max(r.left, 1), Msg: "truncated or damaged Parquet data: " + err.Error()}
			if err := r.file.refuse(lost); err != nil {
				return err
			}
			r.row += r.left
			r.left = 0
			continue
		}
		if err := r.accept(c, n); err != nil {
			return err
		}
		r.row += int64(n)
		r.left -= int64(n)
	}
	return nil
}

// decode reads up to n rows of the current group into the slots.
func (r *parquetRows) decode(n int) (int, error) {
	ok, err := r.nextGroup()
	if err == nil && !ok {
		return 0, io.EOF
	}
	if err != nil {
		return 0, err
	}
	n = int(min(int64(n), r.left))
	for _, c := range r.slots {
		if err := c.read(n); err != nil {
			return 0, fmt.Errorf("column %s: %w", c.leaf.name, err)
		}
	}
	return n, nil
}

// accept copies the decoded rows that are good to the chunk.
func (r *parquetRows) accept(c *chunk, n int) error {
	f := r.file
	good := make([]int32, 0, n)
	for i := 0; i < n; i++ {
		event, slot, msg := r.time(f.eventSlot, r.event, i)
		arrival := event
		if msg == "" && f.arrivalSlot >= 0 {
			arrival, slot, msg = r.time(f.arrivalSlot, r.arrive, i)
		}
		for s := 0; s < len(r.slots) && msg == ""; s++ {
			if r.slots[s].bad != nil && r.slots[s].bad[i] != "" {
				slot, msg = s, r.slots[s].bad[i]
			}
		}
		if msg != "" {
			err := f.refuse(&Error{File: r.source.name, Row: r.row + int64(i), Field: f.slots[slot], Msg: msg, Lost: 1})
			if err != nil {
				return err
			}
			continue
		}
		for _, s := range f.partitions.by {
			r.cells[s] = r.cell(s, i)
		}
		partition, ok := f.partitions.of(r.cells)
		if !ok {
			return f.partitions.tooMany(f.spec.File, 0)
		}
		good = append(good, int32(i))
		c.times = append(c.times, event)
		c.arrivals = append(c.arrivals, arrival)
		c.partitions = append(c.partitions, partition)
	}
	for s := range c.columns {
		c.columns[s].Dict = r.slots[s].out.Dict
		gather(&c.columns[s], &r.slots[s].out, good)
	}
	c.rows += len(good)
	return nil
}

// time reads row i of a time column.
func (r *parquetRows) time(slot int, k *clock, i int) (micros int64, at int, msg string) {
	col := r.slots[slot]
	switch {
	case col.bad != nil && col.bad[i] != "":
		return 0, slot, col.bad[i]
	case col.out.IsNull(i):
		return 0, slot, "the time is null"
	case col.out.Type.Kind == column.Timestamp:
		if col.out.Ints[i] == column.NoFrontier {
			return 0, slot, outOfRange
		}
		return col.out.Ints[i], slot, ""
	case col.out.Type.Kind == column.Int64 && k.num != 0:
		micros, msg = k.scale(col.out.Ints[i])
		return micros, slot, msg
	}
	r.scrape[slot] = append(r.scrape[slot][:0], col.out.Value(i).Text()...)
	micros, msg = k.parse(r.scrape[slot])
	return micros, slot, msg
}

// cell is the text of one value, for partitions.
func (r *parquetRows) cell(slot, i int) cell {
	out := &r.slots[slot].out
	if out.IsNull(i) {
		return cell{kind: cellNull}
	}
	if out.Type.Kind == column.String {
		r.scrape[slot] = append(r.scrape[slot][:0], out.Dict.Value(out.Codes[i])...)
	} else {
		r.scrape[slot] = append(r.scrape[slot][:0], out.Value(i).Text()...)
	}
	return cell{text: r.scrape[slot], kind: cellText}
}
