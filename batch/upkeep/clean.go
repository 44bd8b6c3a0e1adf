package upkeep

import (
	"fmt"
	"strings"

	"parallax/engine"
	"parallax/engine/blob"
)

// list asks for the objects of the table or view at hand.
func (k *Keeper) list(after string, fx *engine.Effects) {
	k.step, k.dead = listing, nil
	k.store.Ask(blob.List{Request: k.store.Next(), Prefix: k.name() + "/", After: after}, fx)
}

// listed picks those that are dead. The table or head was read before the listing: what
// has become live since is of batches or a marker that it does not know yet.
func (k *Keeper) listed(m engine.Message, fx *engine.Effects) error {
	l, ok := m.(blob.Listed)
	if !ok || l.Code != blob.OK {
		return fmt.Errorf("listing %s: the store says %s", k.name(), l.Code)
	}
	k.more = l.More
	for _, e := range l.Entries {
		k.after = e.Name
		if k.isDead(e.Name) {
			k.dead = append(k.dead, e.Name)
		}
	}
	k.deleteNext(fx)
	return nil
}

func (k *Keeper) isDead(object string) bool {
	switch {
	case k.head != nil:
		return k.head.Dead(k.name(), object)
	case k.opts.Defect == DefectEager && strings.Contains(object, "/data/"):
		return !k.reading.Keeps(object)
	case k.opts.Defect == DefectForgets && strings.Contains(object, "/data/"):
		return k.table.Dead(k.name(), object, func(string) bool { return false })
	}
	return k.table.Dead(k.name(), object, k.reading.Keeps)
}

// deleteNext deletes the next dead object, or goes on.
func (k *Keeper) deleteNext(fx *engine.Effects) {
	switch {
	case len(k.dead) > 0:
		k.step = deleting
		k.store.Ask(blob.Delete{Request: k.store.Next(), Name: k.dead[0], Expect: blob.Any}, fx)
	case k.more:
		k.list(k.after, fx)
	default:
		k.next(fx)
	}
}

func (k *Keeper) deleted(m engine.Message, fx *engine.Effects) error {
	done, ok := m.(blob.Done)
	if !ok || done.Code != blob.OK && done.Code != blob.Missing && done.Code != blob.Mismatch {
		return fmt.Errorf("deleting %s: the store says %s", k.dead[0], done.Code)
	}
	k.counts.Deleted++
	k.env.Sometimes("upkeep.delete")
	k.dead = k.dead[1:]
	k.deleteNext(fx)
	return nil
}
