//go:build !js && !wasip1

package osenv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"parallax/engine"
)

const (
	wireVersion = 1
	headerBytes = 20
	helloBytes  = 24
	helloMagic  = "prlx"
	// frameChunkBytes bounds what a length field alone makes a reader allocate.
	frameChunkBytes = 256 << 10
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// packet is an encoded message. frame has the room of a frame's header before
// the payload; the header is filled in only for the network.
type packet struct {
	from, to engine.NodeID
	kind     engine.Kind
	frame    []byte
}

// encode takes a message out of the actor's hands.
func encode(from engine.NodeID, e engine.Envelope) (packet, error) {
	b := e.Msg.AppendTo(make([]byte, headerBytes, 3*headerBytes))
	if len(b)-4 > frameBytesMax {
		return packet{}, fmt.Errorf("osenv: message of kind %d to node %d has %d bytes, at most %d fit a frame",
			e.Msg.Kind(), e.To, len(b)-headerBytes, frameBytesMax-headerBytes+4)
	}
	return packet{from, e.To, e.Msg.Kind(), b}, nil
}

func (p packet) payload() []byte { return p.frame[headerBytes:] }

// seal fills in the header and returns the whole frame.
func (p packet) seal() []byte {
	b := p.frame
	binary.LittleEndian.PutUint32(b, uint32(len(b)-4))
	b[4], b[5] = wireVersion, 0
	binary.LittleEndian.PutUint16(b[6:], uint16(p.kind))
	binary.LittleEndian.PutUint32(b[8:], uint32(p.from))
	binary.LittleEndian.PutUint32(b[12:], uint32(p.to))
	binary.LittleEndian.PutUint32(b[16:], checksum(b))
	return b
}

// checksum is that of a whole frame.
func checksum(frame []byte) uint32 {
	return crc32.Update(crc32.Checksum(frame[4:16], castagnoli), castagnoli, frame[headerBytes:])
}

var errMalformed = errors.New("osenv: malformed frame")

// readFrame reads one frame into memory of its own, because what is decoded from
// it may alias it. An error that wraps errMalformed is the sender's fault.
func readFrame(r io.Reader) (packet, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return packet{}, err
	}
	size := int(binary.LittleEndian.Uint32(length[:]))
	if size < headerBytes-4 || size > frameBytesMax {
		return packet{}, fmt.Errorf("%w: length %d", errMalformed, size)
	}
	b := make([]byte, 4, 4+min(size, frameChunkBytes))
	copy(b, length[:])
	for len(b) < 4+size {
		at := len(b)
		part := min(4+size-at, max(at, frameChunkBytes)) // memory grows only with what has arrived
		b = append(b, make([]byte, part)...)
		if _, err := io.ReadFull(r, b[at:]); err != nil {
			return packet{}, err
		}
	}
	switch {
	case b[4] != wireVersion || b[5] != 0:
		return packet{}, fmt.Errorf("%w: version %d, reserved %d", errMalformed, b[4], b[5])
	case binary.LittleEndian.Uint32(b[16:]) != checksum(b):
		return packet{}, fmt.Errorf("%w: checksum", errMalformed)
	}
	return packet{
		from:  engine.NodeID(binary.LittleEndian.Uint32(b[8:])),
		to:    engine.NodeID(binary.LittleEndian.Uint32(b[12:])),
		kind:  engine.Kind(binary.LittleEndian.Uint16(b[6:])),
		frame: b,
	}, nil
}

// hello opens a connection, in both directions.
type hello struct {
	version  uint16
	from, to engine.NodeID
	boot     uint32
}

func (h hello) append(b []byte) []byte {
	at := len(b)
	b = append(b, helloMagic...)
	b = binary.LittleEndian.AppendUint16(b, h.version)
	b = append(b, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(h.from))
	b = binary.LittleEndian.AppendUint32(b, uint32(h.to))
	b = binary.LittleEndian.AppendUint32(b, h.boot)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[at:], castagnoli))
}

func readHello(r io.Reader) (hello, error) {
	b := make([]byte, helloBytes)
	if _, err := io.ReadFull(r, b); err != nil {
		return hello{}, err
	}
	if string(b[:4]) != helloMagic || b[6] != 0 || b[7] != 0 ||
		binary.LittleEndian.Uint32(b[20:]) != crc32.Checksum(b[:20], castagnoli) {
		return hello{}, fmt.Errorf("%w: hello", errMalformed)
	}
	return hello{
		version: binary.LittleEndian.Uint16(b[4:]),
		from:    engine.NodeID(binary.LittleEndian.Uint32(b[8:])),
		to:      engine.NodeID(binary.LittleEndian.Uint32(b[12:])),
		boot:    binary.LittleEndian.Uint32(b[16:]),
	}, nil
}
