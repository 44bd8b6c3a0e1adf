package lambda

import (
	"bytes"
	"errors"
	"fmt"

	"parallax/engine"
	"parallax/engine/commitlog"
	"parallax/serving/layered"
	"parallax/sim"
	"parallax/speed"
)

// What may be wrong.
var (
	errAnswer = errors.New("lambda: an answer is not that of its cut")
	errBack   = errors.New("lambda: an answer goes back behind what its client has seen")
	errStale  = errors.New("lambda: a server is staler than it says")
	errKept   = errors.New("lambda: a server keeps generations that its view has absorbed")
)

// Check is the name of the check that has found an error of a run, "" of none.
func Check(err error) string {
	if err == nil {
		return ""
	}
	for _, c := range [...]struct {
		err  error
		name string
	}{
		{errTwoLogs, "one-log"},
		{errAnswer, "exact-answer"},
		{errBack, "never-back"},
		{errStale, "staleness"},
		{errKept, "generations"},
		{ErrLiveness, "catches-up"},
	} {
		if errors.Is(err, c.err) {
			return c.name
		}
	}
	return "no-fatal"
}

// Tally counts what a run has shown.
type Tally struct {
	Answers, Behind uint64
	Compared        uint64 // of the answers
	Rows            uint64 // of them
	FromBoth        uint64 // answers with a view and rows of the log behind it
	Repaired        uint64 // answers with rows that were dropped
	Swaps, Skipped  uint64 // of servers, as far as they lived to tell
	Again           uint64 // rows behind the cuts of views that servers took in again, likewise
	Unread          uint64 // records of batches that nobody can read
}

// checker looks at the node that took an event, and tells the first thing that is wrong.
type checker struct {
	d      *Deployment
	book   book
	node   engine.NodeID
	wrong  error
	told   *layered.Told // the last answer that was looked at
	tally  Tally
	known  string // which answer exact is
	exact  *exact
	shown  showing // what leaders show as the ends of partitions
	clocks map[engine.NodeID]*clock
	final  bool // every answer is compared
}

func newChecker(d *Deployment, refused func(part int, sequence uint32) bool) *checker {
	c := &checker{d: d, book: newBook(len(d.job.Feed), refused), clocks: map[engine.NodeID]*clock{}}
	for _, id := range d.servers {
		c.clocks[id] = &clock{}
	}
	return c
}

// note reads what goes to readers of the log.
func (c *checker) note(t sim.Trace) {
	switch t.Op {
	case "message", "start", "timer", "synced":
		c.node = t.To
	}
	if t.Op != "message" || c.wrong != nil {
		return
	}
	c.wrong = c.book.note(&t)
}

func (c *checker) step(w *sim.World) error {
	id := c.node
	if c.node = 0; id == 0 || c.wrong != nil {
		return c.wrong
	}
	switch a := w.Actor(id).(type) {
	case *commitlog.Broker:
		c.shown.note(c.d.Now(), id, a.Status())
	case *speed.Server:
		return c.checkServer(id, a)
	case *client:
		return c.checkClient(a)
	}
	return nil
}

// checkServer holds what a server says of itself against the log.
func (c *checker) checkServer(id engine.NodeID, s *speed.Server) error {
	clock := c.clocks[id]
	if clock == nil {
		return nil // of a deployment beside the first one
	}
	clock.note(c.d.World, id)
	head := s.Head()
	if head == nil {
		return nil
	}
	if least, ok := s.Oldest(); ok && least < head.Marker && c.d.opts.Defects == (Defects{}) {
		return fmt.Errorf("%w: %d, the view is that of marker %d", errKept, least, head.Marker)
	}
	stale := s.Staleness()
	if stale < 0 {
		return nil
	}
	// Both ends of the time are read off the server's own clock, whatever that is worth.
	at, ok := clock.when(s.Stepped() - engine.Instant(stale))
	if !ok {
		return fmt.Errorf("%w: %d ms by a clock that has not shown that", errStale, stale/engine.Millisecond)
	}
	ends := c.shown.before(at)
	for p, cut := range s.Cut() {
		if ends != nil && cut.Offset < ends[p] {
			return fmt.Errorf("%w: %d ms, partition %d at %d, which ended at %d then", errStale, stale/engine.Millisecond, p, cut.Offset, ends[p])
		}
	}
	return nil
}

// checkClient holds a new answer against an answer from scratch.
func (c *checker) checkClient(a *client) error {
	m := a.answer
	if m == nil || m == c.told {
		return nil
	}
	c.told = m
	if m.Behind {
		c.tally.Behind++
		return nil
	}
	c.tally.Answers++
	c.tally.Rows += uint64(len(m.Rows))
	if m.View < a.before.view {
		return fmt.Errorf("%w: view %d behind view %d", errBack, m.View, a.before.view)
	}
	for p, cut := range a.before.cut {
		if m.Cut[p].Offset < cut.Offset {
			return fmt.Errorf("%w: partition %d at %d behind %d", errBack, p, m.Cut[p].Offset, cut.Offset)
		}
	}
	if m.View > 0 && fmt.Sprint(m.Cut) != fmt.Sprint(m.BatchCut) {
		c.tally.FromBoth++
	}
	if every := c.d.opts.CheckEvery; every > 1 && !c.final && c.tally.Answers%uint64(every) != 0 {
		return nil
	}
	c.tally.Compared++
	known := fmt.Sprint(m.Cut, m.BatchCut, m.Complete)
	if known != c.known {
		x, err := c.answer(m)
		if err != nil {
			return err
		}
		c.known, c.exact = known, x
	}
	return c.compare(&a.query, m)
}

// answer is what is right to say at the cut of an answer.
func (c *checker) answer(m *layered.Told) (*exact, error) {
	if c.d.replayed {
		return c.book.standing(&c.d.job, c.d.plan, m.Cut)
	}
	return c.book.answer(&c.d.job, m.Cut, m.BatchCut, m.Complete)
}

// compare compares a page, byte by byte.
func (c *checker) compare(q *layered.Ask, m *layered.Told) error {
	x := c.exact
	if m.Watermark != x.watermark {
		return fmt.Errorf("%w: watermark %d, should be %d", errAnswer, m.Watermark, x.watermark)
	}
	for p, f := range x.frontiers {
		if m.Cut[p].Frontier != f {
			return fmt.Errorf("%w: partition %d at %d has the frontier %d, should be %d", errAnswer, p, m.Cut[p].Offset, m.Cut[p].Frontier, f)
		}
	}
	after, paged := layered.DecodePlace(q.After)
	counted, missing := x.counted, x.missing
	n := 0
	for i := range x.rows {
		want := &x.rows[i]
		if q.Point && !bytes.Equal(want.Key, q.Key) ||
			paged && (want.Start < after.Start || want.Start == after.Start && bytes.Compare(want.Key, after.Key) <= 0) {
			continue
		}
		if n == len(m.Rows) {
			if m.Next == nil || n < int(q.Limit) {
				return fmt.Errorf("%w: %d rows, and no row for key %q, window %d at %v with view %d up to %v", errAnswer, n, want.Key, want.Start, m.Cut, m.View, m.BatchCut)
			}
			break
		}
		got := &m.Rows[n]
		if got.Start != want.Start || got.End != want.End || !bytes.Equal(got.Key, want.Key) ||
			got.Revision != want.Revision && !(x.unsure && got.Revision) || !bytes.Equal(got.Values, want.Values) {
			return fmt.Errorf("%w: key %q, window %d to %d: %x, revision %v; should be key %q, window %d to %d: %x, %v, at %v with view %d up to %v", errAnswer,
				got.Key, got.Start, got.End, got.Values, got.Revision, want.Key, want.Start, want.End, want.Values, want.Revision, m.Cut, m.View, m.BatchCut)
		}
		if m.Complete && want.Revision && want.missing == 0 {
			c.tally.Repaired++
		}
		counted, missing = counted+want.counted, missing+want.missing
		n++
	}
	if n != len(m.Rows) {
		return fmt.Errorf("%w: a row for key %q, window %d that is not due at %v", errAnswer, m.Rows[n].Key, m.Rows[n].Start, m.Cut)
	}
	if counted != m.Counted || missing != m.Missing {
		return fmt.Errorf("%w: %d pairs counted and %d missing, should be %d and %d", errAnswer, m.Counted, m.Missing, counted, missing)
	}
	return nil
}

// finally is what must hold in the end: each server alone says what is right, and keeps
// nothing that its view has.
func (c *checker) finally() error {
	for _, id := range c.d.servers {
		s, ok := c.d.Actor(id).(*speed.Server)
		if !ok {
			return fmt.Errorf("%w: a server is down", ErrLiveness)
		}
		n := s.Counts()
		c.tally.Swaps += n.Swaps
		c.tally.Skipped += n.Skipped
		c.tally.Again += uint64(n.Again)
		if s.Generations() > 1 {
			return fmt.Errorf("%w: %d in the end", errKept, s.Generations())
		}
	}
	return nil
}

// Tally counts what the run has shown; nothing if it is unchecked.
func (d *Deployment) Tally() Tally {
	if d.check == nil {
		return Tally{}
	}
	t := d.check.tally
	t.Unread = d.check.book.unread
	return t
}
