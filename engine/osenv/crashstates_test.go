//go:build !js && !wasip1

package osenv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"parallax/engine"
)

// What a tape gets beside the directory's operations: "boot" an incarnation that
// reached its actor, "saw" what that recovered, "ack" what it has shown to
// others, "wrote" what an earlier incarnation wrote before the tape began.

const (
	crashLedgerEnd = 18
	audienceID     = 9
	realEvery      = 10 // crash states in memory, one on the real file system
	recordBytes    = 16 // at the end of every write: number, digest
)

var errWitness = errors.New("the tape disagrees")

// record runs a subject on a directory until it has counted on to its end, then
// adds to the tape what it did.
func record(t *testing.T, sub subject, tp *tape, dir string, end uint64) {
	t.Helper()
	done := make(chan struct{})
	s := tp.seam()
	s.leave = func(p packet) {
		m, err := decodeLedger(p.kind, p.payload())
		if err != nil {
			t.Error(err)
			return
		}
		n := m.(ack).n
		tp.note("ack", fmt.Sprint(n))
		if n == end {
			close(done)
		}
	}
	start := sub.start(end, audienceID, func(env engine.Env, count uint64) {
		tp.note("boot", fmt.Sprint(env.Boot))
		tp.note("saw", fmt.Sprint(count))
	})
	n, err := open(t.Context(), Options{ID: 1, Dir: dir, Decode: decodeLedger}, start, s)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-done:
	case <-n.Done():
	case <-time.After(patience):
	}
	if err := n.Stop(); err != nil {
		t.Fatal(err)
	}
}

// promises is what a history has shown to others.
type promises struct {
	boot, least, most uint64
}

func promised(history []op) (p promises) {
	for _, o := range history {
		n, _ := strconv.ParseUint(o.name, 10, 64) // other kinds have other names
		switch o.kind {
		case "boot":
			p.boot = max(p.boot, n)
		case "saw", "ack":
			p.least = max(p.least, n)
		case "append", "wrote":
			// An append holds whole frames; the last is the latest record.
			p.most = max(p.most, lastRecord(o.data))
		}
	}
	return p
}

// lastRecord is the number of the last record of a write. A journal ends a write with
// a mark, a frame that begins with a bit which no number of a record has.
func lastRecord(data []byte) uint64 {
	const markBytes, markBit = 16, 1 << 30
	end := len(data)
	if end >= markBytes+recordBytes && binary.LittleEndian.Uint32(data[end-markBytes:]) == markBit {
		end -= markBytes
	}
	return binary.LittleEndian.Uint64(data[end-recordBytes:])
}

// errSeen ends a Start that has seen enough.
var errSeen = errors.New("seen")

// check starts a node on what a crash has left and holds it to the promises.
func check(t *testing.T, sub subject, dir string, p promises) error {
	var found error
	quiet := newTape() // its syncs do nothing, and nobody asks it
	_, err := open(t.Context(), Options{ID: 1, Dir: dir, Decode: decodeLedger},
		func(env engine.Env, _ *engine.Effects) (engine.Actor, error) {
			count, err := sub.recover(env)
			switch {
			case err != nil:
				found = err
			case count < p.least:
				found = fmt.Errorf("%w: %d records were shown, %d are there", errWitness, p.least, count)
			case count > p.most:
				found = fmt.Errorf("%w: %d records were written, %d are there", errWitness, p.most, count)
			case uint64(env.Boot) <= p.boot:
				found = fmt.Errorf("%w: incarnation %d again", errWitness, env.Boot)
			}
			return nil, errSeen
		}, quiet.seam())
	if !errors.Is(err, errSeen) {
		return err
	}
	return found
}

// replay tries the crash states after every operation from first on; it returns
// how many, and what went wrong in the first that broke a promise.
func replay(t *testing.T, sub subject, history []op, first, most int, rng *rand.Rand) (states int, err error) {
	for k := first; k <= len(history); k++ {
		p := promised(history[:k])
		crashImages(history[:k], most, sub.holes, rng, func(m image) {
			if err != nil {
				return
			}
			dir := memoryDir
			if states%realEvery == 0 {
				dir = testing.TB.TempDir
			}
			states++
			if e := check(t, sub, m.write(t, dir(t)), p); e != nil {
				err = fmt.Errorf("crash after operation %d of %d, left %s: %w", k, len(history), m, e)
			}
		})
	}
	return states, err
}

// Every state that a crash may leave, at every point of an actor's life, keeps
// what was acknowledged and holds nothing that was not written.
func TestCrashStates(t *testing.T) {
	for _, sub := range subjects {
		t.Run(sub.name, func(t *testing.T) {
			tp := newTape()
			record(t, sub, tp, t.TempDir(), crashLedgerEnd)
			history := tp.history()
			states, err := replay(t, sub, history, 0, 60, rand.New(rand.NewPCG(1, 2)))
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d operations, %d crash states", len(history), states)
			if p := promised(history); p.least != crashLedgerEnd || p.most != crashLedgerEnd {
				t.Errorf("it showed %d and wrote %d records, want %d", p.least, p.most, crashLedgerEnd)
			}
		})
	}
}

// A second incarnation, started on what a crash of the first has left, keeps what
// both have shown: a crash during recovery, too.
func TestCrashStatesOfRestart(t *testing.T) {
	for _, sub := range subjects {
		t.Run(sub.name, func(t *testing.T) {
			states, err := crashTwice(t, sub, rand.New(rand.NewPCG(3, 4)))
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d crash states", states)
		})
	}
}

func crashTwice(t *testing.T, sub subject, rng *rand.Rand) (states int, err error) {
	tp := newTape()
	record(t, sub, tp, t.TempDir(), crashLedgerEnd)
	before := tp.history()
	for range 4 {
		k := rng.IntN(len(before))
		p := promised(before[:k])
		var left []image
		crashImages(before[:k], 12, sub.holes, rng, func(m image) { left = append(left, m) })
		m := left[rng.IntN(len(left))]
		tp := newTape()
		tp.ops = append(m.given(), lastAppend(before[:k]))
		tp.note("boot", fmt.Sprint(p.boot))
		tp.note("saw", fmt.Sprint(p.least))
		first := len(tp.ops)
		record(t, sub, tp, m.write(t, t.TempDir()), crashLedgerEnd+3)
		n, err := replay(t, sub, tp.history(), first, 20, rng)
		if err != nil {
			return states, fmt.Errorf("started after operation %d on %s: %w", k, m, err)
		}
		states += n
	}
	return states, nil
}

// lastAppend turns what a history has written into an operation that promised
// understands and that changes no file.
func lastAppend(history []op) op {
	b := make([]byte, recordBytes)
	binary.LittleEndian.PutUint64(b, promised(history).most)
	return op{"wrote", "", b}
}

// When only the process dies, the next one finds bytes and files that were never
// synced. What it has seen at Start it may show at once: Open has to make it
// durable before.
func TestCrashStatesAfterKill(t *testing.T) {
	for _, sub := range subjects {
		t.Run(sub.name, func(t *testing.T) {
			states, err := killAndCrash(t, sub, func(*tape) {})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d crash states", states)
		})
	}
}

// killAndCrash kills an actor at several points, starts it again on everything
// that it did, and crashes the machine then.
func killAndCrash(t *testing.T, sub subject, plant func(*tape)) (states int, err error) {
	rng := rand.New(rand.NewPCG(5, 6))
	tp := newTape()
	record(t, sub, tp, t.TempDir(), crashLedgerEnd)
	before := tp.history()
	for k := len(before) / 3; k < len(before) && err == nil; k += max(1, len(before)/6) {
		tp := newTape()
		tp.ops = before[:k:k]
		plant(tp)
		record(t, sub, tp, killedImage(before[:k]).write(t, t.TempDir()), crashLedgerEnd+2)
		var n int
		n, err = replay(t, sub, tp.history(), k, 20, rng)
		states += n
	}
	return states, err
}

// The checker sees what it is there for: drivers that acknowledge before the
// sync, that forget the directory, that trust what they find at Start.
func TestCrashStatesSeePlantedDefects(t *testing.T) {
	for _, c := range []struct {
		name  string
		plant func(*tape)
	}{
		{"acknowledge before sync", func(tp *tape) { tp.lieSync = true }},
		{"forget the directory", func(tp *tape) { tp.lieSyncDir = true }},
	} {
		tp := newTape()
		c.plant(tp)
		record(t, ledgerSubject, tp, t.TempDir(), crashLedgerEnd)
		_, err := replay(t, ledgerSubject, tp.history(), 0, 60, rand.New(rand.NewPCG(1, 2)))
		if !errors.Is(err, errWitness) {
			t.Errorf("%s: not seen: %v", c.name, err)
		}
	}
	// What a kill leaves unsynced depends on how the machine grouped the writes,
	// so a recording may have nothing to trust wrongly. Another one will.
	for range 20 {
		_, err := killAndCrash(t, ledgerSubject, func(tp *tape) { tp.lieSettle = true })
		if errors.Is(err, errWitness) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Error("trust what is there at Start: not seen")
}
