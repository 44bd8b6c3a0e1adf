package commitlog

import "fmt"

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
	batch   Batch
	holder  string
	cut     Cut
	release bool
}

func appendPinCommand(b []byte, holder string, c Cut, release bool) []byte {
	b = appendBytes(append(b, commandPin), []byte(holder))
	b = appendCut(b, c)
	if release {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendTrimCommand(b []byte, c Cut) []byte {
	return appendCut(append(b, commandTrim), c)
}

func decodeCommand(b []byte) (command, error) {
	r := &reader{b: b}
	c := command{kind: r.u8()}
	switch c.kind {
	case commandBatch:
		batch, err := decodeBatch(r.b)
		c.batch = batch
		return c, err
	case commandPin:
		c.holder, c.cut, c.release = string(r.bytes()), r.cut(), r.u8() == 1
	case commandTrim:
		c.cut = r.cut()
	default:
		return c, fmt.Errorf("%w: command %d", ErrMessage, c.kind)
	}
	if r.bad || len(r.b) != 0 {
		return c, fmt.Errorf("%w: command %d of %d bytes", ErrMessage, c.kind, len(b))
	}
	return c, nil
}
