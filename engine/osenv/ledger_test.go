//go:build !js && !wasip1

package osenv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"sync"

	"parallax/engine"
)

const (
	kindNext engine.Kind = iota + 1
	kindAck
)

// next asks a ledger for one more record.
type next struct{}

func (next) Kind() engine.Kind { return kindNext }

func (next) AppendTo(b []byte) []byte { return b }

// ack says that records 1 to n are durable.
type ack struct{ n uint64 }

func (ack) Kind() engine.Kind { return kindAck }

func (a ack) AppendTo(b []byte) []byte { return binary.LittleEndian.AppendUint64(b, a.n) }

func decodeLedger(k engine.Kind, b []byte) (engine.Message, error) {
	switch {
	case k == kindNext:
		return next{}, nil
	case k == kindAck && len(b) == 8:
		return ack{binary.LittleEndian.Uint64(b)}, nil
	}
	return nil, errors.New("unknown message")
}

// ledger is the smallest actor that a lost or invented byte would show in: it
// counts to its end, one record a step, several steps in flight. Records are
// frames of checksum, number and running digest; a segment opens with the last
// record of the one before, then the older ones are removed.
type ledger struct {
	boot   uint32
	files  []string // before this segment
	file   string
	inFile int
	count  uint64
	digest uint64
	end    uint64
	shown  engine.NodeID // gets the acks
}

const (
	ledgerFrameBytes     = 20
	ledgerSegmentRecords = 5
	ledgerInFlight       = 4
)

func digest(d, n uint64) uint64 { return (d ^ n) * 0x9e3779b97f4a7c15 }

func (l *ledger) frame() []byte {
	b := make([]byte, 4, ledgerFrameBytes)
	b = binary.LittleEndian.AppendUint64(b, l.count)
	b = binary.LittleEndian.AppendUint64(b, l.digest)
	binary.LittleEndian.PutUint32(b, crc32.ChecksumIEEE(b[4:])+1) // zeros are no frame
	return b
}

// recoverLedger finds the last record. Every segment stands alone: it goes on
// from its first frame.
func recoverLedger(d engine.Disk) (count, sum uint64, err error) {
	for _, file := range d.Files() {
		b := make([]byte, d.Size(file))
		if n, err := d.ReadAt(file, b, 0); n < len(b) {
			return 0, 0, fmt.Errorf("read %s: %w", file, err)
		}
		var last, lastSum uint64
		for i := 0; len(b) >= ledgerFrameBytes; i++ {
			if binary.LittleEndian.Uint32(b) != crc32.ChecksumIEEE(b[4:ledgerFrameBytes])+1 {
				break
			}
			n, s := binary.LittleEndian.Uint64(b[4:]), binary.LittleEndian.Uint64(b[12:])
			if i > 0 && (n != last+1 || s != digest(lastSum, n)) {
				return 0, 0, fmt.Errorf("%s: record %d follows %d", file, n, last)
			}
			last, lastSum = n, s
			b = b[ledgerFrameBytes:]
		}
		if last > count {
			count, sum = last, lastSum
		}
	}
	return count, sum, checkDigest(count, sum)
}

// checkDigest recomputes the digest of the records up to count.
func checkDigest(count, sum uint64) error {
	var want uint64
	for n := uint64(1); n <= count; n++ {
		want = digest(want, n)
	}
	if sum != want {
		return fmt.Errorf("record %d has digest %x, want %x", count, sum, want)
	}
	return nil
}

// subject is an actor that crash states are tried on. It counts to end, shows
// what is durable, and ends every write with the record's number and digest.
type subject struct {
	name    string
	holes   bool // it knows that an unsynced tail may have holes
	start   func(end uint64, shown engine.NodeID, seen func(env engine.Env, count uint64)) engine.Start
	recover func(env engine.Env) (count uint64, err error)
}

var ledgerSubject = subject{"ledger", true, startLedger, func(env engine.Env) (uint64, error) {
	count, _, err := recoverLedger(env.Disk)
	return count, err
}}

// startLedger starts a ledger and calls seen with what it recovered.
func startLedger(end uint64, shown engine.NodeID, seen func(env engine.Env, count uint64)) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		count, sum, err := recoverLedger(env.Disk)
		if err != nil {
			return nil, err
		}
		seen(env, count)
		l := &ledger{
			boot: env.Boot, files: env.Disk.Files(), count: count, digest: sum, end: end, shown: shown,
			file: fmt.Sprintf("ledger-%06d-%012d", env.Boot, count),
		}
		fx.Persist(l.file, l.frame())
		fx.Send(shown, ack{l.count})
		for range ledgerInFlight {
			fx.SendEager(env.ID, next{})
		}
		return l, nil
	}
}

func (l *ledger) Step(ev engine.Event, fx *engine.Effects) {
	if _, ok := ev.Msg.(next); !ok || l.count == l.end {
		return
	}
	if l.inFile == ledgerSegmentRecords {
		// The old segments go once the new one's first frame is durable.
		l.files = append(l.files, l.file)
		l.file, l.inFile = fmt.Sprintf("ledger-%06d-%012d", l.boot, l.count), 0
		fx.Persist(l.file, l.frame())
		for _, f := range l.files {
			fx.Remove(f)
		}
		l.files = nil
	}
	l.count++
	l.digest = digest(l.digest, l.count)
	l.inFile++
	fx.Persist(l.file, l.frame(), engine.Envelope{To: ev.From, Msg: next{}})
	fx.Send(l.shown, ack{l.count})
}

// audience is an actor that collects acks.
type audience struct {
	mu    sync.Mutex
	acked []uint64
}

func (a *audience) start(engine.Env, *engine.Effects) (engine.Actor, error) { return a, nil }

func (a *audience) Step(ev engine.Event, _ *engine.Effects) {
	if m, ok := ev.Msg.(ack); ok {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.acked = append(a.acked, m.n)
	}
}

func (a *audience) last() (n uint64, count int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.acked) > 0 {
		n = slices.Max(a.acked)
	}
	return n, len(a.acked)
}
