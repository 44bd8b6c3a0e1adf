package conformance

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"parallax/engine"
)

// stage is one test: a driver, the orders that its probes have yet to carry out,
// and what they have seen. Drivers may run probes in other goroutines.
type stage struct {
	testing.TB
	driver Driver

	mu     sync.Mutex
	first  map[engine.NodeID]order // of the next Start
	orders map[engine.NodeID][]order
	done   map[engine.NodeID]int // orders carried out, or begun
	notes  map[engine.NodeID][]heard
	views  map[engine.NodeID][]view
	envs   map[engine.NodeID][]engine.Env
	clocks map[engine.NodeID][]engine.Instant // of the last incarnation, every event
	checks int                                // reported by probes
}

func newStage(t testing.TB, d Driver) *stage {
	return &stage{
		TB: t, driver: d,
		first:  map[engine.NodeID]order{},
		orders: map[engine.NodeID][]order{},
		done:   map[engine.NodeID]int{},
		notes:  map[engine.NodeID][]heard{},
		views:  map[engine.NodeID][]view{},
		envs:   map[engine.NodeID][]engine.Env{},
		clocks: map[engine.NodeID][]engine.Instant{},
	}
}

// What probes call.

func (s *stage) boots(env engine.Env) order {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.envs[env.ID] = append(s.envs[env.ID], env)
	s.clocks[env.ID] = []engine.Instant{env.Now}
	o := s.first[env.ID]
	delete(s.first, env.ID)
	return o
}

func (s *stage) next(id engine.NodeID, now engine.Instant) (order, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clocks[id] = append(s.clocks[id], now)
	if len(s.orders[id]) == 0 {
		return order{}, false
	}
	o := s.orders[id][0]
	s.orders[id] = s.orders[id][1:]
	s.done[id]++
	return o, true
}

func (s *stage) hears(id engine.NodeID, h heard) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clocks[id] = append(s.clocks[id], h.now)
	s.notes[id] = append(s.notes[id], h)
}

func (s *stage) sees(id engine.NodeID, v view) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.views[id] = append(s.views[id], v)
}

func (s *stage) reports(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.checks++
	if err != nil {
		s.Error(err)
	}
}

// What tests call.

// boot starts a node and waits for its Start.
func (s *stage) boot(id engine.NodeID) {
	s.Helper()
	before := s.count(func() int { return len(s.envs[id]) })
	s.driver.Boot(id, s.start)
	s.until("a start", func() bool { return len(s.envs[id]) > before })
}

// bootWith starts a node whose Start has effects.
func (s *stage) bootWith(id engine.NodeID, o order) {
	s.Helper()
	s.mu.Lock()
	s.first[id] = o
	s.mu.Unlock()
	s.boot(id)
}

// reboot crashes a node and starts it again; it returns what Start saw.
func (s *stage) reboot(id engine.NodeID) view {
	s.Helper()
	s.driver.Crash(id)
	s.boot(id)
	return s.lastView(id)
}

// do has a node carry out orders, one a step, and waits until it has begun the
// last.
func (s *stage) do(id engine.NodeID, orders ...order) {
	s.Helper()
	s.mu.Lock()
	s.orders[id] = append(s.orders[id], orders...)
	want := s.done[id] + len(s.orders[id])
	s.mu.Unlock()
	s.until("orders carried out", func() bool { return s.done[id] >= want })
}

// look has a node say what its Disk shows now.
func (s *stage) look(id engine.NodeID) view {
	s.Helper()
	before := s.count(func() int { return len(s.views[id]) })
	s.do(id, order{look: true})
	s.until("a view", func() bool { return len(s.views[id]) > before })
	return s.lastView(id)
}

// eventually waits until Disk shows just that.
func (s *stage) eventually(id engine.NodeID, want string) {
	s.Helper()
	for range 10_000 {
		if strings.TrimSpace(s.look(id).String()) == want {
			return
		}
	}
	s.Fatalf("node %d shows %s, want %s", id, s.look(id), want)
}

func (s *stage) lastView(id engine.NodeID) view {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.views[id][len(s.views[id])-1]
}

// until lets the world go on until cond holds; cond is called under the lock.
func (s *stage) until(what string, cond func() bool) {
	s.Helper()
	if !s.driver.Run(func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return cond()
	}) {
		s.Fatalf("waited in vain for %s", what)
	}
}

func (s *stage) count(f func() int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f()
}

// hear waits until a node has heard all of these notes.
func (s *stage) hear(id engine.NodeID, texts ...string) {
	s.Helper()
	s.until("notes "+strings.Join(texts, ", "), func() bool {
		return !slices.ContainsFunc(texts, func(text string) bool { return !s.hasHeard(id, text) })
	})
}

func (s *stage) hasHeard(id engine.NodeID, text string) bool {
	return slices.ContainsFunc(s.notes[id], func(h heard) bool { return h.text == text })
}

// heardOf lists the notes of a node that start with prefix.
func (s *stage) heardOf(id engine.NodeID, prefix string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var texts []string
	for _, h := range s.notes[id] {
		if strings.HasPrefix(h.text, prefix) {
			texts = append(texts, h.text)
		}
	}
	return texts
}

// notHeard checks that a node has not heard a note.
func (s *stage) notHeard(id engine.NodeID, texts ...string) {
	s.Helper()
	for _, text := range texts {
		if got := s.heardOf(id, text); len(got) > 0 {
			s.Errorf("node %d heard %q", id, got)
		}
	}
}

// settle lets messages pass that are on their way between two nodes, with others
// that go back and forth. A network that has just lost a node may lose some.
func (s *stage) settle(a, b engine.NodeID) {
	s.Helper()
	for range 3 {
		s.reach(a, b)
		s.reach(b, a)
	}
}

// reach has one node send to another until something arrives.
func (s *stage) reach(from, to engine.NodeID) {
	s.Helper()
	before := s.count(func() int { return len(s.notes[to]) })
	for range 10_000 {
		s.do(from, order{effects: engine.Effects{Eager: envelopes(to, "reach")}})
		s.do(to, order{})
		if s.count(func() int { return len(s.notes[to]) }) > before {
			return
		}
	}
	s.Fatalf("nothing from node %d arrives at node %d", from, to)
}

// down waits until a node is down for good.
func (s *stage) down(id engine.NodeID) error {
	s.Helper()
	s.until("a node to go down", func() bool { return s.driver.Fatal(id) != nil })
	return s.driver.Fatal(id)
}

func same(s *stage, what string, got, want []string) {
	s.Helper()
	if !slices.Equal(got, want) {
		s.Errorf("%s: got %q, want %q", what, got, want)
	}
}
