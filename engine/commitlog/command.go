package commitlog

import (
	"fmt"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/wire"
)

// The first byte of a Raft entry's data says what the entry does; what follows
// is a batch or the encoding below.
//
//	1 | batch
//	2 | holder 4+n | offset 8 | frontier 8 | release 1     set or release a pin
//	3 | offset 8 | frontier 8                              the log begins here from now on
const (
	commandBatch byte = 1 + iota
	commandPin
	commandTrim
)

// command is a decoded entry: exactly one of its parts is set, as kind says.
type command struct {
	kind    byte
	batch   protocol.Batch
	holder  string
	cut     protocol.Cut
	release bool
}

func appendPinCommand(b []byte, holder string, c protocol.Cut, release bool) []byte {
	b = wire.AppendBytes(append(b, commandPin), []byte(holder))
	return wire.AppendBool(appendCut(b, c), release)
}

func appendTrimCommand(b []byte, c protocol.Cut) []byte {
	return appendCut(append(b, commandTrim), c)
}

func decodeCommand(b []byte) (command, error) {
	r := &reader{wire.Reader{Rest: b}}
	c := command{kind: r.U8()}
	switch c.kind {
	case commandBatch:
		batch, err := protocol.DecodeBatch(r.Rest)
		c.batch = batch
		return c, err
	case commandPin:
		c.holder, c.cut, c.release = r.Text(), r.cut(), r.Bool()
	case commandTrim:
		c.cut = r.cut()
	default:
		return c, fmt.Errorf("%w: command %d", protocol.ErrMessage, c.kind)
	}
	if err := r.End(); err != nil {
		return c, fmt.Errorf("%w: command %d of %d bytes: %w", protocol.ErrMessage, c.kind, len(b), err)
	}
	return c, nil
}
