package vault

import (
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/wire"
)

// Head says what the last checkpoint is, and whose the vault is.
//
//	"PLXVALT1" 8 | attempt 4 | owner 8 | boot 4 | number 8
//	partitions 4, each: offset 8, frontier 8
//	objects 4, each: attempt 4, number 8, size 8, checksum 8
//	checksum of all that 8
type Head struct {
	Attempt uint32        // that swapped it in
	Owner   engine.NodeID // the node of that attempt
	Boot    uint32        // and its incarnation: two that want the same attempt are told apart
	Number  uint64        // of the last object that this attempt has had named
	// Cuts is where the job stands behind the checkpoint, by partition; nil if there is none.
	Cuts    []protocol.Cut
	Objects []Object // a base and its deltas, in the order in which they were written
}

// Object is one record.
type Object struct {
	Attempt uint32
	Number  uint64 // among those of the attempt, from 1
	Size    int64
	Sum     uint64 // Checksum of its content
}

const magic = "PLXVALT1"

// ErrHead is returned for an object that is no head.
var ErrHead = errors.New("vault: damaged head")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Checksum is two sums that machines have instructions for.
func Checksum(b []byte) uint64 {
	return uint64(crc32.Checksum(b, castagnoli))<<32 | uint64(crc32.ChecksumIEEE(b))
}

// AppendTo encodes the head.
func (h *Head) AppendTo(b []byte) []byte {
	from := len(b)
	b = wire.Order.AppendUint32(append(b, magic...), h.Attempt)
	b = wire.Order.AppendUint64(b, uint64(h.Owner))
	b = wire.Order.AppendUint32(b, h.Boot)
	b = wire.Order.AppendUint64(b, h.Number)
	b = wire.Order.AppendUint32(b, uint32(len(h.Cuts)))
	for _, c := range h.Cuts {
		b = wire.Order.AppendUint64(b, uint64(c.Offset))
		b = wire.Order.AppendUint64(b, uint64(c.Frontier))
	}
	b = wire.Order.AppendUint32(b, uint32(len(h.Objects)))
	for _, o := range h.Objects {
		b = wire.Order.AppendUint32(b, o.Attempt)
		b = wire.Order.AppendUint64(b, o.Number)
		b = wire.Order.AppendUint64(b, uint64(o.Size))
		b = wire.Order.AppendUint64(b, o.Sum)
	}
	return wire.Order.AppendUint64(b, Checksum(b[from:]))
}

// DecodeHead reads a head.
func DecodeHead(b []byte) (*Head, error) {
	const sumBytes = 8
	if len(b) < len(magic)+sumBytes || string(b[:len(magic)]) != magic {
		return nil, fmt.Errorf("%w: %d bytes", ErrHead, len(b))
	}
	body := b[:len(b)-sumBytes]
	if wire.Order.Uint64(b[len(body):]) != Checksum(body) {
		return nil, fmt.Errorf("%w: its checksum is another one", ErrHead)
	}
	r := &wire.Reader{Rest: body[len(magic):]}
	h := &Head{Attempt: r.U32(), Owner: engine.NodeID(r.U64()), Boot: r.U32(), Number: r.U64()}
	for range r.Count(16) {
		h.Cuts = append(h.Cuts, protocol.Cut{Offset: r.I64(), Frontier: r.I64()})
	}
	for range r.Count(28) {
		h.Objects = append(h.Objects, Object{Attempt: r.U32(), Number: r.U64(), Size: r.I64(), Sum: r.U64()})
	}
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHead, err)
	}
	return h, nil
}

// HeadName is the name of the head among the objects that begin with a prefix.
func HeadName(prefix string) string { return prefix + "/head" }

// Name is that of the object.
func (o *Object) Name(prefix string) string {
	return fmt.Sprintf("%s/%010d-%010d", prefix, o.Attempt, o.Number)
}

// placeOf reads the name of an object; ok is false for any other name.
func placeOf(prefix, name string) (o Object, ok bool) {
	rest, ok := strings.CutPrefix(name, prefix+"/")
	if !ok {
		return o, false
	}
	_, err := fmt.Sscanf(rest, "%d-%d", &o.Attempt, &o.Number)
	return o, err == nil && o.Name(prefix) == name
}

// Dead tells whether an object is in no checkpoint, and never will be, now that this is or
// was the head.
func (h *Head) Dead(prefix, name string) bool {
	at, ok := placeOf(prefix, name)
	if !ok || at.Attempt > h.Attempt || at.Attempt == h.Attempt && at.Number > h.Number {
		return false
	}
	return !slices.ContainsFunc(h.Objects, func(o Object) bool { return o.Attempt == at.Attempt && o.Number == at.Number })
}

// by tells whether a head is of the same attempt as another.
func (h *Head) by(o *Head) bool {
	return h.Attempt == o.Attempt && h.Owner == o.Owner && h.Boot == o.Boot
}
