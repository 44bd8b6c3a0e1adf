package protocol

import (
	"errors"
	"fmt"

	"parallax/engine"
	"parallax/engine/wire"
)

// The kinds of this package's messages.
const (
	kindProduce engine.Kind = 100 + iota
	kindProduced
	kindFetch
	kindFetched
	kindPin
	kindPinned
	kindLookup
	kindLookedUp
)

// ErrMessage is returned by Decode for bytes that are no message.
var ErrMessage = errors.New("protocol: not a message")

// Decode reads a message of this package. Payloads alias b.
func Decode(k engine.Kind, b []byte) (engine.Message, error) {
	r := &reader{wire.Reader{Rest: b}}
	var m engine.Message
	switch k {
	case kindProduce:
		m = decodeProduce(r)
	case kindProduced:
		m = decodeProduced(r)
	case kindFetch:
		m = decodeFetch(r)
	case kindFetched:
		m = decodeFetched(r)
	case kindPin:
		m = decodePin(r)
	case kindPinned:
		m = decodePinned(r)
	case kindLookup:
		m = decodeLookup(r)
	case kindLookedUp:
		m = decodeLookedUp(r)
	default:
		return nil, fmt.Errorf("%w: kind %d", ErrMessage, k)
	}
	return finish(k, r, m)
}

// reader adds this package's own fields.
type reader struct{ wire.Reader }

// finish returns the message unless its bytes did not fit.
func finish(k engine.Kind, r *reader, m engine.Message) (engine.Message, error) {
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("%w: kind %d: %w", ErrMessage, k, err)
	}
	return m, nil
}

func (r *reader) partition() PartitionID {
	return PartitionID{Topic: r.Text(), Number: r.I32()}
}

func (r *reader) cut() Cut { return Cut{Offset: r.I64(), Frontier: r.I64()} }

func appendPartition(b []byte, p PartitionID) []byte {
	return wire.Order.AppendUint32(wire.AppendText(b, p.Topic), uint32(p.Number))
}

func appendCut(b []byte, c Cut) []byte {
	b = wire.Order.AppendUint64(b, uint64(c.Offset))
	return wire.Order.AppendUint64(b, uint64(c.Frontier))
}
