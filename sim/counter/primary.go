package counter

import (
	"fmt"

	"parallax/engine"
)

const (
	timerRetry = 1
	// retryNs is the period of the primary's and the clients' retries.
	retryNs = 20 * engine.Millisecond
	// replicateMax is the number of entries sent to the backup at once.
	replicateMax = 64
)

// Primary orders and counts increments.
type Primary struct {
	store
	id, backup engine.NodeID
	defect     Defect
	durable    uint64 // own entries below it are durable
	stored     uint64 // so are the backup's
	committed  uint64 // min of both, and answered for
	done       ledger // the committed prefix
}

// StartPrimary returns the start of a primary with this backup.
func StartPrimary(backup engine.NodeID, defect Defect) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		s, err := open(env, fx, defect)
		if err != nil {
			return nil, err
		}
		p := &Primary{store: s, id: env.ID, backup: backup, defect: defect, durable: s.end()}
		fx.After(timerRetry, retryNs, tick{})
		return p, nil
	}
}

// Step handles one message.
func (p *Primary) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case increment:
		p.increment(ev.From, m.id, fx)
	case persisted:
		p.durable = max(p.durable, m.end)
		p.commit(fx)
	case stored:
		p.stored = max(p.stored, m.end)
		p.commit(fx)
	case tick:
		p.retry(fx)
	default:
		fx.Fatal = fmt.Errorf("counter: primary cannot handle %T", m)
	}
}

// increment counts the client's next id; of an earlier one it repeats the answer.
func (p *Primary) increment(client engine.NodeID, id uint64, fx *engine.Effects) {
	known := p.highest(client)
	if id == known+1 || p.defect == NoDedup {
		e := []entry{{client, id}}
		from := p.end()
		self := engine.Envelope{To: p.id, Msg: persisted{from + 1}}
		p.append(fx, e, self)
		p.copy(replicate{from, e}, fx)
		if p.defect == EarlyAck {
			fx.SendEager(client, ack{id})
		}
		return
	}
	if p.defect == EarlyReack && id <= known {
		fx.SendEager(client, ack{known})
	}
	if done := p.done.highest(client); id <= done {
		fx.Send(client, ack{done})
	}
	// A known but uncommitted id is answered when it commits; a later one is of
	// a client that knows more than this ledger, which the audit would catch.
}

// copy passes entries on. They must be durable here before the backup has them:
// otherwise a crash would let another entry take their place.
func (p *Primary) copy(m replicate, fx *engine.Effects) {
	if p.defect == EagerCopy {
		fx.SendEager(p.backup, m)
		return
	}
	fx.Send(p.backup, m)
}

// commit answers for what both ledgers hold durably.
func (p *Primary) commit(fx *engine.Effects) {
	for end := min(p.durable, p.stored); p.committed < end; p.committed++ {
		e := p.entries[p.committed]
		p.done.add(e)
		fx.Send(e.client, ack{e.id})
	}
}

// retry sends the backup what it has not confirmed. After a restart that is
// everything, in pieces.
func (p *Primary) retry(fx *engine.Effects) {
	if p.stored < p.durable {
		end := min(p.durable, p.stored+replicateMax)
		p.copy(replicate{p.stored, p.entries[p.stored:end]}, fx)
	}
	fx.After(timerRetry, retryNs, tick{})
}
