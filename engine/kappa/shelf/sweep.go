package shelf

import (
	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/caller"
)

// sweep removes dead objects: those that a base has replaced, those that an attempt had
// written when it ended, and what copies of old requests have brought back. It goes on
// beside the checkpoints, and nobody waits for it: what it leaves the next one finds.
type sweep struct {
	caller caller.Caller
	head   Head // what is dead now that this is the head is dead for ever
	more   bool // names behind the last one that was listed
	after  string
	dead   []string // to be removed, the last one first
}

// clean begins a sweep.
func (s *Shelf) clean(head *Head, fx *engine.Effects) {
	s.sweep.head, s.sweep.dead, s.sweep.more, s.sweep.after = *head, nil, true, ""
	s.sweepOn(fx)
}

func (s *Shelf) sweepOn(fx *engine.Effects) {
	switch w := &s.sweep; {
	case len(w.dead) > 0:
		w.caller.Ask(blob.Delete{Request: w.caller.Next(), Name: w.dead[len(w.dead)-1], Expect: blob.Any}, fx)
	case w.more:
		w.caller.Ask(blob.List{Request: w.caller.Next(), Prefix: s.opts.Prefix + "/", After: w.after}, fx)
	}
}

// swept takes in an answer. That what was to be removed is not there any more, because a
// reply was lost or somebody else has removed it, is as good.
func (s *Shelf) swept(m engine.Message, fx *engine.Effects) {
	w := &s.sweep
	switch m := m.(type) {
	case blob.Listed:
		w.more = m.More
		for i := range m.Entries {
			name := m.Entries[i].Name
			if w.after = name; w.head.Dead(s.opts.Prefix, name) {
				w.dead = append(w.dead, name)
			}
		}
	case blob.Done:
		if m.Code == blob.OK {
			s.sometimes("kappa.checkpoint-swept")
		}
		w.dead = w.dead[:len(w.dead)-1]
	}
	s.sweepOn(fx)
}
