package manifest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"

	"parallax/engine/wire"
)

// Errors of a change that cannot be applied to a state.
var (
	ErrApplied = errors.New("manifest: the batch is committed already")
	ErrGone    = errors.New("manifest: a file that is to be replaced is not there any more")
	ErrPlace   = errors.New("manifest: files do not adjoin")
	ErrChange  = errors.New("manifest: not a change")
)

// Apply is the state behind a change, and the snapshot that leads there. The receiver
// stays as it is.
func (s *State) Apply(c *Change) (*State, *Snapshot, error) {
	next := s.clone()
	snapshot, err := next.advance(c)
	if err != nil {
		return nil, nil, err
	}
	return next, snapshot, nil
}

func (s *State) clone() *State {
	c := *s
	c.Cut, c.Schemas = slices.Clone(s.Cut), slices.Clone(s.Schemas)
	c.Writers, c.Files = slices.Clone(s.Writers), slices.Clone(s.Files)
	return &c
}

// advance moves the state behind a change. After an error it is of no further use.
func (s *State) advance(c *Change) (*Snapshot, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	w, known := slices.BinarySearchFunc(s.Writers, c.Writer, func(w writer, name string) int { return strings.Compare(w.Name, name) })
	switch {
	case !known:
		s.Writers = slices.Insert(s.Writers, w, writer{c.Writer, c.Batch})
	case s.Writers[w].Batch >= c.Batch:
		return nil, fmt.Errorf("%w: %s is at %d, this is %d", ErrApplied, c.Writer, s.Writers[w].Batch, c.Batch)
	default:
		s.Writers[w].Batch = c.Batch
	}
	snapshot := &Snapshot{Parent: s.ID, Sequence: s.Sequence + 1, Change: *c}
	snapshot.Add, snapshot.Cut, snapshot.From = slices.Clone(c.Add), slices.Clone(c.Cut), slices.Clone(c.From)
	for i := range snapshot.Add {
		snapshot.Add[i].Sequence = snapshot.Sequence
	}
	if err := s.change(snapshot); err != nil {
		return nil, err
	}
	snapshot.ID = snapshot.identity()
	s.ID, s.Parent, s.Sequence, s.Code = snapshot.ID, snapshot.Parent, snapshot.Sequence, c.Code
	return snapshot, nil
}

// check judges a change by itself.
func (c *Change) check() error {
	why := ""
	switch {
	case c.Writer == "" || c.Batch == 0:
		why = "a change names its writer and its batch, from 1"
	case c.Operation < Append || c.Operation > Delete:
		why = "unknown operation"
	case c.Operation == Append && (len(c.Remove) > 0 || len(c.Cut) == 0):
		why = "an append removes nothing, and says which cut it leads to"
	case c.Operation != Append && (len(c.Remove) == 0 || c.Cut != nil):
		why = "a replacement or deletion names files, and does not move the cut"
	case c.From != nil && len(c.From) != len(c.Cut):
		why = "a span begins and ends in the same partitions"
	case c.Operation == Delete && len(c.Add) > 0:
		why = "a deletion adds nothing"
	}
	if why != "" {
		return fmt.Errorf("%w: %s", ErrChange, why)
	}
	return nil
}

// identity is a snapshot's id: a hash of its place and of who made it, never 0.
func (s *Snapshot) identity() uint64 {
	b := wire.Order.AppendUint64(nil, s.Parent)
	b = wire.Order.AppendUint64(b, uint64(s.Sequence))
	b = wire.Order.AppendUint64(wire.AppendText(b, s.Writer), s.Batch)
	return max(1, xxh3.Hash(b))
}

// change carries a snapshot out.
func (s *State) change(c *Snapshot) error {
	if c.Schema != nil {
		last := &Schema{}
		if n := len(s.Schemas); n > 0 {
			last = &s.Schemas[n-1]
		}
		if err := last.follows(c.Schema); err != nil {
			return err
		}
		s.Schemas = append(s.Schemas, *c.Schema)
	}
	removed, added := int64(0), int64(0)
	for _, name := range c.Remove {
		at := slices.IndexFunc(s.Files, func(f File) bool { return f.Name == name })
		if at < 0 {
			return fmt.Errorf("%w: %s", ErrGone, name)
		}
		removed += s.Files[at].Rows
		s.Files = slices.Delete(s.Files, at, at+1)
	}
	for i := range c.Add {
		f := &c.Add[i]
		added += f.Rows
		if f.Schema < 1 || int(f.Schema) > len(s.Schemas) {
			return fmt.Errorf("%w: %s is of schema %d, there are %d", ErrSchema, f.Name, f.Schema, len(s.Schemas))
		}
		if slices.ContainsFunc(s.Files, func(g File) bool { return g.Name == f.Name }) {
			return fmt.Errorf("%w: there is a file %s already", ErrPlace, f.Name)
		}
		at, _ := slices.BinarySearchFunc(s.Files, *f, File.compare)
		s.Files = slices.Insert(s.Files, at, *f)
	}
	if c.Operation == Replace && added != removed {
		return fmt.Errorf("%w: a replacement holds %d rows, what it replaces %d", ErrPlace, added, removed)
	}
	if c.Operation == Append {
		if len(c.Cut) < len(s.Cut) {
			return fmt.Errorf("%w: a cut of %d partitions, the table has %d", ErrPlace, len(c.Cut), len(s.Cut))
		}
		if err := s.behind(c); err != nil {
			return err
		}
		s.Cut = slices.Clone(c.Cut)
	}
	return s.adjoining()
}

// compare orders files by place.
func (f File) compare(g File) int {
	return cmp.Or(cmp.Compare(f.Partition, g.Partition), cmp.Compare(f.From, g.From), strings.Compare(f.Name, g.Name))
}

// behind wants the files of an append to begin where the table ends, and to lead to
// the append's cut. Partitions that it does not touch keep their cut, whatever the
// append thought that was.
func (s *State) behind(c *Snapshot) error {
	for p := range c.Cut {
		end, touched, known := int64(0), false, p < len(s.Cut)
		if known {
			end = s.Cut[p].Offset
		}
		if c.From != nil {
			if known && end != c.From[p].Offset {
				return fmt.Errorf("%w: partition %d: the span begins at offset %d, the table ends at %d", ErrPlace, p, c.From[p].Offset, end)
			}
			end, known = c.From[p].Offset, true
			if c.Cut[p].Offset < end {
				return fmt.Errorf("%w: partition %d: the span ends at offset %d, before its beginning", ErrPlace, p, c.Cut[p].Offset)
			}
		}
		for i := range c.Add {
			if f := &c.Add[i]; int(f.Partition) == p {
				if !known && !touched { // a table begins where the log does
					end = f.From
				}
				if f.From != end || f.To <= f.From {
					return fmt.Errorf("%w: partition %d: %s begins at offset %d, the table ends at %d", ErrPlace, p, f.Name, f.From, end)
				}
				end, touched = f.To, true
			}
		}
		switch {
		case !touched && c.From != nil: // a stretch without rows
		case !touched && known:
			c.Cut[p] = s.Cut[p]
		case touched && c.Cut[p].Offset != end:
			return fmt.Errorf("%w: partition %d: the files end at offset %d, the cut is at %d", ErrPlace, p, end, c.Cut[p].Offset)
		}
	}
	return nil
}

// adjoining is the invariant: without deletions a partition's files leave no gap.
func (s *State) adjoining() error {
	for i := 1; i < len(s.Files); i++ {
		if a, b := &s.Files[i-1], &s.Files[i]; a.Partition == b.Partition && b.From < a.To {
			return fmt.Errorf("%w: %s and %s hold the same offsets of partition %d", ErrPlace, a.Name, b.Name, a.Partition)
		}
	}
	return nil
}

// Batch is the last batch of a writer that is committed, 0 for none.
func (s *State) Batch(writer string) uint64 {
	for _, w := range s.Writers {
		if w.Name == writer {
			return w.Batch
		}
	}
	return 0
}

// Rows is how many rows the live files hold.
func (s *State) Rows() (n int64) {
	for i := range s.Files {
		n += s.Files[i].Rows
	}
	return n
}
