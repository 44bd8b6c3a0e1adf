package segment

import (
	"slices"

	"parallax/engine/flow/column"
)

// Reopen makes r read another segment from its first entry on, as a reader from
// NewReader would, and reports whether it could: the schemas must be equal. It
// spares the setup for segments of a single entry. Dictionaries that were read
// before stay valid.
func (r *Reader) Reopen(h Header) bool {
	if h.valid() != nil || !slices.Equal(h.Schema, r.header.Schema) {
		return false
	}
	h.Schema = r.header.Schema
	r.header = h
	for i := range r.dicts {
		if r.dicts[i] != nil {
			r.dicts[i] = new(column.Dict)
		}
	}
	return true
}
