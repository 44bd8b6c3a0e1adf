//go:build !js && !wasip1

package osenv

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"parallax/engine"
)

// appender persists total records and keeps inFlight of them on their way; each
// Then asks for the next one.
func appender(record []byte, total, inFlight int, done chan<- struct{}) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		file := fmt.Sprintf("log-%d", env.Boot)
		issued, durable := 0, 0
		again := engine.Envelope{To: env.ID, Msg: say("")}
		issue := func(fx *engine.Effects) {
			if issued < total {
				issued++
				fx.Persist(file, record, again)
			}
		}
		for range inFlight {
			issue(fx)
		}
		return reaction(func(_ engine.Event, fx *engine.Effects) {
			if durable++; durable == total {
				close(done)
			}
			issue(fx)
		}), nil
	}
}

// Group commit through an actor: every record is a step of its own, and is
// acknowledged when it is durable.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{512, 64 << 10} {
		for _, inFlight := range []int{1, 16, 256, 4096} {
			if size*inFlight > unsyncedBytesMax {
				continue
			}
			b.Run(fmt.Sprintf("bytes=%d/inflight=%d", size, inFlight), func(b *testing.B) {
				b.SetBytes(int64(size))
				done := make(chan struct{})
				n, err := Open(b.Context(), Options{ID: 1, Dir: b.TempDir(), Decode: decodeSay},
					appender(make([]byte, size), b.N, inFlight, done))
				if err != nil {
					b.Fatal(err)
				}
				<-done
				if err := n.Stop(); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(n.Counters().Groups)/float64(b.N), "syncs/op")
			})
		}
	}
}

// The same bytes by plain calls: a sync after every record, after every 256, or
// once at the end.
func BenchmarkPlainAppend(b *testing.B) {
	for _, size := range []int{512, 64 << 10} {
		for _, every := range []int{1, 256, 1 << 30} {
			b.Run(fmt.Sprintf("bytes=%d/every=%d", size, every), func(b *testing.B) {
				b.SetBytes(int64(size))
				f, err := os.OpenFile(filepath.Join(b.TempDir(), "log"), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
				if err != nil {
					b.Fatal(err)
				}
				defer f.Close()
				record := make([]byte, size)
				for i := range b.N {
					if _, err := f.Write(record); err != nil {
						b.Fatal(err)
					}
					if (i+1)%every == 0 || i+1 == b.N {
						if err := f.Sync(); err != nil {
							b.Fatal(err)
						}
					}
				}
			})
		}
	}
}

// Messages to oneself: the price of a step.
func BenchmarkStep(b *testing.B) {
	b.ReportAllocs()
	done := make(chan struct{})
	count := 0
	n, err := open(b.Context(), Options{ID: 1, Dir: b.TempDir(), Decode: decodeSay}, acting(
		func(env engine.Env, fx *engine.Effects) { fx.SendEager(env.ID, say("step")) },
		func(ev engine.Event, fx *engine.Effects) {
			if count++; count == b.N {
				close(done)
				return
			}
			fx.SendEager(ev.From, ev.Msg)
		}), newTape().seam())
	if err != nil {
		b.Fatal(err)
	}
	<-done
	if err := n.Stop(); err != nil {
		b.Fatal(err)
	}
}

// A round trip between two nodes over loopback, alone and with 100 on their way.
func BenchmarkRoundTrip(b *testing.B) {
	for _, inFlight := range []int{1, 100} {
		b.Run(fmt.Sprintf("inflight=%d", inFlight), func(b *testing.B) {
			addrs := map[engine.NodeID]string{} // filled before anybody asks
			ready := make(chan struct{})
			peers := func(id engine.NodeID) string {
				<-ready
				return addrs[id]
			}
			done := make(chan struct{})
			count := 0
			one, err := Open(b.Context(), Options{ID: 1, Dir: b.TempDir(), Decode: decodeSay, Peers: peers}, acting(
				func(_ engine.Env, fx *engine.Effects) {
					for range inFlight {
						fx.SendEager(2, say("ping"))
					}
				},
				func(ev engine.Event, fx *engine.Effects) {
					if count++; count == b.N {
						close(done)
					}
					fx.SendEager(ev.From, ev.Msg)
				}))
			if err != nil {
				b.Fatal(err)
			}
			two, err := Open(b.Context(), Options{ID: 2, Dir: b.TempDir(), Decode: decodeSay, Peers: peers}, acting(nil,
				func(ev engine.Event, fx *engine.Effects) { fx.SendEager(ev.From, ev.Msg) }))
			if err != nil {
				b.Fatal(err)
			}
			addrs[1], addrs[2] = one.Addr(), two.Addr()
			b.ResetTimer()
			close(ready)
			select {
			case <-done:
			case <-time.After(patience):
				b.Error("a message was lost")
			}
			b.StopTimer()
			for _, n := range []*Node{one, two} {
				if err := n.Stop(); err != nil {
					b.Error(err)
				}
			}
		})
	}
}
