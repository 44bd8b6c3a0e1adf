package speed

import (
	"errors"
	"slices"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/commitlog/tail"
	"parallax/engine/flow/fold"
)

// read begins to read from the cut of the view.
func (s *Server) read(fx *engine.Effects) {
	from := make([]protocol.Cut, len(s.parts))
	for p := range from {
		from[p] = s.start(p)
		s.stand(p, from[p])
	}
	s.tail = tail.New(s.opts.Log, from, s.store.Request)
	s.tail.Start(s.now, fx)
}

// start is the view's cut in a partition.
func (s *Server) start(p int) protocol.Cut {
	if p < len(s.head.Cut) {
		return s.head.Cut[p]
	}
	return protocol.LogStart()
}

// stand moves a partition to the cut of the view. What comes first there is the view's
// marker.
func (s *Server) stand(p int, cut protocol.Cut) {
	at := &s.parts[p]
	at.cut, at.generation = cut, s.head.Marker
	if s.course == nil && s.opts.Defect != DefectForgetful {
		s.root.SetFrontier(p, cut.Frontier)
	}
}

func (s *Server) pinned(m protocol.Pinned, fx *engine.Effects) error {
	if s.tail == nil {
		return nil
	}
	return s.stranded(s.tail.Pinned(s.now, m, fx))
}

// stranded is for a log that begins behind the place at which the server is: it waits for
// a later view.
func (s *Server) stranded(err error) error {
	if errors.Is(err, tail.ErrCompacted) {
		s.env.Sometimes("speed.stranded")
		return nil
	}
	return err
}

// rowWork is the virtual CPU time of one row, in ns.
const rowWork = 100

// fetched takes batches of a partition in.
func (s *Server) fetched(m protocol.Fetched, fx *engine.Effects) error {
	if s.tail == nil {
		return nil
	}
	batches, err := s.tail.Fetched(s.now, m, fx)
	if err != nil {
		return s.stranded(err)
	}
	if len(batches) == 0 {
		return nil
	}
	number := m.Partition.Number
	for i := range batches {
		if err := s.take(int(number), &batches[i], fx); err != nil {
			return err
		}
	}
	s.pace(number, fx)
	return nil
}

// pace asks for more of a partition, or holds it back while there are too many
// generations.
func (s *Server) pace(number int32, fx *engine.Effects) {
	held := s.parts[number].generation-s.head.Marker > uint64(s.opts.Generations) || s.course != nil && s.course.full()
	if held {
		s.env.Sometimes("speed.held")
	}
	s.tail.Hold(number, held)
	s.tail.More(s.now, number, fx)
}

// take adds one batch of a partition.
func (s *Server) take(p int, b *protocol.Batch, fx *engine.Effects) error {
	at := &s.parts[p]
	if b.Idle && b.Producer == s.opts.Markers && uint64(b.Sequence) >= at.generation {
		at.generation = uint64(b.Sequence) + 1
	}
	switch {
	case s.course != nil:
		return s.follow(p, b, fx)
	case b.Idle:
		s.root.SetFrontier(p, b.TimeMax)
	default:
		if err := s.fold(p, b, fx); err != nil {
			return err
		}
	}
	at.cut = protocol.Cut{Offset: b.End(), Frontier: s.root.Frontier(p)}
	return nil
}

// fold adds the rows of a batch to their generation. What cannot be read, or is of other
// columns, is refused whole, as a worker does.
func (s *Server) fold(p int, b *protocol.Batch, fx *engine.Effects) error {
	at := &s.parts[p]
	rows, err := s.decode.Batch(int32(p), b)
	if err != nil || !slices.Equal(rows.Schema, s.opts.Schema) {
		s.env.Sometimes("speed.batch-refused")
		at.refused += int64(b.Count)
		return nil
	}
	s.speed = nil
	g := s.generation(at.generation)
	if err := g.Add(rows); err != nil {
		return err
	}
	at.refused += int64(g.Refused())
	s.counts.Rows += int64(rows.Rows)
	fx.Work += int64(rows.Rows) * rowWork
	return nil
}

// generation is the fold of one, which is made if it is not there.
func (s *Server) generation(number uint64) *fold.Fold {
	at, found := slices.BinarySearchFunc(s.generations, number, func(g generation, n uint64) int {
		return int(int64(g.number - n))
	})
	if !found {
		if s.opts.Defect == DefectExpire && len(s.generations) == 2 {
			s.generations, at = slices.Delete(s.generations, 0, 1), max(0, at-1)
		}
		s.generations = slices.Insert(s.generations, at, generation{number, s.root.Beside(fold.Options{})})
	}
	return s.generations[at].fold
}

// keysSpare is how many keys that no generation has are kept before the keys are
// numbered anew.
const keysSpare = 1 << 12

// absorb drops the generations that a view has absorbed, all below its marker.
func (s *Server) absorb(marker uint64) error {
	switch s.opts.Defect {
	case DefectTwice:
		marker--
	case DefectHole:
		marker++
	}
	n := 0
	for n < len(s.generations) && s.generations[n].number < marker {
		n++
	}
	s.generations = slices.Delete(s.generations, 0, n)
	s.speed = nil
	return s.renumber()
}

// renumber forgets the keys of generations that are gone, if there are many: what a server
// holds goes by what it has to answer.
func (s *Server) renumber() error {
	kept := map[string]struct{}{}
	if s.root.Keys() < keysSpare {
		return nil
	}
	for i := range s.generations {
		s.generations[i].fold.Scan(-1<<63, 1<<63-1, func(r *fold.Row) bool {
			kept[string(r.Key)] = struct{}{}
			return true
		})
	}
	if s.root.Keys() < keysSpare+2*len(kept) {
		return nil
	}
	s.env.Sometimes("speed.renumber")
	old := s.generations
	s.generations = nil
	if err := s.begin(); err != nil {
		return err
	}
	for p := range s.parts {
		s.root.SetFrontier(p, s.parts[p].cut.Frontier)
	}
	for i := range old {
		if err := s.generation(old[i].number).Merge(old[i].fold.Rows(nil)); err != nil {
			return err
		}
	}
	return nil
}
