package lambda

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/store"
)

// Where a fault has destroyed data of which there was no other copy, nobody can catch up.
// That excuses a run, and only that: it is computed from what the world has damaged and
// from how the nodes stand, and it names the data.
//
//   - The object store whose own disk was damaged and which has given up: all it held is
//     gone.
//   - An object that the store can no longer read, of which a program has said that it
//     cannot do without it. A view's file is not among them as long as the archive has
//     what it was made of: then it is made again.
//
// Nothing excuses a wrong answer, and a program that gives up for another reason is wrong.

// Excused names the destroyed data for which a run did not have to catch up; nil of a run
// that has caught up.
func (d *Deployment) Excused() []string { return d.excused }

// excuses names the destroyed data for which this deployment, as it stands, cannot catch
// up.
func (d *Deployment) excuses() (list []string) {
	if !slices.Contains(d.Damaged(), d.store) {
		return nil
	}
	if err := d.Fatal(d.store); err != nil {
		return []string{fmt.Sprintf("store: all it had on disk (%v)", err)}
	}
	s, ok := d.Actor(d.store).(*store.Store)
	if !ok {
		return nil
	}
	for _, o := range d.lost(s) {
		list = append(list, o.text)
	}
	return list
}

// lost is an object that the store cannot read any more, and who needs it.
type lost struct {
	by   engine.NodeID
	text string
}

// lost lists them.
func (d *Deployment) lost(s *store.Store) (list []lost) {
	gone := map[string]bool{}
	s.Contents(func(name string, data []byte) bool {
		gone[name] = data == nil
		return true
	})
	s.Objects(func(name string, info blob.Info, _ string) bool {
		for _, n := range []struct {
			name string
			id   engine.NodeID
		}{{"archiver", d.archive}, {"batch job", d.batch}} {
			if err := d.Fatal(n.id); err != nil && gone[name] && info.Size > 0 && strings.Contains(err.Error(), name) {
				list = append(list, lost{n.id, fmt.Sprintf("object %s: the %s cannot do without it (%v)", name, n.name, err)})
			}
		}
		return true
	})
	return list
}

// errFatal is a program that has given up, and nothing of what it needs is destroyed.
var errFatal = errors.New("lambda: a program has given up")

// gaveUp is the error of such a program.
func (d *Deployment) gaveUp() error {
	var excused []engine.NodeID
	if slices.Contains(d.Damaged(), d.store) {
		excused = append(excused, d.store)
		if s, ok := d.Actor(d.store).(*store.Store); ok {
			for _, o := range d.lost(s) {
				excused = append(excused, o.by)
			}
		} else {
			excused = append(excused, d.archive, d.batch)
		}
	}
	nodes := slices.Concat(d.brokers, []engine.NodeID{d.store, d.archive, d.batch}, d.servers, []engine.NodeID{d.producer, d.markers})
	for _, id := range nodes {
		if err := d.Fatal(id); err != nil && !slices.Contains(excused, id) {
			return fmt.Errorf("%w: node %d: %w", errFatal, id, err)
		}
	}
	return nil
}
