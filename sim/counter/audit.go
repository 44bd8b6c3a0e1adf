package counter

import (
	"errors"
	"fmt"

	"parallax/engine"
)

// The ways to be wrong.
var (
	ErrLost  = errors.New("counter: an acknowledged increment is lost")
	ErrTwice = errors.New("counter: an increment is counted twice")
)

// Audit knows what was acknowledged to whom, from outside.
type Audit struct {
	acked []uint64 // by client, the most that any of its incarnations knew
	total uint64
}

// Acked notes what a client knows and reports whether that is news.
func (a *Audit) Acked(client engine.NodeID, id uint64) bool {
	for int(client) >= len(a.acked) {
		a.acked = append(a.acked, 0)
	}
	if id <= a.acked[client] {
		return false
	}
	a.total += id - a.acked[client]
	a.acked[client] = id
	return true
}

// Total is the number of acknowledged increments.
func (a *Audit) Total() uint64 { return a.total }

// Live checks the ledger that a running node has in memory.
func (a *Audit) Live(actor engine.Actor) error {
	switch n := actor.(type) {
	case *Primary:
		return a.check(&n.ledger)
	case *Backup:
		return a.check(&n.ledger)
	}
	return nil
}

// Disk checks what a node would recover from its disk, from scratch.
func (a *Audit) Disk(d engine.Disk) error {
	l, _, err := recoverLedger(d)
	if err != nil {
		return err
	}
	return a.check(&l)
}

func (a *Audit) check(l *ledger) error {
	sum := uint64(0)
	for _, id := range l.last {
		sum += id
	}
	if sum != l.end() {
		return fmt.Errorf("%w: %d entries for %d increments", ErrTwice, l.end(), sum)
	}
	for client, id := range a.acked {
		if have := l.highest(engine.NodeID(client)); have < id {
			return fmt.Errorf("%w: client %d knows of %d, the ledger has %d", ErrLost, client, id, have)
		}
	}
	return nil
}
