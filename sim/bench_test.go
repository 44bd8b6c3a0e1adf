package sim_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime/debug"
	"testing"

	"parallax/engine"
	"parallax/sim"
	"parallax/sim/fault"
)

// ping is a message of 64 bytes.
type ping struct {
	hop uint64
	pad [56]byte
}

func (p *ping) Kind() engine.Kind { return 1 }

func (p *ping) AppendTo(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, p.hop)
	return append(b, p.pad[:]...)
}

func decodePing(_ engine.Kind, b []byte) (engine.Message, error) {
	if len(b) != 64 {
		return nil, errors.New("ping: wrong length")
	}
	p := &ping{hop: binary.LittleEndian.Uint64(b)}
	copy(p.pad[:], b[8:])
	return p, nil
}

// pinger passes every ping on to the next node of the ring.
type pinger struct{ next engine.NodeID }

func (a *pinger) Step(ev engine.Event, fx *engine.Effects) {
	p := ev.Msg.(*ping)
	p.hop++
	fx.SendEager(a.next, p)
}

// ring boots n pingers, each with one ping on its way.
func ring(w *sim.World, n int) {
	for i := range n {
		next := engine.NodeID((i+1)%n + 1)
		w.Boot(string(rune('a'+i)), func(_ engine.Env, fx *engine.Effects) (engine.Actor, error) {
			fx.SendEager(next, &ping{})
			return &pinger{next: next}, nil
		}, decodePing)
	}
}

// BenchmarkScheduler is the bare loop: 6 nodes, 64 bytes a message, encoding,
// decoding and the trace hash; no faults, so no causal names. The live heap is a
// few kilobytes, so the collector runs every 4 MB unless told otherwise; both are
// measured. Events are per second of processor time. "answer" is a checksum of a trace.
func BenchmarkScheduler(b *testing.B) {
	for _, percent := range []int{100, 800} {
		b.Run(fmt.Sprintf("gc=%d", percent), func(b *testing.B) {
			defer debug.SetGCPercent(debug.SetGCPercent(percent))
			w := sim.New(sim.Options{Network: sim.Network{DelayMin: 100_000, DelayMax: 100_000}})
			ring(w, 6)
			answer := ringAnswer(b)
			b.ReportAllocs()
			began := cpu()
			for b.Loop() {
				if _, err := w.Step(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(w.Stats().Events)/(cpu()-began).Seconds(), "events/s")
			b.ReportMetric(answer, "answer")
		})
	}
}

// ringAnswer is a checksum of the trace of 10,000 steps, which two worlds must share,
// and all of which must have been hops.
func ringAnswer(b *testing.B) float64 {
	b.Helper()
	const steps, boots = 10_000, 6
	var hashes [2]uint64
	for i := range hashes {
		w, hops := sim.New(sim.Options{Network: sim.Network{DelayMin: 100_000, DelayMax: 100_000}}), 0
		ring(w, boots)
		w.OnTrace(func(t sim.Trace) {
			if t.Op == "message" {
				hops++
			}
		})
		for range steps {
			if _, err := w.Step(); err != nil {
				b.Fatal(err)
			}
		}
		if hashes[i] = w.Hash(); hops != steps-boots {
			b.Fatalf("%d hops in %d steps", hops, steps)
		}
	}
	if hashes[0] != hashes[1] {
		b.Fatalf("two worlds are not the same: %x, %x", hashes[0], hashes[1])
	}
	return float64(uint32(hashes[0]))
}

// BenchmarkSchedulerNamed is the same with every message named, for delays that
// differ and for faults, in worlds of 30,000 events.
func BenchmarkSchedulerNamed(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	events := 0
	b.ReportAllocs()
	for b.Loop() {
		w := sim.New(sim.Options{Network: sim.Network{DelayMin: 100_000, DelayMax: 200_000}, Faults: fault.Plan{
			fault.Drop: {Rate: 1}, fault.Duplicate: {Rate: 1}, fault.Reorder: {Rate: 1}, fault.Slow: {Rate: 1},
		}})
		ring(w, 6)
		for range 30_000 {
			if _, err := w.Step(); err != nil {
				b.Fatal(err)
			}
		}
		events += 30_000
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}
