package kappa

import (
	"errors"
	"fmt"
	"slices"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/column"
)

// What the log holds stays there, so a worker that gave up over a record would give up
// over it again after every restart. Rows that the job cannot use are refused instead:
// counted, by partition, in the worker's state, and listed with the reason. They are
//
//   - all rows of a batch that cannot be read, or whose columns are not those of the
//     job. Nothing is known of their times, so they move no frontier;
//   - a row for which an expression of the job has no value.
//
// What is refused follows from the record alone: it is the same for every attempt.

// Refusal is a record, or one row of it, that the job cannot use.
type Refusal struct {
	Partition int32
	Offset    int64 // of the first row
	Rows      int64
	Why       string
}

// String is one line.
func (r Refusal) String() string {
	rows := "1 row"
	if r.Rows != 1 {
		rows = fmt.Sprintf("%d rows", r.Rows)
	}
	return fmt.Sprintf("partition %d, offset %d, %s: %s", r.Partition, r.Offset, rows, r.Why)
}

// refusalsMax is how many refusals a worker lists, the first of this incarnation. All
// are counted.
const refusalsMax = 100

// errColumns refuses a batch whose columns are others than the job's.
var errColumns = errors.New("it has other columns than the job reads")

// refuse notes rows that cannot be used.
func (w *Worker) refuse(part int32, offset, rows int64, why string) {
	w.refused[part] += rows
	if len(w.refusals) < refusalsMax {
		w.refusals = append(w.refusals, Refusal{Partition: part, Offset: offset, Rows: rows, Why: why})
	}
}

// refuseBatch refuses all of a batch that cannot be read.
func (w *Worker) refuseBatch(part int32, b *protocol.Batch, why error) {
	w.env.Sometimes("kappa.batch-refused")
	if inner := errors.Unwrap(why); inner != nil && inner != errColumns {
		why = inner // which batch it is, the list says
	}
	w.refuse(part, b.Base, int64(b.Count), why.Error())
}

// refuseRows refuses the rows of the last batch for which an expression has no value.
func (w *Worker) refuseRows() {
	for _, r := range w.path.Refusals() {
		w.env.Sometimes("kappa.row-refused")
		w.refuse(r.Partition, r.Offset, 1, r.What)
	}
}

// Refused is how many rows below Reached were refused.
func (w *Worker) Refused() (rows int64) {
	for _, n := range w.refused {
		rows += n
	}
	return rows
}

// Refusals lists the first rows that this incarnation has refused, also those that an
// earlier one had. The list is the worker's own and is not to be changed.
func (w *Worker) Refusals() []Refusal { return w.refusals }

// same tells whether a batch has a job's columns; if not, the error says what is
// different.
func same(have, want column.Schema) error {
	if slices.Equal(have, want) {
		return nil
	}
	for _, f := range want {
		switch at := have.Index(f.Name); {
		case at < 0:
			return fmt.Errorf("%w: %q is missing", errColumns, f.Name)
		case have[at].Type != f.Type:
			return fmt.Errorf("%w: %q is %s, the job reads %s", errColumns, f.Name, have[at].Type, f.Type)
		}
	}
	for _, f := range have {
		if want.Index(f.Name) < 0 {
			return fmt.Errorf("%w: nobody knows %q", errColumns, f.Name)
		}
	}
	return fmt.Errorf("%w: they stand in another order", errColumns)
}
