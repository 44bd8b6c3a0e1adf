package counter

import (
	"fmt"

	"parallax/engine"
)

// Backup keeps a second copy of the ledger.
type Backup struct{ store }

// StartBackup starts a backup.
func StartBackup(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
	s, err := open(env, fx, None)
	return &Backup{s}, err
}

// Step handles one message.
func (b *Backup) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case replicate:
		b.replicate(ev.From, m, fx)
	default:
		fx.Fatal = fmt.Errorf("counter: backup cannot handle %T", m)
	}
}

// replicate appends what is new and reports how far the ledger reaches. The
// report waits for all that was persisted before, this step's entries included.
func (b *Backup) replicate(primary engine.NodeID, m replicate, fx *engine.Effects) {
	for i, e := range m.entries {
		switch at := m.from + uint64(i); {
		case at < b.end() && b.entries[at] != e:
			fx.Fatal = fmt.Errorf("counter: entry %d is %v here and %v at the primary", at, b.entries[at], e)
			return
		case at == b.end():
			b.append(fx, m.entries[i:])
		}
	}
	fx.Send(primary, stored{b.end()})
}
