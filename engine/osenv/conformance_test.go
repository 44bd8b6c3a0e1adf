//go:build !js && !wasip1

package osenv

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"parallax/engine"
	"parallax/engine/blob/store"
	"parallax/engine/conformance"
)

// patience bounds every wait; a machine under load is slow.
const patience = 30 * time.Second

// machines is a driver of the conformance suite: nodes of this process, whose
// crashes leave what a real one may.
type machines struct {
	t      *testing.T
	decode engine.Decode
	rng    *rand.Rand
	nodes  map[engine.NodeID]*machine
	addrs  sync.Map // engine.NodeID → string
}

// machine is a node and its disk.
type machine struct {
	node  *Node // nil: Open failed, or never called
	tape  *tape
	dir   string
	fatal error // of Open
}

func newMachines(t *testing.T, decode engine.Decode, seed uint64) *machines {
	d := &machines{t: t, decode: decode, rng: rand.New(rand.NewPCG(seed, 0)), nodes: map[engine.NodeID]*machine{}}
	t.Cleanup(d.stop)
	return d
}

func (d *machines) Boot(id engine.NodeID, start engine.Start) {
	m := d.nodes[id]
	if m == nil {
		m = &machine{tape: newTape(), dir: d.t.TempDir()}
		d.nodes[id] = m
	}
	m.tape.set(func() { m.tape.up = false })
	n, err := open(d.t.Context(), Options{
		ID: id, Dir: m.dir, Decode: d.decode,
		Peers: func(id engine.NodeID) string {
			addr, _ := d.addrs.Load(id)
			s, _ := addr.(string)
			return s
		},
	}, func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		m.tape.set(func() { m.tape.up = true })
		return start(env, fx)
	}, m.tape.seam())
	m.node, m.fatal = n, err
	if err == nil {
		d.addrs.Store(id, n.Addr())
	}
}

func (d *machines) Crash(id engine.NodeID) {
	m := d.nodes[id]
	m.tape.set(func() { m.tape.dead = true })
	_ = m.node.Stop() // the writer may have met the end first
	var images []image
	crashImages(m.tape.history(), 40, false, d.rng, func(i image) { images = append(images, i) })
	left := images[d.rng.IntN(len(images))]
	held := m.tape.held
	m.tape = newTape()
	m.tape.held, m.tape.ops = held, left.given()
	m.dir = left.write(d.t, d.t.TempDir())
}

func (d *machines) Hold(id engine.NodeID, held bool) {
	tp := d.nodes[id].tape
	tp.set(func() { tp.held = held })
}

func (d *machines) Run(done func() bool) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(200 * time.Microsecond) {
		if done() {
			return true
		}
	}
	return false
}

func (d *machines) Fatal(id engine.NodeID) error {
	m := d.nodes[id]
	if m.node == nil {
		return m.fatal
	}
	select {
	case <-m.node.Done():
		return m.node.Wait()
	default:
		return nil
	}
}

func (d *machines) stop() {
	for _, m := range d.nodes {
		m.tape.set(func() { m.tape.dead = true })
		if m.node != nil {
			_ = m.node.Stop()
		}
	}
}

func TestConformance(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Driver {
		return newMachines(t, conformance.Decode, 1)
	})
}

// The store's objects are files of its folder, as they are.
func TestConformanceBlob(t *testing.T) {
	conformance.RunBlob(t, func(t *testing.T) conformance.Driver {
		return newMachines(t, store.Decode, 2)
	})
}
