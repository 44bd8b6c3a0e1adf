package cluster

// Property checkpoint-sound: the last checkpoint is whole, never goes back and never lies
// above the view, and the log keeps what is above it. Where it is in an object store, it is
// what the head there names. After every event of the store it is asked that all of that is
// there; that the head is none before one of which anybody was told; that its cut is one at
// which the view is known to stand, or lower. Pins that reach a broker, and the log's
// beginning, lie at or below it.

import (
	"errors"
	"fmt"
	"slices"

	"parallax/engine/blob/store"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/kappa"
	"parallax/engine/kappa/vault"
)

// errCheckpoint is a checkpoint from which a worker could not go on, or not rightly.
var errCheckpoint = errors.New("cluster: the last checkpoint is not one to go on from")

// checkpointCheck is what is known of the job's checkpoints.
type checkpointCheck struct {
	cut  []protocol.Cut // of the last one: in the store, or that a worker has known on its disk
	told vault.Head     // the last head that a worker knew to be in place
	// The store as it was last looked at.
	server  *store.Store
	version uint64
	head    *vault.Head
}

// checkCheckpoint looks at what a worker knows.
func (c *checker) checkCheckpoint(w *kappa.Worker) error {
	k := &c.checkpoint
	if head := w.Head(); head != nil {
		if before(&k.told, head) {
			k.told = *head
		}
		return nil
	}
	cut := w.Checkpoint()
	if cut == nil || slices.Equal(cut, k.cut) {
		return nil
	}
	k.cut = slices.Clone(cut)
	return c.belowView(cut)
}

// before orders heads by attempt and number.
func before(a, b *vault.Head) bool {
	return a.Attempt < b.Attempt || a.Attempt == b.Attempt && a.Number < b.Number
}

// belowView asks that a checkpoint lies nowhere above a cut at which the view is known to
// stand.
func (c *checker) belowView(cut []protocol.Cut) error {
	for part, at := range cut {
		if c.view.revealed == nil || at.Offset > c.view.revealed[part].Offset {
			return fmt.Errorf("%w: it is at %v, the view is known to stand at %v", errCheckpoint, cut, c.view.revealed)
		}
	}
	return nil
}

// checkStore looks at the checkpoints in the object store, unless that is damaged.
func (c *checker) checkStore(s *store.Store) error {
	k := &c.checkpoint
	if c.d.storeDamaged() {
		return nil
	}
	prefix := checkpoints("view")
	info, content := s.Look(vault.HeadName(prefix))
	if k.server != s || k.version != info.Version {
		if err := c.checkHead(k.server == s, content()); err != nil {
			return err
		}
		k.server, k.version = s, info.Version
	}
	if k.head == nil {
		return nil
	}
	for i := range k.head.Objects {
		o := &k.head.Objects[i]
		if info, _ := s.Look(o.Name(prefix)); info.Version == 0 || info.Size != o.Size {
			return fmt.Errorf("%w: %s is named by the head and not there", errCheckpoint, o.Name(prefix))
		}
	}
	return nil
}

// checkHead takes in another head, nil if there is none. One that a crash of the store has
// taken back may be replaced by one before it, but not before what anybody was told.
func (c *checker) checkHead(follows bool, content []byte) error {
	k := &c.checkpoint
	head := &vault.Head{}
	if content != nil {
		var err error
		if head, err = vault.DecodeHead(content); err != nil {
			return fmt.Errorf("%w: %w", errCheckpoint, err)
		}
	}
	last := &k.told
	if follows && k.head != nil && before(last, k.head) {
		last = k.head
	}
	if before(head, last) {
		return fmt.Errorf("%w: attempt %d, number %d behind attempt %d, number %d", errCheckpoint, head.Attempt, head.Number, last.Attempt, last.Number)
	}
	for part, at := range last.Cuts {
		if head.Cuts == nil || head.Cuts[part].Offset < at.Offset {
			return fmt.Errorf("%w: it goes back from %v to %v", errCheckpoint, last.Cuts, head.Cuts)
		}
	}
	k.head, k.cut = head, head.Cuts
	for part := range c.log.parts {
		if err := c.keptFor("the log begins", part, c.log.parts[part].start); err != nil {
			return err
		}
	}
	return c.belowView(head.Cuts)
}

// keptFor asks that nothing above the last checkpoint is given up.
func (c *checker) keptFor(what string, part int, offset int64) error {
	at := int64(0)
	if cut := c.checkpoint.cut; cut != nil {
		at = cut[part].Offset
	}
	if offset > at && !c.d.storeDamaged() {
		return fmt.Errorf("%w: %s at offset %d of partition %d, which it needs from %d on", errCheckpoint, what, offset, part, at)
	}
	return nil
}
