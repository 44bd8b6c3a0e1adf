package serving

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/wire"
)

// table is what a view knows: its cut, and the last row of every (window, key).
type table struct {
	epoch     uint32
	cut       []protocol.Cut
	watermark int64
	rows      []Row          // in the order in which they first came
	place     map[string]int // by name, into rows
	sorted    []int          // rows by (start, key), up to date if as long as rows
	bytes     int            // of keys and accumulators
	scratch   []byte
}

func newTable(partitions int) *table {
	t := &table{cut: make([]protocol.Cut, partitions), watermark: protocol.LogStart().Frontier, place: map[string]int{}}
	for i := range t.cut {
		t.cut[i] = protocol.LogStart()
	}
	return t
}

// name is a row's place in the order of answers, as bytes: its window's start,
// then its key.
func name(b []byte, start int64, key []byte) []byte {
	u := uint64(start) ^ 1<<63
	for shift := 56; shift >= 0; shift -= 8 {
		b = append(b, byte(u>>shift))
	}
	return append(b, key...)
}

// put stores a row in place of the one before. Its slices are copied.
func (t *table) put(r *Row) {
	t.scratch = name(t.scratch[:0], r.Start, r.Key)
	if at, ok := t.place[string(t.scratch)]; ok {
		old := &t.rows[at]
		t.bytes += len(r.Accumulators) - len(old.Accumulators)
		old.End, old.Revision = r.End, r.Revision
		old.Accumulators = append(old.Accumulators[:0], r.Accumulators...)
		return
	}
	t.place[string(t.scratch)] = len(t.rows)
	t.bytes += len(r.Accumulators) + len(r.Key) + rowBytesMin
	t.rows = append(t.rows, Row{
		Key: bytes.Clone(r.Key), Start: r.Start, End: r.End, Revision: r.Revision,
		Accumulators: bytes.Clone(r.Accumulators),
	})
}

// order is the rows by (start, key). New rows usually belong to late windows, so
// the order that there was is mostly kept.
func (t *table) order() []int {
	if len(t.sorted) == len(t.rows) {
		return t.sorted
	}
	for i := len(t.sorted); i < len(t.rows); i++ {
		t.sorted = append(t.sorted, i)
	}
	slices.SortFunc(t.sorted, func(a, b int) int {
		x, y := &t.rows[a], &t.rows[b]
		switch {
		case x.Start < y.Start:
			return -1
		case x.Start > y.Start:
			return 1
		}
		return bytes.Compare(x.Key, y.Key)
	})
	return t.sorted
}

// The records of a view's journal:
//
//	span  kind 1 | epoch 4 | upper 4, each 16 | watermark 8 | rows 4, each a row
//	base  kind 2 | the same, of the whole view
const (
	recordSpan byte = 1 + iota
	recordBase
)

func appendRecord(b []byte, kind byte, epoch uint32, cut []protocol.Cut, watermark int64, rows []Row) []byte {
	b = wire.Order.AppendUint32(append(b, kind), epoch)
	b = appendCuts(b, cut)
	b = wire.Order.AppendUint64(b, uint64(watermark))
	b = wire.Order.AppendUint32(b, uint32(len(rows)))
	for i := range rows {
		b = rows[i].appendTo(b)
	}
	return b
}

// errRecord is returned for a record that is none.
var errRecord = errors.New("serving: damaged record")

// replay takes a record in.
func (t *table) replay(b []byte) error {
	r := &wire.Reader{Rest: b}
	if kind := r.U8(); kind != recordSpan && kind != recordBase {
		return fmt.Errorf("%w: kind %d", errRecord, kind)
	}
	t.epoch = r.U32()
	cut, watermark := decodeCuts(r), r.I64()
	if len(cut) != len(t.cut) {
		return fmt.Errorf("%w: %d partitions, the job has %d", errRecord, len(cut), len(t.cut))
	}
	t.cut, t.watermark = cut, watermark
	for range r.Count(rowBytesMin) {
		row := decodeRow(r)
		t.put(&row)
	}
	if err := r.End(); err != nil {
		return fmt.Errorf("%w: %w", errRecord, err)
	}
	return nil
}
