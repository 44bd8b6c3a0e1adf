package oracle

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/window"
)

// Row is one row of the log.
type Row struct {
	Partition int32
	Offset    int64
	Time      int64 // event time, µs
	Append    int64 // append time, µs
	Values    []column.Value
	// Idle is a record without values: its Time is a frontier that the partition
	// was told, and that is all it does.
	Idle bool
}

// compare orders rows by event time, then partition, then offset.
func (r *Row) compare(s *Row) int {
	if c := cmp.Compare(r.Time, s.Time); c != 0 {
		return c
	}
	if c := cmp.Compare(r.Partition, s.Partition); c != 0 {
		return c
	}
	return cmp.Compare(r.Offset, s.Offset)
}

// Input is a log: the rows of all partitions in the order in which they reach
// the pipeline, which within a partition is the order of offsets.
type Input struct {
	Schema     column.Schema
	Rows       []Row
	Partitions int // numbered from 0; a partition may be without rows
	// Fired, if it is not nil, is the watermark by which the windows of each
	// partition's rows have fired. Final sessions are then those that a view shows
	// so far, by the rule log: of the rows on time whose session on time is complete,
	// and the revisions whose own window is. Other windows do not depend on it.
	Fired []int64
	// Panes asks for Result.Panes, of a pipeline with a trigger. It takes time: each
	// is computed from all its rows.
	Panes bool
	// Refuse has rows refused and counted for which an expression in front of the first
	// windows has no value. Otherwise the first of them is an error.
	Refuse bool
}

// Errors of Answer. A mistake in a row wraps ErrRow and names the row.
var (
	ErrPipeline = errors.New("oracle: pipeline")
	ErrRow      = errors.New("oracle: row")
)

// Answer computes everything the pipeline should say about a log. It wants a
// pipeline that flow's Plan accepts.
func Answer(p *flow.Pipeline, in Input) (*Result, error) {
	q, err := newQuery(p, in.Schema)
	if err != nil {
		return nil, err
	}
	a := &answer{
		query: q, fired: in.Fired, refuse: in.Refuse, assigner: NewAssigner(q.window),
		groups: make(map[string]*group), sessions: make(map[string]*sessionKey), sliding: make(map[string]*slidingKey),
		counting: make(map[string][]keptRow),
	}
	a.result.Partitions = make([]Counts, in.Partitions)
	if err := a.read(in); err != nil {
		return nil, err
	}
	if err := a.finish(); err != nil {
		return nil, err
	}
	return &a.result, nil
}

// answer is one computation on its way.
type answer struct {
	query    *query
	fired    []int64
	refuse   bool
	groups   map[string]*group
	sessions map[string]*sessionKey
	assigner *Assigner
	sliding  map[string]*slidingKey
	counting map[string][]keptRow // by key, of count windows: the rows on time
	time     *timeline            // or nil
	result   Result
}

// group is the pairs of a (key, window).
type group struct {
	key        []column.Value
	window     span
	rows       [3][]keptRow   // by fate
	partitions map[int32]bool // that had a pair; true: one of them was dropped
}

// keptRow is a row with its values behind the filters and projections.
type keptRow struct {
	row    *Row
	values []column.Value
	record int // of the log
}

// read walks the log once, judging each pair by the frontiers just before its
// row.
func (a *answer) read(in Input) error {
	f := newFrontiers(a.query.pipeline, &in)
	if in.Panes && a.query.trigger != nil {
		lanes := 1
		if a.query.own() {
			lanes = in.Partitions
		}
		a.time = newTimeline(lanes)
		defer func() { a.time.note(f, nil) }()
	}
	for i := range in.Rows {
		if p := in.Rows[i].Partition; p < 0 || int(p) >= in.Partitions {
			return fmt.Errorf("%w: no partition %d", ErrRow, p)
		}
	}
	if a.query.pipeline.AlignDrift > 0 {
		return a.readAligned(f, in)
	}
	for i := range in.Rows {
		if err := a.take(f, &in.Rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// take reads one record.
func (a *answer) take(f *frontiers, r *Row) error {
	if r.Idle {
		a.note(f, r)
		f.show(r, column.Value{})
		return nil
	}
	mark, err := f.mark(r)
	unmarked := a.refuse && errors.Is(err, errValue)
	if err != nil && !unmarked {
		return fmt.Errorf("%w: partition %d, offset %d: %w", ErrRow, r.Partition, r.Offset, err)
	}
	f.arrive(r)
	record := a.note(f, r)
	if unmarked {
		a.refuseUnmarked(f, r)
		return nil
	}
	if f.ahead(r) {
		a.count(r, func(c *Counts) { c.RowsAhead++ })
		f.tell(r)
		return nil
	}
	a.count(r, func(c *Counts) { c.Rows++ })
	k, keep, refused, err := a.digest(r)
	switch {
	case err != nil:
		return fmt.Errorf("%w: partition %d, offset %d: %w", ErrRow, r.Partition, r.Offset, err)
	case refused:
		a.count(r, func(c *Counts) { c.RowsRefused++ })
	case keep:
		k.record = record
		a.place(f, k)
	}
	f.show(r, mark)
	return nil
}

// note tells the timeline, if there is one, what a record finds. It returns the
// record's number there.
func (a *answer) note(f *frontiers, r *Row) int {
	if a.time == nil {
		return 0
	}
	a.time.note(f, r)
	return a.time.records - 1
}

func (a *answer) count(r *Row, add func(*Counts)) {
	add(&a.result.All)
	add(&a.result.Partitions[r.Partition])
}

// place puts a row into its windows.
func (a *answer) place(f *frontiers, k keptRow) {
	late := a.query.pipeline.Late
	w := f.of(k.row.Partition)
	if late.Rule == flow.Operator && !a.query.own() {
		w = f.least()
	}
	if w != nil && w.Cmp(bigInt(k.row.Time)) > 0 {
		a.count(k.row, func(c *Counts) { c.RowsBehindWatermark++ })
	}
	switch a.query.window.Kind {
	case window.Session:
		a.placeSession(w, k)
		return
	case window.Sliding:
		a.placeSliding(w, k)
		return
	case window.Counting:
		a.placeCount(w, k)
		return
	}
	pairs, drops := 0, 0
	for _, s := range a.assigner.windows(k.row.Time) {
		pairs++
		g := a.group(a.query.keyOf(k.values), s)
		x := judge(w, s.end, late.Allowed)
		if tooOld(late, w, k.row.Time) {
			x = dropped
		}
		g.rows[x] = append(g.rows[x], k)
		g.partitions[k.row.Partition] = g.partitions[k.row.Partition] || x == dropped
		a.count(k.row, func(c *Counts) { c.add(x) })
		if x == dropped {
			drops++
			a.result.Drops = append(a.result.Drops, Drop{
				Key: g.key, Partition: k.row.Partition, Offset: k.row.Offset, Time: k.row.Time,
				Start: s.start, End: s.end, Watermark: w.Int64(),
			})
		}
	}
	if pairs > 0 && pairs == drops {
		a.count(k.row, func(c *Counts) { c.RowsDropped++ })
	}
}

func (a *answer) group(key []column.Value, s span) *group {
	id := identity(key, s)
	g := a.groups[id]
	if g == nil {
		g = &group{key: key, window: s, partitions: make(map[int32]bool)}
		a.groups[id] = g
	}
	return g
}

// finish computes every window's values and the view over them.
func (a *answer) finish() error {
	groups := make([]*group, 0, len(a.groups))
	for _, g := range a.groups {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(g, h *group) int {
		return cmp.Or(compareKeys(g.key, h.key), cmp.Compare(g.window.start, h.window.start))
	})
	for _, g := range groups {
		if err := a.close(g); err != nil {
			return err
		}
	}
	if err := a.finishSessions(); err != nil {
		return err
	}
	if err := a.finishSliding(); err != nil {
		return err
	}
	if err := a.finishCount(); err != nil {
		return err
	}
	for q := a.query.above; q != nil; q = q.above {
		if err := a.over(q); err != nil {
			return err
		}
	}
	return a.view()
}

func (a *answer) close(g *group) error {
	w := Window{
		Key: g.key, Start: g.window.start, End: g.window.end,
		OnTimePairs: int64(len(g.rows[onTime])), RevisedPairs: int64(len(g.rows[revised])), DroppedPairs: int64(len(g.rows[dropped])),
	}
	lost := w.DroppedPairs > 0
	a.result.All.window(lost)
	for p, lost := range g.partitions {
		a.result.Partitions[p].window(lost)
	}
	var err error
	if w.OnTimePairs > 0 {
		if w.OnTime, err = a.query.aggregate(g.rows[onTime]); err != nil {
			return err
		}
	}
	if w.OnTimePairs+w.RevisedPairs > 0 {
		all := slices.Concat(g.rows[onTime], g.rows[revised])
		if w.Final, err = a.query.aggregate(all); err != nil {
			return err
		}
	}
	a.result.Windows = append(a.result.Windows, w)
	if a.time != nil {
		return a.panes(g)
	}
	return nil
}
