package store

import (
	"fmt"
	"strings"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/journal"
	"parallax/engine/wire"
)

// Options of a store; the zero value is useful.
type Options struct {
	InlineMax    int   // bytes of an object that lies in the journal; 0 means 512
	SegmentBytes int64 // of the journal; 0 is the journal's own
	BaseBytes    int   // of records before the journal is begun anew at the earliest; 0 means 64 KiB
	Trouble      Trouble
	Defect       Defect
}

// Defect is a mistake that can be switched on, to see that it is found.
type Defect uint8

// The defects.
const (
	DefectNone       Defect = iota
	DefectNoCompare         // a Put is not compared again when its file is durable
	DefectEagerReply        // answers before what it says is durable
	DefectEarlyName         // the journal names a file that is not durable yet
)

// filePrefix begins the names of objects' files.
const filePrefix = "blob-"

// Store is the server.
type Store struct {
	opts    Options
	env     engine.Env
	journal *journal.Journal
	index   index
	trouble troubles
	uploads []upload
	files   uint64 // of this incarnation
	lists   uint64 // slow ones
	damaged uint64 // reads

	records int // bytes of them since the journal was begun anew
	bases   uint64
	base    journal.Position
}

// Start returns the start of a store.
func Start(opts Options) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		if opts.InlineMax == 0 {
			opts.InlineMax = 512
		}
		if opts.BaseBytes == 0 {
			opts.BaseBytes = 64 << 10
		}
		s := &Store{opts: opts, env: env, trouble: troubles{Trouble: opts.Trouble, seen: map[uint64]uint64{}}}
		o := journal.Options{SegmentBytesMax: opts.SegmentBytes}
		j, err := journal.Open(env.Disk, env.Boot, "names", o, func(r journal.Record) error {
			s.records += len(r.Data)
			return s.index.replay(r.Data)
		})
		if err != nil {
			return nil, fmt.Errorf("store: %w", err)
		}
		s.journal = j
		s.sweep(fx)
		return s, nil
	}
}

// sweep removes files that no name stands for: a crash came before their name, or
// undid their removal.
func (s *Store) sweep(fx *engine.Effects) {
	named := map[string]bool{}
	for i := range s.index.objects {
		named[s.index.objects[i].file] = true
	}
	for _, file := range s.env.Disk.Files() {
		if strings.HasPrefix(file, filePrefix) && !named[file] {
			fx.Remove(file)
		}
	}
}

// Step handles one message.
func (s *Store) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case blob.Put:
		if s.trouble.busy("put " + m.Name) {
			s.done(ev.From, m.Request, m.Name, blob.Busy, blob.Info{}, fx)
			return
		}
		s.put(ev.From, m, fx)
	case blob.Delete:
		if s.trouble.busy("delete " + m.Name) {
			s.done(ev.From, m.Request, m.Name, blob.Busy, blob.Info{}, fx)
			return
		}
		s.remove(ev.From, m, fx)
	case blob.Get:
		if s.trouble.busy("get " + m.Name) {
			s.reply(ev.From, blob.Got{Request: m.Request, Code: blob.Busy}, fx)
			return
		}
		s.get(ev.From, m, fx)
	case blob.List:
		if s.trouble.busy("list " + m.Prefix) {
			s.reply(ev.From, blob.Listed{Request: m.Request, Code: blob.Busy}, fx)
			return
		}
		s.list(ev.From, m, fx)
	case later:
		s.listNow(m.from, m.list, fx)
	case written:
		s.written(m.number, fx)
	case rebased:
		if m.number == s.bases {
			s.journal.Release(fx, s.base)
		}
	}
}

// reply sends an answer when all that it may tell of is durable.
func (s *Store) reply(to engine.NodeID, m engine.Message, fx *engine.Effects) {
	if s.opts.Defect == DefectEagerReply {
		fx.SendEager(to, m)
		return
	}
	fx.Send(to, m)
}

// write appends a record, and begins the journal anew when the records behind the
// last beginning are longer than what there is to say.
func (s *Store) write(record []byte, fx *engine.Effects) {
	s.records += len(record)
	s.journal.Append(fx, record)
	if s.records > s.opts.BaseBytes && s.records > 2*s.size() {
		s.rebase(fx)
	}
}

// size is about how long a new beginning is.
func (s *Store) size() int {
	n := 0
	for i := range s.index.objects {
		o := &s.index.objects[i]
		n += recordBytesMin + len(s.index.names[i]) + len(o.inline) + len(o.file) + 8*len(o.blocks)
	}
	return n
}

// rebase writes everything down again, in as many records as it takes.
func (s *Store) rebase(fx *engine.Effects) {
	const recordBytes = 1 << 20
	s.bases++
	s.records = 0
	first := true
	// The last version may be that of an object that is deleted.
	record := appendRecord(nil, "-", &object{version: max(1, s.index.last), gone: true})
	for i := 0; i <= len(s.index.names); i++ {
		last := i == len(s.index.names)
		if !last {
			record = appendRecord(record, s.index.names[i], &s.index.objects[i])
		}
		if len(record) < recordBytes && !last {
			continue
		}
		var then []engine.Envelope
		if last {
			then = []engine.Envelope{{To: s.env.ID, Msg: rebased{s.bases}}}
		}
		at := s.journal.Append(fx, record, then...)
		if first {
			s.base, first = at, false
		}
		record = nil
	}
}

// rebased says that everything is written down again.
//
//	base 8
type rebased struct{ number uint64 }

// Kind is the message's kind.
func (rebased) Kind() engine.Kind { return kindRebased }

// AppendTo encodes the message.
func (m rebased) AppendTo(b []byte) []byte { return wire.Order.AppendUint64(b, m.number) }

// Status is how a store stands, as data.
type Status struct {
	Objects int
	Bytes   int64
	Uploads int
	Damaged uint64 // reads of damaged content
	Bases   uint64 // of the journal, in this incarnation
}

// Status describes the store.
func (s *Store) Status() Status {
	return Status{
		Objects: len(s.index.names), Bytes: s.index.bytes, Uploads: len(s.uploads), Damaged: s.damaged, Bases: s.bases,
	}
}

// Objects calls yield with every name, ascending, what it stands for and in which
// file, if any, its content lies, until it returns false: for checkers, and for
// telling other programs where to read.
func (s *Store) Objects(yield func(name string, info blob.Info, file string) bool) {
	s.index.scan("", func(name string, o *object) bool { return yield(name, o.info(), o.file) })
}

// Look tells what a name stands for, and how to read it: for checkers.
func (s *Store) Look(name string) (info blob.Info, content func() []byte) {
	o := s.index.find(name)
	if o == nil {
		return info, func() []byte { return nil }
	}
	return o.info(), func() []byte {
		data, ok := s.content(o, 0, o.size)
		if !ok {
			data = nil
		}
		return data
	}
}

// Contents calls yield with every name, ascending, and its content, read and checked
// (nil if it is damaged), until it returns false: for checkers.
func (s *Store) Contents(yield func(name string, data []byte) bool) {
	s.index.scan("", func(name string, o *object) bool {
		data, ok := s.content(o, 0, o.size)
		if !ok {
			data = nil
		}
		return yield(name, data)
	})
}
