package sim_test

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"parallax/engine"
	"parallax/sim"
	"parallax/sim/fault"
)

// order is a message with a logical key and a body that depends on what its
// sender did before, as offsets and sequence numbers do.
type order struct{ key, sequence uint64 }

func (order) Kind() engine.Kind    { return 2 }
func (m order) LogicalKey() uint64 { return m.key }
func (m order) AppendTo(b []byte) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, m.key), m.sequence)
}

func decodeOrder(k engine.Kind, b []byte) (engine.Message, error) {
	if k != 2 || len(b) != 16 {
		return nil, fmt.Errorf("order: kind %d, %d bytes", k, len(b))
	}
	return order{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])}, nil
}

// relay numbers orders, writes them down and passes them on.
type relay struct {
	file string
	next engine.NodeID
	sent uint64
}

func (r *relay) Step(ev engine.Event, fx *engine.Effects) {
	m := order{ev.Msg.(order).key, r.sent}
	r.sent++
	fx.Persist(r.file, m.AppendTo(nil))
	if r.next != 0 {
		fx.Send(r.next, m)
	}
}

// fired runs orders through a chain of three nodes and returns the faults that
// fired, as "op name", with the key of the order that it hit, or -1.
func fired(t *rapid.T, opts sim.Options, keys []uint64) map[string]int64 {
	w := sim.New(opts)
	for i, next := range []engine.NodeID{2, 3, 0} {
		start := func(env engine.Env, _ *engine.Effects) (engine.Actor, error) {
			return &relay{file: fmt.Sprintf("orders-%d", env.Boot), next: next}, nil
		}
		w.Boot(fmt.Sprintf("relay-%d", i), start, decodeOrder)
	}
	for _, key := range keys {
		at := engine.Instant(key) * engine.Instant(10*engine.Millisecond)
		w.Inject(at, 0, 1, order{key: key})
	}
	faults := map[string]int64{}
	writes := map[uint64]int64{} // key by causal name
	w.OnTrace(func(r sim.Trace) {
		if key, ok := writes[r.Name]; ok && r.Op == "crash" {
			faults[fmt.Sprintf("crash at persist %x", r.Name)] = key
			return
		}
		switch r.Op {
		case "persist":
			writes[r.Name] = int64(binary.LittleEndian.Uint64(r.Data))
		case "drop", "duplicate", "reorder", "slow":
			faults[fmt.Sprintf("%s %x", r.Op, r.Name)] = int64(binary.LittleEndian.Uint64(r.Data))
		case "crash", "pause", "sever":
			faults[fmt.Sprintf("%s %x %d %d", r.Op, r.Name, r.At, r.To)] = -1
		}
	})
	if err := w.RunFor(3 * engine.Second); err != nil {
		t.Fatal(err)
	}
	return faults
}

// Removing messages from a run moves no fault: those that remain are hit as
// before, nodes crash, pause and are cut off at the same instants.
func TestLawRemovedMessagesMoveNoFault(t *testing.T) {
	total := 0
	rapid.Check(t, func(t *rapid.T) {
		opts := sim.Options{
			Seed: rapid.Uint64().Draw(t, "seed"),
			Slot: 200 * engine.Millisecond,
			// Short enough that a delay cannot carry an order into a cut or crash
			// that it would have passed by.
			Faults: fault.Plan{
				fault.Drop:      {Rate: 100_000},
				fault.Duplicate: {Rate: 100_000, Most: 1},
				fault.Reorder:   {Rate: 100_000, Most: 1},
				fault.Slow:      {Rate: 50_000, Most: 1},
				fault.Sever:     {Rate: 50_000, Most: 5 * engine.Millisecond},
				fault.OneWay:    {Rate: 50_000, Most: 5 * engine.Millisecond},
				fault.SlowSync:  {Rate: 100_000, Most: 1},
			},
			Costs: sim.Costs{Version: 2, MessageNs: 1000, FsyncNs: 1000},
		}
		// One or the other: a crash at a persist hides one by the clock that would
		// have hit the node while it is down.
		if rapid.Bool().Draw(t, "anchored") {
			opts.Faults[fault.CrashAtPersist] = fault.Strength{Rate: 50_000, Least: 1, Most: engine.Millisecond}
		} else {
			opts.Faults[fault.Crash] = fault.Strength{Rate: 200_000, Least: 1, Most: engine.Millisecond}
			opts.Faults[fault.Pause] = fault.Strength{Rate: 200_000, Least: 1, Most: 5 * engine.Millisecond}
		}
		var keys []uint64
		for k := range uint64(100) {
			keys = append(keys, k)
		}
		removed := rapid.SliceOfNDistinct(rapid.SampledFrom(keys), 1, 50, rapid.ID).Draw(t, "removed")
		some := slices.DeleteFunc(slices.Clone(keys), func(k uint64) bool { return slices.Contains(removed, k) })
		want := fired(t, opts, keys)
		maps.DeleteFunc(want, func(_ string, key int64) bool {
			return key >= 0 && slices.Contains(removed, uint64(key))
		})
		total += len(want)
		if diff := cmp.Diff(want, fired(t, opts, some)); diff != "" {
			t.Error(diff)
		}
	})
	if total == 0 {
		t.Error("no fault fired: nothing was shown")
	}
}

// The defect that the law is there to catch: a decision that depends on how many
// messages a link carried before. Here the order's sequence number plays that
// part, because without a logical key it is in the content.
func TestLawRemovedMessagesWouldMoveFaultsByContent(t *testing.T) {
	opts := sim.Options{Seed: 5, Faults: fault.Plan{fault.Drop: {Rate: 200_000}}}
	names := func(keys ...uint64) []uint64 {
		w := sim.New(opts)
		var seen []uint64
		for i, next := range []engine.NodeID{2, 0} {
			w.Boot(fmt.Sprintf("relay-%d", i), func(engine.Env, *engine.Effects) (engine.Actor, error) {
				return &keyless{relay{file: "f", next: next}}, nil
			}, decodeOrder)
		}
		for i, key := range keys {
			w.Inject(engine.Instant(i), 0, 1, order{key: key})
		}
		w.OnTrace(func(r sim.Trace) {
			if r.From == 1 && r.Op == "message" {
				seen = append(seen, r.Name)
			}
		})
		if err := w.RunFor(engine.Second); err != nil {
			t.Fatal(err)
		}
		return seen
	}
	all, less := names(1, 2, 3), names(2, 3)
	for _, name := range less {
		if slices.Contains(all, name) {
			t.Error("an unkeyed message kept its name although its content changed")
		}
	}
}

// keyless is a relay whose messages hide their key.
type keyless struct{ relay }

type bare struct{ m order }

func (bare) Kind() engine.Kind          { return 2 }
func (b bare) AppendTo(p []byte) []byte { return b.m.AppendTo(p) }

func (r *keyless) Step(ev engine.Event, fx *engine.Effects) {
	r.relay.Step(ev, fx)
	for i := range fx.Sends {
		fx.Sends[i].Msg = bare{fx.Sends[i].Msg.(order)}
	}
}
