package commitlog

import (
	"fmt"
	"testing"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/wire"
	"parallax/sim"
)

// writer produces numbered batches to every partition, one at a time in each, and
// finds the leader by asking around.
type writer struct {
	brokers []engine.NodeID
	parts   []protocol.PartitionID
	total   uint32
	at      []struct {
		sequence uint32
		to       int
		request  uint64
	}
	acked   map[protocol.PartitionID][]protocol.Produced
	request uint64
}

type again struct{ part uint32 }

func (again) Kind() engine.Kind          { return 200 }
func (m again) AppendTo(b []byte) []byte { return wire.Order.AppendUint32(b, m.part) }
func decodeTest(k engine.Kind, b []byte) (engine.Message, error) {
	if k == 200 {
		return again{wire.Order.Uint32(b)}, nil
	}
	return Decode(k, b)
}

func (w *writer) send(p int, fx *engine.Effects) {
	a := &w.at[p]
	if a.sequence >= w.total {
		return
	}
	w.request++
	a.request = w.request
	fx.Send(w.brokers[a.to], protocol.Produce{
		Request: a.request, Partition: w.parts[p], Producer: 7, Epoch: 1, Sequence: a.sequence, Count: 2,
		TimeMax: int64(a.sequence) * 1000, Payload: []byte(fmt.Sprintf("%d/%d", p, a.sequence)),
	})
	fx.After(uint64(p), 400*engine.Millisecond, again{uint32(p)})
}

func (w *writer) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case again:
		w.at[m.part].to = (w.at[m.part].to + 1) % len(w.brokers)
		w.send(int(m.part), fx)
	case protocol.Produced:
		for p := range w.parts {
			a := &w.at[p]
			if a.request != m.Request {
				continue
			}
			if m.Code == protocol.OK {
				w.acked[w.parts[p]] = append(w.acked[w.parts[p]], m)
				a.sequence++
				w.send(p, fx)
			}
		}
	}
}

func TestSmoke(t *testing.T) {
	for seed := uint64(1); seed <= 20; seed++ {
		opts := sim.AllFaults(seed)
		world := sim.New(opts)
		brokers := []engine.NodeID{1, 2, 3}
		o := Options{Brokers: brokers, Topics: []Topic{{Name: "t", Partitions: 3}}, RetainBytes: 60, SegmentBytes: 2000}
		for i := range brokers {
			world.Boot(fmt.Sprintf("broker-%d", i), Start(o), decodeTest)
		}
		w := &writer{brokers: brokers, total: 60, acked: map[protocol.PartitionID][]protocol.Produced{}}
		for p := range int32(3) {
			w.parts = append(w.parts, protocol.PartitionID{Topic: "t", Number: p})
		}
		w.at = make([]struct {
			sequence uint32
			to       int
			request  uint64
		}, 3)
		world.Boot("writer", func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
			for p := range w.parts {
				w.send(p, fx)
			}
			return w, nil
		}, decodeTest)
		if err := world.RunFor(60 * engine.Second); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		t.Logf("seed %d: %d %d %d acked, %+v", seed, len(w.acked[w.parts[0]]), len(w.acked[w.parts[1]]), len(w.acked[w.parts[2]]), world.Stats())
	}
}
