//go:build !js && !wasip1

package osenv

import (
	"encoding/binary"
	"fmt"

	"parallax/engine"
	"parallax/engine/journal"
)

// subjects are the actors that crash states are tried on: a framing of a few
// lines, and the one that the project's actors use.
var subjects = []subject{
	ledgerSubject,
	{"journal", false, startJournalled, recoverJournalled},
}

// journalled counts like a ledger, into a journal: a base every seventh record,
// a new segment every few.
type journalled struct {
	journal       *journal.Journal
	count, digest uint64
	end           uint64
	shown         engine.NodeID
}

func openJournalled(env engine.Env) (*journalled, error) {
	l := &journalled{}
	var err error
	l.journal, err = journal.Open(env.Disk, env.Boot, "count", journal.Options{SegmentBytesMax: 200}, func(r journal.Record) error {
		n := binary.LittleEndian.Uint64(r.Data)
		if !r.Base && n != l.count+1 {
			return fmt.Errorf("record %d follows %d", n, l.count)
		}
		l.count, l.digest = n, binary.LittleEndian.Uint64(r.Data[8:])
		return nil
	})
	if err != nil {
		return nil, err
	}
	return l, checkDigest(l.count, l.digest)
}

func recoverJournalled(env engine.Env) (uint64, error) {
	l, err := openJournalled(env)
	if err != nil {
		return 0, err
	}
	return l.count, nil
}

func startJournalled(end uint64, shown engine.NodeID, seen func(env engine.Env, count uint64)) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		l, err := openJournalled(env)
		if err != nil {
			return nil, err
		}
		l.end, l.shown = end, shown
		seen(env, l.count)
		fx.Send(shown, ack{l.count})
		for range ledgerInFlight {
			fx.SendEager(env.ID, next{})
		}
		return l, nil
	}
}

func (l *journalled) Step(ev engine.Event, fx *engine.Effects) {
	if _, ok := ev.Msg.(next); !ok || l.count == l.end {
		return
	}
	l.count++
	l.digest = digest(l.digest, l.count)
	b := binary.LittleEndian.AppendUint64(nil, l.count)
	b = binary.LittleEndian.AppendUint64(b, l.digest)
	again := engine.Envelope{To: ev.From, Msg: next{}}
	if l.count%7 == 0 {
		l.journal.Base(fx, b, again)
	} else {
		l.journal.Append(fx, b, again)
	}
	fx.Send(l.shown, ack{l.count})
}
