//go:build !js && !wasip1

package osenv

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"
)

// commit is what one step waits for: its writes, what each of them releases, the
// messages held back, and the removals.
type commit struct {
	writes  []write
	sends   []packet
	removes []*entry
	bytes   int
}

// write is one Persist; a barrier has no file.
type write struct {
	file *entry
	data []byte
	then []packet
}

// report is what the writer tells the loop, in order: of each group that it is
// durable, then, if it removes files, that they are about to go. Those are taken
// out of the actor's view first, between two steps, and hidden is closed; only then
// is anything removed, so that no file vanishes while a step reads it. Exactly one
// of durable, removed and err is set.
type report struct {
	durable []*commit
	removed []*entry
	hidden  chan struct{} // goes with removed
	err     error         // the writer has stopped
}

// writer carries out group commits: one sync per file for everything that was
// queued when the group began.
type writer struct {
	fsys    filesystem
	meters  *meters
	reports chan report
	left    <-chan struct{} // closed when nobody reads reports any more

	mu     sync.Mutex
	wake   sync.Cond // of mu
	queue  []*commit
	closed bool

	group uint64
	open  []*entry // with an open file
	err   error    // why it has stopped, nil at a clean end
}

func newWriter(fsys filesystem, m *meters, left <-chan struct{}) *writer {
	w := &writer{fsys: fsys, meters: m, reports: make(chan report, 4), left: left}
	w.wake.L = &w.mu
	return w
}

// submit queues a commit behind all earlier ones.
func (w *writer) submit(c *commit) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = append(w.queue, c)
	w.wake.Signal()
}

// close lets the writer end once everything queued is durable.
func (w *writer) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.wake.Signal()
}

// run is the writer's goroutine. After an error it writes nothing more.
func (w *writer) run() {
	for {
		group := w.take()
		if len(group) == 0 {
			break
		}
		if w.err = w.commit(group); w.err != nil {
			w.tell(report{err: w.err})
			break
		}
	}
	for _, e := range w.open {
		_ = e.out.Close() // what is promised has been synced
	}
}

func (w *writer) tell(r report) {
	select {
	case w.reports <- r:
	case <-w.left:
	}
}

// take waits for commits and takes a group of at most groupBytesMax. It returns
// none at the end.
func (w *writer) take() []*commit {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) == 0 && !w.closed {
		w.wake.Wait()
	}
	n, bytes := 0, 0
	for n < len(w.queue) {
		c := w.queue[n]
		if bytes += c.bytes; n > 0 && bytes > groupBytesMax {
			break
		}
		n++
	}
	group := w.queue[:n:n]
	w.queue = w.queue[n:]
	return group
}

func (w *writer) commit(group []*commit) error {
	w.group++
	w.meters.groups.Add(1)
	touched, created, err := w.append(group)
	if err != nil {
		return err
	}
	for _, e := range touched {
		if err := e.out.Sync(); err != nil {
			return fmt.Errorf("osenv: sync %s: %w", e.name, err)
		}
	}
	w.meters.syncs.Add(uint64(len(touched)))
	if created {
		if err := w.syncDir(); err != nil {
			return err
		}
	}
	w.tell(report{durable: group})
	var removes []*entry
	for _, c := range group {
		removes = append(removes, c.removes...)
	}
	if len(removes) > 0 {
		hidden := make(chan struct{})
		w.tell(report{removed: removes, hidden: hidden})
		select {
		case <-hidden:
		case <-w.left:
		}
		if err := w.remove(removes); err != nil {
			return err
		}
	}
	return w.closeIdle()
}

// append writes the group's bytes, small ones of a file gathered.
func (w *writer) append(group []*commit) (touched []*entry, created bool, err error) {
	for _, c := range group {
		for _, wr := range c.writes {
			e := wr.file
			if e == nil {
				continue
			}
			if e.used != w.group {
				e.used = w.group
				touched = append(touched, e)
				created = created || !e.exists
				if err := w.ensureOpen(e); err != nil {
					return nil, false, err
				}
			}
			if len(e.buf)+len(wr.data) <= gatherBytesMax {
				e.buf = append(e.buf, wr.data...)
				continue
			}
			if err := e.flush(); err != nil {
				return nil, false, err
			}
			if len(wr.data) < gatherBytesMax/2 {
				e.buf = append(e.buf, wr.data...)
			} else if err := e.write(wr.data); err != nil {
				return nil, false, err
			}
		}
	}
	for _, e := range touched {
		if err := e.flush(); err != nil {
			return nil, false, err
		}
	}
	return touched, created, nil
}

// flush writes what was gathered.
func (e *entry) flush() error {
	if len(e.buf) == 0 {
		return nil
	}
	b := e.buf
	e.buf = e.buf[:0]
	return e.write(b)
}

func (e *entry) write(b []byte) error {
	n, err := e.out.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return fmt.Errorf("osenv: append to %s: %w", e.name, err)
	}
	return nil
}

func (w *writer) ensureOpen(e *entry) error {
	if e.out != nil {
		return nil
	}
	open := w.fsys.open
	if !e.exists {
		open = w.fsys.create
	}
	out, err := open(e.name)
	if err != nil {
		return fmt.Errorf("osenv: open %s for appending: %w", e.name, err)
	}
	e.out, e.exists = out, true
	w.open = append(w.open, e)
	return nil
}

func (w *writer) syncDir() error {
	w.meters.directorySyncs.Add(1)
	if err := w.fsys.syncDir(); err != nil {
		return fmt.Errorf("osenv: sync directory: %w", err)
	}
	return nil
}

// remove carries removals out and makes them last: the contract lets a crash undo
// them, but space that was freed should stay free.
func (w *writer) remove(removes []*entry) error {
	for _, e := range removes {
		if err := w.closeFile(e); err != nil {
			return err
		}
		if err := w.fsys.remove(e.name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("osenv: remove %s: %w", e.name, err)
		}
	}
	w.meters.removes.Add(uint64(len(removes)))
	return w.syncDir()
}

func (w *writer) closeFile(e *entry) error {
	if e.out == nil {
		return nil
	}
	w.open = slices.DeleteFunc(w.open, func(o *entry) bool { return o == e })
	err := e.out.Close()
	e.out, e.buf = nil, nil
	if err != nil {
		return fmt.Errorf("osenv: close %s: %w", e.name, err)
	}
	return nil
}

// closeIdle closes the files that were left alone longest; all are synced.
func (w *writer) closeIdle() error {
	for len(w.open) > openFilesMax {
		idle := w.open[0]
		for _, e := range w.open {
			if e.used < idle.used {
				idle = e
			}
		}
		if err := w.closeFile(idle); err != nil {
			return err
		}
	}
	return nil
}
