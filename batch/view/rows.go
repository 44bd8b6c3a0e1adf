package view

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"parallax/batch/sheet"
	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/fold"
	"parallax/engine/flow/tuple"
)

// The columns of a file. The key's have the ids from keyFirst on, the results those
// from resultFirst on.
const (
	idStart int32 = 1 + iota
	idEnd
	idPartition
	idOnTime
	idRevised
	idDropped
	idAccumulators
	fixed       = iota
	idRevision  = int32(fixed + 1) // of what is shown
	keyFirst    = int32(16)
	resultFirst = int32(1 << 10)
)

// layout is the columns of a merging job's files: the fixed ones, the key's, and the
// results.
func layout(stage *flow.Stage, results bool) []sheet.Field {
	whole, stamp := column.TypeOf(column.Int64), column.TypeOf(column.Timestamp)
	return behind(stage, []sheet.Field{
		{ID: idStart, Name: "_start", Type: stamp},
		{ID: idEnd, Name: "_end", Type: stamp},
		{ID: idPartition, Name: "_partition", Type: whole},
		{ID: idOnTime, Name: "_on_time", Type: whole},
		{ID: idRevised, Name: "_revised", Type: whole},
		{ID: idDropped, Name: "_dropped", Type: whole},
		{ID: idAccumulators, Name: "_accumulators", Type: column.TypeOf(column.String), Binary: true},
	}, results)
}

// behind puts the columns of a stage's keys, and its results, behind those of the file's
// own, which give way where they have a name of the stage's.
func behind(stage *flow.Stage, fields []sheet.Field, results bool) []sheet.Field {
	for i := range fields {
		for slices.ContainsFunc(stage.Finished, func(f column.Field) bool { return f.Name == fields[i].Name }) {
			fields[i].Name = "_" + fields[i].Name
		}
	}
	for i, at := range stage.Keys {
		fields = append(fields, sheet.Field{ID: keyFirst + int32(i), Name: stage.Schema[at].Name, Type: stage.Schema[at].Type})
	}
	if results {
		for i := range stage.Aggregates {
			a := &stage.Aggregates[i]
			fields = append(fields, sheet.Field{ID: resultFirst + int32(i), Name: a.Name, Type: a.Function.Result()})
		}
	}
	return fields
}

func keyTypes(stage *flow.Stage) []column.Type {
	types := make([]column.Type, len(stage.Keys))
	for i, at := range stage.Keys {
		types[i] = stage.Schema[at].Type
	}
	return types
}

// EncodeFile is a file of rows of a plan's fold, in their order.
func EncodeFile(plan *flow.Plan, rows []fold.Row) ([]byte, error) {
	stage := &plan.Stage
	fields := layout(stage, true)
	columns, types := empty(fields), keyTypes(stage)
	accumulators := &columns[idAccumulators-1]
	for i := range rows {
		r := &rows[i]
		for c, v := range [...]int64{r.Start, r.End, int64(r.Partition), r.OnTime, r.Revised, r.Dropped} {
			columns[c].Ints = append(columns[c].Ints, v)
		}
		accumulators.Codes = append(accumulators.Codes, accumulators.Dict.Append(string(r.Accumulators)))
		if err := spell(r.Key, types, columns[fixed:]); err != nil {
			return nil, fmt.Errorf("view: key of row %d: %w", i, err)
		}
	}
	given := func(i int) []byte { return rows[i].Accumulators }
	if err := finish(stage, len(rows), given, columns[fixed+len(types):]); err != nil {
		return nil, err
	}
	return sheet.Encode(fields, columns, len(rows))
}

// empty is columns of fields, without rows.
func empty(fields []sheet.Field) []column.Column {
	columns := make([]column.Column, len(fields))
	for i, f := range fields {
		var dict *column.Dict
		if f.Type.Kind == column.String {
			dict = new(column.Dict)
		}
		columns[i].Reset(f.Type, dict)
	}
	return columns
}

// spell appends the values of a key to its columns.
func spell(key []byte, types []column.Type, columns []column.Column) error {
	values, err := tuple.Decode(key, types)
	for c := range values {
		columns[c].Append(values[c])
	}
	return err
}

// finishRows is how many rows are finished at a time.
const finishRows = 1 << 12

// finish makes the results' columns of so many rows, whose accumulators are given.
func finish(stage *flow.Stage, rows int, given func(int) []byte, columns []column.Column) error {
	table := aggregate.NewTable(stage.Functions())
	groups := make([]uint32, 0, min(finishRows, rows))
	for from := 0; from < rows; from += finishRows {
		part := min(finishRows, rows-from)
		table.Grow(part)
		groups = groups[:0]
		for i := range part {
			rest, err := table.Load(uint32(i), given(from+i))
			if err != nil || len(rest) > 0 {
				return fmt.Errorf("view: accumulators of row %d, %d bytes too many: %w", from+i, len(rest), err)
			}
			groups = append(groups, uint32(i))
		}
		for fn := range columns {
			table.FinishColumn(groups, fn, &columns[fn])
		}
	}
	return nil
}

// DecodeFile appends the rows of a file to rows. They share memory of their own.
func DecodeFile(plan *flow.Plan, f *File, content []byte, rows []fold.Row) ([]fold.Row, error) {
	d, err := open(plan, f, content, layout(&plan.Stage, false))
	if err != nil {
		return nil, err
	}
	rows = slices.Grow(rows, int(min(f.Rows, stepRows)))
	for {
		n, err := d.r.Next(stepRows, d.columns)
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		for row := range n {
			rows = append(rows, d.row(row))
		}
	}
}

// Find appends the rows of a file that have the key and whose windows begin in [from, to),
// to rows. It looks for those windows among the starts, for the key among the keys of
// these, and decodes what else there is of the rows that it has found: of each column the
// pages that have them.
func Find(plan *flow.Plan, f *File, content []byte, key []byte, from, to int64, rows []fold.Row) ([]fold.Row, error) {
	if !f.Overlaps(from, to, key) {
		return rows, nil
	}
	want, err := tuple.Decode(key, keyTypes(&plan.Stage))
	if err != nil {
		return rows, fmt.Errorf("view: key: %w", err)
	}
	fields := layout(&plan.Stage, false)
	first, last, err := within(plan, f, content, fields[:1], from, to)
	if err != nil || first == last {
		return rows, err
	}
	keys, err := open(plan, f, content, fields[fixed:])
	if err != nil {
		return rows, err
	}
	var whole *decoder
	if err := keys.r.GoTo(first); err != nil {
		return rows, err
	}
	for at := first; at < last; {
		n, err := keys.r.Next(int(min(stepRows, last-at)), keys.columns)
		if err != nil {
			return rows, err
		}
		for row := range n {
			if !equal(keys.columns, row, want) {
				continue
			}
			if whole == nil {
				if whole, err = open(plan, f, content, fields); err != nil {
					return rows, err
				}
			}
			if err := whole.r.GoTo(at + int64(row)); err != nil {
				return rows, err
			}
			if _, err := whole.r.Next(1, whole.columns); err != nil {
				return rows, err
			}
			rows = append(rows, whole.row(0))
		}
		at += int64(n)
	}
	return rows, nil
}

// within is the rows [first, last) of a file whose windows begin in [from, to).
func within(plan *flow.Plan, f *File, content []byte, start []sheet.Field, from, to int64) (first, last int64, err error) {
	d, err := open(plan, f, content, start)
	if err != nil {
		return 0, 0, err
	}
	for at := int64(0); ; {
		n, err := d.r.Next(stepRows, d.columns)
		if err == io.EOF {
			return first, last, nil
		}
		if err != nil {
			return 0, 0, err
		}
		starts := d.columns[0].Ints[:n]
		before, _ := slices.BinarySearch(starts, from)
		below, _ := slices.BinarySearch(starts, to)
		if at += int64(n); before < n && first == last {
			first = at - int64(n-before)
		}
		if below > before {
			last = at - int64(n-below)
		}
		if below < n {
			return first, max(first, last), nil
		}
	}
}

func equal(columns []*column.Column, row int, want []column.Value) bool {
	for c := range want {
		if columns[c].Value(row).Compare(want[c]) != 0 {
			return false
		}
	}
	return true
}

// stepRows is how many rows are decoded at a time.
const stepRows = 1 << 12

// decoder reads a file.
type decoder struct {
	r       *sheet.Reader
	keys    int
	columns []*column.Column // of all fields, for row
	text    []byte           // keys and accumulators; full ones stay where they are
}

func open(plan *flow.Plan, f *File, content []byte, fields []sheet.Field) (*decoder, error) {
	r, err := sheet.Open(f.Name, content, f.Sum, fields)
	if err != nil {
		return nil, err
	}
	if r.Rows() != f.Rows {
		return nil, fmt.Errorf("%w: %s: %d rows, the view says %d", sheet.ErrDamaged, f.Name, r.Rows(), f.Rows)
	}
	return &decoder{r: r, keys: len(plan.Keys), columns: make([]*column.Column, len(fields))}, nil
}

// row is one of the rows at hand.
func (d *decoder) row(row int) fold.Row {
	if cap(d.text)-len(d.text) < 256 {
		d.text = make([]byte, 0, 1<<16)
	}
	columns, from := d.columns, len(d.text)
	for c := range d.keys {
		d.text = tuple.Append(d.text, columns[fixed+c].Value(row))
	}
	acc, key := columns[idAccumulators-1], len(d.text)
	d.text = append(d.text, acc.Dict.Value(acc.Codes[row])...)
	return fold.Row{
		Key: d.text[from:key:key], Accumulators: d.text[key:len(d.text):len(d.text)],
		Start: columns[idStart-1].Ints[row], End: columns[idEnd-1].Ints[row],
		Partition: int32(columns[idPartition-1].Ints[row]), OnTime: columns[idOnTime-1].Ints[row],
		Revised: columns[idRevised-1].Ints[row], Dropped: columns[idDropped-1].Ints[row],
	}
}

// Overlaps tells whether a file may hold rows of windows that begin in [from, to), and of
// the key, unless it is nil.
func (f *File) Overlaps(from, to int64, key []byte) bool {
	if f.Rows == 0 || f.Last.Start < from || f.First.Start >= to {
		return false
	}
	if key == nil || f.First.Start != f.Last.Start {
		return true
	}
	return bytes.Compare(f.First.Key, key) <= 0 && bytes.Compare(key, f.Last.Key) <= 0
}
