//go:build !js && !wasip1

package calibrate

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"parallax/bench/costs"
	"parallax/engine"
	"parallax/engine/osenv"
)

// blob is a message of some bytes.
type blob []byte

func (blob) Kind() engine.Kind { return 1 }

func (m blob) AppendTo(b []byte) []byte { return append(b, m...) }

func decodeBlob(_ engine.Kind, b []byte) (engine.Message, error) { return blob(b), nil }

// Messages that go to and fro, and how many at once.
const (
	smallMessage, smallTrips = 64, 4000
	largeMessage, largeTrips = 256 << 10, 200
	inFlight                 = 16
	patience                 = 30 * time.Second
)

// player sends messages back, and is done after so many.
type player struct {
	left int
	done chan struct{}
}

func (p *player) Step(ev engine.Event, fx *engine.Effects) {
	if p.done != nil {
		if p.left--; p.left == 0 {
			close(p.done)
		}
		if p.left <= 0 {
			return
		}
	}
	fx.SendEager(ev.From, ev.Msg)
}

// start measures how long a node takes to its first event.
func start(ctx context.Context, dir string, t *costs.Table) error {
	n := 0
	ns, err := quickest(func() error {
		n++
		met := make(chan struct{})
		node, err := osenv.Open(ctx, osenv.Options{ID: 1, Dir: filepath.Join(dir, "start-"+strconv.Itoa(n)), Decode: decodeBlob},
			func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
				fx.SendEager(env.ID, blob("first"))
				return &player{left: 1, done: met}, nil
			})
		if err != nil {
			return err
		}
		<-met
		return node.Stop()
	})
	t.StartNs = ns
	return err
}

// messages measures messages between two nodes over loopback. The processor's share of
// a byte is known; what is left of a large message's time is the wire's.
func messages(ctx context.Context, dir string, t *costs.Table) error {
	small, err := trips(ctx, filepath.Join(dir, "small"), smallMessage, smallTrips)
	if err != nil {
		return err
	}
	large, err := trips(ctx, filepath.Join(dir, "large"), largeMessage, largeTrips)
	if err != nil {
		return err
	}
	// A trip is two messages, each sent by one node and received by the other; with
	// many on their way both nodes are busy at once.
	t.MessageNs = small / 2
	t.NetworkBytePs = max(0, slope(small/2, large/2, largeMessage-smallMessage)-t.BytePs)
	return nil
}

// trips is the time of one round trip of many, in ns.
func trips(ctx context.Context, dir string, size, count int) (ns int64, err error) {
	for try := range tries {
		took, err := tripsOnce(ctx, filepath.Join(dir, strconv.Itoa(try)), size, count)
		if err != nil {
			return 0, err
		}
		if each := took.Nanoseconds() / int64(count); try == 0 || each < ns {
			ns = each
		}
	}
	return ns, nil
}

func tripsOnce(ctx context.Context, dir string, size, count int) (took time.Duration, err error) {
	addresses := map[engine.NodeID]string{} // filled before anybody asks
	ready, done := make(chan struct{}), make(chan struct{})
	open := func(id engine.NodeID, start engine.Start) (*osenv.Node, error) {
		return osenv.Open(ctx, osenv.Options{
			ID: id, Dir: filepath.Join(dir, strconv.Itoa(int(id))), Decode: decodeBlob,
			Peers: func(id engine.NodeID) string { <-ready; return addresses[id] },
		}, start)
	}
	one, err := open(1, func(_ engine.Env, fx *engine.Effects) (engine.Actor, error) {
		for range inFlight {
			fx.SendEager(2, blob(make([]byte, size)))
		}
		return &player{left: count, done: done}, nil
	})
	if err != nil {
		close(ready)
		return 0, err
	}
	two, err := open(2, func(engine.Env, *engine.Effects) (engine.Actor, error) { return &player{}, nil })
	if err != nil {
		close(ready)
		return 0, errors.Join(err, one.Stop())
	}
	addresses[1], addresses[2] = one.Addr(), two.Addr()
	begin := time.Now()
	close(ready)
	select {
	case <-done:
		took = time.Since(begin)
	case <-time.After(patience):
		err = fmt.Errorf("of %d messages of %d bytes some did not come back in %s", count, size, patience)
	case <-ctx.Done():
		err = ctx.Err()
	}
	return took, errors.Join(err, one.Stop(), two.Stop())
}
