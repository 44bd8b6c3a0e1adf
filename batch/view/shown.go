package view

import (
	"errors"
	"fmt"
	"io"

	"parallax/batch/sheet"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/tuple"
	"parallax/serving"
)

// The columns of a file of rows that are shown, by place.
const (
	shownStart = iota
	shownEnd
	shownRevision
	shownAccumulators
	shownFixed
)

// shown is the columns of the files of a job that is replayed, whose rows are of the last
// stage. The edges of count windows are numbers of rows.
func shown(stage *flow.Stage, results bool) []sheet.Field {
	edge := column.TypeOf(column.Timestamp)
	if stage.Window.Numbered() {
		edge = column.TypeOf(column.Int64)
	}
	return behind(stage, []sheet.Field{
		shownStart:        {ID: idStart, Name: "_start", Type: edge},
		shownEnd:          {ID: idEnd, Name: "_end", Type: edge},
		shownRevision:     {ID: idRevision, Name: "_revision", Type: column.TypeOf(column.Bool)},
		shownAccumulators: {ID: idAccumulators, Name: "_accumulators", Type: column.TypeOf(column.String), Binary: true},
	}, results)
}

// EncodeShown is a file of rows that a run of a plan shows, in their order.
func EncodeShown(plan *flow.Plan, rows []serving.Row) ([]byte, error) {
	stage := plan.Last()
	fields := shown(stage, true)
	columns, types := empty(fields), keyTypes(stage)
	accumulators := &columns[shownAccumulators]
	for i := range rows {
		r := &rows[i]
		columns[shownStart].Ints = append(columns[shownStart].Ints, r.Start)
		columns[shownEnd].Ints = append(columns[shownEnd].Ints, r.End)
		columns[shownRevision].Bools = append(columns[shownRevision].Bools, r.Revision)
		accumulators.Codes = append(accumulators.Codes, accumulators.Dict.Append(string(r.Accumulators)))
		if err := spell(r.Key, types, columns[shownFixed:]); err != nil {
			return nil, fmt.Errorf("view: key of row %d: %w", i, err)
		}
	}
	given := func(i int) []byte { return rows[i].Accumulators }
	if err := finish(stage, len(rows), given, columns[shownFixed+len(types):]); err != nil {
		return nil, err
	}
	return sheet.Encode(fields, columns, len(rows))
}

// DecodeShown appends the rows of a file to rows.
func DecodeShown(plan *flow.Plan, f *File, content []byte, rows []serving.Row) ([]serving.Row, error) {
	stage := plan.Last()
	d, err := open(plan, f, content, shown(stage, false))
	if err != nil {
		return nil, err
	}
	for {
		n, err := d.r.Next(stepRows, d.columns)
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		for i := range n {
			acc, key := d.columns[shownAccumulators], []byte(nil)
			for c := range stage.Keys {
				key = tuple.Append(key, d.columns[shownFixed+c].Value(i))
			}
			rows = append(rows, serving.Row{
				Key: key, Start: d.columns[shownStart].Ints[i], End: d.columns[shownEnd].Ints[i],
				Revision: d.columns[shownRevision].Bools[i], Accumulators: []byte(acc.Dict.Value(acc.Codes[i])),
			})
		}
	}
}

// Whole refuses a piece of a state that is not what was written, by its name.
func Whole(f *File, content []byte) error {
	if int64(len(content)) != f.Bytes || sheet.Sum(content) != f.Sum {
		return fmt.Errorf("%w: %s: %d bytes that are not the %d that were written", sheet.ErrDamaged, f.Name, len(content), f.Bytes)
	}
	return nil
}
