package store

import (
	"fmt"
	"path"
	"slices"

	"github.com/zeebo/xxh3"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/wire"
)

// written says that the file of a Put is durable.
//
//	number 8
type written struct{ number uint64 }

// Kind is the message's kind.
func (written) Kind() engine.Kind { return kindWritten }

// AppendTo encodes the message.
func (m written) AppendTo(b []byte) []byte { return wire.Order.AppendUint64(b, m.number) }

// upload is a Put whose file is on its way to the disk.
type upload struct {
	number uint64
	from   engine.NodeID
	put    blob.Put // without its data
	object object
}

// put begins, and if the object is short ends, a Put.
func (s *Store) put(from engine.NodeID, m blob.Put, fx *engine.Effects) {
	if !blob.GoodName(m.Name) || len(m.Data) > blob.ObjectBytesMax {
		s.done(from, m.Request, m.Name, blob.Refused, blob.Info{}, fx)
		return
	}
	o := object{size: int64(len(m.Data)), sum: xxh3.Hash(m.Data)}
	if !s.index.allows(m.Name, m.Expect) {
		s.done(from, m.Request, m.Name, blob.Mismatch, s.index.info(m.Name), fx)
		return
	}
	if len(m.Data) <= s.opts.InlineMax {
		o.inline = slices.Clone(m.Data)
		s.commit(from, m.Request, m.Name, o, fx)
		return
	}
	if len(s.uploads) >= uploadsMax {
		s.done(from, m.Request, m.Name, blob.Busy, blob.Info{}, fx)
		return
	}
	s.files++
	o.file = fmt.Sprintf("%s%010d-%010d%s", filePrefix, s.env.Boot, s.files, extension(m.Name))
	o.blocks = sums(m.Data)
	if s.opts.Defect == DefectEarlyName {
		fx.Persist(o.file, m.Data)
		s.commit(from, m.Request, m.Name, o, fx)
		return
	}
	s.uploads = append(s.uploads, upload{s.files, from, blob.Put{Request: m.Request, Name: m.Name, Expect: m.Expect}, o})
	fx.Persist(o.file, m.Data, engine.Envelope{To: s.env.ID, Msg: written{s.files}})
}

// uploadsMax bounds the Puts whose files are not durable yet.
const uploadsMax = 64

// written names a file that is durable, if the Put is still allowed: others may have
// been faster.
func (s *Store) written(number uint64, fx *engine.Effects) {
	at := slices.IndexFunc(s.uploads, func(u upload) bool { return u.number == number })
	if at < 0 {
		return
	}
	u := s.uploads[at]
	s.uploads = slices.Delete(s.uploads, at, at+1)
	if s.opts.Defect != DefectNoCompare && !s.index.allows(u.put.Name, u.put.Expect) {
		fx.Remove(u.object.file)
		s.done(u.from, u.put.Request, u.put.Name, blob.Mismatch, s.index.info(u.put.Name), fx)
		return
	}
	s.commit(u.from, u.put.Request, u.put.Name, u.object, fx)
}

// commit makes an object what its name stands for. The reply waits for the journal.
func (s *Store) commit(from engine.NodeID, request uint64, name string, o object, fx *engine.Effects) {
	o.version = s.index.last + 1
	s.replace(name, o, fx)
	s.done(from, request, name, blob.OK, o.info(), fx)
}

// replace writes a change of the index down, and lets go of what it replaces.
func (s *Store) replace(name string, o object, fx *engine.Effects) {
	old := s.index.put(name, o)
	s.write(appendRecord(nil, name, &o), fx)
	if old.file != "" {
		fx.Remove(old.file)
	}
}

// remove carries out a Delete.
func (s *Store) remove(from engine.NodeID, m blob.Delete, fx *engine.Effects) {
	info := s.index.info(m.Name)
	switch {
	case !blob.GoodName(m.Name):
		s.done(from, m.Request, m.Name, blob.Refused, blob.Info{}, fx)
	case info.Version == 0:
		s.done(from, m.Request, m.Name, blob.Missing, info, fx)
	case !s.index.allows(m.Name, m.Expect):
		s.done(from, m.Request, m.Name, blob.Mismatch, info, fx)
	default:
		s.replace(m.Name, object{version: s.index.last + 1, gone: true}, fx)
		s.done(from, m.Request, m.Name, blob.OK, blob.Info{}, fx)
	}
}

// done answers Put and Delete, unless the reply to what was carried out gets lost.
func (s *Store) done(to engine.NodeID, request uint64, name string, code blob.Code, info blob.Info, fx *engine.Effects) {
	if code == blob.OK && s.trouble.lose(name) {
		return
	}
	s.reply(to, blob.Done{Request: request, Code: code, Info: info}, fx)
}

// extension is the end of a name from its last dot on, if that is a plain word.
func extension(name string) string {
	ext := path.Ext(name)
	for _, c := range []byte(ext[min(1, len(ext)):]) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return ""
		}
	}
	if len(ext) > 16 || ext == "." {
		return ""
	}
	return ext
}
