package blob

import (
	"errors"
	"fmt"

	"parallax/engine"
	"parallax/engine/wire"
)

// The kinds of this package's messages.
const (
	kindPut engine.Kind = 170 + iota
	kindDelete
	kindDone
	kindGet
	kindGot
	kindList
	kindListed
)

// Limits of a store.
const (
	NameBytesMax   = 512
	ObjectBytesMax = 256 << 20
	ListMax        = 1000 // names in one answer
)

// ErrMessage is returned by Decode for bytes that are no message.
var ErrMessage = errors.New("blob: not a message")

// Decode reads a message of this package. Its slices alias b.
func Decode(k engine.Kind, b []byte) (engine.Message, error) {
	r := &wire.Reader{Rest: b}
	var m engine.Message
	switch k {
	case kindPut:
		m = Put{Request: r.U64(), Name: r.Text(), Expect: r.U64(), Data: r.Bytes()}
	case kindDelete:
		m = Delete{Request: r.U64(), Name: r.Text(), Expect: r.U64()}
	case kindDone:
		m = Done{Request: r.U64(), Code: decodeCode(r), Info: decodeInfo(r)}
	case kindGet:
		m = Get{Request: r.U64(), Name: r.Text(), Offset: r.I64(), Length: r.I64()}
	case kindGot:
		m = Got{Request: r.U64(), Code: decodeCode(r), Info: decodeInfo(r), Data: r.Bytes()}
	case kindList:
		m = List{Request: r.U64(), Prefix: r.Text(), After: r.Text(), Limit: r.I32()}
	case kindListed:
		m = decodeListed(r)
	default:
		return nil, fmt.Errorf("%w: kind %d", ErrMessage, k)
	}
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("%w: kind %d: %w", ErrMessage, k, err)
	}
	return m, nil
}

// Code is how a request ended.
type Code uint8

// The codes.
const (
	OK       Code = iota
	Mismatch      // the name's version is not the expected one: Info is what is there
	Missing       // there is nothing of that name
	Damaged       // the content is not what was written
	Busy          // not now; nothing was done
	Refused       // never: the name or the length is none
	codes
)

// String is the code's name.
func (c Code) String() string {
	if c < codes {
		return [...]string{"ok", "mismatch", "missing", "damaged", "busy", "refused"}[c]
	}
	return fmt.Sprintf("code(%d)", uint8(c))
}

func decodeCode(r *wire.Reader) Code {
	c := Code(r.U8())
	if c >= codes {
		r.Fail()
	}
	return c
}

// Info describes an object.
//
//	version 8 | size 8 | sum 8
type Info struct {
	Version uint64 // of the name; 0: there is nothing
	Size    int64
	Sum     uint64 // XXH3 of the content
}

func (i Info) appendTo(b []byte) []byte {
	b = wire.Order.AppendUint64(b, i.Version)
	b = wire.Order.AppendUint64(b, uint64(i.Size))
	return wire.Order.AppendUint64(b, i.Sum)
}

func decodeInfo(r *wire.Reader) Info { return Info{Version: r.U64(), Size: r.I64(), Sum: r.U64()} }
