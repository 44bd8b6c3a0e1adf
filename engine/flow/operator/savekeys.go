package operator

import (
	"math"

	"github.com/zeebo/xxh3"

	"parallax/engine/flow/column"
)

// AppendTo appends the keys in the order of their numbers.
//
//	version 1 · columns; each: number of null + 1, or 0
//	  string: strings; each: length, bytes
//	  else:   words (of decimals: pairs of halves · halves)
//	pairs; each: how many · left << 32 | right
func (k *Keyer) AppendTo(b []byte) []byte {
	b = appendUint(append(b, formatVersion), uint64(len(k.columns)))
	for i := range k.columns {
		v := &k.columns[i]
		b = appendUint(b, uint64(v.null+1))
		if v.typ.Kind == column.String {
			b = appendUint(b, uint64(v.texts.dict.Len()))
			for _, s := range v.texts.dict.Values() {
				b = append(appendUint(b, uint64(len(s))), s...)
			}
			continue
		}
		if v.typ.Kind == column.Decimal128 {
			b = v.halves.appendTo(b)
		}
		b = v.words.appendTo(b)
	}
	for i := range k.pairs {
		b = k.pairs[i].appendTo(b)
	}
	return b
}

func (t *words) appendTo(b []byte) []byte {
	b = appendUint(b, uint64(len(t.values)))
	for _, w := range t.values {
		b = appendUint(b, w)
	}
	return b
}

// Load gives a new keyer the keys that were saved and returns what follows.
func (k *Keyer) Load(b []byte) (rest []byte, err error) {
	d := decoder{b: b}
	d.version("keys")
	if n := d.count(); n != len(k.columns) {
		d.fail("%d key columns, want %d", n, len(k.columns))
	}
	for i := range k.columns {
		k.columns[i].load(&d)
	}
	left := 0
	for i := range k.pairs {
		if i == 0 {
			left = k.columns[0].len()
		}
		right := k.columns[i+1].len()
		k.pairs[i].load(&d, absent, func(w uint64) bool { return w>>32 < uint64(left) && uint64(uint32(w)) < uint64(right) })
		left = len(k.pairs[i].values)
	}
	return d.b, d.err
}

func (v *valuer) load(d *decoder) {
	v.null = d.below(1<<32, "null") - 1
	if v.typ.Kind == column.String {
		for i := range d.count() {
			s := d.text()
			switch {
			case uint32(i) == v.null:
				v.texts.dict.Append(s)
				if s != "" {
					d.fail("null is %q", s)
				}
			case v.texts.number(s, xxh3.HashString(s)) != uint32(i):
				d.fail("string %q twice", s)
			}
		}
	} else {
		if v.typ.Kind == column.Decimal128 {
			v.halves.load(d, absent, func(uint64) bool { return true })
		}
		v.words.load(d, v.null, v.valid)
	}
	if v.null != absent && int(v.null) >= v.len() {
		d.fail("null is value %d of %d", v.null, v.len())
	}
}

// valid tells whether a word stands for a value of the column.
func (v *valuer) valid(w uint64) bool {
	switch v.typ.Kind {
	case column.Bool:
		return w <= 1
	case column.Float64:
		f := math.Float64frombits(w)
		return f == f || w == math.Float64bits(math.NaN())
	case column.Decimal128:
		n := uint64(len(v.halves.values))
		return w>>32 < n && uint64(uint32(w)) < n
	}
	return true
}

// load reads distinct valid words, the one numbered null being 0 and hidden.
func (t *words) load(d *decoder, null uint32, valid func(uint64) bool) {
	for i := range d.count() {
		w := d.uint()
		switch {
		case d.err != nil:
			return
		case uint32(i) == null:
			t.append(0)
			if w != 0 {
				d.fail("null is %d", w)
			}
		case !valid(w) || t.number(w) != uint32(i):
			d.fail("value %d is out of range or there twice", w)
		}
	}
}
