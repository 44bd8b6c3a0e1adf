package aggregate

import (
	"cmp"
	"strings"

	"github.com/zeebo/xxh3"

	"parallax/engine/flow/column"
)

// set is distinct keys, numbered in order of arrival: a list that is searched up to
// setListMax keys, behind open addressing from there on. The zero value is empty.
type set[T comparable] struct {
	items  []T
	hashes []uint64
	slots  []uint32 // number + 1 of a key; a power of two of them, at most half full
}

const setListMax = 8

// find is the number of a key, or -1.
func (s *set[T]) find(k T, hash uint64) int {
	if s.slots == nil {
		for i, h := range s.hashes {
			if h == hash && s.items[i] == k {
				return i
			}
		}
		return -1
	}
	mask := uint64(len(s.slots) - 1)
	for at := hash & mask; ; at = (at + 1) & mask {
		n := s.slots[at]
		if n == 0 {
			return -1
		}
		if s.hashes[n-1] == hash && s.items[n-1] == k {
			return int(n - 1)
		}
	}
}

// insert is the number of a key, added if it is new. A string is copied then, as
// its dictionary belongs to a segment.
func (s *set[T]) insert(k T, hash uint64) int {
	if i := s.find(k, hash); i >= 0 {
		return i
	}
	if text, ok := any(k).(string); ok {
		k = any(strings.Clone(text)).(T)
	}
	s.items = append(s.items, k)
	s.hashes = append(s.hashes, hash)
	if n := len(s.items); n > setListMax {
		if 2*n > len(s.slots) {
			s.slots = make([]uint32, max(4*setListMax, 2*len(s.slots)))
			for i := range s.hashes {
				s.place(i)
			}
		} else {
			s.place(n - 1)
		}
	}
	return len(s.items) - 1
}

func (s *set[T]) place(i int) {
	mask := uint64(len(s.slots) - 1)
	at := s.hashes[i] & mask
	for s.slots[at] != 0 {
		at = (at + 1) & mask
	}
	s.slots[at] = uint32(i + 1)
}

// keys is how values of a type are keys of sets: words (ordinals), decimals or
// strings.
type keys[T comparable] interface {
	// load is the chunk's values of an argument; c.hashes has their hashes.
	load(c *chunk, arg int) []T
	hash(k T) uint64
	compare(a, b T) int
	encode(k T, b []byte) []byte
	decode(b []byte) (k T, rest []byte, err error)
}

type wordKeys struct{ kind column.Kind }

func (wordKeys) load(c *chunk, arg int) []uint64 { return c.ordinals(arg) }

// mix is a bijection of 64-bit words whose every output bit depends on every input
// bit: the finalizer of splitmix64 (D. Stafford's variant 13).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (wordKeys) hash(k uint64) uint64             { return mix(k) }
func (wordKeys) compare(a, b uint64) int          { return cmp.Compare(a, b) }
func (wordKeys) encode(k uint64, b []byte) []byte { return appendOrdinal(b, k) }
func (w wordKeys) decode(b []byte) (k uint64, rest []byte, err error) {
	return readOrdinalOf(w.kind, b)
}

type decimalKeys struct{}

func (decimalKeys) load(c *chunk, arg int) []column.Decimal { return c.decimals(arg) }

func (decimalKeys) hash(k column.Decimal) uint64    { return mix(k.Lo ^ mix(uint64(k.Hi))) }
func (decimalKeys) compare(a, b column.Decimal) int { return a.Compare(b) }
func (decimalKeys) encode(k column.Decimal, b []byte) []byte {
	return appendOrdinal(appendOrdinal(b, uint64(k.Hi)^signBit), k.Lo)
}

func (decimalKeys) decode(b []byte) (k column.Decimal, rest []byte, err error) {
	hi, b, err := readOrdinal(b)
	if err != nil {
		return k, nil, err
	}
	lo, b, err := readOrdinal(b)
	return column.Decimal{Hi: int64(hi ^ signBit), Lo: lo}, b, err
}

type textKeys struct{}

func (textKeys) load(c *chunk, arg int) []string {
	dict, texts := c.args[arg].Dict, c.scratch.texts[:len(c.groups)]
	for i, code := range c.codes(arg) {
		texts[i] = dict.Value(code)
	}
	return texts
}

func (textKeys) hash(k string) uint64    { return xxh3.HashString(k) }
func (textKeys) compare(a, b string) int { return strings.Compare(a, b) }
func (textKeys) encode(k string, b []byte) []byte {
	return append(appendUint(b, uint64(len(k))), k...)
}

func (textKeys) decode(b []byte) (k string, rest []byte, err error) {
	p, rest, err := readBytes(b)
	return string(p), rest, err
}

// hashes is the hashes of the chunk's values of an argument: the same number for
// the same value in every segment and on every machine, and as keys.hash has it.
func (c *chunk) hashes(arg int) []uint64 {
	hashes := c.scratch.hashes[:len(c.groups)]
	switch c.args[arg].Type.Kind {
	case column.String:
		dict := c.args[arg].Dict
		for i, code := range c.codes(arg) {
			hashes[i] = dict.Hash(code)
		}
	case column.Decimal128:
		for i, v := range c.decimals(arg) {
			hashes[i] = decimalKeys{}.hash(v)
		}
	default:
		for i, o := range c.ordinals(arg) {
			hashes[i] = mix(o)
		}
	}
	return hashes
}
