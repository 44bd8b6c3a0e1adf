package manifest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zeebo/xxh3"

	"parallax/engine/wire"
)

// head is the content of a table's pointer.
//
//	object 4+n | sequence 8 | since 8 | base 8
type head struct {
	object   string // of the last snapshot; "": the table is empty
	sequence int64
	since    int64 // bytes of snapshot objects behind the last one that holds all files
	base     int64 // bytes of that one
}

func (h head) encode() []byte {
	b := wire.AppendText(nil, h.object)
	for _, v := range [...]int64{h.sequence, h.since, h.base} {
		b = wire.Order.AppendUint64(b, uint64(v))
	}
	return b
}

func decodeHead(b []byte) (h head, err error) {
	if len(b) == 0 {
		return h, nil
	}
	r := wire.Reader{Rest: b}
	h = head{object: r.Text(), sequence: r.I64(), since: r.I64(), base: r.I64()}
	return h, r.End()
}

// Pointer is the name of a table's pointer.
func Pointer(table string) string { return table + "/head" }

// objectName is where a snapshot is written: its place, and what it says.
func objectName(table string, sequence int64, content []byte) string {
	return fmt.Sprintf("%s/snapshots/%010d-%016x", table, sequence, xxh3.Hash(content))
}

// ErrChain is returned for snapshots that are damaged, or do not follow one another.
var ErrChain = errors.New("manifest: damaged snapshots")

// chain reads a table: it wants one object after another, from the head back to one
// that holds all files.
type chain struct {
	want    string
	objects []*object // from the newest on
	back    int       // how many snapshots before the newest are wanted too
}

// newChain reads the table whose pointer has this content; nil, or what a store has
// of a pointer that is not there, is an empty table.
func newChain(pointer []byte) (*chain, error) {
	h, err := decodeHead(pointer)
	if err != nil {
		return nil, fmt.Errorf("manifest: damaged pointer: %w", err)
	}
	return &chain{want: h.object}, nil
}

// Want is the name of the next object; ok is false when the table is read.
func (c *chain) Want() (name string, ok bool) { return c.want, c.want != "" }

// Take takes the content of the wanted object in.
func (c *chain) Take(content []byte) error {
	o, err := decodeObject(content)
	if err != nil {
		return fmt.Errorf("%w: %s", err, c.want)
	}
	if n := len(c.objects); n > 0 && c.objects[n-1].snapshot.Parent != o.snapshot.ID {
		return fmt.Errorf("%w: %s is not the parent of the next", ErrChain, c.want)
	}
	c.objects = append(c.objects, o)
	c.want = o.previous
	if o.state != nil && len(c.objects) > c.back {
		c.want = ""
	}
	return nil
}

// end takes it that nothing older is there, if enough is known without.
func (c *chain) end() bool {
	for n := len(c.objects); n > 0; n-- {
		if c.objects[n-1].state != nil {
			c.objects, c.want = c.objects[:n], ""
			return true
		}
	}
	return false
}

// State is the table, when it is read.
func (c *chain) State() (*State, error) {
	last := &State{}
	err := c.states(func(s *State) { last = s })
	return last, err
}

// states calls yield with the table as of each snapshot that was read, from the oldest
// on. It is the caller's.
func (c *chain) states(yield func(*State)) error {
	s := &State{}
	for i := len(c.objects) - 1; i >= 0; i-- {
		o := c.objects[i]
		if o.state != nil {
			s = o.state.clone()
			yield(s.clone())
			continue
		}
		change := o.snapshot.Change
		snapshot, err := s.advance(&change)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrChain, err)
		}
		if snapshot.ID != o.snapshot.ID {
			return fmt.Errorf("%w: snapshot %016x at sequence %d", ErrChain, o.snapshot.ID, o.snapshot.Sequence)
		}
		yield(s.clone())
	}
	return nil
}

// FileName is the name that a writer gives to a file of a batch: Dead goes by it. It
// tells contents apart too, so that who writes a file again cannot change one.
func FileName(table, writer string, batch uint64, f *File) string {
	return fmt.Sprintf("%s/data/%s/%010d/%04d-%012d-%012d-%016x.parquet", table, writer, batch, f.Partition, f.From, f.To, f.Sum)
}

// Dead tells whether an object of the table is not live and can never become so: a
// snapshot of a sequence that is over, or a file of a batch that its writer has passed.
// Everything else may belong to a commit that is on its way. What kept names, objects
// of older snapshots that are to be read again, is not dead.
func (s *State) Dead(table, name string, kept func(object string) bool) bool {
	if rest, ok := strings.CutPrefix(name, table+"/snapshots/"); ok {
		var sequence int64
		var sum uint64
		if _, err := fmt.Sscanf(rest, "%010d-%016x", &sequence, &sum); err != nil {
			return false
		}
		return sequence <= s.Sequence && !kept(name)
	}
	rest, ok := strings.CutPrefix(name, table+"/data/")
	if !ok || kept(name) {
		return false
	}
	writer, rest, ok := strings.Cut(rest, "/")
	if !ok {
		return false
	}
	var batch uint64
	if _, err := fmt.Sscanf(rest, "%010d/", &batch); err != nil {
		return false
	}
	for i := range s.Files {
		if s.Files[i].Name == name {
			return false
		}
	}
	return batch <= s.Batch(writer)
}
