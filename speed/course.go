package speed

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"parallax/batch/replay"
	"parallax/batch/view"
	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow"
	"parallax/serving"
	"parallax/serving/layered"
)

// course is what a job whose answers do not add up is answered by: a run that has begun
// at the cut of the view that is served and goes on over the log. What came behind the cut
// is kept as it came, in generations: when there is a later view, another run begins at
// its cut, and takes in again what is kept from there on. The old one answers until the
// new one has come as far.
type course struct {
	run   *replay.Run // nil before the first view
	next  *replay.Run // of the view that is loaded, on its way; or nil
	kept  [][]kept    // by partition, behind the cut of the view that is served
	bytes int         // of their payloads
	found found
}

// kept is a record of the log.
type kept struct {
	protocol.Batch
	generation uint64
}

// found is what is loaded so far of a view.
type found struct {
	state []byte
	rows  []serving.Row
}

// keptBytesMax is how much of the log is kept before a server reads no further.
const keptBytesMax = 1 << 30

func (c *course) full() bool { return c.bytes > keptBytesMax }

// load takes a file of a view in.
func (c *course) load(plan *flow.Plan, f *view.File, content []byte) (err error) {
	if !f.State() {
		c.found.rows, err = view.DecodeShown(plan, f, content, c.found.rows)
		return err
	}
	c.found.state = append(c.found.state, content...)
	return view.Whole(f, content)
}

// oldest is the number of the oldest generation that is kept.
func (c *course) oldest() (number uint64, ok bool) {
	for _, list := range c.kept {
		if len(list) > 0 && (!ok || list[0].generation < number) {
			number, ok = list[0].generation, true
		}
	}
	return number, ok
}

// generations is how many are kept.
func (c *course) generations() int {
	least, ok := c.oldest()
	most := least
	for _, list := range c.kept {
		if len(list) > 0 {
			most = max(most, list[len(list)-1].generation)
		}
	}
	if !ok {
		return 0
	}
	return int(most-least) + 1
}

// restore begins a run at the cut of the view that was loaded.
func (s *Server) restore(fx *engine.Effects) error {
	c, head := s.course, s.loading.head
	run, err := replay.New(replay.Options{
		Pipeline: s.opts.Pipeline, Schema: s.opts.Schema, Partitions: len(s.parts), Defect: replay.Defect(s.opts.Defect),
	})
	if err == nil && head.Marker > 0 {
		err = run.Load(c.found.state, c.found.rows)
	}
	if c.found = (found{}); err != nil {
		return fmt.Errorf("view %q, %d: %w", s.opts.View, head.ID, err)
	}
	if s.head != nil {
		c.next = run
		return s.catchUp(fx)
	}
	s.head, c.run = head, run
	s.read(fx)
	s.wait(fx)
	return nil
}

// follow takes a record of a partition in, and keeps it.
func (s *Server) follow(p int, b *protocol.Batch, fx *engine.Effects) error {
	c, at := s.course, &s.parts[p]
	rows, err := c.run.Take(p, b)
	if err != nil {
		return err
	}
	own := kept{*b, at.generation}
	own.Payload = bytes.Clone(b.Payload)
	c.kept[p] = append(c.kept[p], own)
	c.bytes += len(own.Payload)
	s.counts.Rows += int64(rows)
	fx.Work += int64(rows) * rowWork
	at.cut, at.refused = c.run.Cut()[p], c.run.Refused(p)
	return nil
}

// catchRows is about how many rows a new run takes in before the server sees to something
// else.
const catchRows = 4096

// catchUp brings the run of a new view on its way; once it has come as far as the old one,
// it takes its place.
func (s *Server) catchUp(fx *engine.Effects) error {
	c, rows := s.course, 0
	if c.next == nil {
		return nil
	}
	for p := range c.kept {
		from, _ := slices.BinarySearchFunc(c.kept[p], c.next.Cut()[p].Offset, func(k kept, offset int64) int { return cmp.Compare(k.Base, offset) })
		for i := from; i < len(c.kept[p]); i++ {
			b := &c.kept[p][i]
			if rows >= catchRows {
				s.env.Sometimes("speed.catch-up")
				fx.After(timerCatch, 1, catchUp{})
				return nil
			}
			n, err := c.next.Take(p, &b.Batch)
			if err != nil {
				return err
			}
			rows += n
			s.counts.Again += int64(n)
			fx.Work += int64(n) * rowWork
		}
	}
	s.change(fx)
	return nil
}

// change serves the new view, in one step: its run has come as far as the old one.
func (s *Server) change(fx *engine.Effects) {
	c := s.course
	c.run, c.next = c.next, nil
	s.head, s.files = s.loading.head, nil
	s.counts.Swaps++
	for p := range c.kept {
		n := 0
		for n < len(c.kept[p]) && c.kept[p][n].generation < s.head.Marker {
			c.bytes -= len(c.kept[p][n].Payload)
			n++
		}
		c.kept[p] = append([]kept(nil), c.kept[p][n:]...)
		s.parts[p].refused = c.run.Refused(p)
	}
	s.forward(fx)
	s.wait(fx)
}

// kindCatchUp is the timer of a server on its way to a new view.
const kindCatchUp engine.Kind = 221

// catchUp is that timer. It has no content.
type catchUp struct{}

func (catchUp) Kind() engine.Kind { return kindCatchUp }

func (catchUp) AppendTo(b []byte) []byte { return b }

// tell answers with what the run shows.
func (s *Server) tell(m *layered.Ask, told *layered.Told) error {
	run := s.course.run
	told.Watermark = run.Watermark()
	told.Counted, told.Missing = run.Pairs()
	limit := most(m)
	var err error
	run.Shown().Ask(&m.Query, func(r *serving.Row) bool {
		if len(told.Rows) == limit {
			last := &told.Rows[limit-1]
			told.Next = layered.Place{Start: last.Start, Key: last.Key}.AppendTo(nil)
			return false
		}
		values, e := s.finish.values(r.Accumulators)
		if err = e; err != nil {
			return false
		}
		told.Rows = append(told.Rows, serving.Result{
			Key: r.Key, Start: r.Start, End: r.End, Revision: r.Revision, Values: serving.AppendKey(nil, values...),
		})
		return true
	})
	return err
}
