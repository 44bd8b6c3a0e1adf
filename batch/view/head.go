package view

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zeebo/xxh3"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/wire"
)

// ErrHead is returned for bytes that are no head.
var ErrHead = errors.New("view: not a head")

// Head is a published view, and the content of the pointer to it. The zero Head is of a
// job of which nothing is published.
type Head struct {
	ID       uint64 // rises with each publication
	Marker   uint64 // the number of the cut's marker + 1; 0: the log's beginning
	Cut      []protocol.Cut
	Code     string // version of the code that made it
	Complete bool   // dropped pairs below the cut are counted: late: complete
	Damaged  bool   // a reader has found a file damaged: the view is to be made again
	Replay   bool   // a row path's state, and what it shows, rather than a fold
	Files    []File // in the order of their rows; behind them those of a state
}

// File is one file of a view. First and Last bound its rows.
type File struct {
	Name        string
	Rows, Bytes int64
	Sum         uint64 // of the content
	First, Last Place
}

// Place is where a row stands in a view. Files of a state have no rows, and no place.
type Place struct {
	Start int64 // of the window, µs
	Key   []byte
}

// Pointer is the name of the pointer to a view.
func Pointer(name string) string { return name + "/head" }

// FileName is the name of a view's file: the number of the view's marker, its place among
// the files, and its content's checksum, so that whoever writes it again writes the same.
func FileName(name string, marker uint64, part int, sum uint64) string {
	return fmt.Sprintf("%s/data/%010d/%04d-%016x"+rowsEnd, name, marker, part, sum)
}

// StateName is the name of a piece of a view's state, likewise.
func StateName(name string, marker uint64, part int, sum uint64) string {
	return strings.TrimSuffix(FileName(name, marker, part, sum), rowsEnd) + stateEnd
}

// How the names of files end.
const (
	rowsEnd  = ".parquet"
	stateEnd = ".state"
)

// State tells whether a file is a piece of a state.
func (f *File) State() bool { return strings.HasSuffix(f.Name, stateEnd) }

// Dead tells whether an object of a view is not live and can never become so: a file of a
// marker that is not behind the head's. The files of a later one may belong to a
// publication that is on its way.
func (h *Head) Dead(name, object string) bool {
	var marker uint64
	var part int
	var sum uint64
	rows, state := strings.CutSuffix(object, stateEnd)
	if state {
		rows += rowsEnd
	}
	if n, err := fmt.Sscanf(rows, name+"/data/%010d/%04d-%016x"+rowsEnd, &marker, &part, &sum); n != 3 || err != nil {
		return false
	}
	for i := range h.Files {
		if h.Files[i].Name == object {
			return false
		}
	}
	return marker <= h.Marker
}

const (
	flagReplay byte = 1 << iota
	flagDamaged
)

func (h *Head) flags() (b byte) {
	if h.Replay {
		b |= flagReplay
	}
	if h.Damaged {
		b |= flagDamaged
	}
	return b
}

const (
	headMagic    = "PLXVIEW1"
	fileBytesMin = 56
	cutBytes     = 16
)

// AppendTo encodes the head.
//
//	"PLXVIEW1" | id 8 | marker 8 | code 4+n | complete 1 | flags 1 |
//	cut 4, each: offset 8, frontier 8 |
//	files 4, each: name 4+n, rows 8, bytes 8, sum 8, first, last, each: start 8, key 4+n |
//	XXH3 of all that 8
//
// Flags: 1 replay, 2 damaged.
func (h *Head) AppendTo(b []byte) []byte {
	from := len(b)
	b = append(b, headMagic...)
	b = wire.Order.AppendUint64(wire.Order.AppendUint64(b, h.ID), h.Marker)
	b = append(wire.AppendBool(wire.AppendText(b, h.Code), h.Complete), h.flags())
	b = wire.Order.AppendUint32(b, uint32(len(h.Cut)))
	for _, c := range h.Cut {
		b = wire.Order.AppendUint64(wire.Order.AppendUint64(b, uint64(c.Offset)), uint64(c.Frontier))
	}
	b = wire.Order.AppendUint32(b, uint32(len(h.Files)))
	for i := range h.Files {
		f := &h.Files[i]
		b = wire.AppendText(b, f.Name)
		for _, v := range [...]uint64{uint64(f.Rows), uint64(f.Bytes), f.Sum} {
			b = wire.Order.AppendUint64(b, v)
		}
		for _, p := range [...]*Place{&f.First, &f.Last} {
			b = wire.AppendBytes(wire.Order.AppendUint64(b, uint64(p.Start)), p.Key)
		}
	}
	return wire.Order.AppendUint64(b, xxh3.Hash(b[from:]))
}

// DecodeHead reads the content of a pointer; what a store has of a pointer that is not
// there, nothing, is the zero Head.
func DecodeHead(content []byte) (*Head, error) {
	h := &Head{}
	if len(content) == 0 {
		return h, nil
	}
	n := len(content) - 8
	if n < len(headMagic) || string(content[:len(headMagic)]) != headMagic {
		return nil, fmt.Errorf("%w: %d bytes do not begin with %s", ErrHead, len(content), headMagic)
	}
	if wire.Order.Uint64(content[n:]) != xxh3.Hash(content[:n]) {
		return nil, fmt.Errorf("%w: checksum", ErrHead)
	}
	r := wire.Reader{Rest: content[len(headMagic):n]}
	h.ID, h.Marker, h.Code, h.Complete = r.U64(), r.U64(), r.Text(), r.Bool()
	flags := r.U8()
	if h.Replay, h.Damaged = flags&flagReplay != 0, flags&flagDamaged != 0; flags != h.flags() {
		r.Fail()
	}
	for range r.Count(cutBytes) {
		h.Cut = append(h.Cut, protocol.Cut{Offset: r.I64(), Frontier: r.I64()})
	}
	for range r.Count(fileBytesMin) {
		f := File{Name: r.Text(), Rows: r.I64(), Bytes: r.I64(), Sum: r.U64()}
		f.First = Place{Start: r.I64(), Key: r.Bytes()}
		f.Last = Place{Start: r.I64(), Key: r.Bytes()}
		h.Files = append(h.Files, f)
	}
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHead, err)
	}
	return h, nil
}

// Rows is how many rows the files hold.
func (h *Head) Rows() (n int64) {
	for i := range h.Files {
		n += h.Files[i].Rows
	}
	return n
}
