package sim

import (
	"github.com/zeebo/xxh3"

	"parallax/engine"
)

// arenaSize is the length of a chunk, in bytes. A message that an actor keeps
// keeps its chunk.
const arenaSize = 8 << 10

// arena hands out the buffers of encoded messages, many to an allocation. They
// are never reused, as engine.Decode may alias them.
type arena struct {
	chunk []byte // its unused tail has length 0
}

// encode encodes a message into a buffer of its own and hashes it.
func (a *arena) encode(m engine.Message) ([]byte, uint64) {
	if cap(a.chunk) < arenaSize/16 {
		a.chunk = make([]byte, 0, arenaSize)
	}
	out := m.AppendTo(a.chunk)
	n := len(out)
	if n <= cap(a.chunk) {
		a.chunk = out[n:]
	}
	out = out[:n:n]
	return out, xxh3.Hash(out)
}
