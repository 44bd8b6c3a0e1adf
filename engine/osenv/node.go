//go:build !js && !wasip1

package osenv

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"parallax/engine"
)

// Node is one incarnation of an actor on this machine.
type Node struct {
	id     engine.NodeID
	boot   uint32
	decode engine.Decode
	clock  clock
	log    *slog.Logger
	meters meters
	lock   *os.File

	// The loop's.
	actor   engine.Actor
	fx      engine.Effects
	plan    plan // of the step in hand
	disk    *disk
	timers  timers
	self    fifo
	waiting int // commits with the writer
	err     error

	writer  *writer
	network *network
	// leave hands a message for another node over; tests see it here.
	leave func(packet)

	stop    context.CancelFunc
	left    chan struct{} // closed when the loop has ended
	down    chan struct{} // closed when everything has
	running sync.WaitGroup
}

// seam is what tests put in the way of a node.
type seam struct {
	files func(dir string) filesystem
	leave func(packet) // sees every message before it leaves
	// frameTimeout replaces the limit of that name, unless it is 0.
	frameTimeout time.Duration
}

// Open locks the directory, makes what is in it durable, raises Boot, calls
// start and carries out its effects. The node then runs until ctx is done, Stop
// is called or it fails. An error or panic of start wraps ErrFatal.
func Open(ctx context.Context, o Options, start engine.Start) (*Node, error) {
	return open(ctx, o, start, seam{files: func(dir string) filesystem { return osFiles{dir} }})
}

// Run opens a node and waits until it is down. It returns nil when ctx ended it.
func Run(ctx context.Context, o Options, start engine.Start) error {
	n, err := Open(ctx, o, start)
	if err != nil {
		return err
	}
	return n.Wait()
}

func open(ctx context.Context, o Options, start engine.Start, s seam) (_ *Node, err error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	if err := makeDir(filepath.Clean(o.Dir)); err != nil {
		return nil, fmt.Errorf("osenv: make directory: %w", err)
	}
	n := &Node{id: o.ID, decode: o.Decode, clock: newClock(), left: make(chan struct{}), down: make(chan struct{})}
	if n.lock, err = lock(filepath.Join(o.Dir, ".lock")); err != nil {
		return nil, fmt.Errorf("osenv: lock %s: %w", o.Dir, err)
	}
	fsys := s.files(o.Dir)
	old, err := n.mount(o.Dir, fsys)
	if err != nil {
		return nil, errors.Join(err, n.lock.Close())
	}
	n.log = slog.New(stamped{o.Logger.Handler(), n.clock}).With("node", n.id, "boot", n.boot)
	if n.network, err = listen(&o, &n.meters); err != nil {
		return nil, errors.Join(err, n.lock.Close())
	}
	if s.frameTimeout != 0 {
		n.network.frameTimeout = s.frameTimeout
	}
	n.leave = n.network.send
	if s.leave != nil {
		n.leave = func(p packet) { s.leave(p); n.network.send(p) }
	}
	n.writer = newWriter(fsys, &n.meters, n.left)
	n.network.start(n.boot, n.log)
	n.running.Go(n.writer.run)
	ctx, n.stop = context.WithCancel(ctx)
	n.begin(start, o.Seed)
	if n.err != nil {
		close(n.left)
		n.end()
		return nil, n.err
	}
	for _, boot := range old {
		// They are only clutter: the greatest number counts.
		_ = fsys.remove(bootName(n.id, boot))
	}
	go func() {
		n.loop(ctx)
		close(n.left)
		n.end()
	}()
	return n, nil
}

// mount makes the directory durable and raises Boot; it returns the numbers of
// earlier incarnations.
func (n *Node) mount(dir string, fsys filesystem) (old []uint32, err error) {
	inv, err := readInventory(dir, n.id)
	if err != nil {
		return nil, fmt.Errorf("osenv: read directory: %w", err)
	}
	if err := settle(fsys, inv.names); err != nil {
		return nil, fmt.Errorf("osenv: make %s durable: %w", dir, err)
	}
	if n.boot, err = nextBoot(fsys, n.id, inv.boots); err != nil {
		return nil, fmt.Errorf("osenv: raise boot: %w", err)
	}
	n.disk = newDisk(dir, inv, &n.meters)
	return inv.boots, nil
}

// begin calls start and carries out its effects.
func (n *Node) begin(start engine.Start, seed uint64) {
	env := engine.Env{
		ID: n.id, Boot: n.boot, Now: n.clock.now(), Disk: n.disk,
		Rand: rand.New(rand.NewPCG(seed, uint64(n.id)<<32|uint64(n.boot))),
	}
	n.log.Info("start", "files", len(n.disk.files))
	n.guard(0, func() error {
		var err error
		n.actor, err = start(env, &n.fx)
		if err == nil && n.actor == nil && n.fx.Fatal == nil {
			err = errors.New("osenv: start returned no actor")
		}
		return err
	})
}

// Addr is the TCP address on which the node listens.
func (n *Node) Addr() string { return n.network.listener.Addr().String() }

// Boot is the number of this incarnation.
func (n *Node) Boot() uint32 { return n.boot }

// errDown is returned to whoever talks to a node that is down.
var errDown = errors.New("osenv: the node is down")

// Tell hands the actor a message from outside of the deployment, as one of its own: From is
// the node itself. So a program around the node can ask through it. It waits as long as
// too much is waiting already; a step may not call it.
func (n *Node) Tell(m engine.Message) error {
	p, err := n.encode(engine.Envelope{To: n.id, Msg: m})
	if err != nil {
		return err
	}
	if !n.network.inbox.push(p) {
		return errDown
	}
	return nil
}

// Stop ends the incarnation between two steps, as a crash does, but waits for
// what has been issued to become durable. It returns what Wait returns. A step may
// not call it: it would wait for itself.
func (n *Node) Stop() error {
	n.stop()
	return n.Wait()
}

// Done is closed when the node is down: no goroutine of it is left, and its
// directory and address are free.
func (n *Node) Done() <-chan struct{} { return n.down }

// Wait waits until the node is down and says why: nil if it was stopped, an
// error that wraps ErrFatal if its actor failed, any other if the machine did.
func (n *Node) Wait() error {
	<-n.down
	return n.err
}

// end takes down what the loop leaves behind.
func (n *Node) end() {
	n.stop()
	n.writer.close()
	if err := n.network.stop(); err != nil {
		n.log.Warn("close listener", "error", err)
	}
	n.running.Wait()
	if n.err == nil && n.writer.err != nil { // met after the loop had ended
		n.settle(report{err: n.writer.err})
	}
	n.disk.closeReaders()
	if err := n.lock.Close(); err != nil {
		n.log.Warn("unlock", "error", err)
	}
	if n.err != nil {
		n.log.Error("down", "error", n.err)
	} else {
		n.log.Info("down")
	}
	close(n.down)
}
