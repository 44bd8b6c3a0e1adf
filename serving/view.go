package serving

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sort"

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
	Defect       Defect
}

// Defect is a mistake that can be switched on, to see that it is found.
type Defect uint8

// The defects.
const (
	DefectNone      Defect = iota
	DefectNoCompare        // applies a span wherever the view stands
)

// baseFactor is how many times the view's size the spans may take before the
// journal is begun anew.
const baseFactor = 2

// baseBytesMin keeps small views from being written again and again.
const baseBytesMin = 64 << 10

// View is the server of one view.
type View struct {
	opts    Options
	journal *journal.Journal
	table   *table
	spans   int              // bytes of spans since the last base
	finish  *aggregate.Table // one group, to finish a row
}

// Start returns the start of a view server.
func Start(opts Options) engine.Start {
	return func(env engine.Env, _ *engine.Effects) (engine.Actor, error) {
		v := &View{opts: opts, table: newTable(opts.Partitions), finish: aggregate.NewTable(opts.Functions)}
		v.finish.Grow(1)
		o := journal.Options{SegmentBytesMax: opts.SegmentBytes}
		j, err := journal.Open(env.Disk, env.Boot, "view", o, func(r journal.Record) error {
			if r.Base {
				v.table, v.spans = newTable(opts.Partitions), 0
			} else {
				v.spans += len(r.Data)
			}
			return v.table.replay(r.Data)
		})
		if err != nil {
			return nil, fmt.Errorf("serving: %w", err)
		}
		v.journal = j
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
	}
}

// publish applies a span if the view stands at its lower end. The answer waits
// for what was persisted before, so it never tells of a span that may be lost.
func (v *View) publish(from engine.NodeID, m Publish, fx *engine.Effects) {
	t := v.table
	answer := Published{Request: m.Request}
	switch {
	case len(m.Lower) == 0:
		answer.Code = Mismatch
	case m.Epoch < t.epoch:
		answer.Code = Fenced
	case slices.Equal(m.Upper, t.cut) && !slices.Equal(m.Lower, m.Upper):
		answer.Code = OK // a copy
	case !slices.Equal(m.Lower, t.cut) && v.opts.Defect != DefectNoCompare, len(m.Upper) != len(t.cut):
		answer.Code = Mismatch
	default:
		v.apply(&m, fx)
	}
	answer.Cut = slices.Clone(v.table.cut)
	fx.Send(from, answer)
}

func (v *View) apply(m *Publish, fx *engine.Effects) {
	t := v.table
	t.epoch, t.cut, t.watermark = m.Epoch, slices.Clone(m.Upper), m.Watermark
	for i := range m.Rows {
		t.put(&m.Rows[i])
	}
	record := appendRecord(nil, recordSpan, m.Epoch, m.Upper, m.Watermark, m.Rows)
	v.spans += len(record)
	if v.spans > baseBytesMin && v.spans > baseFactor*t.bytes {
		v.spans = 0
		v.journal.Base(fx, appendRecord(nil, recordBase, t.epoch, t.cut, t.watermark, t.rows))
		return
	}
	v.journal.Append(fx, record)
}

// query answers from the view as it stands.
func (v *View) query(from engine.NodeID, m Query, fx *engine.Effects) {
	t := v.table
	limit := int(m.Limit)
	if limit <= 0 || limit > QueryRowsMax {
		limit = QueryRowsMax
	}
	answer := Answer{Request: m.Request, Cut: slices.Clone(t.cut), Watermark: t.watermark}
	order := t.order()
	at := sort.Search(len(order), func(i int) bool {
		r := &t.rows[order[i]]
		if len(m.After) > 0 {
			return bytes.Compare(name(nil, r.Start, r.Key), m.After) > 0
		}
		return r.Start >= m.From
	})
	for ; at < len(order) && t.rows[order[at]].Start < m.To; at++ {
		r := &t.rows[order[at]]
		if r.Start < m.From || m.Point && !bytes.Equal(r.Key, m.Key) {
			continue
		}
		if len(answer.Rows) == limit {
			last := &answer.Rows[limit-1]
			answer.Next = name(nil, last.Start, last.Key)
			break
		}
		values, err := v.Values(r)
		if err != nil {
			fx.Fatal = err
			return
		}
		answer.Rows = append(answer.Rows, Result{
			Key: r.Key, Start: r.Start, End: r.End, Revision: r.Revision, Values: AppendKey(nil, values...),
		})
	}
	fx.Send(from, answer)
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
// false: for checkers, and for writing the view out.
func (v *View) Rows(yield func(Row) bool) {
	for _, i := range v.table.order() {
		if !yield(v.table.rows[i]) {
			return
		}
	}
}

// Row is the row of a key in the window that begins at start.
func (v *View) Row(start int64, key []byte) (Row, bool) {
	at, ok := v.table.place[string(name(nil, start, key))]
	if !ok {
		return Row{}, false
	}
	return v.table.rows[at], true
}

// Len is the number of rows.
func (v *View) Len() int { return len(v.table.rows) }
