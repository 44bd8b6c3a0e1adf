package serving

import (
	"errors"
	"fmt"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/journal"
	"parallax/engine/wire"
)

// The records of a view's journal all put rows and say where the view then stands:
//
//	kind 1 | epoch 4 | cut 4, each 16 | watermark 8 | rows 4, each a row
//
// A span (1) has the rows of one publication, or none if a later attempt has only
// asked. A base (2) has some of all rows; bases are written one behind the other
// until every row is there. When they are durable the journal lets go of what is
// before the first of them. Until then everything is replayed, which gives the
// same: a base only repeats what earlier records have put.
const (
	recordSpan byte = 1 + iota
	recordBase
)

// baseRecordBytes is about how long a base record is at most.
const baseRecordBytes = 1 << 20

func (t *table) appendRecord(b []byte, kind byte, rows []Row) []byte {
	b = wire.Order.AppendUint32(append(b, kind), t.epoch)
	b = appendCuts(b, t.cut)
	b = wire.Order.AppendUint64(b, uint64(t.watermark))
	b = wire.Order.AppendUint32(b, uint32(len(rows)))
	for i := range rows {
		b = rows[i].appendTo(b)
	}
	return b
}

// errRecord is returned for a record that is none.
var errRecord = errors.New("serving: damaged record")

// replay takes a record in and returns its kind.
func (t *table) replay(b []byte) (kind byte, err error) {
	r := &wire.Reader{Rest: b}
	if kind = r.U8(); kind != recordSpan && kind != recordBase {
		return 0, fmt.Errorf("%w: kind %d", errRecord, kind)
	}
	t.epoch = r.U32()
	cut, watermark := decodeCuts(r), r.I64()
	if len(cut) != len(t.cut) {
		return 0, fmt.Errorf("%w: %d partitions, the job has %d", errRecord, len(cut), len(t.cut))
	}
	t.cut, t.watermark = cut, watermark
	for range r.Count(rowBytesMin) {
		row := decodeRow(r)
		t.put(&row)
	}
	if err := r.End(); err != nil {
		return 0, fmt.Errorf("%w: %w", errRecord, err)
	}
	return kind, nil
}

// errSpan is a span that does not fit into a record: it is applied whole or not at
// all.
var errSpan = errors.New("serving: span too long")

// write makes a publication, or a mere change of the epoch, durable, and begins
// the journal anew when the spans behind the last base are longer than the view:
// where rows are only added they hardly ever are.
func (v *View) write(rows []Row, fx *engine.Effects) {
	record := v.table.appendRecord(nil, recordSpan, rows)
	if len(record) > journal.RecordBytesMax {
		fx.Fatal = fmt.Errorf("%w: %d bytes, at most %d", errSpan, len(record), journal.RecordBytesMax)
		return
	}
	v.spans += len(record)
	v.journal.Append(fx, record)
	if v.spans > v.opts.BaseBytes && v.spans > v.table.bytes || v.env.Buggify("serving.base") {
		v.env.Sometimes("serving.base")
		v.rebase(fx)
	}
}

// rebase writes all rows.
func (v *View) rebase(fx *engine.Effects) {
	v.spans = 0
	v.bases++
	rest := v.table.rows
	first := true
	for first || len(rest) > 0 {
		n, size := 0, 0
		for n < len(rest) && size < baseRecordBytes {
			size += rowBytesMin + len(rest[n].Key) + len(rest[n].Accumulators)
			n++
		}
		var then []engine.Envelope
		if n == len(rest) {
			then = []engine.Envelope{{To: v.env.ID, Msg: based{v.bases}}}
		}
		at := v.journal.Append(fx, v.table.appendRecord(nil, recordBase, rest[:n]), then...)
		if first {
			v.base = at
		}
		first, rest = false, rest[n:]
	}
}

// based says that all records of a base are durable.
//
//	base 8
type based struct{ number uint64 }

// Kind is the message's kind.
func (based) Kind() engine.Kind { return kindBased }

// AppendTo encodes the message.
func (m based) AppendTo(b []byte) []byte { return wire.Order.AppendUint64(b, m.number) }

// replayAll opens the journal.
func (v *View) replayAll(env engine.Env) error {
	o := journal.Options{SegmentBytesMax: v.opts.SegmentBytes, Hooks: env.Hooks}
	j, err := journal.Open(env.Disk, env.Boot, "view", o, func(r journal.Record) error {
		kind, err := v.table.replay(r.Data)
		if kind == recordSpan {
			v.spans += len(r.Data)
		}
		return err
	})
	v.journal = j
	return err
}

// advances reports whether upper is a cut of as many partitions as lower, nowhere
// before it.
func advances(lower, upper []protocol.Cut) bool {
	if len(lower) != len(upper) {
		return false
	}
	for i := range lower {
		if upper[i].Offset < lower[i].Offset {
			return false
		}
	}
	return true
}
