//go:build !js && !wasip1

package osenv

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"parallax/engine"
)

// say is a message for tests.
type say string

func (say) Kind() engine.Kind { return 7 }

func (s say) AppendTo(b []byte) []byte { return append(b, s...) }

func decodeSay(k engine.Kind, b []byte) (engine.Message, error) {
	if k != 7 {
		return nil, errors.New("not a say")
	}
	return say(b), nil
}

// reaction is an actor that is one function.
type reaction func(ev engine.Event, fx *engine.Effects)

func (r reaction) Step(ev engine.Event, fx *engine.Effects) { r(ev, fx) }

// acting makes a Start that has effects, then reacts.
func acting(first func(env engine.Env, fx *engine.Effects), r reaction) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		if first != nil {
			first(env, fx)
		}
		return r, nil
	}
}

func quiet(engine.Event, *engine.Effects) {}

func options(t *testing.T) Options {
	return Options{ID: 1, Dir: t.TempDir(), Decode: decodeSay}
}

func mustOpen(t *testing.T, o Options, start engine.Start) *Node {
	t.Helper()
	n, err := Open(t.Context(), o, start)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Stop() }) // tests that care look at the error themselves
	return n
}

// awaitDown waits for a node to go down by itself.
func awaitDown(t *testing.T, n *Node) error {
	t.Helper()
	select {
	case <-n.Done():
		return n.Wait()
	case <-time.After(patience):
		t.Fatal("the node does not go down")
		return nil
	}
}

func TestLock(t *testing.T) {
	o := options(t)
	n := mustOpen(t, o, acting(nil, quiet))
	if _, err := Open(t.Context(), o, acting(nil, quiet)); !errors.Is(err, ErrLocked) {
		t.Errorf("a second node in the directory: %v", err)
	}
	if err := n.Stop(); err != nil {
		t.Fatal(err)
	}
	again := mustOpen(t, o, acting(nil, quiet))
	if n.Boot() != 1 || again.Boot() != 2 {
		t.Errorf("boots %d and %d, want 1 and 2", n.Boot(), again.Boot())
	}
}

// A directory knows its node: another one does not run in it.
func TestDirectoryOfAnotherNode(t *testing.T) {
	o := options(t)
	if err := mustOpen(t, o, acting(nil, quiet)).Stop(); err != nil {
		t.Fatal(err)
	}
	o.ID = 2
	if _, err := Open(t.Context(), o, acting(nil, quiet)); err == nil {
		t.Error("node 2 runs in the directory of node 1")
	}
}

// The directory is made if need be, with its parents; a file in its place is an
// error, and so is a stray incarnation.
func TestDirectoryIsMade(t *testing.T) {
	o := options(t)
	base := o.Dir
	o.Dir = filepath.Join(base, "a", "b", "") + "/"
	if err := mustOpen(t, o, acting(nil, quiet)).Stop(); err != nil {
		t.Fatal(err)
	}
	if list, err := os.ReadDir(filepath.Join(base, "a", "b")); err != nil || len(list) != 2 {
		t.Errorf("in the directory: %v, %v", list, err)
	}
	o.Dir = filepath.Join(base, "file")
	if err := os.WriteFile(o.Dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), o, acting(nil, quiet)); err == nil {
		t.Error("a file was taken for a directory")
	}
	o.Dir = filepath.Join(base, "last")
	if err := os.Mkdir(o.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(o.Dir, bootName(1, 1<<32-1)), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), o, acting(nil, quiet)); err == nil {
		t.Error("incarnation numbers wrapped around")
	}
}

func TestListensOnLoopbackOnly(t *testing.T) {
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:0", "nonsense"} {
		o := options(t)
		o.Listen = addr
		if _, err := Open(t.Context(), o, acting(nil, quiet)); err == nil {
			t.Errorf("listened on %q", addr)
		}
	}
	o := options(t)
	o.Listen, o.Exposed = "0.0.0.0:0", true
	if err := mustOpen(t, o, acting(nil, quiet)).Stop(); err != nil {
		t.Error(err)
	}
}

func TestPanicNamesTheEvent(t *testing.T) {
	n := mustOpen(t, options(t), acting(
		func(env engine.Env, fx *engine.Effects) {
			fx.SendEager(env.ID, say("one"))
			fx.SendEager(env.ID, say("two"))
		},
		func(ev engine.Event, _ *engine.Effects) {
			if ev.Msg == say("two") {
				panic("what now")
			}
		}))
	err := awaitDown(t, n)
	if !errors.Is(err, ErrFatal) || !strings.Contains(err.Error(), "event 2") || !strings.Contains(err.Error(), "what now") {
		t.Errorf("got %v", err)
	}
}

// Logs carry the node, the incarnation and the time of the node's own clock.
func TestLogStamps(t *testing.T) {
	var out bytes.Buffer
	o := options(t)
	o.Logger = slog.New(slog.NewJSONHandler(&out, nil))
	var started engine.Instant
	n := mustOpen(t, o, acting(func(env engine.Env, _ *engine.Effects) { started = env.Now }, quiet))
	if err := n.Stop(); err != nil {
		t.Fatal(err)
	}
	var line struct {
		Time       time.Time
		Msg        string
		Node, Boot int
	}
	if err := json.NewDecoder(&out).Decode(&line); err != nil {
		t.Fatal(err)
	}
	if line.Msg != "start" || line.Node != 1 || line.Boot != 1 || engine.Instant(line.Time.UnixNano()) < started {
		t.Errorf("%+v, started at %d", line, started)
	}
}

// Whatever way a node goes down, none of its goroutines is left.
func TestNoGoroutineLeaks(t *testing.T) {
	before := runtime.NumGoroutine()
	var addr string
	peers := func(engine.NodeID) string { return addr }
	for _, end := range []string{"stop", "context", "fatal", "start error"} {
		ctx, cancel := context.WithCancel(context.Background())
		o := options(t)
		o.ID = 2
		receiver, err := Open(ctx, o, acting(nil, quiet))
		if err != nil {
			t.Fatal(err)
		}
		addr = receiver.Addr()
		o = options(t)
		o.Peers = peers
		sender, err := Open(ctx, o, acting(func(env engine.Env, fx *engine.Effects) {
			fx.Send(2, say("hello"))
			fx.Persist("a", []byte("x"))
			fx.After(1, engine.Second*3600, say("never"))
			fx.After(2, engine.Millisecond, say("tick"))
			if end == "start error" {
				fx.Fatal = errors.New("no")
			}
		}, func(_ engine.Event, fx *engine.Effects) {
			if end == "fatal" {
				fx.Fatal = errors.New("no")
			}
		}))
		switch end {
		case "stop":
			waitFor(t, "the message", func() bool { return receiver.Counters().Received > 0 })
			err = sender.Stop()
		case "fatal":
			err = awaitDown(t, sender)
		}
		if (end == "fatal" || end == "start error") != errors.Is(err, ErrFatal) {
			t.Errorf("%s: %v", end, err)
		}
		cancel()
		if sender != nil {
			<-sender.Done()
		}
		<-receiver.Done()
	}
	waitFor(t, "goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
}

// TestTell: what is told from outside comes to the actor as its own, in order, and a node
// that is down is told nothing.
func TestTell(t *testing.T) {
	got := make(chan engine.Event, 2)
	n := mustOpen(t, options(t), acting(nil, func(ev engine.Event, _ *engine.Effects) { got <- ev }))
	list := []say{"one", "two"}
	for _, m := range list {
		if err := n.Tell(m); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range list {
		if ev := <-got; ev.From != 1 || ev.Msg != m {
			t.Errorf("%+v is not %q", ev, m)
		}
	}
	if err := n.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := n.Tell(say("late")); !errors.Is(err, errDown) {
		t.Errorf("a node that is down: %v", err)
	}
}
