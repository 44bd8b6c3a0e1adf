//go:build !js && !wasip1

package osenv

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// entry is one file. It outlives the file, because an incarnation may not use a
// name again.
type entry struct {
	name string
	mine bool // created by this incarnation

	// The loop's.
	size    int64 // durable bytes
	visible bool  // its directory entry is durable
	leaving bool  // its removal has been issued
	reader  *os.File

	// The writer's.
	out    file   // nil: not open
	exists bool   // the writer has created it
	buf    []byte // appends of the current group, gathered
	used   uint64 // the group that last touched it
}

// disk is the loop's view of the directory: durable bytes only. It implements
// engine.Disk, for the loop alone.
type disk struct {
	dir     string
	files   map[string]*entry
	readers int // open
	meters  *meters
}

func newDisk(dir string, inv inventory, m *meters) *disk {
	d := &disk{dir: dir, files: map[string]*entry{}, meters: m}
	for i, name := range inv.names {
		d.files[name] = &entry{name: name, size: inv.sizes[i], visible: true}
	}
	return d
}

// Files lists the durable files in ascending order.
func (d *disk) Files() []string {
	var names []string
	for name, e := range d.files {
		if e.visible {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Size is the durable length in bytes.
func (d *disk) Size(name string) int64 {
	if e := d.files[name]; e != nil {
		return e.size
	}
	return 0
}

// ReadAt reads durable bytes.
func (d *disk) ReadAt(name string, p []byte, off int64) (int, error) {
	e := d.files[name]
	if e == nil || !e.visible {
		return 0, fmt.Errorf("osenv: read %s: %w", name, fs.ErrNotExist)
	}
	if off < 0 {
		return 0, fmt.Errorf("osenv: read %s at %d", name, off)
	}
	want := min(int64(len(p)), max(0, e.size-off))
	n, err := 0, error(nil)
	if want > 0 {
		n, err = d.read(e, p[:want], off)
		d.meters.readBytes.Add(uint64(n))
		if errors.Is(err, io.EOF) && int64(n) < want {
			err = fmt.Errorf("osenv: %s is shorter than its %d durable bytes: %w", name, e.size, io.ErrUnexpectedEOF)
		}
	}
	if err == nil && n < len(p) {
		err = io.EOF
	}
	return n, err
}

func (d *disk) read(e *entry, p []byte, off int64) (int, error) {
	if e.reader == nil {
		f, err := os.Open(filepath.Join(d.dir, e.name))
		if err != nil {
			return 0, err
		}
		if e.leaving { // an open file cannot be removed everywhere
			defer f.Close()
			return f.ReadAt(p, off)
		}
		if d.readers >= openFilesMax {
			d.closeReaders()
		}
		e.reader = f
		d.readers++
	}
	return e.reader.ReadAt(p, off)
}

func (d *disk) closeReaders() {
	for _, e := range d.files {
		d.closeReader(e)
	}
}

func (d *disk) closeReader(e *entry) {
	if e.reader != nil {
		// It was only read from: nothing is lost if closing fails.
		_ = e.reader.Close()
		e.reader = nil
		d.readers--
	}
}

// claim finds the entry that a Persist appends to.
func (d *disk) claim(name string) (*entry, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	e := d.files[name]
	switch {
	case e == nil:
		e = &entry{name: name, mine: true}
		d.files[name] = e
	case e.leaving:
		// Its removal may be undone by a crash: new bytes must not meet old ones.
		return nil, fmt.Errorf("osenv: file %s was removed by this incarnation", name)
	case !e.mine:
		return nil, fmt.Errorf("osenv: file %s was created by an earlier incarnation", name)
	}
	return e, nil
}

// release finds the entry that a removal is for, nil if there is no such file.
func (d *disk) release(name string) (*entry, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	e := d.files[name]
	if e == nil || e.leaving {
		return nil, nil
	}
	e.leaving = true
	d.closeReader(e)
	return e, nil
}

// removed takes a file out of the view. Its entry stays: the name is used up.
func (d *disk) removed(e *entry) {
	e.visible = false
	e.size = 0
}
