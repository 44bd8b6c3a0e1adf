package store

import (
	"fmt"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/wire"
)

// The kinds of a store's messages to itself.
const (
	kindWritten engine.Kind = 180 + iota
	kindRebased
	kindLater
)

// Decode reads a message of this package or of package blob.
func Decode(k engine.Kind, b []byte) (engine.Message, error) {
	r := &wire.Reader{Rest: b}
	var m engine.Message
	switch k {
	case kindWritten:
		m = written{r.U64()}
	case kindRebased:
		m = rebased{r.U64()}
	case kindLater:
		m = decodeLater(r)
	default:
		return blob.Decode(k, b)
	}
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("%w: kind %d: %w", blob.ErrMessage, k, err)
	}
	return m, nil
}
