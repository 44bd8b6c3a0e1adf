package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/store"
	"parallax/engine/wire"
	"parallax/sim"
)

// writer publishes the way that every program here does: it writes a long object
// under a name of its own, and then swaps a pointer that lists all such names. It
// does not know whether a swap succeeded whose reply it has not heard, and looks.
type writer struct {
	id      engine.NodeID
	goal    int
	n       int    // publications that are known to be done
	request uint64 // of the step that waits
	step    step
	head    string // the pointer, as read
	version uint64
	broken  error // what a reader must never see
}

type step uint8

const (
	stepRead step = iota
	stepObject
	stepSwap
	stepCheck // reads an object that the pointer names
)

const pointer = "pointer"

// again repeats what has not been answered.
type again struct{ request uint64 }

const kindAgain engine.Kind = 900

func (again) Kind() engine.Kind              { return kindAgain }
func (m again) AppendTo(b []byte) []byte     { return wire.Order.AppendUint64(b, m.request) }
func (w *writer) name(n int) string          { return fmt.Sprintf("object/%d-%d", w.id, n) }
func (w *writer) content(name string) []byte { return bytes.Repeat([]byte(name), 100) }

func decode(k engine.Kind, b []byte) (engine.Message, error) {
	if k == kindAgain {
		r := wire.Reader{Rest: b}
		return again{r.U64()}, r.End()
	}
	return blob.Decode(k, b)
}

func startWriter(goal int, known *[]*writer) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		w := &writer{id: env.ID, goal: goal, request: uint64(env.Boot) << 32}
		*known = append(*known, w)
		w.ask(stepRead, fx)
		return w, nil
	}
}

// ask sends what a step needs, now and until it is answered.
func (w *writer) ask(s step, fx *engine.Effects) {
	w.step = s
	w.request++
	w.send(fx)
}

func (w *writer) send(fx *engine.Effects) {
	switch w.step {
	case stepRead:
		fx.Send(storeNode, blob.Get{Request: w.request, Name: pointer, Length: -1})
	case stepObject:
		name := w.name(w.n)
		fx.Send(storeNode, blob.Put{Request: w.request, Name: name, Expect: blob.Absent, Data: w.content(name)})
	case stepSwap:
		fx.Send(storeNode, blob.Put{Request: w.request, Name: pointer, Expect: w.version, Data: []byte(w.head + w.name(w.n) + " ")})
	case stepCheck:
		fx.Send(storeNode, blob.Get{Request: w.request, Name: w.names()[int(w.request)%len(w.names())], Length: -1})
	}
	fx.After(1, 50*engine.Millisecond, again{w.request})
}

func (w *writer) names() []string { return strings.Fields(w.head) }

func (w *writer) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case again:
		if m.request == w.request && w.n < w.goal {
			w.send(fx)
		}
	case blob.Got:
		if m.Request == w.request && m.Code != blob.Busy {
			w.got(m, fx)
		}
	case blob.Done:
		if m.Request == w.request && m.Code != blob.Busy {
			w.request++
			if w.step == stepObject { // a copy of an earlier try may have been first
				w.ask(stepSwap, fx)
				return
			}
			w.ask(stepRead, fx) // whatever came of it is in the pointer
		}
	}
}

func (w *writer) got(m blob.Got, fx *engine.Effects) {
	if w.step == stepCheck {
		name := w.names()[int(w.request)%len(w.names())]
		if m.Code != blob.OK || !bytes.Equal(m.Data, w.content(name)) {
			w.broken = fmt.Errorf("%w: %s: %v, %d bytes", errReader, name, m.Code, len(m.Data))
		}
		w.ask(stepObject, fx)
		return
	}
	w.head, w.version = string(m.Data), m.Info.Version
	for strings.Contains(w.head, w.name(w.n)+" ") {
		w.n++
	}
	switch {
	case w.n >= w.goal:
		fx.Cancel(1)
	case len(w.names()) > 0:
		w.ask(stepCheck, fx)
	default:
		w.ask(stepObject, fx)
	}
}

var (
	errReader = errors.New("the pointer names what is not there")
	errTwice  = errors.New("the pointer lost something, or names it twice")
	errStuck  = errors.New("not everything was published")
)

// publish runs three writers and a store in a world of trouble.
func publish(seed uint64, defect store.Defect, faults sim.Options) error {
	const goal = 8
	w := sim.New(faults)
	w.Boot("store", store.Start(store.Options{
		BaseBytes: 600, SegmentBytes: 2000, Defect: defect,
		Trouble: store.Trouble{Seed: seed, Busy: 50_000, Lose: 100_000},
	}), store.Decode)
	var writers []*writer
	for i := range 3 {
		w.Boot(fmt.Sprint("writer-", i), startWriter(goal, &writers), decode)
	}
	seen := ""
	w.OnStep(func(*sim.World) error {
		for _, x := range writers {
			if x.broken != nil {
				return x.broken
			}
			// Swaps append, so that one of any two heads begins with the other.
			switch {
			case strings.HasPrefix(x.head, seen):
				seen = x.head
			case !strings.HasPrefix(seen, x.head):
				return fmt.Errorf("%w: %q, then %q", errTwice, seen, x.head)
			}
		}
		return nil
	})
	if err := w.RunFor(6 * engine.Second); err != nil {
		return err
	}
	w.Calm()
	if err := w.RunFor(20 * engine.Second); err != nil {
		return err
	}
	count := map[string]int{}
	for _, name := range strings.Fields(seen) {
		count[name]++
	}
	if len(count) != 3*goal {
		return fmt.Errorf("%w: %d of %d", errStuck, len(count), 3*goal)
	}
	for name, n := range count {
		if n != 1 {
			return fmt.Errorf("%w: %s %d times", errTwice, name, n)
		}
	}
	return nil
}

func seeds(n uint64) uint64 {
	if os.Getenv("PARALLAX_SOAK") != "" {
		return 50 * n
	}
	return n
}

// TestLawPublish: whatever crashes, is lost, refused or unknown, everything that was
// published is named once and is there whole.
func TestLawPublish(t *testing.T) {
	for seed := uint64(1); seed <= seeds(60); seed++ {
		if err := publish(seed, store.DefectNone, sim.AllFaults(seed)); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

// TestPlantedDefects: each is found, by the check that is there for it.
func TestPlantedDefects(t *testing.T) {
	for _, c := range []struct {
		name   string
		defect store.Defect
		is     []error
	}{
		{"a name before its file", store.DefectEarlyName, []error{errReader}},
		{"a reply before its record", store.DefectEagerReply, []error{errTwice, errReader}},
	} {
		found := uint64(0)
		for seed := uint64(1); seed <= 2000 && found == 0; seed++ {
			err := publish(seed, c.defect, sim.AllFaults(seed))
			if err == nil {
				continue
			}
			found = seed
			known := false
			for _, is := range c.is {
				known = known || errors.Is(err, is)
			}
			if !known {
				t.Errorf("%s: found by something else: %v", c.name, err)
			}
		}
		if found == 0 {
			t.Errorf("%s: not found", c.name)
		}
		t.Logf("%s: found by seed %d", c.name, found)
	}
}
