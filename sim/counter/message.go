package counter

import (
	"encoding/binary"
	"errors"

	"parallax/engine"
)

// The kinds of the deployment.
const (
	kindIncrement engine.Kind = iota + 1
	kindAck
	kindReplicate
	kindStored
	kindPersisted
	kindTick
)

var errMessage = errors.New("counter: malformed message")

// increment asks the primary to count one more; ids of a client are dense and
// start at 1.
type increment struct{ id uint64 }

// ack says that all increments of the client up to id are committed.
type ack struct{ id uint64 }

// replicate carries ledger entries from position from on.
type replicate struct {
	from    uint64
	entries []entry
}

// stored says that the backup has the entries below end durably.
type stored struct{ end uint64 }

// persisted tells the primary that its own entries below end are durable.
type persisted struct{ end uint64 }

// tick is the retry timer of primary and client.
type tick struct{}

func (increment) Kind() engine.Kind { return kindIncrement }
func (ack) Kind() engine.Kind       { return kindAck }
func (replicate) Kind() engine.Kind { return kindReplicate }
func (stored) Kind() engine.Kind    { return kindStored }
func (persisted) Kind() engine.Kind { return kindPersisted }
func (tick) Kind() engine.Kind      { return kindTick }

// LogicalKey makes faults stay with the increment.
func (m increment) LogicalKey() uint64 { return m.id }

func (m increment) AppendTo(b []byte) []byte { return binary.LittleEndian.AppendUint64(b, m.id) }
func (m ack) AppendTo(b []byte) []byte       { return binary.LittleEndian.AppendUint64(b, m.id) }
func (m stored) AppendTo(b []byte) []byte    { return binary.LittleEndian.AppendUint64(b, m.end) }
func (m persisted) AppendTo(b []byte) []byte { return binary.LittleEndian.AppendUint64(b, m.end) }
func (tick) AppendTo(b []byte) []byte        { return b }

func (m replicate) AppendTo(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, m.from)
	return appendEntries(b, m.entries)
}

// Decode decodes every message of the deployment.
func Decode(k engine.Kind, b []byte) (engine.Message, error) {
	switch {
	case k == kindTick && len(b) == 0:
		return tick{}, nil
	case k == kindTick || len(b) < 8 || k != kindReplicate && len(b) != 8:
		return nil, errMessage
	}
	n := binary.LittleEndian.Uint64(b)
	switch k {
	case kindIncrement:
		return increment{n}, nil
	case kindAck:
		return ack{n}, nil
	case kindStored:
		return stored{n}, nil
	case kindPersisted:
		return persisted{n}, nil
	case kindReplicate:
		entries, ok := parseEntries(b[8:])
		if !ok {
			return nil, errMessage
		}
		return replicate{n, entries}, nil
	}
	return nil, errMessage
}
