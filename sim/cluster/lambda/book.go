package lambda

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/commitlog/tail"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
	"parallax/serving"
	"parallax/sim"
	"parallax/sim/oracle"
)

// book is the log, as its readers were shown it.
type book struct {
	parts   []page
	refused func(part int, sequence uint32) bool // batches of the feed that hold no rows for anybody
	unread  uint64                               // their records, as far as they are in the log
}

// page is one partition: its records, boxed, and where each begins.
type page struct {
	batches map[int64]protocol.Batch // by base
	end     int64                    // of what is known without a gap
	rows    []oracle.Row             // of that, in order
}

var errTwoLogs = errors.New("lambda: readers are shown two logs")

func newBook(partitions int, refused func(part int, sequence uint32) bool) book {
	b := book{parts: make([]page, partitions), refused: refused}
	for p := range b.parts {
		b.parts[p].batches = map[int64]protocol.Batch{}
	}
	return b
}

// note reads what a message shows of the log.
func (b *book) note(t *sim.Trace) error {
	if t.Op != "message" {
		return nil
	}
	if m, err := protocol.Decode(t.Kind, t.Data); err == nil {
		if f, ok := m.(protocol.Fetched); ok {
			return b.read(f.Partition.Number, f.Batches)
		}
	}
	return nil
}

// read notes the batches of an answer to a fetch.
func (b *book) read(part int32, batches []protocol.Batch) error {
	p := &b.parts[part]
	for i := range batches {
		have, known := p.batches[batches[i].Base]
		if !known {
			own := batches[i]
			own.Payload = bytes.Clone(own.Payload)
			p.batches[own.Base] = own
			continue
		}
		if have.Count != batches[i].Count || !bytes.Equal(have.Payload, batches[i].Payload) {
			return fmt.Errorf("%w: partition %d, offset %d", errTwoLogs, part, have.Base)
		}
	}
	var decode tail.Decoder
	for {
		batch, ok := p.batches[p.end]
		if !ok {
			return nil
		}
		p.end = batch.End()
		if batch.Idle {
			p.rows = append(p.rows, oracle.Row{Partition: part, Offset: batch.Base, Time: batch.TimeMax, Idle: true})
			continue
		}
		if batch.Producer == producer && b.refused(int(part), batch.Sequence) {
			b.unread += uint64(batch.Count)
			continue
		}
		rows, err := decode.Batch(part, &batch)
		if err != nil {
			return err
		}
		for row := range rows.Rows {
			values := make([]column.Value, len(rows.Columns))
			for c := range values {
				values[c] = rows.Columns[c].Value(row)
			}
			p.rows = append(p.rows, oracle.Row{
				Partition: part, Offset: batch.Base + int64(row), Time: rows.Times[row], Append: rows.Appends[row], Values: values,
			})
		}
	}
}

// below is the log up to a cut.
func (b *book) below(cut []protocol.Cut) (rows []oracle.Row) {
	for p := range b.parts {
		list := b.parts[p].rows
		n, _ := slices.BinarySearchFunc(list, cut[p].Offset, func(r oracle.Row, o int64) int { return cmp.Compare(r.Offset, o) })
		rows = append(rows, list[:n]...)
	}
	return rows
}

// frontiers are those of a cut, counted anew.
func (b *book) frontiers(spec watermark.Spec, rows []oracle.Row) []int64 {
	list := make([]int64, len(b.parts))
	for p := range list {
		list[p] = column.NoFrontier
	}
	for i := range rows {
		r := &rows[i]
		if ahead := spec.AheadMax > 0 && !r.Idle && r.Time-r.Append > spec.AheadMax; !ahead {
			list[r.Partition] = max(list[r.Partition], r.Time)
		}
	}
	return list
}

// exact is everything that is right to say at a cut.
type exact struct {
	rows    []exactRow // ascending by start, then key
	counted int64      // in every answer, beside what rows are of
	missing int64
	// unsure: a window over sessions may have had a late session on its own, which has
	// grown out of it since. Whether that was ever shown depends on batches, so that such a
	// window may be a revision and have nothing revised in it.
	unsure    bool
	watermark int64
	frontiers []int64
}

type exactRow struct {
	serving.Result
	counted, missing int64
}

// answer computes what a server must say at a cut, whose rows below the batch cut count
// also where they were dropped, if complete.
func (b *book) answer(j *Job, cut, batch []protocol.Cut, complete bool) (*exact, error) {
	in := oracle.Input{Schema: j.Schema, Partitions: len(b.parts), Rows: b.below(cut), Refuse: true}
	spec := j.Pipeline.Watermark
	result, err := oracle.Answer(j.Pipeline, in)
	if err != nil {
		return nil, err
	}
	x := &exact{frontiers: b.frontiers(spec, in.Rows), watermark: math.MaxInt64}
	marks := make([]int64, len(b.parts))
	ended := true
	for p, f := range x.frontiers {
		marks[p] = f - spec.Bounded
		if f < math.MinInt64+spec.Bounded {
			marks[p] = math.MinInt64
		}
		ended = ended && f == math.MaxInt64
		x.watermark = min(x.watermark, marks[p])
	}
	if ended {
		x.watermark = math.MaxInt64
	}
	var repairs map[string]repair
	if complete {
		if repairs, err = b.repairs(j, &in, result, batch); err != nil {
			return nil, err
		}
	}
	for i := range result.Windows {
		w := &result.Windows[i]
		row := exactRow{counted: w.OnTimePairs + w.RevisedPairs, missing: w.DroppedPairs}
		final := w.Final
		if complete && w.DroppedPairs > 0 {
			r := repairs[place(w.Key, w.Start)]
			final, row.counted = r.final, r.counted
			row.missing = w.OnTimePairs + w.RevisedPairs + w.DroppedPairs - row.counted
		}
		mark := x.watermark
		if spec.Across == watermark.Own && !ended {
			mark = marks[b.owner(j, &in, w)]
		}
		if row.counted == 0 || w.End > mark {
			continue
		}
		row.Result = serving.Result{
			Key: serving.AppendKey(nil, w.Key...), Start: w.Start, End: w.End, Revision: row.counted > w.OnTimePairs,
			Values: serving.AppendKey(nil, final...),
		}
		x.rows = append(x.rows, row)
	}
	slices.SortFunc(x.rows, func(a, b exactRow) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), bytes.Compare(a.Key, b.Key))
	})
	return x, nil
}

// owner is the partition that a window's rows are of, where its key holds that.
func (b *book) owner(j *Job, in *oracle.Input, w *oracle.Window) int32 {
	for i := range w.Key {
		if at := in.Schema.Index("part"); at >= 0 && w.Key[i].Type == in.Schema[at].Type {
			return int32(w.Key[i].Int)
		}
	}
	panic(fmt.Sprintf("lambda: across own, and the key %v of %v has no partition", w.Key, j.Pipeline.PartitionBy))
}
