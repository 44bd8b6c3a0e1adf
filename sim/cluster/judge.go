package cluster

import (
	"bytes"
	"fmt"
	"slices"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/serving"
)

// entry is what the job is given of a batch, a function of its partition up to
// there: the rows that take part, behind all filters and projections, the key of
// each of them, and the frontier just before each row.
type entry struct {
	rows   *column.Batch // nil of an idle record; its selection lists rows, all or not
	keys   []uint32      // numbers, by place in the selection
	before []int64       // by row
	after  int64         // the frontier behind the batch
	// Rows that the job refuses: all of a batch that it cannot read, or those for which
	// an expression has no value.
	unread, valueless int64
}

// judge makes the entries of a log's batches, each once: every part of the checker
// that goes through the log wants the same. It numbers keys as it meets them.
type judge struct {
	pipeline *flow.Pipeline
	plan     *flow.Plan
	log      *logModel
	parts    []judged
	keys     [][]byte // encoded, by number
	numbers  map[string]uint32
}

// judged is one partition's entries, and its strategy behind the last of them.
type judged struct {
	entries  []entry
	strategy strategy
}

func newJudge(job Job, plan *flow.Plan, log *logModel) *judge {
	j := &judge{pipeline: job.Pipeline, plan: plan, log: log, parts: make([]judged, len(job.Feed)), numbers: map[string]uint32{}}
	for part := range j.parts {
		j.parts[part].strategy = strategies[job.Pipeline.Watermark.Kind](job.Pipeline.Watermark)
	}
	return j
}

// between calls take with a partition's batches and their entries, from one cut to
// another, both of which must be such that the log has.
func (j *judge) between(part int, from, to protocol.Cut, take func(*protocol.Batch, *entry) error) error {
	log := &j.log.parts[part]
	if to.Offset < from.Offset {
		return fmt.Errorf("%w: partition %d from %v to %v", errCut, part, from, to)
	}
	at := from
	for i := log.behind(from.Offset) + 1; at.Offset < to.Offset; i++ {
		if i >= len(log.batches) {
			return fmt.Errorf("%w: partition %d at %v, the log ends at %v", errCut, part, to, log.end())
		}
		e, err := j.entry(part, i)
		if err == nil {
			at = protocol.Cut{Offset: log.batches[i].End(), Frontier: e.after}
			err = take(&log.batches[i], e)
		}
		if err != nil {
			return err
		}
	}
	if at != to {
		return fmt.Errorf("%w: partition %d at %v, not %v", errCut, part, to, at)
	}
	return nil
}

// entry is that of a partition's i-th batch.
func (j *judge) entry(part, i int) (*entry, error) {
	p := &j.parts[part]
	for n := len(p.entries); n <= i; n++ {
		e, err := j.next(part, &j.log.parts[part].batches[n], j.log.parts[part].rows[n])
		if err != nil {
			return nil, err
		}
		p.entries = append(p.entries, e)
	}
	return &p.entries[i], nil
}

// next takes a partition's next batch in, whose rows are given.
func (j *judge) next(part int, b *protocol.Batch, decoded *column.Batch) (entry, error) {
	s := j.parts[part].strategy
	if b.Idle {
		s.raise(b.TimeMax)
		return entry{after: s.frontier()}, nil
	}
	if decoded == nil {
		return entry{after: s.frontier(), unread: int64(b.Count)}, nil
	}
	marks, unmarked, err := marked(j.plan, decoded)
	if err != nil {
		return entry{}, err
	}
	rows := new(column.Batch)
	*rows = *decoded
	e := entry{before: make([]int64, rows.Rows)}
	most := j.pipeline.Watermark.AheadMax
	taken := []int32{} // not nil: that would be all
	for i, t := range rows.Times {
		e.before[i] = s.frontier()
		if unmarked != nil && unmarked[i] {
			e.valueless++
			continue
		}
		if most > 0 && t > b.Append+most {
			continue
		}
		s.row(t, marks, i)
		taken = append(taken, int32(i))
	}
	e.after = s.frontier()
	if simple(j.pipeline) && b.TimeMax > e.after && most == 0 {
		return entry{}, fmt.Errorf("%w: partition %d, offset %d: no row is at %d", errChanged, part, b.Base, b.TimeMax)
	}
	rows.Select = taken
	view, err := digest(j.plan, rows)
	if err != nil {
		if rows.Select, err = digestible(j.plan, rows); err != nil {
			return entry{}, err
		}
		e.valueless += int64(len(taken) - len(rows.Select))
		if view, err = digest(j.plan, rows); err != nil {
			return entry{}, err
		}
	}
	e.rows = view
	var key []byte
	for _, row := range view.Select {
		key = key[:0]
		for _, col := range j.plan.Keys {
			key = serving.AppendKey(key, view.Columns[col].Value(int(row)))
		}
		e.keys = append(e.keys, j.number(key))
	}
	return e, nil
}

// number is that of a key, a new one if it has none yet.
func (j *judge) number(key []byte) uint32 {
	n, known := j.numbers[string(key)]
	if !known {
		n = uint32(len(j.keys))
		j.numbers[string(key)] = n
		j.keys = append(j.keys, bytes.Clone(key))
	}
	return n
}

// runStep carries out a filter or a projection. What it returns may be kept.
func runStep(s *flow.RowStep, b *column.Batch) (*column.Batch, error) {
	if s.Filter != nil {
		sel, err := s.Filter.Select(b, []int32{}) // never nil: that would be all
		if err != nil {
			return nil, err
		}
		out := *b
		out.Select = sel
		return &out, nil
	}
	out := *b
	out.Schema, out.Columns = s.Schema, nil
	for _, p := range s.Project {
		c, err := p.Eval(b)
		if err != nil {
			return nil, err
		}
		own := *c // programs use their memory again, dictionaries only grow
		own.Null, own.Bools, own.Ints = slices.Clone(c.Null), slices.Clone(c.Bools), slices.Clone(c.Ints)
		own.Floats, own.Decimals, own.Codes = slices.Clone(c.Floats), slices.Clone(c.Decimals), slices.Clone(c.Codes)
		out.Columns = append(out.Columns, own)
	}
	return &out, nil
}
