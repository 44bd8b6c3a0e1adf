package commitlog

import (
	"fmt"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/wire"
)

// Decode reads what brokers are sent: the messages of package protocol, and their
// own.
func Decode(k engine.Kind, b []byte) (engine.Message, error) {
	if k < kindRaft {
		return protocol.Decode(k, b)
	}
	return decodeInternal(k, &reader{wire.Reader{Rest: b}})
}

// reader adds this package's own fields.
type reader struct{ wire.Reader }

func (r *reader) cut() protocol.Cut { return protocol.Cut{Offset: r.I64(), Frontier: r.I64()} }

func appendCut(b []byte, c protocol.Cut) []byte {
	b = wire.Order.AppendUint64(b, uint64(c.Offset))
	return wire.Order.AppendUint64(b, uint64(c.Frontier))
}

// finish returns the message unless its bytes did not fit.
func finish(k engine.Kind, r *reader, m engine.Message) (engine.Message, error) {
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("%w: kind %d: %w", protocol.ErrMessage, k, err)
	}
	return m, nil
}
