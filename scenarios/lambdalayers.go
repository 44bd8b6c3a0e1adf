package scenarios

import (
	"cmp"
	"slices"

	"parallax/batch/sheet"
	published "parallax/batch/view"
	"parallax/engine/flow/column"
	"parallax/engine/flow/fold"
	"parallax/engine/flow/operator"
	"parallax/serving"
)

func (a *archive) sort() {
	slices.SortFunc(a.files, func(f, g archived) int {
		return cmp.Or(cmp.Compare(f.interval, g.interval), cmp.Compare(f.Partition, g.Partition))
	})
}

// layers is a job that merges, on its way: the batch view at the last cut, and the speed
// layer's fold from there.
type layers struct {
	*input
	speed  *fold.Fold
	view   []fold.Row
	census census
	late   []lateRow
	parts  []operator.Counts
}

// layered answers by merging.
func (in *input) layered(a *archive, b Batch, s *lambdaSummary) (*Results, error) {
	plan, err := in.pipeline.Plan(in.plan.Input)
	if err != nil {
		return nil, err
	}
	partitions := len(a.parts)
	l := &layers{input: in, census: newCensus(plan, partitions), parts: make([]operator.Counts, partitions)}
	if l.speed, err = fold.New(plan, partitions, fold.Options{}); err != nil {
		return nil, err
	}
	for rest := a.files; len(rest) > 0; s.Batches++ {
		n := 1
		for n < len(rest) && rest[n].interval == rest[0].interval {
			n++
		}
		if err := l.batch(a, rest[:n], !b.Same); err != nil {
			return nil, err
		}
		rest = rest[n:]
	}
	s.ViewRows = len(l.view)
	for p := range a.parts {
		part := &a.parts[p]
		l.speed.SetFrontier(p, part.before)
		for _, entry := range part.entries {
			entry.Frontiers, entry.Select = nil, nil
			if err := l.speed.Add(entry); err != nil {
				return nil, err
			}
			s.Speed += int64(entry.Rows)
			l.note(l.speed, entry)
		}
	}
	l.count(l.speed)
	if !b.Same {
		for i := range l.view {
			s.Repaired += l.view[i].Dropped
		}
	}
	return l.results(a, !b.Same)
}

// batch is a run of the batch layer: the view at the cut before, and the files since.
func (l *layers) batch(a *archive, files []archived, complete bool) error {
	f := l.speed.Beside(fold.Options{CountDropped: complete})
	for i := range files {
		err := a.read(&files[i], true, func(b *column.Batch) error {
			if err := f.AddMarked(b); err != nil {
				return err
			}
			l.note(f, b)
			return nil
		})
		if err != nil {
			return err
		}
	}
	l.count(f)
	if err := f.Merge(l.view); err != nil {
		return err
	}
	rows := f.Rows(nil)
	content, err := published.EncodeFile(l.plan, rows)
	if err != nil {
		return err
	}
	file := published.File{Name: "batch view", Rows: int64(len(rows)), Bytes: int64(len(content)), Sum: sheet.Sum(content)}
	l.view, err = published.DecodeFile(l.plan, &file, content, nil)
	return err
}

// note counts the windows that a batch's rows are in, and lists what was dropped.
func (l *layers) note(f *fold.Fold, b *column.Batch) {
	selected, keys := f.Counted()
	l.census.rows(b, selected, keys)
	l.census.drops(f.Drops())
	l.late = appendLate(l.late, l.plan, f.Keyer(), b, f.Drops())
}

func (l *layers) count(f *fold.Fold) {
	for p := range l.parts {
		c := f.Counts(p)
		l.parts[p].Add(c)
	}
}

// results is what both layers say when the input has ended, which completes all
// windows.
func (l *layers) results(a *archive, complete bool) (*Results, error) {
	var (
		rows    []serving.Row
		windows = Counts{}
		merger  = fold.NewMerger(&l.plan.Stage)
		speed   = l.speed.Rows(nil)
		batch   = l.view
	)
	for len(batch) > 0 || len(speed) > 0 {
		var both []*fold.Row
		counted, order := int64(0), -1
		switch {
		case len(batch) == 0:
			order = 1
		case len(speed) > 0:
			order = batch[0].Compare(&speed[0])
		}
		if order <= 0 {
			both, counted = append(both, &batch[0]), batch[0].Counted(complete)
			batch = batch[1:]
		}
		if order >= 0 {
			both, counted = append(both, &speed[0]), counted+speed[0].Counted(false)
			speed = speed[1:]
		}
		r, err := merger.Merge(both, nil)
		if err != nil {
			return nil, err
		}
		windows.Windows++
		if r.Dropped > 0 {
			windows.WindowsIncomplete++
		}
		if counted > 0 {
			rows = append(rows, serving.Row{Key: r.Key, Start: r.Start, End: r.End, Revision: r.Revised > 0, Accumulators: r.Accumulators})
		}
	}
	table, overflows, err := newViewTable(l.plan).finish(rows)
	if err != nil {
		return nil, err
	}
	out := &Results{Table: table, Late: lateTable(l.plan, l.late), Overflows: overflows}
	for p := range l.parts {
		c, w := a.rows[p], &l.parts[p]
		c.RowsAhead = a.stamps.Entry().Rejected(p)
		c.Rows -= c.RowsAhead
		c.RowsBehindWatermark, c.RowsDropped = w.RowsBehind, w.RowsDropped
		c.PairsOnTime, c.PairsRevised, c.PairsDropped = w.PairsOnTime, w.PairsRevised, w.PairsDropped
		if c.Windows, c.WindowsIncomplete = windows.Windows, windows.WindowsIncomplete; len(l.parts) > 1 {
			c.Windows, c.WindowsIncomplete = l.census.partition(p, nil)
		}
		out.Summary.Partitions = append(out.Summary.Partitions, PartitionSummary{Counts: c})
		out.Summary.add(c)
	}
	out.Summary.Windows, out.Summary.WindowsIncomplete = windows.Windows, windows.WindowsIncomplete
	return out, nil
}

// replayed answers by going on from the operators' state at the cut. Each run of the
// batch layer, and the speed layer, begins with nothing but what the one before it has
// left.
func (in *input) replayed(a *archive, s *lambdaSummary) (*Results, error) {
	plan := *in.plan
	plan.Having = nil
	partitions := len(a.parts)
	k := &kappaRun{
		input: in, path: operator.NewPath(&plan, partitions), view: newView(&plan),
		census: newCensus(&plan, partitions), rows: make([]Counts, partitions),
	}
	for i := range a.files {
		f := &a.files[i]
		if err := a.read(f, false, k.process); err != nil {
			return nil, err
		}
		if i+1 < len(a.files) && a.files[i+1].interval == f.interval {
			continue
		}
		s.Batches++
		if err := k.handOver(); err != nil {
			return nil, err
		}
	}
	s.ViewRows = k.view.table.Rows
	for p := range a.parts {
		for _, entry := range a.parts[p].entries {
			entry.Frontiers, entry.Select = nil, nil
			s.Speed += int64(entry.Rows)
			if err := k.process(entry); err != nil {
				return nil, err
			}
		}
	}
	k.path.Close()
	if err := k.fire(); err != nil {
		return nil, err
	}
	return k.results()
}

// handOver puts in the place of the path another one that was loaded with its state.
func (k *kappaRun) handOver() error {
	plan, err := k.pipeline.Plan(k.plan.Input)
	if err != nil {
		return err
	}
	plan.Having = nil
	next := operator.NewPath(plan, len(k.rows))
	if _, err := next.Load(k.path.AppendTo(nil)); err != nil {
		return err
	}
	k.path = next
	return nil
}
