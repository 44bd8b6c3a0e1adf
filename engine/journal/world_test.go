package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"parallax/engine"
	"parallax/sim"
	"parallax/sim/fault"
)

const (
	kindTick engine.Kind = iota + 1
	kindStored
)

// note is a tick, or the news that record n is durable.
type note struct {
	kind engine.Kind
	n    uint64
}

func (m note) Kind() engine.Kind        { return m.kind }
func (m note) AppendTo(b []byte) []byte { return binary.LittleEndian.AppendUint64(b, m.n) }

func decodeNote(k engine.Kind, b []byte) (engine.Message, error) {
	if len(b) != 8 {
		return nil, errors.New("journal: bad note")
	}
	return note{k, binary.LittleEndian.Uint64(b)}, nil
}

// ledger is what the world outside has been told.
type ledger struct {
	durable uint64 // records up to this one are promised
	boots   int
}

// keeper appends numbered records without end.
type keeper struct {
	env  engine.Env
	j    *Journal
	told *ledger
	next uint64
	at   []Position
}

const keeperTick = 3 * engine.Millisecond

func startKeeper(told *ledger, f Defect) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		k := &keeper{env: env, told: told, next: 1}
		told.boots++
		first := true
		var err error
		k.j, err = Open(env.Disk, env.Boot, "keeper", Options{SegmentBytesMax: 500, Defect: f}, func(r Record) error {
			if len(r.Data) < 8 {
				return fmt.Errorf("a record of %d bytes", len(r.Data))
			}
			n := binary.LittleEndian.Uint64(r.Data)
			if !first && n != k.next {
				return fmt.Errorf("record %d follows %d", n, k.next-1)
			}
			if first && n != 1 && !r.Base && r.At.Offset > headerBytes+frameBytes {
				return fmt.Errorf("begins with record %d, in the middle of a segment", n)
			}
			first, k.next = false, n+1
			k.at = append(k.at, r.At)
			return nil
		})
		if err == nil && k.next <= told.durable {
			err = fmt.Errorf("%d records recovered, %d promised", k.next-1, told.durable)
		}
		told.durable = k.next - 1 // what is visible now is durable
		fx.After(1, keeperTick, note{kindTick, 0})
		return k, err
	}
}

func (k *keeper) Step(ev engine.Event, fx *engine.Effects) {
	m := ev.Msg.(note)
	if m.kind == kindStored {
		k.told.durable = max(k.told.durable, m.n)
		return
	}
	for range 1 + k.env.Rand.IntN(3) {
		record := make([]byte, 8+k.env.Rand.IntN(120))
		binary.LittleEndian.PutUint64(record, k.next)
		then := engine.Envelope{To: k.env.ID, Msg: note{kindStored, k.next}}
		k.next++
		if k.env.Rand.IntN(40) == 0 {
			k.at = append(k.at[:0], k.j.Base(fx, record, then))
		} else {
			k.at = append(k.at, k.j.Append(fx, record, then))
		}
	}
	if k.env.Rand.IntN(30) == 0 {
		keep := k.env.Rand.IntN(len(k.at))
		k.j.Release(fx, k.at[keep])
		k.at = k.at[keep:]
	}
	fx.After(1, keeperTick, note{kindTick, 0})
}

// runKeeper is one run under all faults.
func runKeeper(seed uint64, told *ledger, f Defect) error {
	opts := sim.AllFaults(seed)
	opts.Faults[fault.CrashAtPersist].Rate = 30_000
	w := sim.New(opts)
	w.Boot("keeper", startKeeper(told, f), decodeNote)
	return w.RunFor(5 * engine.Second)
}

// The journal under an actor in the simulated world: what a Then has announced
// survives crashes at instants, at persists and during recovery. A recovery that
// misses something is Fatal, which ends the run with the seed that shows it.
func TestOracleInTheWorld(t *testing.T) {
	var records uint64
	boots := 0
	for seed := range uint64(60) {
		told := &ledger{}
		if err := runKeeper(seed, told, DefectNone); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		records += told.durable
		boots += told.boots
	}
	t.Logf("%d records promised over %d boots", records, boots)
	if boots < 200 || records < 1000 {
		t.Errorf("only %d boots and %d records: inconclusive", boots, records)
	}
}

// The same runs find the planted defects.
func TestOracleInTheWorldFindsFlaws(t *testing.T) {
	for _, f := range []Defect{DefectNoPredecessor, DefectBareSum, DefectOldFile} {
		var err error
		seed := uint64(0)
		for ; err == nil && seed < 60; seed++ {
			err = runKeeper(seed, &ledger{}, f)
		}
		if err == nil {
			t.Errorf("defect %d was not found by %d seeds", f, seed)
		} else {
			t.Logf("defect %d, %d seeds: %v", f, seed, err)
		}
	}
}
