package speed

import (
	"bytes"
	"fmt"
	"slices"
	"sort"

	"parallax/engine"
	"parallax/engine/flow"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/fold"
	"parallax/serving"
	"parallax/serving/layered"
)

// finisher makes values of accumulators.
type finisher struct {
	table *aggregate.Table
	n     int
	row   []column.Value
}

func newFinisher(stage *flow.Stage) *finisher {
	fns := stage.Functions()
	f := &finisher{table: aggregate.NewTable(fns), n: len(fns)}
	f.table.Grow(1)
	return f
}

func (f *finisher) values(accumulators []byte) ([]column.Value, error) {
	rest, err := f.table.Load(0, accumulators)
	if err != nil || len(rest) != 0 {
		return nil, fmt.Errorf("%d bytes behind the accumulators: %w", len(rest), err)
	}
	f.row = f.row[:0]
	for i := range f.n {
		f.row = append(f.row, f.table.Finish(0, i))
	}
	return f.row, nil
}

// ask answers a query, or says that the server is behind what the client has seen.
func (s *Server) ask(from engine.NodeID, m *layered.Ask, fx *engine.Effects) error {
	told, err := s.Answer(m)
	if told.Behind {
		s.env.Sometimes("speed.behind")
		s.counts.Behind++
	} else {
		s.counts.Answers++
	}
	fx.Send(from, told)
	return err
}

// Answer is what the server says to a question now.
func (s *Server) Answer(m *layered.Ask) (layered.Told, error) {
	told := layered.Told{Answer: serving.Answer{Request: m.Request}, Behind: true, Staleness: -1}
	if s.head == nil || s.behind(m) && s.opts.Defect != DefectRewind {
		return told, nil
	}
	told.Behind, told.Cut, told.Staleness = false, s.Cut(), s.Staleness()
	told.View, told.BatchCut, told.Code, told.Complete = s.head.ID, s.head.Cut, s.head.Code, s.head.Complete
	if s.course != nil {
		return told, s.tell(m, &told)
	}
	marks := s.marks()
	told.Watermark = slices.Min(marks)
	err := s.query(m, marks, &told)
	if s.unread {
		s.unread = false
		s.index()
	}
	return told, err
}

// behind tells whether the client has seen more.
func (s *Server) behind(m *layered.Ask) bool {
	if s.head.ID < m.View {
		return true
	}
	for p, c := range m.AtLeast {
		if p >= len(s.parts) || s.parts[p].cut.Offset < c.Offset {
			return true
		}
	}
	return false
}

// Stepped is when the server took its last event, by its own clock.
func (s *Server) Stepped() engine.Instant { return s.now }

// Staleness is what an answer would say of it now.
func (s *Server) Staleness() int64 {
	worst := int64(0)
	if s.tail == nil {
		return -1
	}
	if s.opts.Defect == DefectFresh {
		return 0
	}
	for p := range s.parts {
		at, ok := s.tail.Seen(int32(p))
		if !ok {
			return -1
		}
		worst = max(worst, int64(s.now-at))
	}
	return worst
}

// marks is the watermark that completes the windows of each partition's rows.
func (s *Server) marks() []int64 {
	frontiers := make([]int64, len(s.parts))
	for p := range frontiers {
		frontiers[p] = s.parts[p].cut.Frontier
	}
	marks := make([]int64, len(s.parts))
	for p := range marks {
		marks[p] = fold.Watermark(s.plan.Pipeline.Watermark, frontiers, int32(p))
	}
	return marks
}

// all is the rows of all generations, in order, several of one key and window.
func (s *Server) all() []fold.Row {
	if s.speed == nil {
		s.speed = []fold.Row{}
		for i := range s.generations {
			s.speed = s.generations[i].fold.Rows(s.speed)
		}
		slices.SortStableFunc(s.speed, func(a, b fold.Row) int { return a.Compare(&b) })
	}
	return s.speed
}

// most is how many rows an answer may have.
func most(m *layered.Ask) int {
	if limit := int(m.Limit); limit > 0 && limit < serving.QueryRowsMax {
		return limit
	}
	return serving.QueryRowsMax
}

// query adds the rows of both layers that are wanted and complete.
func (s *Server) query(m *layered.Ask, marks []int64, told *layered.Told) error {
	limit := most(m)
	c := cursor{from: m.From, to: m.To}
	if m.Point {
		c.key = m.Key
	}
	if after, ok := layered.DecodePlace(m.After); ok {
		c.after = &after
	}
	batch, speed := s.batchRows(&c), s.speedRows(&c)
	var same []*fold.Row
	for len(batch) > 0 || len(speed) > 0 {
		same = same[:0]
		counted := int64(0)
		first, own := (*fold.Row)(nil), (*viewed)(nil)
		if len(speed) > 0 {
			first = speed[0]
		}
		if len(batch) > 0 && (first == nil || batch[0].Row.Compare(first) <= 0) {
			own, batch = batch[0], batch[1:]
			first = &own.Row
			counted, same = first.Counted(s.head.Complete), append(same, first)
		}
		for len(speed) > 0 && speed[0].Compare(first) == 0 {
			counted, same, speed = counted+speed[0].Counted(false), append(same, speed[0]), speed[1:]
		}
		if counted == 0 || first.End > marks[s.lane(first)] {
			continue
		}
		if len(told.Rows) == limit {
			last := &told.Rows[limit-1]
			told.Next = layered.Place{Start: last.Start, Key: last.Key}.AppendTo(nil)
			return nil
		}
		if err := s.add(same, own, counted, told); err != nil {
			return err
		}
	}
	return nil
}

// lane is whose watermark completes a row's window; any, where it is the least.
func (s *Server) lane(r *fold.Row) int { return min(int(r.Partition), len(s.parts)-1) }

// add puts the rows of one key and window into an answer; own is which of them is the
// view's, if it has one.
func (s *Server) add(same []*fold.Row, own *viewed, counted int64, told *layered.Told) error {
	sum, values, err := s.sum(same, own)
	if err != nil {
		return err
	}
	told.Counted += counted
	told.Missing += sum.OnTime + sum.Revised + sum.Dropped - counted
	told.Rows = append(told.Rows, serving.Result{
		Key: sum.Key, Start: sum.Start, End: sum.End, Revision: counted > sum.OnTime,
		Values: values,
	})
	return nil
}

// sum adds rows of one key and window, and encodes their values.
func (s *Server) sum(same []*fold.Row, own *viewed) (sum fold.Row, encoded []byte, err error) {
	alone := own != nil && len(same) == 1
	if alone && own.values != nil {
		return own.Row, own.values, nil
	}
	if sum, err = s.merger.Merge(same, nil); err != nil {
		return sum, nil, err
	}
	values, err := s.finish.values(sum.Accumulators)
	if err != nil {
		return sum, nil, err
	}
	encoded = serving.AppendKey(nil, values...)
	if alone {
		own.values = encoded
	}
	return sum, encoded, nil
}

// cursor is which rows are wanted.
type cursor struct {
	from, to int64
	key      []byte // or nil
	after    *layered.Place
}

// before tells whether a row lies before what is wanted.
func (c *cursor) before(r *fold.Row) bool {
	if r.Start < c.from || c.after == nil {
		return r.Start < c.from
	}
	return r.Start < c.after.Start || r.Start == c.after.Start && bytes.Compare(r.Key, c.after.Key) <= 0
}

// span is where what is wanted begins and ends among so many rows in order.
func (c *cursor) span(n int, row func(int) *fold.Row) (from, to int) {
	from = sort.Search(n, func(i int) bool { return !c.before(row(i)) })
	to = sort.Search(n, func(i int) bool { return row(i).Start >= c.to })
	return from, max(from, to)
}

// batchRows are the view's rows that are wanted.
func (s *Server) batchRows(c *cursor) []*viewed {
	if c.key == nil {
		from, to := c.span(len(s.rows), func(i int) *fold.Row { return &s.rows[i].Row })
		return s.rows[from:to]
	}
	places := s.byKey[string(c.key)]
	from, to := c.span(len(places), func(i int) *fold.Row { return &s.rows[places[i]].Row })
	list := make([]*viewed, 0, to-from)
	for _, at := range places[from:to] {
		list = append(list, s.rows[at])
	}
	return list
}

// speedRows are the generations' rows that are wanted.
func (s *Server) speedRows(c *cursor) []*fold.Row {
	var list []*fold.Row
	if c.key == nil {
		rows := s.all()
		from, to := c.span(len(rows), func(i int) *fold.Row { return &rows[i] })
		for i := from; i < to; i++ {
			list = append(list, &rows[i])
		}
		return list
	}
	for i := range s.generations {
		s.generations[i].fold.ScanKey(c.key, c.from, c.to, func(r *fold.Row) bool {
			if own := *r; !c.before(r) && r.Start < c.to {
				own.Accumulators = bytes.Clone(r.Accumulators)
				list = append(list, &own)
			}
			return true
		})
	}
	slices.SortStableFunc(list, func(a, b *fold.Row) int { return a.Compare(b) })
	return list
}
