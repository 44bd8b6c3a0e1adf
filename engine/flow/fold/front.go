package fold

import (
	"bytes"
	"slices"

	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/tuple"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// front is what leads rows to folds beside each other: the plan's first part, with the
// partitions' frontiers and the keys.
type front struct {
	plan       *flow.Plan
	path       *operator.Path // of one partition more, for keys that are merged
	partitions int
	mark       watermark.Spec
	own        bool
	late       flow.Late
	window     window.Spec
	fns        []aggregate.Function
	countAt    int // among fns, the function that counts all rows; behind them if there is none
	types      []column.Type

	keys    [][]byte          // encoded, by number
	numbers map[string]uint32 // of those
	order   []uint32          // numbers by the order of the encoded keys
	rank    []uint32          // the inverse

	values  column.Batch // of keys that are merged
	columns []*column.Column
	scratch []uint32
}

func newFront(plan *flow.Plan, partitions int) *front {
	p := plan.Pipeline
	f := &front{
		plan: plan, path: operator.NewPath(plan, partitions+1), partitions: partitions,
		mark: p.Watermark, own: p.Watermark.Across == watermark.Own, late: p.Late, window: plan.Window,
		fns: plan.Functions(), numbers: map[string]uint32{},
	}
	f.countAt = slices.IndexFunc(plan.Aggregates, func(o flow.Output) bool {
		return o.Where == nil && o.Function.String() == "count()"
	})
	if f.countAt < 0 {
		f.countAt = len(f.fns)
	}
	f.values.Partition = int32(partitions)
	f.values.Columns = make([]column.Column, len(plan.Keys))
	for i, at := range plan.Keys {
		t := plan.Schema[at].Type
		f.types = append(f.types, t)
		f.values.Schema = append(f.values.Schema, plan.Schema[at])
		f.columns = append(f.columns, &f.values.Columns[i])
	}
	return f
}

// SetFrontier says that a partition's frontier is at least so much: at a cut, that of the
// cut.
func (f *front) SetFrontier(partition int, frontier int64) { f.path.Idle(partition, frontier) }

// Frontier is a partition's frontier behind all rows that were added unmarked.
func (f *front) Frontier(partition int) int64 { return f.path.Entry().Frontier(partition) }

// Rejected counts a partition's rows that were too far in the future.
func (f *front) Rejected(partition int) int64 { return f.path.Entry().Rejected(partition) }

// Functions are the job's.
func (f *front) Functions() []aggregate.Function { return f.fns }

// Keyer numbers the group keys.
func (f *front) Keyer() *operator.Keyer { return f.path.RowKeyer() }

// Keys is how many group keys are known.
func (f *front) Keys() int { return f.path.RowKeyer().Len() }

// encode encodes the keys that are new.
func (f *front) encode() {
	keyer := f.path.RowKeyer()
	var b []byte // of many keys; full ones stay where they are
	for n := len(f.keys); n < keyer.Len(); n++ {
		if cap(b)-len(b) < 64 {
			b = make([]byte, 0, 4096)
		}
		from := len(b)
		for col := range f.types {
			b = tuple.Append(b, keyer.Value(uint32(n), col))
		}
		key := b[from:len(b):len(b)]
		f.keys = append(f.keys, key)
		f.numbers[string(key)] = uint32(n)
	}
}

// sortKeys puts the keys in order.
func (f *front) sortKeys() {
	f.encode()
	if len(f.order) == len(f.keys) {
		return
	}
	for n := len(f.order); n < len(f.keys); n++ {
		f.order = append(f.order, uint32(n))
	}
	slices.SortFunc(f.order, func(a, b uint32) int { return bytes.Compare(f.keys[a], f.keys[b]) })
	f.rank = slices.Grow(f.rank[:0], len(f.keys))[:len(f.keys)]
	for at, n := range f.order {
		f.rank[n] = uint32(at)
	}
}

// number finds or makes the numbers of encoded keys, valid until the next call.
func (f *front) number(rows []Row) ([]uint32, error) {
	b := &f.values
	b.Rows = len(rows)
	for i, t := range f.types {
		var dict *column.Dict
		if t.Kind == column.String {
			dict = new(column.Dict)
		}
		b.Columns[i].Reset(t, dict)
	}
	for i := range rows {
		values, err := tuple.Decode(rows[i].Key, f.types)
		if err != nil {
			return nil, err
		}
		for col := range values {
			b.Columns[col].Append(values[col])
		}
	}
	f.scratch = slices.Grow(f.scratch[:0], len(rows))[:len(rows)]
	f.path.RowKeyer().Number(b, f.columns, f.scratch)
	return f.scratch, nil
}
