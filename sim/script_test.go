package sim_test

import (
	"errors"
	"testing"

	"parallax/engine"
	"parallax/sim"
)

// note is a message of text.
type note string

func (note) Kind() engine.Kind          { return 1 }
func (m note) AppendTo(b []byte) []byte { return append(b, m...) }
func decodeNote(k engine.Kind, b []byte) (engine.Message, error) {
	if k != 1 {
		return nil, errors.New("note: unknown kind")
	}
	return note(b), nil
}

// script is an actor made of what a test wants it to do for each text.
type script map[note]func(ev engine.Event, fx *engine.Effects)

func (s script) Step(ev engine.Event, fx *engine.Effects) {
	if f := s[ev.Msg.(note)]; f != nil {
		f(ev, fx)
	}
}

// start is a Start that does nothing but return the script.
func (s script) start(engine.Env, *engine.Effects) (engine.Actor, error) { return s, nil }

// witness writes down what it receives.
type witness struct {
	got  []string
	from []engine.NodeID
	at   []engine.Instant
}

func (s *witness) Step(ev engine.Event, _ *engine.Effects) {
	s.got = append(s.got, string(ev.Msg.(note)))
	s.from = append(s.from, ev.From)
	s.at = append(s.at, ev.Now)
}

func (s *witness) start(engine.Env, *engine.Effects) (engine.Actor, error) { return s, nil }

// stage is a world with the verbs of these tests. Nodes are numbered in the
// order of boot, from 1.
type stage struct {
	*sim.World
	t *testing.T
}

func newStage(t *testing.T, opts sim.Options) stage { return stage{sim.New(opts), t} }

// cue hands a text to a node as from itself.
func (s stage) cue(to engine.NodeID, text note) { s.Inject(s.Now(), to, to, text) }

// settle lets everything happen that will happen within a second.
func (s stage) settle() {
	s.t.Helper()
	if err := s.RunFor(engine.Second); err != nil {
		s.t.Fatal(err)
	}
}

// restart crashes a node, if it is up, and starts it again.
func (s stage) restart(id engine.NodeID) {
	s.Crash(id)
	s.Restart(id)
}

// readAll is a file's durable content.
func readAll(t *testing.T, d engine.Disk, file string) string {
	t.Helper()
	b := make([]byte, d.Size(file))
	if n, err := d.ReadAt(file, b, 0); n != len(b) {
		t.Errorf("read %d of %d bytes of %s: %v", n, len(b), file, err)
	}
	return string(b)
}

// to addresses a text.
func to(id engine.NodeID, text note) engine.Envelope { return engine.Envelope{To: id, Msg: text} }
