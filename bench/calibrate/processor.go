//go:build !js && !wasip1

package calibrate

import (
	"context"
	"fmt"
	"hash/crc32"
	"math/rand/v2"

	"parallax/bench/costs"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/segment"
	"parallax/engine/flow/window"
)

// The rows that are counted and summed by key.
const (
	rowCount  = 1 << 20
	rowBatch  = 8192
	rowKeys   = 1000
	rowCharge = 100 // ns that a worker charges for a row
)

// processor measures the row path from an entry of the log to finished windows, which
// tells what a nanosecond of a worker's charge is, and what a byte of a message takes
// to be copied and checked.
func processor(_ context.Context, _ string, t *costs.Table) error {
	p, err := newRowPath()
	if err != nil {
		return err
	}
	ns, err := quickest(p.run)
	if err != nil {
		return err
	}
	t.WorkPs = max(1, ns*1000/(rowCount*rowCharge))

	const size = 16 << 20
	from, to, sum := make([]byte, size), make([]byte, size), uint32(0)
	table := crc32.MakeTable(crc32.Castagnoli)
	ns, err = quickest(func() error {
		copy(to, from)
		sum += crc32.Checksum(to, table)
		return nil
	})
	from[0] = byte(sum)
	t.BytePs = ns * 1000 / size
	return err
}

// rowPath is a job and its log: count() and sum(v) by key in tumbling windows.
type rowPath struct {
	pipeline *flow.Pipeline
	header   segment.Header
	entries  [][]byte
}

func newRowPath() (*rowPath, error) {
	p := &rowPath{header: segment.Header{ID: 1, Schema: column.Schema{
		{Name: "k", Type: column.TypeOf(column.String)}, {Name: "v", Type: column.TypeOf(column.Int64)},
	}}}
	var calls []flow.Aggregate
	for _, src := range []string{"count()", "sum(v)"} {
		c, err := expr.ParseCall(src)
		if err != nil {
			return nil, err
		}
		calls = append(calls, flow.Aggregate{Name: src, Call: c})
	}
	w := window.Tumble(rowCount/4*1000, 0)
	p.pipeline = &flow.Pipeline{Steps: []flow.Step{{KeyBy: []string{"k"}}, {Window: &w}, {Aggregates: calls}}}
	writer, err := segment.NewWriter(p.header)
	if err != nil {
		return nil, err
	}
	dict := new(column.Dict)
	for key := range rowKeys {
		dict.Append(fmt.Sprintf("key-%07d", key))
	}
	r := rand.New(rand.NewPCG(1, 2))
	for from := 0; from < rowCount; from += rowBatch {
		b := column.Batch{Schema: p.header.Schema, Offset: int64(from), Rows: rowBatch, Columns: []column.Column{
			{Type: p.header.Schema[0].Type, Dict: dict}, {Type: p.header.Schema[1].Type},
		}}
		for i := range rowBatch {
			b.Times = append(b.Times, int64(from+i)*1000)
			b.Columns[0].Codes = append(b.Columns[0].Codes, uint32(r.IntN(rowKeys)))
			b.Columns[1].Ints = append(b.Columns[1].Ints, r.Int64N(1000))
		}
		b.Appends = b.Times
		entry, err := writer.Append(nil, &b)
		if err != nil {
			return nil, err
		}
		p.entries = append(p.entries, entry)
	}
	return p, nil
}

// run is a pass, from entries of the log to finished windows.
func (p *rowPath) run() error {
	plan, err := p.pipeline.Plan(p.header.Schema)
	if err != nil {
		return err
	}
	reader, err := segment.NewReader(p.header)
	if err != nil {
		return err
	}
	path := operator.NewPath(plan, 1)
	var batch column.Batch
	var pane operator.Pane
	rows := int64(0)
	drain := func() {
		for path.Next(&pane) {
			for i := range pane.Groups {
				rows += pane.Table.Finish(pane.Groups[i], 0).Int
			}
		}
	}
	for _, entry := range p.entries {
		if err := reader.Decode(entry, &batch); err != nil {
			return err
		}
		if err := path.Process(&batch); err != nil {
			return err
		}
		drain()
	}
	path.Close()
	drain()
	if rows != rowCount {
		return fmt.Errorf("%d rows were counted of %d", rows, rowCount)
	}
	return path.Err()
}
