package store_test

import (
	"fmt"
	"testing"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/store"
	"parallax/sim"
)

const (
	storeNode engine.NodeID = 1 + iota
	probeNode
)

// probe is somebody who talks to a store.
type probe struct{ got []engine.Message }

func (p *probe) Step(ev engine.Event, _ *engine.Effects) { p.got = append(p.got, ev.Msg) }

// stage is a store and a probe in a calm world.
type stage struct {
	*sim.World
	t       testing.TB
	probe   *probe
	request uint64
}

func newStage(t testing.TB, opts store.Options) *stage {
	t.Helper()
	s := &stage{World: sim.New(sim.Options{}), t: t, probe: &probe{}}
	s.Boot("store", store.Start(opts), store.Decode)
	s.Boot("probe", func(engine.Env, *engine.Effects) (engine.Actor, error) { return s.probe, nil }, blob.Decode)
	return s
}

// tell sends messages at once and returns what came back within a second.
func (s *stage) tell(list ...engine.Message) []engine.Message {
	s.t.Helper()
	s.probe.got = nil
	for _, m := range list {
		s.Inject(s.Now(), probeNode, storeNode, m)
	}
	if err := s.RunFor(engine.Second); err != nil {
		s.t.Fatal(err)
	}
	return s.probe.got
}

func (s *stage) ask(m engine.Message) engine.Message {
	s.t.Helper()
	got := s.tell(m)
	if len(got) != 1 {
		s.t.Fatalf("%d answers to %T", len(got), m)
	}
	return got[0]
}

func (s *stage) put(name string, expect uint64, data string) blob.Done {
	s.t.Helper()
	s.request++
	d, ok := s.ask(blob.Put{Request: s.request, Name: name, Expect: expect, Data: []byte(data)}).(blob.Done)
	if !ok || d.Request != s.request {
		s.t.Fatalf("answer to a put of %s: %+v", name, d)
	}
	return d
}

func (s *stage) get(name string, offset, length int64) blob.Got {
	s.t.Helper()
	s.request++
	g, ok := s.ask(blob.Get{Request: s.request, Name: name, Offset: offset, Length: length}).(blob.Got)
	if !ok || g.Request != s.request {
		s.t.Fatalf("answer to a get of %s: %+v", name, g)
	}
	return g
}

func (s *stage) remove(name string, expect uint64) blob.Done {
	s.t.Helper()
	return s.ask(blob.Delete{Name: name, Expect: expect}).(blob.Done)
}

func (s *stage) list(prefix string) string {
	s.t.Helper()
	out, after := "", ""
	for {
		l := s.ask(blob.List{Prefix: prefix, After: after, Limit: 2}).(blob.Listed)
		for _, e := range l.Entries {
			out += fmt.Sprintf("%s:%d ", e.Name, e.Info.Size)
			after = e.Name
		}
		if !l.More {
			return out
		}
	}
}

func (s *stage) restart() {
	s.t.Helper()
	s.Crash(storeNode)
	s.Restart(storeNode)
	if err := s.RunFor(engine.Second); err != nil {
		s.t.Fatal(err)
	}
}
