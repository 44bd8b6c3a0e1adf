//go:build !js && !wasip1

package osenv

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"parallax/engine"
)

// filesystem is what may change a node's directory. It is a seam: tests record
// what passes through it, hold it up, or make it fail.
type filesystem interface {
	// create makes a new file for appending; it fails if there is one.
	create(name string) (file, error)
	// open opens a file for appending, or for syncing.
	open(name string) (file, error)
	remove(name string) error
	// syncDir makes durable which files there are.
	syncDir() error
}

// file is an open file of a filesystem. Write appends.
type file interface {
	Write(p []byte) (int, error)
	Sync() error
	Close() error
}

// osFiles is the directory itself.
type osFiles struct {
	dir string
}

func (f osFiles) create(name string) (file, error) {
	return os.OpenFile(filepath.Join(f.dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
}

func (f osFiles) open(name string) (file, error) {
	return os.OpenFile(filepath.Join(f.dir, name), os.O_WRONLY|os.O_APPEND, 0)
}

func (f osFiles) remove(name string) error { return os.Remove(filepath.Join(f.dir, name)) }

func (f osFiles) syncDir() error { return syncDir(f.dir) }

// checkName refuses names that some system would take for something else than a
// plain file of the directory.
func checkName(name string) error {
	if name == "" || len(name) > fileNameBytesMax {
		return fmt.Errorf("osenv: file name of %d bytes, want 1 to %d", len(name), fileNameBytesMax)
	}
	for _, c := range []byte(name) {
		if c <= ' ' || c > '~' || strings.IndexByte(`/\:*?"<>|`, c) >= 0 {
			return fmt.Errorf("osenv: file name %q has a character that is not portable", name)
		}
	}
	if name[0] == '.' || name[len(name)-1] == '.' {
		return fmt.Errorf("osenv: file name %q starts or ends with a dot", name)
	}
	return nil
}

// makeDir makes the directory, durably. Parents come first, each synced before
// the next is made, so that only the last one's entry can be in doubt when the
// directory is there already.
func makeDir(dir string) error {
	parent := filepath.Dir(dir)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) && parent != dir {
		if err := makeDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(parent)
}

// bootFormat names the file of an incarnation by node and number.
const bootFormat = ".boot-%010d-%010d"

// inventory lists what a directory holds.
type inventory struct {
	names []string // actors' files, ascending
	sizes []int64  // of these
	boots []uint32 // incarnations that have left their file
}

func readInventory(dir string, id engine.NodeID) (inventory, error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return inventory{}, err
	}
	var inv inventory
	for _, e := range list {
		var node engine.NodeID
		var boot uint32
		if _, err := fmt.Sscanf(e.Name(), bootFormat, &node, &boot); err == nil {
			if node != id {
				return inventory{}, fmt.Errorf("osenv: the directory belongs to node %d", node)
			}
			inv.boots = append(inv.boots, boot)
			continue
		}
		if e.Name()[0] == '.' || !e.Type().IsRegular() {
			continue // the lock, or something that no node has made
		}
		info, err := e.Info()
		if err != nil {
			return inventory{}, err
		}
		inv.names = append(inv.names, e.Name())
		inv.sizes = append(inv.sizes, info.Size())
	}
	return inv, nil
}

// nextBoot makes the next incarnation's number durable.
func nextBoot(fsys filesystem, id engine.NodeID, boots []uint32) (uint32, error) {
	var last uint32
	for _, b := range boots {
		last = max(last, b)
	}
	if last == ^uint32(0) {
		return 0, errors.New("osenv: no incarnation numbers left")
	}
	f, err := fsys.create(bootName(id, last+1))
	if err != nil {
		return 0, err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return 0, err
	}
	return last + 1, fsys.syncDir()
}

func bootName(id engine.NodeID, boot uint32) string { return fmt.Sprintf(bootFormat, id, boot) }

// settle makes everything in the directory durable: after a kill the page cache
// shows bytes that were never synced, and an actor would take them for promised.
func settle(fsys filesystem, names []string) error {
	for _, name := range names {
		f, err := fsys.open(name)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	return fsys.syncDir()
}
