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
	keyFirst    = int32(16)
	resultFirst = int32(1 << 10)
)

// layout is the columns of a job's files: the fixed ones, the key's, and the results.
func layout(stage *flow.Stage, results bool) []sheet.Field {
	whole, stamp := column.TypeOf(column.Int64), column.TypeOf(column.Timestamp)
	var fields []sheet.Field
	taken := func(name string) bool {
		return slices.ContainsFunc(stage.Finished, func(f column.Field) bool { return f.Name == name })
	}
	add := func(id int32, name string, t column.Type) {
		for taken(name) {
			name = "_" + name
		}
		fields = append(fields, sheet.Field{ID: id, Name: name, Type: t, Binary: id == idAccumulators})
	}
	add(idStart, "_start", stamp)
	add(idEnd, "_end", stamp)
	add(idPartition, "_partition", whole)
	add(idOnTime, "_on_time", whole)
	add(idRevised, "_revised", whole)
	add(idDropped, "_dropped", whole)
	add(idAccumulators, "_accumulators", column.TypeOf(column.String))
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
	columns := make([]column.Column, len(fields))
	for i, f := range fields {
		var dict *column.Dict
		if f.Type.Kind == column.String {
			dict = new(column.Dict)
		}
		columns[i].Reset(f.Type, dict)
	}
	types := keyTypes(stage)
	accumulators := &columns[idAccumulators-1]
	for i := range rows {
		r := &rows[i]
		for c, v := range [...]int64{r.Start, r.End, int64(r.Partition), r.OnTime, r.Revised, r.Dropped} {
			columns[c].Ints = append(columns[c].Ints, v)
		}
		accumulators.Codes = append(accumulators.Codes, accumulators.Dict.Append(string(r.Accumulators)))
		key, err := tuple.Decode(r.Key, types)
		if err != nil {
			return nil, fmt.Errorf("view: key of row %d: %w", i, err)
		}
		for c := range key {
			columns[fixed+c].Append(key[c])
		}
	}
	if err := finish(stage, rows, columns[fixed+len(types):]); err != nil {
		return nil, err
	}
	return sheet.Encode(fields, columns, len(rows))
}

// finishRows is how many rows are finished at a time.
const finishRows = 1 << 12

// finish makes the results' columns.
func finish(stage *flow.Stage, rows []fold.Row, columns []column.Column) error {
	table := aggregate.NewTable(stage.Functions())
	groups := make([]uint32, 0, min(finishRows, len(rows)))
	for from := 0; from < len(rows); from += finishRows {
		part := rows[from:min(len(rows), from+finishRows)]
		table.Grow(len(part))
		groups = groups[:0]
		for i := range part {
			rest, err := table.Load(uint32(i), part[i].Accumulators)
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
	return decode(plan, f, content, rows, func([]*column.Column, int) bool { return true })
}

// Find appends the rows of a file that have the key and whose windows begin in [from,
// to), to rows. Of the others no key is put together, and nothing is read of a file
// that has none.
func Find(plan *flow.Plan, f *File, content []byte, key []byte, from, to int64, rows []fold.Row) ([]fold.Row, error) {
	if f.Last.Start < from || f.First.Start >= to {
		return rows, nil
	}
	types := keyTypes(&plan.Stage)
	want, err := tuple.Decode(key, types)
	if err != nil {
		return rows, fmt.Errorf("view: key: %w", err)
	}
	return decode(plan, f, content, rows, func(columns []*column.Column, row int) bool {
		if start := columns[idStart-1].Ints[row]; start < from || start >= to {
			return false
		}
		for c := range want {
			if columns[fixed+c].Value(row).Compare(want[c]) != 0 {
				return false
			}
		}
		return true
	})
}

// decode appends the rows that are wanted.
func decode(plan *flow.Plan, f *File, content []byte, rows []fold.Row, want func([]*column.Column, int) bool) ([]fold.Row, error) {
	const step = 1 << 12
	stage := &plan.Stage
	fields := layout(stage, false)
	r, err := sheet.Open(f.Name, content, f.Sum, fields)
	if err != nil {
		return nil, err
	}
	if r.Rows() != f.Rows {
		return nil, fmt.Errorf("%w: %s: %d rows, the view says %d", sheet.ErrDamaged, f.Name, r.Rows(), f.Rows)
	}
	rows = slices.Grow(rows, int(min(f.Rows, step)))
	columns := make([]*column.Column, len(fields))
	var text []byte // keys and accumulators; full ones stay where they are
	for {
		n, err := r.Next(step, columns)
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		for row := range n {
			if !want(columns, row) {
				continue
			}
			acc := columns[idAccumulators-1]
			from := len(text)
			for c := range stage.Keys {
				text = tuple.Append(text, columns[fixed+c].Value(row))
			}
			key := len(text)
			text = append(text, acc.Dict.Value(acc.Codes[row])...)
			rows = append(rows, fold.Row{
				Key: text[from:key:key], Accumulators: text[key:len(text):len(text)],
				Start: columns[idStart-1].Ints[row], End: columns[idEnd-1].Ints[row],
				Partition: int32(columns[idPartition-1].Ints[row]), OnTime: columns[idOnTime-1].Ints[row],
				Revised: columns[idRevised-1].Ints[row], Dropped: columns[idDropped-1].Ints[row],
			})
			if cap(text)-len(text) < 256 {
				text = make([]byte, 0, 1<<16)
			}
		}
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
