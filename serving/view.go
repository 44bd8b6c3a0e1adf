package serving

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/journal"
)

// Options of a view. Partitions and Functions are the job's.
type Options struct {
	Partitions   int
	Functions    []aggregate.Function
	SegmentBytes int64 // of the journal; 0 is the journal's own
	BaseBytes    int   // of spans before the journal is begun anew at the earliest; 0 means 64 KiB
	Defect       Defect
}

// Defect is a mistake that can be switched on, to see that it is found.
type Defect uint8

// The defects.
const (
	DefectNone        Defect = iota
	DefectNoCompare          // applies a span wherever the view stands
	DefectEagerAnswer        // answers from spans that are not yet durable
)

// View is the server of one view.
type View struct {
	opts    Options
	env     engine.Env
	journal *journal.Journal
	table   *table
	finish  *aggregate.Table // one group, to finish a row
	stage   staged

	spans int    // bytes of spans since the last base
	bases uint64 // of this incarnation
	base  journal.Position
}

// Start returns the start of a view server.
func Start(opts Options) engine.Start {
	return func(env engine.Env, _ *engine.Effects) (engine.Actor, error) {
		if opts.BaseBytes == 0 {
			opts.BaseBytes = 64 << 10
		}
		v := &View{
			opts: opts, env: env, table: newTable(opts.Partitions), finish: aggregate.NewTable(opts.Functions),
		}
		v.finish.Grow(1)
		if err := v.replayAll(env); err != nil {
			return nil, fmt.Errorf("serving: %w", err)
		}
		return v, nil
	}
}

// Step handles one message.
func (v *View) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case Publish:
		v.publish(ev.From, m, fx)
	case Query:
		v.query(ev.From, m, fx)
	case based:
		if ev.From == v.env.ID && m.number == v.bases {
			v.journal.Release(fx, v.base)
		}
	}
}

// publish applies a span if the view stands at its lower end. The answer waits
// for what was persisted before, so it never tells of a span that may be lost.
func (v *View) publish(from engine.NodeID, m Publish, fx *engine.Effects) {
	t := v.table
	answer := Published{Request: m.Request}
	switch {
	case m.Epoch < t.epoch:
		v.env.Sometimes("serving.fenced")
		answer.Code = Fenced
	case len(m.Lower) == 0:
		// From here on nothing of an earlier attempt is applied, also not what is
		// still on its way: the answer would not be true for long.
		answer.Code = Mismatch
		if m.Epoch > t.epoch {
			t.epoch = m.Epoch
			v.write(nil, fx)
		}
	case len(m.Upper) != len(t.cut) || !advances(m.Lower, m.Upper):
		answer.Code = Mismatch
	case slices.Equal(m.Upper, t.cut) && !slices.Equal(m.Lower, m.Upper):
		v.env.Sometimes("serving.copy-of-a-span")
		answer.Code = OK // a copy
	case !slices.Equal(m.Lower, t.cut) && v.opts.Defect != DefectNoCompare:
		answer.Code = Mismatch
	case m.Parts > 1 && !v.stage.take(&m):
		v.env.Sometimes("serving.span-in-parts")
		answer.Code, answer.Next = Partial, v.stage.next
	default:
		rows := m.Rows
		if m.Parts > 1 {
			rows = v.stage.rows
		}
		v.stage = staged{}
		t.epoch, t.cut, t.watermark = m.Epoch, slices.Clone(m.Upper), m.Watermark
		for i := range rows {
			t.put(&rows[i])
		}
		v.write(rows, fx)
	}
	answer.Cut = slices.Clone(t.cut)
	v.answer(from, answer, fx)
}

// answer sends what the view says, when all that it has seen is durable.
func (v *View) answer(to engine.NodeID, m engine.Message, fx *engine.Effects) {
	if v.opts.Defect == DefectEagerAnswer {
		fx.SendEager(to, m)
		return
	}
	fx.Send(to, m)
}

// query answers from the view as it stands.
func (v *View) query(from engine.NodeID, m Query, fx *engine.Effects) {
	t := v.table
	limit := int(m.Limit)
	if limit <= 0 || limit > QueryRowsMax {
		limit = QueryRowsMax
	}
	answer := Answer{Request: m.Request, Cut: slices.Clone(t.cut), Watermark: t.watermark}
	take := func(r *Row) bool {
		if len(answer.Rows) == limit {
			last := &answer.Rows[limit-1]
			v.env.Sometimes("serving.page")
			answer.Next = place{last.Start, last.Key}.append(nil)
			return false
		}
		values, err := v.Values(r)
		if err != nil {
			fx.Fatal = err
			return false
		}
		answer.Rows = append(answer.Rows, Result{
			Key: r.Key, Start: r.Start, End: r.End, Revision: r.Revision, Values: AppendKey(nil, values...),
		})
		return true
	}
	t.ask(&m, take)
	v.answer(from, answer, fx)
}

// errAccumulators is a row that the job's functions cannot read.
var errAccumulators = errors.New("serving: accumulators of another job")

// Values finishes the accumulators of a row, one value for each function.
func (v *View) Values(r *Row) ([]column.Value, error) {
	rest, err := v.finish.Load(0, r.Accumulators)
	if err != nil || len(rest) != 0 {
		return nil, fmt.Errorf("%w: %d bytes left, %v", errAccumulators, len(rest), err)
	}
	values := make([]column.Value, len(v.opts.Functions))
	for i := range values {
		values[i] = v.finish.Finish(0, i)
	}
	return values, nil
}

// Cut is where the view stands, and Watermark the job's watermark there.
func (v *View) Cut() (cut []protocol.Cut, watermark int64) { return v.table.cut, v.table.watermark }

// Rows calls yield with every row, ascending by (start, key), until it returns
// false: for checkers, and for writing the view out. A row is valid until the next
// step.
func (v *View) Rows(yield func(Row) bool) {
	v.table.scan(math.MinInt64, nil, func(r *Row) bool { return yield(*r) })
}

// Row is the row of a key in the window that begins at start, valid until the next
// step.
func (v *View) Row(start int64, key []byte) (Row, bool) {
	if r := v.table.find(start, key); r != nil {
		return *r, true
	}
	return Row{}, false
}

// Len is the number of rows.
func (v *View) Len() int { return len(v.table.rows) }

// Status is how a view stands, as data.
type Status struct {
	Cut       []protocol.Cut
	Watermark int64  // of the job at the cut, microseconds
	Epoch     uint32 // of the attempt that is the last one heard of
	Rows      int
	Keys      int
	Bytes     int    // of the rows
	SpanBytes int    // of the journal behind its last base
	Bases     uint64 // of this incarnation
}

// Status describes the view.
func (v *View) Status() Status {
	t := v.table
	return Status{
		Cut: slices.Clone(t.cut), Watermark: t.watermark, Epoch: t.epoch, Rows: len(t.rows), Keys: len(t.keys),
		Bytes: t.bytes, SpanBytes: v.spans, Bases: v.bases,
	}
}
