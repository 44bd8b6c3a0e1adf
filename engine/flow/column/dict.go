package column

import "github.com/zeebo/xxh3"

// Dict is the distinct strings of a column within one log segment, numbered in
// order of first appearance. It only grows, so a code stays valid for the
// segment's life; codes of two dictionaries have nothing to do with each other.
// The zero value is empty and ready.
type Dict struct {
	values []string
	hashes []uint64
	index  map[string]uint32
}

// Intern returns the code of s, adding it if it is new. Only writers intern;
// readers Append what the writer added.
func (d *Dict) Intern(s string) uint32 {
	if code, ok := d.index[s]; ok {
		return code
	}
	if d.index == nil {
		d.index = make(map[string]uint32, len(d.values)+1)
		for i, v := range d.values {
			d.index[v] = uint32(i)
		}
		if code, ok := d.index[s]; ok {
			return code
		}
	}
	return d.Append(s)
}

// Append adds s, which must be new, and returns its code.
func (d *Dict) Append(s string) uint32 {
	code := uint32(len(d.values))
	d.values = append(d.values, s)
	d.hashes = append(d.hashes, xxh3.HashString(s))
	if d.index != nil {
		d.index[s] = code
	}
	return code
}

// Len is the number of strings.
func (d *Dict) Len() int { return len(d.values) }

// Value is the string of a code.
func (d *Dict) Value(code uint32) string { return d.values[code] }

// Hash is the xxh3 hash of a code's string, computed once.
func (d *Dict) Hash(code uint32) uint64 { return d.hashes[code] }

// Values is all strings by code; the caller must not change it.
func (d *Dict) Values() []string { return d.values }
