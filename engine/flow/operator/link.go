package operator

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// errResult is returned where an expression has no value for a result that is to be
// a row of another window.
var errResult = errors.New("operator: a result of a window")

// errSettled is a result that comes, or goes, when no more of its kind were to.
var errSettled = errors.New("operator: a result changes that was said not to")

// stage is what a link reads: the windows of rows, or another link.
type stage interface {
	Next(p *Pane) bool
	// outlook tells, of a stage that has no pane to give, what is to come of it:
	// results of watermark or more are, and none of less on time. closed says that
	// nothing is. At most what ends after horizon may change, or come as a revision.
	outlook() (mark, horizon int64, closed bool)
	// settled is exactly the greatest end up to which nothing changes any more; it is
	// at most the horizon that outlook told.
	settled(horizon int64) int64
}

// link aggregates the results of a stage by key and window.
//
// A result is a row at its window's end less a microsecond. What is on time passes
// on: the results of panes on time go to an operator of their own, which is told
// the watermark of the stage before once everything due to it was handed on. By then
// that operator has every result on time with a lesser time, so that none ever
// comes late, and its panes are made of results on time alone.
//
// A result that contains a revision is a revision here too, whenever it comes. If
// there can be such, the link keeps all results that may still be replaced, and
// beside the panes on time a ledger, which knows of every window what the results
// that stand make of it: a revision takes the result before it out and itself in, a
// retraction takes out. What that changes in windows that have fired is told in
// revisions and retractions of the link's own; what it changes in others waits. A
// result is forgotten when the stage before it cannot change it any more, and a
// window when that is so for all that it may hold. So no revision is ever too late
// here that was not where its rows were judged.
type link struct {
	intake
	below     stage
	from      *intake // that makes results of the panes of below
	onTime    windows
	kept      *keptResults // nil if nothing is ever revised
	ledger    ledger
	watermark int64 // that onTime knows of
	horizon   int64
	closed    bool
	batch     column.Batch // results of below
	counts    stageCounts
	scratch   struct {
		groups []uint32
		rows   []int32
		ends   []int64
	}
	defect linkDefect
}

// stageCounts is what became of the results that are in windows of a stage, and of
// the (result, window) pairs. None is ever dropped.
type stageCounts struct {
	RowsOnTime, PairsOnTime int64 // results of panes on time
	// The results that stand: those on time that nothing has replaced, and the last
	// revisions of the others.
	Rows, Pairs int64
	Overflows   int64 // values of all these that did not fit their type and are null
}

// linkDefect is a mistake that tests plant, to see that it is found.
type linkDefect uint8

const (
	linkSound   linkDefect = iota
	linkMixes              // revisions are on time
	linkPiles              // what a revision replaces stays counted
	linkHurries            // the watermark passes before the panes
	linkForgets            // results are forgotten as soon as their windows have fired
)

// ledger knows what the results that stand make of the windows of a link.
type ledger interface {
	// enter takes a kept result in; leave takes it out.
	enter(row uint32)
	leave(row uint32)
	speaking
	saving
}

// speaking is how a ledger tells what changed, and forgets.
type speaking interface {
	// fired is told of each pane on time.
	fired(p *Pane)
	// next sets p to a retraction or revision that is due.
	next(p *Pane) bool
	// owes tells whether something can be forgotten, if nothing that ends by settled
	// changes any more; forget does it.
	owes(settled int64) bool
	forget(settled int64)
	state() Footprint
}

// newLink aggregates the results of below, whose panes from finishes; revised says
// that they may change.
func newLink(s *flow.Stage, below stage, from *intake, revised bool) *link {
	l := &link{
		intake: newIntake(s, 1), below: below, from: from,
		watermark: watermark.None, horizon: watermark.None,
	}
	fns, at := s.Functions(), countAt(s)
	if at == 0 { // a count of the link's own, for all its parts
		count, err := aggregate.New(aggregate.Call{Name: "count"})
		if err != nil {
			panic(err) // count() is there
		}
		fns, at = append(fns, count), len(fns)+1
		l.input.Args, l.input.Where = append(l.input.Args, nil), append(l.input.Where, nil)
	}
	l.onTime = newWindows(Config{Window: s.Window, Functions: fns, Partitions: 1, CountAt: at})
	l.batch.Results = true
	if !revised {
		return l
	}
	l.kept = newKeptResults(fns, at-1)
	switch onTime := l.onTime.(type) {
	case *Sessions:
		l.ledger = newSpans(s.Window, onTime, l.kept)
	case *Windowed:
		l.ledger = newBook(s.Window, onTime, l.kept, retracts(fns))
	}
	return l
}

// retracts tells whether all functions can.
func retracts(fns []aggregate.Function) bool {
	return !slices.ContainsFunc(fns, func(f aggregate.Function) bool { return !f.Retracts() })
}

// pump takes in all that the stage before has to say, and then its watermark.
func (l *link) pump() error {
	if l.defect == linkHurries {
		l.hear()
	}
	var p Pane
	for l.below.Next(&p) {
		if err := l.take(&p); err != nil {
			return err
		}
	}
	l.hear()
	return nil
}

func (l *link) hear() {
	mark, horizon, closed := l.below.outlook()
	l.horizon = horizon
	if mark > l.watermark {
		l.watermark = mark
		l.onTime.Advance(0, mark)
	}
	if closed && !l.closed {
		l.closed, l.watermark = true, watermark.End
		l.onTime.Close()
	}
}

// take takes a pane's results in.
func (l *link) take(p *Pane) error {
	if l.kept == nil || p.Kind == OnTime {
		return l.results(p)
	}
	for i, key := range p.Keys {
		start, end := p.Window(i)
		if l.defect != linkPiles || p.Kind == Retraction {
			l.leave(cell{key, start, end})
		}
		if end <= l.kept.settled {
			return fmt.Errorf("%w: %s of the window that ends at %d; settled is what ends by %d", errSettled, p.Kind, end, l.kept.settled)
		}
	}
	if p.Kind == Retraction {
		return nil
	}
	return l.results(p)
}

// leave takes a result out that stands, if it is one that was kept.
func (l *link) leave(c cell) {
	row, ok := l.kept.at[c]
	if !ok {
		return
	}
	l.counts.Rows--
	l.counts.Pairs -= int64(l.pairs(c.time()))
	l.ledger.leave(row)
	l.kept.drop(row)
}

// results takes the results of a pane in that says what they are.
func (l *link) results(p *Pane) error {
	b := &l.batch
	l.counts.Overflows += int64(l.from.finish(p, b))
	b.Times, b.Frontiers = b.Times[:0], b.Frontiers[:0]
	for i := range p.Keys {
		_, end := p.Window(i)
		b.Times, b.Frontiers = append(b.Times, end-1), append(b.Frontiers, l.watermark)
	}
	view, err := l.run(b)
	if err != nil {
		var bad *expr.RowError
		if errors.As(err, &bad) {
			return fmt.Errorf("%w that ends at %d ms: %s at column %d", errResult, milliseconds(b.Times[bad.Row]+1), bad.What, bad.At+1)
		}
		return err
	}
	l.count(p, view)
	if p.Kind == OnTime || l.defect == linkMixes {
		if err := l.onTime.Add(view, &l.input, l.numbers, l.keyer.Len()); err != nil {
			return err
		}
	}
	if l.kept != nil && len(l.scratch.rows) > 0 {
		l.keep(p)
	}
	return nil
}

// count counts the results that are in some window, and lists them.
func (l *link) count(p *Pane, view *column.Batch) {
	rows := l.scratch.rows[:0]
	at, pairs, all := int64(0), int32(0), int64(0)
	for i := range view.Selected() {
		row := i
		if view.Select != nil {
			row = int(view.Select[i])
		}
		if t := view.Times[row]; i == 0 || t != at {
			at, pairs = t, l.pairs(t)
		}
		if pairs > 0 {
			rows, all = append(rows, int32(row)), all+int64(pairs)
		}
	}
	l.scratch.rows = rows
	l.counts.Rows += int64(len(rows))
	l.counts.Pairs += all
	if p.Kind == OnTime {
		l.counts.RowsOnTime += int64(len(rows))
		l.counts.PairsOnTime += all
	}
}

// pairs is how many windows a time lies in.
func (l *link) pairs(t int64) int32 {
	spec := &l.stage.Window
	if spec.Kind != window.Session {
		start, _ := spec.Slice(t)
		l.scratch.ends = spec.Ends(start, l.scratch.ends[:0])
		return int32(len(l.scratch.ends))
	}
	if t > math.MaxInt64-spec.Size {
		return 0
	}
	return 1
}

// keep keeps the results that were listed.
func (l *link) keep(p *Pane) {
	s := &l.scratch
	s.groups = s.groups[:0]
	for _, row := range s.rows {
		start, end := p.Window(int(row))
		s.groups = append(s.groups, l.kept.add(keptResult{
			cell: cell{p.Keys[row], start, end}, by: l.numbers[row], onTime: p.Kind == OnTime, fresh: true,
		}))
	}
	l.kept.table.AddRows(&l.input, s.groups, s.rows)
	for _, n := range s.groups {
		l.ledger.enter(n)
	}
}

// Next sets p to the next pane that is due: first what is on time, then what was
// shown and stands no more, then revisions.
func (l *link) Next(p *Pane) bool {
	if l.onTime.Next(p) {
		if l.kept != nil {
			l.ledger.fired(p)
		}
		return true
	}
	if l.kept == nil {
		return false
	}
	if l.ledger.next(p) {
		p.Watermark = l.watermark
		return true
	}
	l.forget()
	return false
}

// forget drops what cannot change any more.
func (l *link) forget() {
	horizon := l.horizon
	if l.defect == linkForgets {
		horizon = l.watermark
	}
	if horizon <= l.kept.settled || !l.ledger.owes(horizon) {
		return
	}
	settled := horizon
	if l.defect != linkForgets {
		settled = l.below.settled(horizon)
	}
	if settled > l.kept.settled {
		l.ledger.forget(settled)
		l.kept.settled = settled
	}
}

func (l *link) outlook() (mark, horizon int64, closed bool) {
	mark = l.watermark
	if s, ok := l.onTime.(*Sessions); ok {
		mark = s.outMark(mark)
	}
	return mark, l.horizon, l.closed
}

func (l *link) settled(horizon int64) int64 {
	settled := l.below.settled(horizon)
	if s, ok := l.ledger.(*spans); ok {
		return s.least(settled)
	}
	return settled
}

// outlook of windows of rows: what fires at W ends at W or before, so that no result
// to come is before W, and rows kept at W change windows that end after W - allowed.
func (w *Windowed) outlook() (mark, horizon int64, closed bool) {
	mark = watermark.End
	for i := range w.lanes {
		mark = min(mark, w.lanes[i].watermark)
	}
	if w.closed {
		return mark, math.MaxInt64, true
	}
	return mark, window.Sub(mark, w.late.Allowed), false
}

func (w *Windowed) settled(horizon int64) int64 { return horizon }

// outlook of sessions: where touching is enough, one that ends at W or just before
// is still open, and a row kept at W makes a session that ends a microsecond earlier.
func (s *Sessions) outlook() (mark, horizon int64, closed bool) {
	mark = watermark.End
	for i := range s.lanes {
		mark = min(mark, s.lanes[i].watermark)
	}
	if s.closed {
		return mark, math.MaxInt64, true
	}
	mark = s.outMark(mark)
	return mark, window.Sub(mark, s.late.Allowed), false
}

func (s *Sessions) outMark(mark int64) int64 {
	if s.spec.Merge == window.Touching && mark > watermark.None && mark < watermark.End {
		return mark - 1
	}
	return mark
}

// settled: what rests may still be joined to another session, and by the rule
// "operator" what it was before may still have to be taken back.
func (s *Sessions) settled(horizon int64) int64 {
	for n := range s.nodes {
		v := &s.nodes[n]
		if v.list == restList {
			horizon = min(horizon, v.end-1)
		}
		for _, e := range v.gone {
			horizon = min(horizon, e.end-1)
		}
	}
	return horizon
}
