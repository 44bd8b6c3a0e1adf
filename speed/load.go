package speed

import (
	"fmt"

	"parallax/batch/view"
	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/flow/fold"
)

// loaded is a file of a view, in memory.
type loaded struct {
	name string
	rows []viewed
}

// viewed is a row of a view. As long as the log adds nothing to it, its values are always
// the same: they are encoded when they are asked for the first time.
type viewed struct {
	fold.Row
	values []byte // nil before
}

// loading is a view on its way.
type loading struct {
	head    *view.Head
	version uint64   // of the pointer
	files   []loaded // those that are there
}

// look asks for the pointer.
func (s *Server) look(fx *engine.Effects) {
	s.loading = nil
	s.get(view.Pointer(s.opts.View), fx)
}

func (s *Server) get(name string, fx *engine.Effects) {
	s.store.Ask(blob.Get{Request: s.store.Next(), Name: name, Length: -1}, fx)
}

// got is the answer to what was asked for last: the pointer, or a file.
func (s *Server) got(m *blob.Got, fx *engine.Effects) error {
	if s.loading == nil {
		return s.pointed(m, fx)
	}
	want := &s.loading.head.Files[len(s.loading.files)]
	if m.Code == blob.Damaged {
		s.complain(fx)
		return nil
	}
	if m.Code != blob.OK { // a later view has taken its place, and it was cleaned up
		s.env.Sometimes("speed.file-gone")
		s.wait(fx)
		return nil
	}
	if s.course != nil {
		if err := s.course.load(s.plan, want, m.Data); err != nil {
			return err
		}
		s.loading.files = append(s.loading.files, loaded{name: want.Name})
		fx.Work += want.Rows * rowWork
		return s.loadNext(fx)
	}
	rows, err := view.DecodeFile(s.plan, want, m.Data, nil)
	if err != nil {
		return err
	}
	own := make([]viewed, len(rows))
	for i := range rows {
		own[i].Row = rows[i]
	}
	s.loading.files = append(s.loading.files, loaded{want.Name, own})
	fx.Work += int64(len(rows)) * rowWork
	return s.loadNext(fx)
}

// complain says in the pointer that the view which it names is damaged: whoever makes the
// views looks there. If the pointer has moved meanwhile, there is a later view.
func (s *Server) complain(fx *engine.Effects) {
	s.env.Sometimes("speed.file-damaged")
	if s.loading.head.Damaged {
		s.wait(fx)
		return
	}
	head := *s.loading.head
	head.Damaged = true
	s.store.Ask(blob.Put{
		Request: s.store.Next(), Name: view.Pointer(s.opts.View), Expect: s.loading.version, Data: head.AppendTo(nil),
	}, fx)
}

// wait looks again in a while.
func (s *Server) wait(fx *engine.Effects) {
	s.loading = nil
	fx.After(timerPoll, s.opts.Poll, poll{})
}

// pointed begins to load the view, if it is another one than the one served.
func (s *Server) pointed(m *blob.Got, fx *engine.Effects) error {
	if m.Code != blob.OK && m.Code != blob.Missing {
		s.wait(fx)
		return nil
	}
	content := m.Data
	if m.Code == blob.Missing {
		content = nil
	}
	head, err := view.DecodeHead(content)
	if err != nil {
		return err
	}
	if n := len(head.Cut); n != 0 && n != len(s.parts) {
		return fmt.Errorf("view %q has %d partitions, the topic %d", s.opts.View, n, len(s.parts))
	}
	if head.Marker > 0 && head.Replay != (s.course != nil) {
		return fmt.Errorf("view %q is one by replay: %v; this pipeline wants another one", s.opts.View, head.Replay)
	}
	if s.head != nil && head.ID <= s.head.ID {
		s.wait(fx)
		return nil
	}
	s.loading = &loading{head: head, version: m.Info.Version}
	if s.course != nil {
		s.course.found = found{}
	}
	if s.opts.Defect == DefectEarly && s.head != nil {
		s.head = head
		if err := s.absorb(head.Marker); err != nil {
			return err
		}
	}
	return s.loadNext(fx)
}

// loadNext asks for the next file, unless it is at hand; behind the last, the view is
// served.
func (s *Server) loadNext(fx *engine.Effects) error {
	l := s.loading
	for len(l.files) < len(l.head.Files) {
		want := l.head.Files[len(l.files)].Name
		at := -1
		for i := range s.files {
			if s.files[i].name == want {
				at = i
			}
		}
		if at < 0 {
			s.get(want, fx)
			return nil
		}
		l.files = append(l.files, s.files[at])
	}
	if s.course != nil {
		return s.restore(fx)
	}
	err := s.swap(fx)
	s.wait(fx)
	return err
}

// swap serves the view that was loaded, from its cut on, in one step.
func (s *Server) swap(fx *engine.Effects) error {
	l := s.loading
	first := s.head == nil
	s.head, s.files = l.head, l.files
	if s.unread = s.opts.Defect == DefectTwoReads && !first; !s.unread {
		s.index()
	}
	if first {
		s.read(fx)
		return nil
	}
	s.counts.Swaps++
	if err := s.absorb(s.head.Marker); err != nil {
		return err
	}
	s.forward(fx)
	return nil
}

// forward moves partitions on that were read less far than the view, and lets the log go
// of what is below it.
func (s *Server) forward(fx *engine.Effects) {
	for p := range s.parts {
		cut := s.start(p)
		if s.parts[p].cut.Offset < cut.Offset {
			s.env.Sometimes("speed.skip")
			s.counts.Skipped++
			s.stand(p, cut)
			s.tail.Skip(int32(p), cut.Offset)
		}
		s.parts[p].generation = max(s.parts[p].generation, s.head.Marker)
		s.tail.Pin(int32(p), cut)
		s.pace(int32(p), fx)
	}
}

// index prepares the rows of the files to be found.
func (s *Server) index() {
	s.rows, s.byKey = s.rows[:0], map[string][]int32{}
	for i := range s.files {
		for j := range s.files[i].rows {
			r := &s.files[i].rows[j]
			s.byKey[string(r.Key)] = append(s.byKey[string(r.Key)], int32(len(s.rows)))
			s.rows = append(s.rows, r)
		}
	}
}
