package kappa

import (
	"errors"
	"fmt"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/caller"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/wire"
	"parallax/serving"
)

// The kinds of the timers of this package's actors. They begin where those of package blob
// do, and both are in the hashes of runs that are on record: of what a worker is sent, one
// number, 172, stands for two things, a timer without content and an answer with some.
const (
	kindRetry engine.Kind = 170 + iota
	kindFetchAgain
	kindPublishAgain
	kindStored
)

// errMessage is returned by Decode for bytes that are no message.
var errMessage = errors.New("kappa: not a message")

// Decode reads what this package's actors are sent.
func Decode(k engine.Kind, b []byte) (engine.Message, error) {
	if k < 150 {
		return protocol.Decode(k, b)
	}
	if k < kindRetry {
		return serving.Decode(k, b)
	}
	r := &wire.Reader{Rest: b}
	var m engine.Message
	switch k {
	case kindRetry:
		m = retry{partition: r.I32(), acked: r.U32()}
	case kindFetchAgain:
		m = fetchAgain{partition: r.I32(), request: r.U64()}
	case kindPublishAgain:
		if len(b) > 0 {
			return blob.Decode(k, b)
		}
		m = publishAgain{}
	case kindStored:
		m = stored{checkpoint: r.U64()}
	case caller.KindAgain:
		return caller.DecodeAgain(b)
	default:
		if k > kindStored {
			return blob.Decode(k, b)
		}
		return nil, fmt.Errorf("%w: kind %d", errMessage, k)
	}
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("%w: kind %d: %w", errMessage, k, err)
	}
	return m, nil
}

// retry is a producer's timer for a partition.
//
//	partition 4 | acknowledged when it was set 4
type retry struct {
	partition int32
	acked     uint32
}

func (retry) Kind() engine.Kind { return kindRetry }

func (m retry) AppendTo(b []byte) []byte {
	b = wire.Order.AppendUint32(b, uint32(m.partition))
	return wire.Order.AppendUint32(b, m.acked)
}

// fetchAgain is a worker's timer for a partition: its request has not been
// answered.
//
//	partition 4 | request 8
type fetchAgain struct {
	partition int32
	request   uint64
}

func (fetchAgain) Kind() engine.Kind { return kindFetchAgain }

func (m fetchAgain) AppendTo(b []byte) []byte {
	b = wire.Order.AppendUint32(b, uint32(m.partition))
	return wire.Order.AppendUint64(b, m.request)
}

// publishAgain is a worker's timer for its view. It has no content.
type publishAgain struct{}

func (publishAgain) Kind() engine.Kind { return kindPublishAgain }

func (publishAgain) AppendTo(b []byte) []byte { return b }

// stored says that a checkpoint is durable.
//
//	checkpoint 8
type stored struct{ checkpoint uint64 }

func (stored) Kind() engine.Kind { return kindStored }

func (m stored) AppendTo(b []byte) []byte { return wire.Order.AppendUint64(b, m.checkpoint) }
