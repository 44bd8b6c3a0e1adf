package serving

import (
	"errors"
	"fmt"

	"parallax/engine"
	"parallax/engine/wire"
)

// The kinds of this package's messages.
const (
	kindPublish engine.Kind = 150 + iota
	kindPublished
	kindQuery
	kindAnswer
	kindBased
)

// ErrMessage is returned by Decode for bytes that are no message.
var ErrMessage = errors.New("serving: not a message")

// Decode reads a message of this package. Its slices alias b.
func Decode(k engine.Kind, b []byte) (engine.Message, error) {
	r := &wire.Reader{Rest: b}
	var m engine.Message
	switch k {
	case kindPublish:
		m = decodePublish(r)
	case kindPublished:
		m = decodePublished(r)
	case kindQuery:
		m = decodeQuery(r)
	case kindAnswer:
		m = decodeAnswer(r)
	case kindBased:
		m = based{r.U64()}
	default:
		return nil, fmt.Errorf("%w: kind %d", ErrMessage, k)
	}
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("%w: kind %d: %w", ErrMessage, k, err)
	}
	return m, nil
}
