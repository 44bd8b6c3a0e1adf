package store

import (
	"strings"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/wire"
)

// list answers a List, now or, as slow listings go, later. It then tells what there
// is by that time.
func (s *Store) list(from engine.NodeID, m blob.List, fx *engine.Effects) {
	if wait := s.trouble.listing(m.Prefix); wait > 0 {
		s.lists++
		fx.After(s.lists, wait, later{from, m})
		return
	}
	s.listNow(from, m, fx)
}

func (s *Store) listNow(from engine.NodeID, m blob.List, fx *engine.Effects) {
	limit := int(m.Limit)
	if limit <= 0 || limit > blob.ListMax {
		limit = blob.ListMax
	}
	answer := blob.Listed{Request: m.Request}
	s.index.scan(max(m.After, m.Prefix), func(name string, o *object) bool {
		if !strings.HasPrefix(name, m.Prefix) {
			return false
		}
		if name == m.After {
			return true
		}
		if len(answer.Entries) == limit {
			answer.More = true
			return false
		}
		answer.Entries = append(answer.Entries, blob.Entry{Name: name, Info: o.info()})
		return true
	})
	s.reply(from, answer, fx)
}

// later is a List that takes its time.
//
//	from 8 | the List
type later struct {
	from engine.NodeID
	list blob.List
}

// Kind is the message's kind.
func (later) Kind() engine.Kind { return kindLater }

// AppendTo encodes the message.
func (m later) AppendTo(b []byte) []byte {
	return m.list.AppendTo(wire.Order.AppendUint64(b, uint64(m.from)))
}

func decodeLater(r *wire.Reader) engine.Message {
	return later{
		from: engine.NodeID(r.U64()),
		list: blob.List{Request: r.U64(), Prefix: r.Text(), After: r.Text(), Limit: r.I32()},
	}
}
