package vault

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
	on     bool
	more   bool // names behind the last one that was listed
	after  string
	dead   []string // to be removed, the last one first
	next   *Head    // of the sweep behind this one; nil: none is wanted
}

// clean begins a sweep, at once or behind the one that goes on: begun anew for every base,
// none would end where bases come fast.
func (v *Vault) clean(head *Head, fx *engine.Effects) {
	h := *head
	if v.sweep.next = &h; !v.sweep.on {
		v.sweepOn(fx)
	}
}

func (v *Vault) sweepOn(fx *engine.Effects) {
	w := &v.sweep
	if len(w.dead) == 0 && !w.more {
		if w.on = w.next != nil; w.on {
			w.head, w.next, w.more, w.after = *w.next, nil, true, ""
		}
	}
	switch {
	case len(w.dead) > 0:
		w.caller.Ask(blob.Delete{Request: w.caller.Next(), Name: w.dead[len(w.dead)-1], Expect: blob.Any}, fx)
	case w.more:
		w.caller.Ask(blob.List{Request: w.caller.Next(), Prefix: v.opts.Prefix + "/", After: w.after}, fx)
	}
}

// swept takes in an answer. That what was to be removed is not there any more, because a
// reply was lost or somebody else has removed it, is as good.
func (v *Vault) swept(m engine.Message, fx *engine.Effects) {
	w := &v.sweep
	switch m := m.(type) {
	case blob.Listed:
		w.more = m.More
		for i := range m.Entries {
			name := m.Entries[i].Name
			if w.after = name; w.head.Dead(v.opts.Prefix, name) {
				w.dead = append(w.dead, name)
			}
		}
	case blob.Done:
		if m.Code == blob.OK {
			v.sometimes("kappa.checkpoint-swept")
		}
		w.dead = w.dead[:len(w.dead)-1]
	}
	v.sweepOn(fx)
}
