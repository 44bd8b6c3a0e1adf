package boundary

import "slices"

// Deletes are the deletions that apply to a row, by their sequence numbers (Apache
// Iceberg, table specification, "Scan planning"): one by equality hides data of lesser
// sequences, one by position also that of its own.
type Deletes struct{ Equality, Position []int64 }

// Visible tells whether data of a sequence is.
func (d *Deletes) Visible(data int64) bool {
	return !slices.ContainsFunc(d.Equality, func(s int64) bool { return data < s }) &&
		!slices.ContainsFunc(d.Position, func(s int64) bool { return data <= s })
}

// Upsert is a key's new value.
type Upsert struct {
	Key   string
	Value int64
}

// Collapse leaves the last upsert of each key, in the order of the keys' first
// appearance: one commit has one sequence number, so that within it no deletion hides
// what came before (apache/iceberg 11008).
func Collapse(changes []Upsert) []Upsert {
	var out []Upsert
	at := map[string]int{}
	for _, c := range changes {
		if i, ok := at[c.Key]; ok {
			out[i] = c
			continue
		}
		at[c.Key] = len(out)
		out = append(out, c)
	}
	return out
}
