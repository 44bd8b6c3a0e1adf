package journal

import (
	"errors"
	"fmt"
	"testing"

	"parallax/sim"
)

// walk tries all crash states of a list of histories, one for each incarnation.
type walk struct {
	opts      Options
	torn      func(size int) []int
	histories []history
	every     int // how many states of an incarnation share one successor

	states int
}

// from goes through the histories from the i-th on. Every crash state after every
// step is recovered and held against the model; one in `every` lives on as the next
// incarnation.
func (w *walk) from(n *node, i int) error {
	for at, letter := range []byte(w.histories[i]) {
		if err := n.step(letter); err != nil {
			return fmt.Errorf("histories %q, incarnation %d, step %d: %w", w.histories, i+1, at+1, err)
		}
		for state := range n.disk.CrashStates(w.torn) {
			w.states++
			place := fmt.Sprintf("histories %q, incarnation %d, step %d, state %d", w.histories, i+1, at+1, w.states)
			next, err := w.recover(n, state, uint32(i+2))
			if err != nil {
				return fmt.Errorf("%s: %w", place, err)
			}
			if i+1 < len(w.histories) && w.states%w.every == 0 {
				if err := w.from(next, i+1); err != nil {
					return fmt.Errorf("%s, then %w", place, err)
				}
			}
		}
	}
	return nil
}

// recover opens the journal in a crash state, twice, and compares it with the model.
func (w *walk) recover(n *node, state *sim.Disk, number uint32) (*node, error) {
	next, err := boot(state, number, w.opts)
	if err != nil {
		return nil, err
	}
	got := next.m.after(next.m.durable)
	if n.m.explains(got) < 0 {
		return nil, fmt.Errorf("recovered %s, want %s with all of the first %d entries",
			show(got), show(n.m.after(len(n.m.entries))), n.m.durable)
	}
	again, err := boot(state, number+1, w.opts)
	if err != nil || !equal(got, again.m.after(again.m.durable)) {
		return nil, fmt.Errorf("the second recovery differs: %v", err)
	}
	for _, r := range got {
		if data, err := next.j.Read(r.At); err != nil || string(data) != string(r.Data) {
			return nil, fmt.Errorf("read %v again: %q, %w", r.At, data, err)
		}
	}
	return next, nil
}

func show(records []Record) string {
	s := "["
	for _, r := range records {
		s += fmt.Sprintf(" %.4s@%d.%d+%d", r.Data, r.At.Boot, r.At.Number, r.At.Offset)
	}
	return s + " ]"
}

func (w *walk) run() error {
	n, err := boot(sim.NewDisk(), 1, w.opts)
	if err != nil {
		return err
	}
	return w.from(n, 0)
}

// One incarnation, torn at every byte.
func TestOracleCrashStates(t *testing.T) {
	for _, h := range []history{"a", "asa", "aa", "aasa", "b", "bsa", "asb", "absa", "bsb", "asA", "asAsrs"} {
		w := walk{opts: small, histories: []history{h}}
		if err := w.run(); err != nil {
			t.Error(err)
		}
		t.Logf("%s: %d states", h, w.states)
	}
}

// All histories of up to four letters, torn at the edges.
func TestOracleCrashStatesOfAllHistories(t *testing.T) {
	letters, most, states := "aAbrs", 4, 0
	var grow func(h history)
	grow = func(h history) {
		if len(h) == most {
			// Shorter ones are its beginnings: from checks after every step.
			w := walk{opts: small, torn: edges, histories: []history{h}}
			if err := w.run(); err != nil {
				t.Fatal(err)
			}
			states += w.states
			return
		}
		for _, l := range []byte(letters) {
			grow(h + history(l))
		}
	}
	grow("")
	t.Logf("%d states", states)
}

// Crash, recover, write, crash again, three incarnations deep.
func TestOracleCrashAgain(t *testing.T) {
	w := walk{opts: small, torn: edges, every: 11}
	for _, h := range [][]history{
		{"aasA", "asa", "as"},
		{"aAbsA", "Ab", "asAs"},
		{"asAAr", "ar", "bA"},
		{"bsaab", "aAs", "brs"},
		{"AsAsr", "Ars", "a"},
	} {
		w.histories = h
		if err := w.run(); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d states", w.states)
}

// Two incarnations must not share a number.
func TestVectorBootMustRise(t *testing.T) {
	n, err := boot(sim.NewDisk(), 3, small)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(n.step('a'), n.step('s')); err != nil {
		t.Fatal(err)
	}
	for _, number := range []uint32{2, 3} {
		if _, err := boot(n.disk, number, small); !errors.Is(err, errBoot) {
			t.Errorf("boot %d after 3: %v", number, err)
		}
	}
}
