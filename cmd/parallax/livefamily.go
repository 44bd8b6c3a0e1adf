//go:build !js && !wasip1

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// family is the processes of a live run. A process that dies is started again; one
// that says that it can never go on ends the run. Each watches its standard input,
// whose other end is the parent's: none outlives it, however it ends.
type family struct {
	dir   string
	names []string
	notes io.Writer
	again atomic.Int64
	stopc context.CancelFunc
	all   sync.WaitGroup
}

func newFamily(dir string, notes io.Writer) *family { return &family{dir: dir, notes: notes} }

func (f *family) restarts() int { return int(f.again.Load()) }

// Periods of the parent.
const (
	restartAfterMin = 20 * time.Millisecond
	restartAfterMax = time.Second
	livedLong       = 2 * time.Second // then a restart comes at once
	stopWithin      = 10 * time.Second
)

// start starts every process; what cannot go on is sent to the channel.
func (f *family) start(ctx context.Context) <-chan error {
	ctx, f.stopc = context.WithCancel(ctx)
	failed := make(chan error, len(f.names))
	for _, name := range f.names {
		f.all.Go(func() {
			// The system may end a child together with the thread that made it.
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			if err := f.keep(ctx, name); err != nil {
				failed <- err
			}
		})
	}
	return failed
}

// stop ends every process and waits for it.
func (f *family) stop() error {
	f.stopc()
	f.all.Wait()
	return nil
}

// keep has a process run until ctx is done.
func (f *family) keep(ctx context.Context, name string) error {
	wait := restartAfterMin
	for {
		begun := time.Now()
		err := f.once(ctx, name)
		if ctx.Err() != nil {
			return nil
		}
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() == exitInternal {
			return internal{fmt.Errorf("%s cannot go on; %s says why", name, logFile(f.dir, name))}
		}
		if err != nil && !errors.As(err, &exit) {
			return internal{fmt.Errorf("%s: %w", name, err)}
		}
		f.again.Add(1)
		fmt.Fprintf(f.notes, "%s has ended (%v) and is started again\n", name, exit)
		if time.Since(begun) > livedLong {
			wait = restartAfterMin
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil
		}
		wait = min(2*wait, restartAfterMax)
	}
}

// once runs a process to its end, which it is asked for when ctx is done.
func (f *family) once(ctx context.Context, name string) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(logFile(f.dir, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	dir, err := filepath.Abs(f.dir)
	if err != nil {
		return err
	}
	c := exec.CommandContext(ctx, exe, "node", dir, name) //nolint:gosec // this program itself
	c.Stdout, c.Stderr = log, log
	c.SysProcAttr = childAttributes()
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = stopWithin
	leash, err := c.StdinPipe()
	if err != nil {
		return err
	}
	defer leash.Close()
	if err := c.Start(); err != nil {
		return err
	}
	return c.Wait()
}
