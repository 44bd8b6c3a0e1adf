package scenarios

import (
	"fmt"
	"slices"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/gate"
	"parallax/engine/flow/operator"
	"parallax/engine/flow/segment"
	"parallax/scenarios/source"
)

// lane is the log of one partition: what was written is read back at once, so
// that rows reach the operators as they would from a broker.
type lane struct {
	writer *segment.Writer
	reader *segment.Reader
	batch  column.Batch
	size   int // of the last entry
}

// kappa answers by the engine's operators.
func (in *input) kappa(batchRows int) (*Results, error) {
	plan := *in.plan
	plan.Having = nil // a revision may change its mind, so it is for the final view
	partitions := len(in.file.Partitions())
	k := &kappaRun{
		input: in, path: operator.NewPath(&plan, partitions), view: newView(&plan),
		census: newCensus(&plan, partitions), lanes: make([]lane, partitions), rows: make([]Counts, partitions),
	}
	if plan.Trigger != nil {
		k.paneView = newPaneView(&plan, in.panes)
	}
	// By the log's rule results do not depend on how partitions interleave, by the
	// operator's they do, and so do early panes: then rows come in file order.
	o := source.ReadOptions{BatchRows: batchRows, FileOrder: in.pipeline.Late.Rule == flow.Operator || plan.Trigger != nil}
	if in.job.Pipeline.AlignDrift > 0 {
		k.gate = gate.New(k.path, partitions, k.process)
	}
	if err := in.file.Read(o, k.take); err != nil {
		return nil, in.held(err)
	}
	if k.gate != nil {
		if err := k.gate.Finish(); err != nil {
			return nil, err
		}
	}
	k.path.Close()
	if err := k.fire(); err != nil {
		return nil, err
	}
	return k.results()
}

// kappaRun is a run on its way.
type kappaRun struct {
	*input
	path      *operator.Path
	view      *view
	paneView  *paneView // instead, under a trigger
	census    census
	lanes     []lane
	rows      []Counts // by partition: what the operator does not count
	late      []lateRow
	overflows int
	gate      *gate.Gate // or nil: partitions are not aligned
}

// take appends a batch to its partition's log and processes what the log says, or
// leaves it to the gate.
func (k *kappaRun) take(b *column.Batch) error {
	l := &k.lanes[b.Partition]
	if l.writer == nil {
		if err := l.open(b); err != nil {
			return err
		}
	}
	// A decoded batch aliases its entry, so every entry gets memory of its own.
	entry, err := l.writer.Append(make([]byte, 0, l.size+l.size/8), b)
	if err != nil {
		return err
	}
	l.size = len(entry)
	if k.gate != nil {
		own, err := l.own(entry)
		if err != nil {
			return err
		}
		return k.gate.Offer(own)
	}
	if err := l.reader.Decode(entry, &l.batch); err != nil {
		return err
	}
	return k.process(&l.batch)
}

// process takes in what the log says, or, of nothing, what time does.
func (k *kappaRun) process(b *column.Batch) error {
	if b == nil {
		return k.fire()
	}
	if err := k.path.Process(b); err != nil {
		return err
	}
	k.rows[b.Partition].Rows += int64(b.Rows)
	selected, keys := k.path.Counted()
	k.census.rows(b, selected, keys)
	drops := k.path.Windowed().Drops()
	k.census.drops(drops)
	k.late = appendLate(k.late, k.plan, k.path.RowKeyer(), b, drops)
	return k.fire()
}

// own decodes an entry into a batch that stays: what the reader would use again is
// copied.
func (l *lane) own(entry []byte) (*column.Batch, error) {
	b := new(column.Batch)
	if err := l.reader.Decode(entry, b); err != nil {
		return nil, err
	}
	for i := range b.Columns {
		c := &b.Columns[i]
		c.Null, c.Bools, c.Decimals = slices.Clone(c.Null), slices.Clone(c.Bools), slices.Clone(c.Decimals)
	}
	return b, nil
}

func (l *lane) open(b *column.Batch) error {
	h := segment.Header{ID: 1, Partition: b.Partition, Schema: b.Schema}
	raw := h.AppendTo(nil)
	h, rest, err := segment.ParseHeader(raw)
	if err != nil || len(rest) > 0 {
		return fmt.Errorf("scenarios: a segment's header does not read back: %w", err)
	}
	if l.writer, err = segment.NewWriter(h); err != nil {
		return err
	}
	l.reader, err = segment.NewReader(h)
	return err
}

// fire takes the panes that are due into the view.
func (k *kappaRun) fire() error {
	var pane operator.Pane
	for k.path.Next(&pane) {
		if k.paneView != nil {
			if err := k.paneView.apply(&pane, k.path); err != nil {
				return err
			}
			continue
		}
		if pane.Kind == operator.Retraction {
			k.view.retract(&pane)
			continue
		}
		b, overflows, err := k.path.Results(&pane)
		if err != nil {
			return err
		}
		k.overflows += overflows
		k.view.apply(&pane, b)
	}
	return k.path.Err()
}

// appendLate lists the pairs of a batch that were dropped.
func appendLate(late []lateRow, plan *flow.Plan, keys *operator.Keyer, b *column.Batch, drops []operator.Drop) []lateRow {
	window := &plan.Window
	for i := range drops {
		d := &drops[i]
		key := make([]column.Value, len(plan.Keys))
		for c := range key {
			key[c] = keys.Value(d.Key, c)
		}
		for n := range int64(d.Dropped) {
			end := d.FirstEnd + n*window.Every
			late = append(late, lateRow{
				partition: d.Partition, offset: d.Offset, event: d.Time, arrival: b.Appends[d.Offset-b.Offset],
				key: key, start: window.Start(end), end: end, judgedBy: d.Watermark,
			})
		}
	}
	return late
}

func (k *kappaRun) results() (*Results, error) {
	final, cells := k.view.final()
	var panes *Table
	if v := k.paneView; v != nil {
		var err error
		if final, cells, k.overflows, err = v.final(k.path); err != nil {
			return nil, err
		}
		if v.list != nil {
			panes = v.list.sorted()
		}
	}
	table, err := having(k.plan.Having, final.sorted(len(k.plan.Last().Keys)+2))
	if err != nil {
		return nil, err
	}
	out := &Results{Table: table, Late: lateTable(k.plan, k.late), Panes: panes, Overflows: k.overflows}
	for p := range k.rows {
		c := k.rows[p]
		c.RowsAhead = k.path.Entry().Rejected(p)
		c.Rows -= c.RowsAhead
		w := k.path.Windowed().Counts(p)
		c.RowsBehindWatermark, c.RowsDropped = w.RowsBehind, w.RowsDropped
		c.PairsOnTime, c.PairsRevised, c.PairsDropped = w.PairsOnTime, w.PairsRevised, w.PairsDropped
		c.Windows, c.WindowsIncomplete = k.census.partition(p, cells)
		out.Summary.Partitions = append(out.Summary.Partitions, PartitionSummary{Counts: c})
		out.Summary.add(c)
	}
	out.Summary.Windows, out.Summary.WindowsIncomplete = k.census.all(cells)
	for i := range k.plan.After {
		c, _ := k.path.After(i)
		out.Overflows += int(c.Overflows)
		out.Summary.Stages = append(out.Summary.Stages, stageCounts{c.RowsOnTime, c.PairsOnTime, c.Rows, c.Pairs})
	}
	return out, nil
}

// add sums what adds up over partitions.
func (c *Counts) add(o Counts) {
	c.Rows += o.Rows
	c.RowsAhead += o.RowsAhead
	c.PairsOnTime += o.PairsOnTime
	c.PairsRevised += o.PairsRevised
	c.PairsDropped += o.PairsDropped
	c.RowsDropped += o.RowsDropped
	c.RowsBehindWatermark += o.RowsBehindWatermark
}
