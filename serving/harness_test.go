package serving_test

import (
	"fmt"
	"testing"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/serving"
	"parallax/sim"
)

// probe is somebody who talks to a view.
type probe struct{ got []engine.Message }

func (p *probe) Step(ev engine.Event, _ *engine.Effects) { p.got = append(p.got, ev.Msg) }

const (
	viewNode engine.NodeID = 1 + iota
	probeNode
)

// stage is a view and a probe in a world.
type stage struct {
	*sim.World
	t     testing.TB
	probe *probe
}

func newStage(t testing.TB, opts serving.Options) *stage {
	t.Helper()
	s := &stage{World: sim.New(sim.Options{}), t: t, probe: &probe{}}
	s.Boot("view", serving.Start(opts), serving.Decode)
	s.Boot("probe", func(engine.Env, *engine.Effects) (engine.Actor, error) { return s.probe, nil }, serving.Decode)
	return s
}

// ask sends a message and returns the answer.
func (s *stage) ask(m engine.Message) engine.Message {
	s.t.Helper()
	s.probe.got = nil
	s.Inject(s.Now(), probeNode, viewNode, m)
	if err := s.RunFor(20 * engine.Millisecond); err != nil {
		s.t.Fatal(err)
	}
	if len(s.probe.got) != 1 {
		s.t.Fatalf("%d answers to %+v", len(s.probe.got), m)
	}
	return s.probe.got[0]
}

func (s *stage) publish(m serving.Publish) serving.Published {
	s.t.Helper()
	p, ok := s.ask(m).(serving.Published)
	if !ok || p.Request != m.Request {
		s.t.Fatalf("answer to %+v: %+v", m, p)
	}
	return p
}

func (s *stage) query(m serving.Query) serving.Answer {
	s.t.Helper()
	a, ok := s.ask(m).(serving.Answer)
	if !ok || a.Request != m.Request {
		s.t.Fatalf("answer to %+v: %+v", m, a)
	}
	return a
}

func (s *stage) crash() {
	s.t.Helper()
	s.Crash(viewNode)
	s.Restart(viewNode)
	if err := s.RunFor(100 * engine.Millisecond); err != nil {
		s.t.Fatal(err)
	}
}

// counter is the job: how many rows there are.
func counter(t testing.TB) []aggregate.Function {
	t.Helper()
	f, err := aggregate.New(aggregate.Call{Name: "count"})
	if err != nil {
		t.Fatal(err)
	}
	return []aggregate.Function{f}
}

// counted is the accumulators of so many rows.
func counted(t testing.TB, n int) []byte {
	t.Helper()
	table := aggregate.NewTable(counter(t))
	table.Grow(1)
	groups, rows := make([]uint32, n), make([]int32, n)
	in := &aggregate.Input{Batch: &column.Batch{Rows: n}, Args: [][]*column.Column{nil}, Where: [][]bool{nil}}
	for i := range rows {
		rows[i] = int32(i)
	}
	table.AddRows(in, groups, rows)
	return table.AppendTo(0, nil)
}

func at(offsets ...int64) []protocol.Cut {
	cut := make([]protocol.Cut, len(offsets))
	for i, o := range offsets {
		cut[i] = protocol.Cut{Offset: o, Frontier: 10 * o}
		if o == 0 {
			cut[i] = protocol.LogStart()
		}
	}
	return cut
}

func key(s string) []byte {
	return serving.AppendKey(nil, column.Value{String: s, Type: column.TypeOf(column.String)})
}

// show prints the rows of an answer: key, window and value.
func show(t testing.TB, rows []serving.Result) string {
	t.Helper()
	out := ""
	for _, r := range rows {
		k, err := serving.DecodeKey(r.Key, []column.Type{column.TypeOf(column.String)})
		if err != nil {
			t.Fatal(err)
		}
		v, err := serving.DecodeKey(r.Values, []column.Type{column.TypeOf(column.Int64)})
		if err != nil {
			t.Fatal(err)
		}
		out += fmt.Sprintf("%s@%d=%d ", k[0].String, r.Start, v[0].Int)
	}
	return out
}
