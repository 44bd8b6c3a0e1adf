package manifest

import (
	"errors"
	"fmt"
	"slices"

	"parallax/engine/flow/column"
)

// Field is a column that keeps its identity when it is renamed or moved.
type Field struct {
	ID   int32
	Name string
	Type column.Type
}

// Schema is the columns of files, by the number that files name.
type Schema struct {
	ID     int32
	Fields []Field
}

// ErrSchema is returned for a schema that cannot follow another.
var ErrSchema = errors.New("manifest: schema cannot follow")

// follows tells whether files of the next schema can stand beside those of s: fields
// may be added, dropped and renamed, but an id keeps its type.
func (s *Schema) follows(next *Schema) error {
	if next.ID != s.ID+1 {
		return fmt.Errorf("%w: it is number %d, after %d", ErrSchema, next.ID, s.ID)
	}
	for i, f := range next.Fields {
		if slices.ContainsFunc(next.Fields[:i], func(g Field) bool { return g.ID == f.ID || g.Name == f.Name }) {
			return fmt.Errorf("%w: two fields have the id %d or the name %q", ErrSchema, f.ID, f.Name)
		}
		if at := slices.IndexFunc(s.Fields, func(g Field) bool { return g.ID == f.ID }); at >= 0 && s.Fields[at].Type != f.Type {
			return fmt.Errorf("%w: field %d, %q, was %s and would be %s", ErrSchema, f.ID, f.Name, s.Fields[at].Type, f.Type)
		}
	}
	return nil
}

// Stat is what is known of a field's values in a file.
type Stat struct {
	Field    int32
	Nulls    int64
	NaNs     int64
	Min, Max column.Value // of values that are neither; null if there are none
}
