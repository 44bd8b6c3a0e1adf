package commitlog

import (
	"fmt"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"

	"parallax/engine"
)

// leads reports whether this replica believes that it is the leader.
func (r *replica) leads() bool { return r.leading != nil }

// term is the replica's current term.
func (r *replica) term() uint64 { return r.log.hard.GetTerm() }

// ready reports whether a leader has applied an entry of its own term, and with
// it everything that its predecessors have committed: before that it may know
// less than they have shown.
func (r *replica) ready() bool {
	if r.leading == nil {
		return false
	}
	if r.broker.opts.Defect == DefectEarlyRead {
		return true
	}
	term, err := r.log.Term(r.applied)
	return err == nil && term == r.leading.term
}

// leader is the broker that is believed to lead, 0 if none is known.
func (r *replica) leader() engine.NodeID { return engine.NodeID(brokerOf(r.lead)) }

// waitForLeader gives the leader, whoever it is, time to be heard of. How long is
// drawn from the node's own generator, so that rivals part.
func (r *replica) waitForLeader(fx *engine.Effects) {
	least := r.broker.opts.Election
	r.heard, r.patience = r.broker.now, least+r.broker.env.Rand.Int64N(least)
	fx.After(timerElection+uint64(r.index), r.patience, election{partition: r.index})
}

// stand asks to be elected, unless a leader has been heard of meanwhile.
func (r *replica) stand(fx *engine.Effects) {
	if r.leads() {
		return
	}
	if left := r.patience - int64(r.broker.now-r.heard); left > 0 {
		fx.After(timerElection+uint64(r.index), left, election{partition: r.index})
		return
	}
	r.waitForLeader(fx)
	if err := r.raft.Campaign(); err != nil {
		r.fatal = err
	}
}

// hearsLeader reports whether there is a leader that was heard of too lately to
// elect another one: else a replica that has lost sight of it alone would depose
// it for all.
func (r *replica) hearsLeader() bool {
	return r.leads() || r.lead != 0 && int64(r.broker.now-r.heard) < r.broker.opts.Election
}

// follow notes who leads.
func (r *replica) follow(s *raft.SoftState, fx *engine.Effects) {
	r.lead = s.Lead
	switch leads := s.RaftState == raft.StateLeader; {
	case leads && r.leading == nil:
		r.leading = newLeading(r)
		fx.Cancel(timerElection + uint64(r.index))
	case !leads && r.leading != nil:
		r.resign(fx)
		r.waitForLeader(fx)
	}
}

// beatRaft sends heartbeats and, at the pace of elections, makes a leader that no
// quorum answers step down; otherwise it would take in what it cannot commit. The
// first check comes a whole period after the election, when all could answer.
func (r *replica) beatRaft() {
	r.raft.Tick()
	l := r.leading
	l.beats++
	period := int(max(2, r.broker.opts.Election/r.broker.opts.Beat))
	if l.beats%period != 0 {
		return
	}
	m := &raftpb.Message{Type: raftpb.MsgCheckQuorum.Enum(), From: new(raft.LocalAppendThread), To: new(r.self)}
	if err := r.raft.Step(m); err != nil {
		r.fatal = err
	}
}

// quiet is a logger that says nothing but still stops what must not go on.
type quiet struct{}

func (quiet) Debug(...any)            {}
func (quiet) Debugf(string, ...any)   {}
func (quiet) Info(...any)             {}
func (quiet) Infof(string, ...any)    {}
func (quiet) Warning(...any)          {}
func (quiet) Warningf(string, ...any) {}
func (quiet) Error(...any)            {}
func (quiet) Errorf(string, ...any)   {}

func (quiet) Fatal(v ...any)            { panic("commitlog: raft: " + fmt.Sprint(v...)) }
func (quiet) Fatalf(f string, v ...any) { panic("commitlog: raft: " + fmt.Sprintf(f, v...)) }
func (quiet) Panic(v ...any)            { panic("commitlog: raft: " + fmt.Sprint(v...)) }
func (quiet) Panicf(f string, v ...any) { panic("commitlog: raft: " + fmt.Sprintf(f, v...)) }
