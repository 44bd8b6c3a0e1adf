// Package vault is a server that keeps numbers, and a client that stores some: actors of
// somebody else's, in a module of their own.
package vault

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"parallax/engine"
	"parallax/sim"
	"parallax/sim/simtest"
)

const (
	kindPut engine.Kind = iota + 1
	kindAck
	kindAgain
)

// note is each of the messages: a number.
type note struct {
	kind engine.Kind
	n    uint64
}

func (m note) Kind() engine.Kind        { return m.kind }
func (m note) AppendTo(b []byte) []byte { return binary.LittleEndian.AppendUint64(b, m.n) }

func decode(k engine.Kind, b []byte) (engine.Message, error) {
	if len(b) != 8 {
		return nil, errors.New("vault: not a number")
	}
	return note{k, binary.LittleEndian.Uint64(b)}, nil
}

// server stores a number in its file and acknowledges it.
type server struct {
	file  string
	eager bool // the mistake: it does not wait for its disk
}

func (s *server) Step(ev engine.Event, fx *engine.Effects) {
	put := ev.Msg.(note)
	fx.Persist(s.file, put.AppendTo(nil))
	if s.eager {
		fx.SendEager(ev.From, note{kindAck, put.n})
		return
	}
	fx.Send(ev.From, note{kindAck, put.n})
}

// client stores 1, 2, 3 …, each when the one before is acknowledged.
type client struct {
	acked uint64
	goal  uint64
	once  bool // the mistake: it does not send again what is not acknowledged
}

func (c *client) Step(ev engine.Event, fx *engine.Effects) {
	if m := ev.Msg.(note); m.kind == kindAck {
		c.acked = max(c.acked, m.n)
	}
	c.send(fx)
}

func (c *client) send(fx *engine.Effects) {
	if c.acked == c.goal {
		fx.Cancel(1)
		return
	}
	fx.Send(1, note{kindPut, c.acked + 1})
	if !c.once {
		fx.After(1, 50*engine.Millisecond, note{kindAgain, 0})
	}
}

var errLost = errors.New("vault: an acknowledged number is lost")

// vaults is the deployment with what must hold.
func vaults(eager, once bool) simtest.Actors {
	const goal = 20
	kinds := map[engine.Kind]string{kindPut: "put", kindAck: "ack", kindAgain: "again"}
	return simtest.Actors{Kind: func(k engine.Kind) string { return kinds[k] }, Setup: func(w *sim.World) simtest.Checks {
		w.Boot("server", func(env engine.Env, _ *engine.Effects) (engine.Actor, error) {
			return &server{file: fmt.Sprintf("numbers-%04d", env.Boot), eager: eager}, nil
		}, decode)
		most := uint64(0) // that any client knows of
		id := w.Boot("client", func(_ engine.Env, fx *engine.Effects) (engine.Actor, error) {
			c := &client{acked: most, goal: goal, once: once}
			c.send(fx)
			return c, nil
		}, decode)
		return simtest.Checks{
			// What is on the disk of a server that is down is what it will know.
			Always: func(w *sim.World) error {
				if c, ok := w.Actor(id).(*client); ok {
					most = max(most, c.acked)
				}
				if kept := newest(w.Disk(1)); w.Actor(1) == nil && kept < most {
					return fmt.Errorf("%w: the client knows of %d, the disk has %d", errLost, most, kept)
				}
				return nil
			},
			Finally: func(*sim.World) error {
				if most < goal {
					return fmt.Errorf("the client still waits for number %d", most+1)
				}
				return nil
			},
		}
	}}
}

// newest is the greatest number on a disk.
func newest(d engine.Disk) (n uint64) {
	for _, file := range d.Files() {
		var b [8]byte
		for at := int64(0); at+8 <= d.Size(file); at += 8 {
			if k, _ := d.ReadAt(file, b[:], at); k == 8 {
				n = max(n, binary.LittleEndian.Uint64(b[:]))
			}
		}
	}
	return n
}

func TestVault(t *testing.T)     { simtest.Check(t, vaults(false, false), simtest.Options{}) }
func TestEagerAck(t *testing.T)  { simtest.Check(t, vaults(true, false), simtest.Options{}) }
func TestSendsOnce(t *testing.T) { simtest.Check(t, vaults(false, true), simtest.Options{}) }
