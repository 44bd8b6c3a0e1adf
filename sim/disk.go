package sim

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"parallax/engine"
)

var (
	errForeignFile = errors.New("sim: write to a file of an earlier incarnation")
	errRemovedFile = errors.New("sim: write to a file whose removal was asked for")
	errNoFileName  = errors.New("sim: persist without a file name")
)

// Disk is a node's simulated disk: durable bytes, and the writes and removes
// that are not durable yet. As an [engine.Disk] it shows durable bytes only.
//
// A World has one for every node. Standing alone it serves tests of storage
// code: Issue what steps ask for, Sync now and then, and try every state that a
// crash at this point could leave with CrashStates.
type Disk struct {
	boot  uint32
	files []*file // ascending by name
	last  *file   // the file written last, to spare the search

	// Persists are numbered from 1 over the disk's whole life. Those up to
	// durable are safe, those up to syncing are covered by the running sync,
	// those up to issued exist.
	issued, syncing, durable uint64
	dirty                    []*file  // with unsynced writes, in order of the first
	unsynced                 int64    // bytes that no sync covers yet
	removes                  []remove // in order of issue
	syncs                    uint64   // syncs begun
	gone                     []string // removed for good in this incarnation, ascending
}

// file holds its durable bytes and, behind them, what is written but unsynced.
type file struct {
	name     string
	boot     uint32 // the incarnation that created it
	data     []byte
	durable  int     // bytes of data that a crash cannot take
	created  bool    // the directory entry is durable
	removing bool    // its removal was issued
	hidden   bool    // its removal took effect; a crash may undo it
	writes   []write // unsynced, in order
	tail     int     // where the last durable write begins
	bad      []unreadable
}

// write is one unsynced persist of a file.
type write struct {
	end   int    // of its bytes in the file's data
	index uint64 // number of the persist
}

// remove waits for the persists before it, then takes effect, and cannot be
// undone once a sync that began later has ended.
type remove struct {
	file    *file
	after   uint64 // persists that must be durable first
	applied bool
	asked   bool   // whether a fault undoes it
	syncs   uint64 // syncs begun when it was applied
}

// NewDisk returns an empty disk of a node's first incarnation.
func NewDisk() *Disk { return &Disk{boot: 1} }

// Files lists the names of the durable files in ascending order.
func (d *Disk) Files() []string {
	var names []string
	for _, f := range d.files {
		if f.visible() {
			names = append(names, f.name)
		}
	}
	return names
}

// Size is the durable length of a file in bytes, 0 if there is none.
func (d *Disk) Size(name string) int64 {
	if f := d.find(name); f != nil && f.visible() {
		return int64(f.durable)
	}
	return 0
}

// ReadAt reads durable bytes like io.ReaderAt. The error of a missing file is
// fs.ErrNotExist.
func (d *Disk) ReadAt(name string, p []byte, off int64) (int, error) {
	f := d.find(name)
	if f == nil || !f.visible() {
		return 0, fmt.Errorf("sim: read %q: %w", name, fs.ErrNotExist)
	}
	if off < 0 {
		return 0, fmt.Errorf("sim: read %q at %d: %w", name, off, fs.ErrInvalid)
	}
	if off >= int64(f.durable) {
		return 0, io.EOF
	}
	n := copy(p, f.data[off:f.durable])
	if f.bad != nil {
		if n, err := f.readable(off, n); err != nil {
			return n, err
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Issue queues the Persists and Removes of one step, which take effect by Sync
// or, in part, by a crash. It fails on what no driver allows: a write to a file
// that an earlier incarnation created or whose removal was issued.
func (d *Disk) Issue(fx *engine.Effects) error {
	if err := d.check(fx); err != nil {
		return err
	}
	for i := range fx.Persists {
		d.persist(&fx.Persists[i])
	}
	for _, name := range fx.Removes {
		d.remove(name)
	}
	return nil
}

// Sync makes everything issued so far durable, as one group commit; then the
// Removes behind it take effect.
func (d *Disk) Sync() {
	d.beginSync()
	d.endSync()
}

// check refuses a step's writes as a whole before any is carried out.
func (d *Disk) check(fx *engine.Effects) error {
	for i := range fx.Persists {
		p := &fx.Persists[i]
		if p.Data == nil {
			continue
		}
		if p.File == "" {
			return errNoFileName
		}
		f := d.find(p.File)
		_, gone := slices.BinarySearch(d.gone, p.File)
		switch {
		case gone:
			return fmt.Errorf("%w: %q", errRemovedFile, p.File)
		case f == nil:
		case f.boot != d.boot:
			return fmt.Errorf("%w: %q", errForeignFile, p.File)
		case f.removing:
			return fmt.Errorf("%w: %q", errRemovedFile, p.File)
		}
	}
	return nil
}

// persist queues one checked write and returns its number; a barrier has the
// number of the write before it.
func (d *Disk) persist(p *engine.Persist) uint64 {
	if p.Data == nil {
		return d.issued
	}
	d.issued++
	f := d.last
	if f == nil || f.name != p.File {
		f = d.findOrCreate(p.File)
		d.last = f
	}
	if len(f.writes) == 0 {
		d.dirty = append(d.dirty, f)
	}
	if need := len(f.data) + len(p.Data); need > cap(f.data) {
		// Doubled: append grows by a quarter, and files are written in many small pieces.
		f.data = slices.Grow(f.data, max(need, 2*cap(f.data))-len(f.data))
	}
	f.data = append(f.data, p.Data...)
	f.writes = append(f.writes, write{end: len(f.data), index: d.issued})
	d.unsynced += int64(len(p.Data))
	return d.issued
}

// remove queues a removal; that of a missing file, or a second one, is nothing.
func (d *Disk) remove(name string) {
	f := d.find(name)
	if f == nil || f.removing {
		return
	}
	f.removing = true
	d.removes = append(d.removes, remove{file: f, after: d.issued})
	d.applyRemoves()
}

// beginSync starts a group commit over everything issued and returns the bytes
// it has to write. The caller lets it last, then calls endSync, or crash.
func (d *Disk) beginSync() int64 {
	n := d.unsynced
	d.unsynced = 0
	d.syncing = d.issued
	d.syncs++
	return n
}

// idle reports whether no sync runs and none is needed.
func (d *Disk) idle() bool { return d.durable == d.issued }

// endSync ends the running group commit.
func (d *Disk) endSync() {
	still := d.dirty[:0]
	for _, f := range d.dirty {
		k := 0
		for k < len(f.writes) && f.writes[k].index <= d.syncing {
			f.tail, f.durable = f.durable, f.writes[k].end
			k++
		}
		f.created = f.created || k > 0
		f.writes = f.writes[:copy(f.writes, f.writes[k:])]
		if len(f.writes) > 0 {
			still = append(still, f)
		}
	}
	clear(d.dirty[len(still):])
	d.dirty = still
	d.durable = d.syncing
	// Removes that took effect before this sync began are durable with it.
	k := 0
	for k < len(d.removes) && d.removes[k].applied && d.removes[k].syncs < d.syncs {
		d.drop(d.removes[k].file)
		k++
	}
	d.removes = slices.Delete(d.removes, 0, k)
	d.applyRemoves()
}

// applyRemoves lets the removes take effect whose persists are all durable.
func (d *Disk) applyRemoves() {
	for i := range d.removes {
		r := &d.removes[i]
		if r.after > d.durable {
			return
		}
		if !r.applied {
			r.applied, r.syncs = true, d.syncs
			r.file.hidden = true
		}
	}
}

// visible reports whether actors see the file.
func (f *file) visible() bool { return f.created && !f.hidden }

func (d *Disk) search(name string) (int, bool) {
	return slices.BinarySearchFunc(d.files, name, func(f *file, name string) int {
		return strings.Compare(f.name, name)
	})
}

func (d *Disk) find(name string) *file {
	if d.last != nil && d.last.name == name {
		return d.last
	}
	if i, ok := d.search(name); ok {
		return d.files[i]
	}
	return nil
}

func (d *Disk) findOrCreate(name string) *file {
	i, ok := d.search(name)
	if !ok {
		d.files = slices.Insert(d.files, i, &file{name: name, boot: d.boot})
	}
	return d.files[i]
}

func (d *Disk) drop(f *file) {
	if i, ok := d.search(f.name); ok {
		d.files = slices.Delete(d.files, i, i+1)
	}
	if i, ok := slices.BinarySearch(d.gone, f.name); !ok {
		d.gone = slices.Insert(d.gone, i, f.name)
	}
	if d.last == f {
		d.last = nil
	}
}
