package simtest

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"parallax/engine"
	"parallax/sim"
	"parallax/sim/fault"
)

// Actors are nodes that Check breaks.
type Actors struct {
	// Setup boots the nodes in a new world and says what must hold. It is called for
	// every run: whatever it needs to remember of one, it makes anew.
	Setup func(w *sim.World) Checks
	// Storm is how long faults strike, Calm how long everything may then take; 0 means
	// 2 s and 10 s of the world's clock.
	Storm, Calm time.Duration
	// Kind names a kind of message where faults are told; nil gives its number.
	Kind func(engine.Kind) string
}

// Checks are what must hold. What an error wraps, at its innermost, is the property
// that is violated: two failures with the same innermost error, but for its numbers,
// are the same.
type Checks struct {
	Always  func(w *sim.World) error // after every event
	Finally func(w *sim.World) error // in the end, when no more faults strike
}

// errUnchecked is returned for a setup that asks for nothing.
var errUnchecked = errors.New("simtest: Setup returned neither Always nor Finally: nothing would be checked")

func (a Actors) valid() error {
	if a.Setup == nil {
		return errors.New("simtest: Actors without Setup")
	}
	return nil
}

func (a Actors) draw(seed uint64, _ *Options) *attempt { return &attempt{seed: seed} }

func (a Actors) play(at *attempt, o *Options) *outcome {
	out := a.run(at, o)
	out.kind = a.Kind
	return out
}

// run is a run up to its outcome.
func (a Actors) run(at *attempt, o *Options) *outcome {
	w := sim.New(at.options(o))
	start := w.Now()
	checks := a.Setup(w)
	if checks.Always == nil && checks.Finally == nil {
		return judged(w, start, errUnchecked, false)
	}
	if checks.Always != nil {
		w.OnStep(checks.Always)
	}
	if err := w.RunFor(orElse(a.Storm, 2*time.Second)); err != nil {
		return judged(w, start, err, false)
	}
	w.Calm()
	end := w.Now() + engine.Instant(orElse(a.Calm, 10*time.Second))
	for {
		var unmet error
		if checks.Finally != nil {
			unmet = checks.Finally(w)
		}
		if w.Now() >= end || checks.Finally != nil && unmet == nil {
			return judged(w, start, unmet, true)
		}
		if err := w.RunFor(100 * engine.Millisecond); err != nil {
			return judged(w, start, err, true)
		}
	}
}

func (a Actors) pack(*attempt) (*packed, error) { return nil, nil }
func (a Actors) unpack(*packed, *attempt) error { return nil }

// options is the world of a run.
func (at *attempt) options(o *Options) sim.Options {
	w := o.World(at.seed)
	w.Seed = at.seed
	if at.frozen != nil {
		w.Faults, w.Frozen = fault.Plan{}, at.frozen
	}
	return w
}

func orElse(d, usual time.Duration) int64 {
	if d == 0 {
		d = usual
	}
	return int64(d)
}

var digits = regexp.MustCompile(`\d+`)

// judged is the outcome of a run that ended with err.
func judged(w *sim.World, start engine.Instant, err error, calm bool) *outcome {
	out := &outcome{err: err, fired: w.Fired(), hash: w.Hash(), events: w.Stats().Events}
	if err == nil {
		return out
	}
	phase := "while faults strike"
	if calm {
		phase = "after the faults have stopped"
	}
	out.place = fmt.Sprintf("at the end, %v into the run, %s", time.Duration(w.Now()-start), phase)
	root := err
	for inner := errors.Unwrap(root); inner != nil; inner = errors.Unwrap(root) {
		root = inner
	}
	out.says = root.Error()
	var f *sim.Failure
	if errors.As(err, &f) {
		out.err = f.Err
		out.place = fmt.Sprintf("at event %d, %v into the run, %s", f.Event, time.Duration(f.At-start), phase)
		switch {
		case f.Stack != nil:
			out.says = f.Node + " panics"
			out.err = fmt.Errorf("%w\n%s", f.Err, f.Stack)
		case f.Node != "":
			out.says = f.Node + " gives up: " + out.says
		}
	}
	out.property = digits.ReplaceAllString(out.says, "#")
	return out
}
