//go:build !js && !wasip1

package osenv

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"parallax/engine"
)

// Names that would leave the directory, hide, or mean something else elsewhere
// are fatal, to persist and to remove; nothing of the step happens.
func TestFileNames(t *testing.T) {
	for _, name := range []string{
		"", ".", "..", ".lock", ".boot-0000000001-0000000009", "a/b", "../a", "/a", `a\b`, "a:b", "a b", "a\x00b", "ä", "a.", "*",
		strings.Repeat("a", fileNameBytesMax+1),
	} {
		for _, remove := range []bool{false, true} {
			o := options(t)
			_, err := Open(t.Context(), o, acting(func(_ engine.Env, fx *engine.Effects) {
				fx.Persist("innocent", []byte("x"))
				if remove {
					fx.Remove(name)
				} else {
					fx.Persist(name, []byte("x"))
				}
			}, quiet))
			if !errors.Is(err, ErrFatal) {
				t.Errorf("%q, remove %v: %v", name, remove, err)
			}
			if _, err := os.Stat(filepath.Join(o.Dir, "innocent")); err == nil {
				t.Errorf("%q, remove %v: the rest of the step was carried out", name, remove)
			}
		}
	}
	for _, name := range []string{"a", "a-1.log", "~a", "a,b=c+d@e#f", strings.Repeat("a", fileNameBytesMax)} {
		if err := checkName(name); err != nil {
			t.Error(err)
		}
	}
}

// A name that was removed stays used up for the incarnation: a crash may bring
// its old bytes back.
func TestRemovedNameIsUsedUp(t *testing.T) {
	n := mustOpen(t, options(t), acting(func(env engine.Env, fx *engine.Effects) {
		fx.Persist("a", []byte("x"))
		fx.Remove("a")
		fx.Send(env.ID, say("again"))
	}, func(_ engine.Event, fx *engine.Effects) { fx.Persist("a", []byte("y")) }))
	if err := awaitDown(t, n); !errors.Is(err, ErrFatal) {
		t.Errorf("got %v", err)
	}
}

// failing is a filesystem in which one operation fails.
type failing struct {
	filesystem
	op  string
	err error
}

func (f failing) create(name string) (file, error) {
	if f.op == "create" && name[0] != '.' {
		return nil, f.err
	}
	out, err := f.filesystem.create(name)
	if name[0] == '.' {
		return out, err // the driver's own, before there is an actor
	}
	return failingFile{out, f}, err
}

func (f failing) remove(name string) error {
	if f.op == "remove" {
		return f.err
	}
	return f.filesystem.remove(name)
}

type failingFile struct {
	file
	how failing
}

func (f failingFile) Write(p []byte) (int, error) {
	switch f.how.op {
	case "write":
		return 0, f.how.err
	case "short write":
		n, _ := f.file.Write(p[:len(p)/2])
		return n, nil
	}
	return f.file.Write(p)
}

func (f failingFile) Sync() error {
	if f.how.op == "sync" {
		return f.how.err
	}
	return f.file.Sync()
}

// "A write error is fail-stop": a full disk, too. Nothing that waited leaves.
func TestWriteErrorIsFailStop(t *testing.T) {
	for _, c := range []struct {
		op  string
		err error
	}{
		{"create", syscall.EACCES},
		{"write", syscall.ENOSPC},
		{"short write", io.ErrShortWrite},
		{"sync", syscall.EIO},
		{"remove", syscall.EROFS},
	} {
		released := false
		s := seam{files: func(dir string) filesystem { return failing{osFiles{dir}, c.op, c.err} }}
		n, err := open(t.Context(), options(t), acting(func(env engine.Env, fx *engine.Effects) {
			fx.Persist("a", []byte("abcdef"))
			fx.Remove("a")
			if c.op != "remove" {
				fx.Send(env.ID, say("durable"))
			}
		}, func(engine.Event, *engine.Effects) { released = true }), s)
		if err != nil {
			t.Fatal(err)
		}
		if err := awaitDown(t, n); !errors.Is(err, c.err) || errors.Is(err, ErrFatal) {
			t.Errorf("%s: %v", c.op, err)
		}
		if released {
			t.Errorf("%s: a message that waited has left", c.op)
		}
	}
}

// A node that was stopped in time, and whose last writes failed all the same,
// says so.
func TestStopSeesWriteErrors(t *testing.T) {
	for range 20 {
		s := seam{files: func(dir string) filesystem { return failing{osFiles{dir}, "write", syscall.ENOSPC} }}
		n, err := open(t.Context(), options(t), acting(func(_ engine.Env, fx *engine.Effects) {
			fx.Persist("a", []byte("x"))
		}, quiet), s)
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Stop(); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("got %v", err)
		}
	}
}

// Stop waits for what has been issued, so that nothing is lost by stopping.
func TestStopMakesIssuedDurable(t *testing.T) {
	o := options(t)
	tp := newTape()
	n, err := open(t.Context(), o, acting(func(_ engine.Env, fx *engine.Effects) {
		for i := range 160 { // more files than may stay open
			fx.Persist(fmt.Sprintf("f%03d", i%80), []byte{byte(i)})
		}
	}, quiet), tp.seam())
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Stop(); err != nil {
		t.Fatal(err)
	}
	var files []string
	var total int64
	mustOpen(t, o, acting(func(env engine.Env, _ *engine.Effects) {
		files = env.Disk.Files()
		for _, f := range files {
			p := make([]byte, 2)
			if _, err := env.Disk.ReadAt(f, p, 0); err != nil || p[1]-p[0] != 80 {
				t.Errorf("%s: %v %v", f, p, err)
			}
			total += env.Disk.Size(f)
		}
	}, quiet))
	loose := slices.ContainsFunc(possibles(tp.history()), func(f *possible) bool { return f.created || f.unsynced != nil })
	if loose {
		t.Error("something is not synced")
	}
	if len(files) != 80 || !slices.IsSorted(files) || total != 160 {
		t.Errorf("%d files of %d bytes", len(files), total)
	}
}

// Files that the writer closed because too many were open are opened again.
func TestManyFiles(t *testing.T) {
	const rounds = 3
	done := make(chan struct{})
	round := 0
	n, err := open(t.Context(), options(t), acting(
		func(env engine.Env, fx *engine.Effects) { fx.SendEager(env.ID, say("go")) },
		func(ev engine.Event, fx *engine.Effects) {
			if round++; round > rounds {
				close(done)
				return
			}
			for i := range 2*openFilesMax + 5 {
				fx.Persist(fmt.Sprintf("f%03d", i), []byte{byte(round)})
			}
			fx.Send(ev.From, say("go"))
		}), newTape().seam())
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("no end")
	}
	if err := n.Stop(); err != nil {
		t.Fatal(err)
	}
	c := n.Counters()
	if c.Persists != rounds*(2*openFilesMax+5) || c.UnsyncedBytes != 0 || c.Events != rounds+1 {
		t.Errorf("%+v", c)
	}
}

// When the disk is behind, the actor gets no more events until it has caught up.
func TestSlowDiskPushesBack(t *testing.T) {
	const blob, steps = 8 << 20, 20
	tp := newTape()
	tp.held = true
	done := make(chan struct{})
	count := 0
	n, err := open(t.Context(), options(t), acting(
		func(env engine.Env, fx *engine.Effects) { fx.SendEager(env.ID, say("")) },
		func(ev engine.Event, fx *engine.Effects) {
			if count++; count == steps {
				close(done)
				return
			}
			fx.Persist("a", make([]byte, blob))
			fx.SendEager(ev.From, say(""))
		}), tp.seam())
	if err != nil {
		t.Fatal(err)
	}
	tp.set(func() { tp.up = true })
	waitFor(t, "a full queue", func() bool { return n.Counters().UnsyncedBytes > unsyncedBytesMax })
	if c := n.Counters(); c.UnsyncedBytes > unsyncedBytesMax+blob || c.Events > unsyncedBytesMax/blob+1 {
		t.Errorf("%+v", c)
	}
	tp.set(func() { tp.held = false })
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("it does not go on")
	}
	if err := n.Stop(); err != nil {
		t.Error(err)
	}
}
