package cluster

import (
	"fmt"
	"slices"
	"strings"

	"parallax/engine"
	"parallax/engine/commitlog"
	"parallax/sim/fault"
)

// Where a fault has destroyed data of which there was no other copy, nobody can catch
// up. That excuses a run, and only that: it is computed from what the world has damaged
// and from how the nodes stand, and it names the data.
//
//   - A node without replicas whose disk was damaged and which has given up: what it
//     alone knew is gone.
//   - A worker that has given up although its disk is whole, where that of the object
//     store was damaged that has its checkpoints.
//   - A partition of which more replicas than a quorum can do without were damaged, and
//     have begun again with nothing or have given up: what they had promised is gone.
//
// Nothing excuses a wrong answer, and a program that gives up without having been
// damaged is wrong.

// Excused names the destroyed data for which a run did not have to catch up; nil of a
// run that has caught up, or still goes on. Each line begins with whose data it was, a
// node or a partition, and a colon.
func (d *Deployment) Excused() []string { return d.excused }

// excuses names the destroyed data for which this deployment, as it stands, cannot
// catch up.
func (d *Deployment) excuses() []string {
	damaged := d.Damaged()
	var list []string
	for _, id := range damaged {
		if !slices.Contains(d.brokers, id) && d.Fatal(id) != nil {
			list = append(list, fmt.Sprintf("%s: all it had on disk (%v)", d.nameOf(id), d.Fatal(id)))
		}
	}
	if err := d.Fatal(d.worker); err != nil && d.storeDamaged() {
		list = append(list, fmt.Sprintf("store: the worker's checkpoint (%v)", err))
	}
	for part := range d.job.Feed {
		if gone := d.destroyed(part, damaged); 2*len(gone) >= len(d.brokers) {
			list = append(list, fmt.Sprintf("partition %d: its replicas on %s%s", part, strings.Join(gone, ", "), d.promisedText(part)))
		}
	}
	return list
}

// promisedText says which records of a partition had been acknowledged.
func (d *Deployment) promisedText(part int) string {
	if d.check == nil {
		return ""
	}
	p := &d.check.log.parts[part]
	if p.promised <= p.start {
		return "; no record was acknowledged"
	}
	return fmt.Sprintf("; records %d to %d were acknowledged, and no quorum is left that can serve them", p.start, p.promised-1)
}

// destroyed lists the damaged brokers whose replica of a partition is not the one that
// made its promises.
func (d *Deployment) destroyed(part int, damaged []engine.NodeID) []string {
	var gone []string
	for _, id := range damaged {
		if !slices.Contains(d.brokers, id) {
			continue
		}
		b, up := d.Actor(id).(*commitlog.Broker)
		if !up || b.Status()[part].Again {
			gone = append(gone, d.nameOf(id))
		}
	}
	return gone
}

// gaveUp is the error of a node that has given up although its disk is whole.
func (d *Deployment) gaveUp() error {
	damaged := d.Damaged()
	for i := range d.names() {
		id := engine.NodeID(i + 1)
		if err := d.Fatal(id); err != nil && !slices.Contains(damaged, id) && (id != d.worker || !d.storeDamaged()) {
			return fmt.Errorf("%w: %s: %w", errFatal, d.nameOf(id), err)
		}
	}
	return nil
}

// storeDamaged tells whether the worker's checkpoints may be destroyed.
func (d *Deployment) storeDamaged() bool {
	return d.store != 0 && slices.Contains(d.Damaged(), d.store)
}

// names are those of the nodes, by id from 1 on.
func (d *Deployment) names() []string { return nodeNames(d.opts.Brokers, d.opts.Store) }

func (d *Deployment) nameOf(id engine.NodeID) string { return d.names()[id-1] }

// Inconclusive says why a run that has failed in nothing has shown nothing, or "": a
// family of faults that was on and had something to hit never struck, or nothing was
// compared.
func (d *Deployment) Inconclusive() string {
	active, strikes := d.Active(), d.Strikes()
	for f := range active {
		if active[f] && strikes[f] == 0 && d.opts.World.Frozen == nil && d.opts.World.Faults[f].Sure {
			return fmt.Sprintf("faults of the family %s were on and never struck", fault.Family(f))
		}
	}
	if t := d.Tally(); d.check != nil && (t.Spans == 0 || t.OracleChecks == 0 && d.excused == nil) {
		return "nothing was compared"
	}
	return ""
}
