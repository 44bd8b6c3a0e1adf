//go:build !js && !wasip1

package osenv

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// op is one thing that happened to a node's directory, or that the node showed.
type op struct {
	kind string // create, append, sync, syncDir, remove, given; or a test's own
	name string
	data []byte
}

// tape records what a node does to its directory, in order, between the
// messages that leave. It is the only witness of a crash-state test.
type tape struct {
	mu   sync.Mutex
	cond sync.Cond // of mu
	ops  []op
	held bool // syncs wait, once there is an actor
	up   bool // there is one
	dead bool // nothing happens any more

	// Planted defects.
	lieSync    bool // syncs that do nothing
	lieSyncDir bool
	lieSettle  bool // lies of either kind until the first file is created
}

func newTape() *tape {
	tp := &tape{}
	tp.cond.L = &tp.mu
	return tp
}

func (tp *tape) note(kind, name string) {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	tp.ops = append(tp.ops, op{kind: kind, name: name})
}

func (tp *tape) set(f func()) {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	f()
	tp.cond.Broadcast()
}

// history is what has been recorded so far.
func (tp *tape) history() []op {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	return slices.Clone(tp.ops)
}

var errDead = errors.New("the machine is off")

// do carries out one operation and records it, unless the machine is off. Syncs
// wait while the tape is held. No test crashes the real machine, so that they
// need not happen.
func (tp *tape) do(o op, f func() error) error {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	sync := o.kind == "sync" || o.kind == "syncDir"
	for sync && tp.held && tp.up && !tp.dead {
		tp.cond.Wait()
	}
	if tp.dead {
		return errDead
	}
	if err := f(); err != nil {
		return err
	}
	lie := o.kind == "sync" && tp.lieSync || o.kind == "syncDir" && tp.lieSyncDir || sync && tp.lieSettle
	if o.kind == "create" {
		tp.lieSettle = false
	}
	if !lie {
		tp.ops = append(tp.ops, o)
	}
	return nil
}

// recorder is a filesystem whose operations go on a tape.
type recorder struct {
	real osFiles
	tape *tape
}

// seam puts a tape behind a node.
func (tp *tape) seam() seam {
	return seam{files: func(dir string) filesystem { return recorder{osFiles{dir}, tp} }}
}

func nothing() error { return nil }

func (r recorder) create(name string) (f file, err error) {
	err = r.tape.do(op{kind: "create", name: name}, func() error {
		f, err = r.real.create(name)
		return err
	})
	return recordedFile{name, f, r.tape}, err
}

func (r recorder) open(name string) (file, error) {
	f, err := r.real.open(name)
	return recordedFile{name, f, r.tape}, err
}

func (r recorder) remove(name string) error {
	return r.tape.do(op{kind: "remove", name: name}, func() error { return r.real.remove(name) })
}

func (r recorder) syncDir() error { return r.tape.do(op{kind: "syncDir"}, nothing) }

type recordedFile struct {
	name string
	file
	tape *tape
}

func (f recordedFile) Write(p []byte) (n int, err error) {
	err = f.tape.do(op{"append", f.name, slices.Clone(p)}, func() error {
		n, err = f.file.Write(p)
		return err
	})
	return n, err
}

func (f recordedFile) Sync() error { return f.tape.do(op{kind: "sync", name: f.name}, nothing) }

// image is what a machine may have on its disk.
type image map[string]string

// String is one line.
func (m image) String() string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "%s=%q ", name, m[name])
	}
	return b.String()
}

// write puts an image into a directory.
func (m image) write(t testing.TB, dir string) string {
	for name, data := range m {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// memoryDir makes a directory in memory if the system has such a place, because
// a crash state needs nothing but the calls: many are tried there, and some, like
// all recordings, on the real file system.
func memoryDir(t testing.TB) string {
	dir, err := os.MkdirTemp("/dev/shm", "osenv")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// given makes a history that starts with an image, all of it durable.
func (m image) given() []op {
	var ops []op
	for name, data := range m {
		ops = append(ops, op{"given", name, []byte(data)})
	}
	return ops
}

// possible is what POSIX leaves open about one file.
type possible struct {
	name     string
	synced   string
	unsynced []string // appends, in order
	created  bool     // the creation is not durable
	removed  bool     // nor is the removal
}

// possibles follows a history. Syncing a file makes its bytes durable and not its
// entry; syncing the directory makes creations and removals durable.
func possibles(history []op) []*possible {
	var files []*possible
	find := func(name string) *possible {
		i := slices.IndexFunc(files, func(f *possible) bool { return f.name == name })
		if i < 0 {
			panic("operation on " + name + ", which is not there")
		}
		return files[i]
	}
	for _, o := range history {
		switch o.kind {
		case "given":
			files = append(files, &possible{name: o.name, synced: string(o.data)})
		case "create":
			files = append(files, &possible{name: o.name, created: true})
		case "append":
			f := find(o.name)
			f.unsynced = append(f.unsynced, string(o.data))
		case "sync":
			f := find(o.name)
			f.synced += strings.Join(f.unsynced, "")
			f.unsynced = nil
		case "remove":
			find(o.name).removed = true
		case "syncDir":
			files = slices.DeleteFunc(files, func(f *possible) bool { return f.removed })
			for _, f := range files {
				f.created = false
			}
		}
	}
	return files
}

const gone = "\x00gone"

// outcomes lists what a crash may make of a file, the worst first and what the
// process saw last: any prefix of the unsynced appends, with one more cut off or
// of the right length without its bytes; with holes, also without its first ones.
func (f *possible) outcomes(holes bool) []string {
	var all []string
	if f.created || f.removed {
		all = append(all, gone)
	}
	kept := f.synced
	all = append(all, kept)
	for _, a := range f.unsynced {
		if len(a) > 1 {
			all = append(all, kept+a[:1], kept+a[:len(a)/2], kept+a[:len(a)-1])
		}
		if len(a) > 0 {
			all = append(all, kept+strings.Repeat("\x00", len(a)))
		}
		if holes {
			all = append(all, kept+strings.Repeat("\x00", len(a)/2)+a[len(a)/2:])
		}
		kept += a
		all = append(all, kept)
	}
	if f.removed { // the process saw it gone
		all = append(all, gone)
	}
	return all
}

// crashImages calls visit with what a crash after a history may leave: all of it
// if that is at most most, else the worst, the best and a seeded choice.
func crashImages(history []op, most int, holes bool, rng *rand.Rand, visit func(image)) {
	files := possibles(history)
	outcomes := make([][]string, len(files))
	total := 1
	for i, f := range files {
		outcomes[i] = f.outcomes(holes)
		total = min(total*len(outcomes[i]), 1<<40)
	}
	pick := func(choose func(n int) int) {
		m := image{}
		for i, f := range files {
			if data := outcomes[i][choose(len(outcomes[i]))]; data != gone {
				m[f.name] = data
			}
		}
		visit(m)
	}
	if total <= most {
		for state := range total {
			rest := state
			pick(func(n int) int {
				k := rest % n
				rest /= n
				return k
			})
		}
		return
	}
	pick(func(int) int { return 0 })
	pick(func(n int) int { return n - 1 })
	for range most - 2 {
		pick(rng.IntN)
	}
}

// killedImage is what the next process finds if only the process dies: all that
// it did, synced or not.
func killedImage(history []op) image {
	m := image{}
	for _, f := range possibles(history) {
		if !f.removed {
			m[f.name] = f.synced + strings.Join(f.unsynced, "")
		}
	}
	return m
}
