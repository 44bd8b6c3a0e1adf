package manifest

import (
	"encoding/binary"
	"fmt"
	"math"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/column"
	"parallax/engine/wire"
)

// Objects are written in variable-width integers (unsigned, or zigzag), texts behind
// their lengths, and lists behind their counts:
//
//	"PLXSNAP1" | form: 1 a change, 2 a change and the state behind it |
//	previous object | snapshot | state, in form 2
//
//	snapshot: id 8 | parent 8 | sequence | writer | batch | operation | code |
//	  cut | cut before, or none | schema: 0 or 1, then one | files added | names removed
//	state: code | cut | schemas | writers, each: name, batch | files
//	cut: for each partition offset, frontier 8
//	schema: id | fields, each: id, name, kind, precision, scale
//	file: name | partition | from | to - from | rows | bytes | sum 8 | schema |
//	  sequence | stats, each: field, nulls, NaNs, min, max
//	value: kind + 1, or 0 for null | content
const magic = "PLXSNAP1"

// The forms of a snapshot object.
const (
	formChange byte = 1 + iota
	formState
)

type encoder struct{ b []byte }

func (e *encoder) uint(v uint64)  { e.b = binary.AppendUvarint(e.b, v) }
func (e *encoder) int(v int64)    { e.b = binary.AppendVarint(e.b, v) }
func (e *encoder) fixed(v uint64) { e.b = wire.Order.AppendUint64(e.b, v) }

func (e *encoder) text(s string) {
	e.uint(uint64(len(s)))
	e.b = append(e.b, s...)
}

func (e *encoder) cut(cut []protocol.Cut) {
	e.uint(uint64(len(cut)))
	for _, c := range cut {
		e.int(c.Offset)
		e.fixed(uint64(c.Frontier))
	}
}

func (e *encoder) schema(s *Schema) {
	e.uint(uint64(s.ID))
	e.uint(uint64(len(s.Fields)))
	for _, f := range s.Fields {
		e.uint(uint64(f.ID))
		e.text(f.Name)
		e.b = append(e.b, byte(f.Type.Kind), f.Type.Precision, f.Type.Scale)
	}
}

func (e *encoder) files(list []File) {
	e.uint(uint64(len(list)))
	for i := range list {
		f := &list[i]
		e.text(f.Name)
		e.uint(uint64(f.Partition))
		e.int(f.From)
		e.int(f.To - f.From)
		e.int(f.Rows)
		e.int(f.Bytes)
		e.fixed(f.Sum)
		e.uint(uint64(f.Schema))
		e.int(f.Sequence)
		e.uint(uint64(len(f.Stats)))
		for j := range f.Stats {
			s := &f.Stats[j]
			e.uint(uint64(s.Field))
			e.int(s.Nulls)
			e.int(s.NaNs)
			e.value(s.Min)
			e.value(s.Max)
		}
	}
}

func (e *encoder) value(v column.Value) {
	if v.Null {
		e.b = append(e.b, 0)
		return
	}
	e.b = append(e.b, byte(v.Type.Kind)+1)
	switch v.Type.Kind {
	case column.Bool:
		e.b = wire.AppendBool(e.b, v.Bool)
	case column.Int64, column.Timestamp:
		e.int(v.Int)
	case column.Float64:
		e.fixed(math.Float64bits(v.Float))
	case column.Decimal128:
		e.b = append(e.b, v.Type.Precision, v.Type.Scale)
		e.fixed(uint64(v.Decimal.Hi))
		e.fixed(v.Decimal.Lo)
	case column.String:
		e.text(v.String)
	}
}

func (e *encoder) snapshot(s *Snapshot) {
	e.fixed(s.ID)
	e.fixed(s.Parent)
	e.int(s.Sequence)
	e.text(s.Writer)
	e.uint(s.Batch)
	e.b = append(e.b, byte(s.Operation))
	e.text(s.Code)
	e.cut(s.Cut)
	e.cut(s.From)
	e.b = wire.AppendBool(e.b, s.Schema != nil)
	if s.Schema != nil {
		e.schema(s.Schema)
	}
	e.files(s.Add)
	e.uint(uint64(len(s.Remove)))
	for _, name := range s.Remove {
		e.text(name)
	}
}

func (e *encoder) state(s *State) {
	e.text(s.Code)
	e.cut(s.Cut)
	e.uint(uint64(len(s.Schemas)))
	for i := range s.Schemas {
		e.schema(&s.Schemas[i])
	}
	e.uint(uint64(len(s.Writers)))
	for _, w := range s.Writers {
		e.text(w.Name)
		e.uint(w.Batch)
	}
	e.files(s.Files)
}

// decoder reads the same, and fails once.
type decoder struct {
	wire.Reader
	bad bool
}

func (d *decoder) fail() {
	d.bad = true
	d.Fail()
}

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.Rest)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.Rest = d.Rest[n:]
	return v
}

func (d *decoder) int() int64 {
	v, n := binary.Varint(d.Rest)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.Rest = d.Rest[n:]
	return v
}

func (d *decoder) number() int32 {
	v := d.uint()
	if v > math.MaxInt32 {
		d.fail()
	}
	return int32(v)
}

func (d *decoder) text() string { return string(d.Take(d.count(1))) }

// count reads a number of things of at least so many bytes each.
func (d *decoder) count(least int) int {
	n := d.uint()
	if n > uint64(len(d.Rest)/least) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) cut() []protocol.Cut {
	var out []protocol.Cut
	for range d.count(9) {
		out = append(out, protocol.Cut{Offset: d.int(), Frontier: int64(d.U64())})
	}
	return out
}

func (d *decoder) schema() Schema {
	s := Schema{ID: d.number()}
	for range d.count(5) {
		f := Field{ID: d.number(), Name: d.text()}
		f.Type = column.Type{Kind: column.Kind(d.U8()), Precision: d.U8(), Scale: d.U8()}
		s.Fields = append(s.Fields, f)
	}
	return s
}

func (d *decoder) files() []File {
	var out []File
	for range d.count(17) {
		f := File{Name: d.text(), Partition: d.number(), From: d.int()}
		f.To = f.From + d.int()
		f.Rows, f.Bytes, f.Sum, f.Schema, f.Sequence = d.int(), d.int(), d.U64(), d.number(), d.int()
		for range d.count(5) {
			f.Stats = append(f.Stats, Stat{Field: d.number(), Nulls: d.int(), NaNs: d.int(), Min: d.value(), Max: d.value()})
		}
		out = append(out, f)
	}
	return out
}

func (d *decoder) value() column.Value {
	kind := d.U8()
	if kind == 0 {
		return column.Value{Null: true}
	}
	v := column.Value{Type: column.TypeOf(column.Kind(kind - 1))}
	switch v.Type.Kind {
	case column.Bool:
		v.Bool = d.Bool()
	case column.Int64, column.Timestamp:
		v.Int = d.int()
	case column.Float64:
		v.Float = math.Float64frombits(d.U64())
	case column.Decimal128:
		v.Type.Precision, v.Type.Scale = d.U8(), d.U8()
		v.Decimal = column.Decimal{Hi: d.I64(), Lo: d.U64()}
	case column.String:
		v.String = d.text()
	default:
		d.fail()
	}
	return v
}

func (d *decoder) snapshot() Snapshot {
	s := Snapshot{ID: d.U64(), Parent: d.U64(), Sequence: d.int()}
	s.Writer, s.Batch, s.Operation, s.Code, s.Cut = d.text(), d.uint(), Operation(d.U8()), d.text(), d.cut()
	s.From = d.cut()
	if d.Bool() {
		schema := d.schema()
		s.Schema = &schema
	}
	s.Add = d.files()
	for range d.count(1) {
		s.Remove = append(s.Remove, d.text())
	}
	return s
}

func (d *decoder) state() *State {
	s := &State{Code: d.text(), Cut: d.cut()}
	for range d.count(2) {
		s.Schemas = append(s.Schemas, d.schema())
	}
	for range d.count(2) {
		s.Writers = append(s.Writers, writer{d.text(), d.uint()})
	}
	s.Files = d.files()
	return s
}

// object is a snapshot object.
type object struct {
	previous string // "": none
	snapshot Snapshot
	state    *State // in form 2, behind the snapshot
}

func (o *object) encode() []byte {
	e := encoder{b: []byte(magic)}
	form := formChange
	if o.state != nil {
		form = formState
	}
	e.b = append(e.b, form)
	e.text(o.previous)
	e.snapshot(&o.snapshot)
	if o.state != nil {
		e.state(o.state)
	}
	return e.b
}

func decodeObject(b []byte) (*object, error) {
	d := decoder{Reader: wire.Reader{Rest: b}}
	if string(d.Take(len(magic))) != magic {
		return nil, fmt.Errorf("%w: it does not begin with %s", ErrChain, magic)
	}
	form := d.U8()
	o := &object{previous: d.text(), snapshot: d.snapshot()}
	if form == formState {
		o.state = d.state()
		o.state.ID, o.state.Parent, o.state.Sequence = o.snapshot.ID, o.snapshot.Parent, o.snapshot.Sequence
	}
	if err := d.End(); err != nil || d.bad || form != formChange && form != formState {
		return nil, fmt.Errorf("%w: form %d, %v", ErrChain, form, err)
	}
	if o.snapshot.ID != o.snapshot.identity() {
		return nil, fmt.Errorf("%w: snapshot %016x is not what it says", ErrChain, o.snapshot.ID)
	}
	return o, nil
}
