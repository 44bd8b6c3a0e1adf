package replay_test

import (
	"fmt"
	"math"

	"parallax/batch/replay"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/segment"
	"parallax/engine/flow/window"
	"parallax/serving"
)

// record is a record of a partition's log: rows without columns, at times in seconds.
func record(offset int64, seconds ...int64) *protocol.Batch {
	rows := &column.Batch{Rows: len(seconds), Appends: make([]int64, len(seconds))}
	for _, s := range seconds {
		rows.Times = append(rows.Times, s*1_000_000)
	}
	return encoded(offset, rows)
}

// encoded is a record of rows.
func encoded(offset int64, rows *column.Batch) *protocol.Batch {
	h := segment.Header{ID: uint64(offset) + 1, Partition: rows.Partition, Schema: rows.Schema}
	w, err := segment.NewWriter(h)
	if err != nil {
		panic(err)
	}
	payload, err := w.Append(h.AppendTo(nil), rows)
	if err != nil {
		panic(err)
	}
	b := &protocol.Batch{Base: offset, Count: int32(rows.Rows), Producer: 1, Payload: payload}
	if rows.Rows > 0 {
		b.Append = rows.Appends[0]
	}
	return b
}

// Two rows make a session across a cut: of what was open there, a run that begins with the
// state knows.
func Example() {
	sessions := window.Sessions(10_000_000, window.Overlapping)
	o := replay.Options{Partitions: 1, Schema: column.Schema{}, Pipeline: &flow.Pipeline{Steps: []flow.Step{
		{Window: &sessions},
		{Aggregates: []flow.Aggregate{{Name: "n", Call: expr.CallExpr{Func: "count"}}}},
	}}}
	below, err := replay.New(o)
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := below.Take(0, record(0, 1, 2)); err != nil {
		fmt.Println(err)
		return
	}
	state := below.AppendTo(nil) // and no rows: nothing is shown yet

	next, err := replay.New(o)
	if err == nil {
		err = next.Load(state, nil)
	}
	if err == nil {
		_, err = next.Take(0, record(2, 9, 30))
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	next.Shown().Ask(&serving.Query{From: math.MinInt64, To: math.MaxInt64}, func(r *serving.Row) bool {
		fmt.Printf("from %d s to %d s\n", r.Start/1_000_000, r.End/1_000_000)
		return true
	})
	fmt.Println("up to offset", next.Cut()[0].Offset)
	// Output:
	// from 1 s to 19 s
	// up to offset 4
}
