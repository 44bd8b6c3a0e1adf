package store

import (
	"errors"
	"fmt"

	"parallax/engine/blob"
	"parallax/engine/wire"
)

// The records of a store's journal say what a name stands for from there on:
//
//	version 8 | size 8 | sum 8 | form 1 | name 4+n | then, by form:
//	0  nothing: the name was deleted
//	1  the content, 4+n
//	2  file 4+n | checksums of its blocks 4, each 8
//
// A record that begins anew has many of them, one behind the other.
const (
	formGone byte = iota
	formInline
	formFile
)

const recordBytesMin = 29

func appendRecord(b []byte, name string, o *object) []byte {
	b = wire.Order.AppendUint64(b, o.version)
	b = wire.Order.AppendUint64(b, uint64(o.size))
	b = wire.Order.AppendUint64(b, o.sum)
	form := formFile
	switch {
	case o.gone:
		form = formGone
	case o.file == "":
		form = formInline
	}
	b = wire.AppendText(append(b, form), name)
	switch form {
	case formInline:
		b = wire.AppendBytes(b, o.inline)
	case formFile:
		b = wire.Order.AppendUint32(wire.AppendText(b, o.file), uint32(len(o.blocks)))
		for _, sum := range o.blocks {
			b = wire.Order.AppendUint64(b, sum)
		}
	}
	return b
}

// errRecord is returned for a record that is none.
var errRecord = errors.New("store: damaged record")

// replay takes a record in.
func (x *index) replay(b []byte) error {
	r := &wire.Reader{Rest: b}
	for len(r.Rest) > 0 {
		o := object{version: r.U64(), size: r.I64(), sum: r.U64()}
		form := r.U8()
		name := r.Text()
		switch form {
		case formGone:
			o.gone = true
		case formInline:
			o.inline = r.Bytes()
		case formFile:
			o.file = r.Text()
			n := r.Count(8)
			o.blocks = make([]uint64, n)
			for i := range o.blocks {
				o.blocks[i] = r.U64()
			}
		default:
			return fmt.Errorf("%w: form %d", errRecord, form)
		}
		if o.version == 0 || !blob.GoodName(name) || form == formFile && int64(len(o.blocks)) != (o.size+blockBytes-1)/blockBytes {
			r.Fail()
			break
		}
		x.put(name, o)
	}
	if err := r.End(); err != nil {
		return fmt.Errorf("%w: %w", errRecord, err)
	}
	return nil
}
