package simtest

import (
	"fmt"
	"strings"
	"testing"

	"parallax/engine"
	"parallax/sim"
	"parallax/sim/fault"
)

// Options of a check. The zero value suits a test that is always run.
type Options struct {
	Seeds  int // how many are played unless the environment says which; 0 means 50
	Shrink int // at most so many runs to make a failure small; 0 means 1,000
	// World is the options of a seed's world, its faults among them; nil means
	// sim.Swarm.
	World func(seed uint64) sim.Options
	// Dir is where failures are stored; "" means testdata/parallax.
	Dir string
}

func (o *Options) fill() {
	if o.Seeds == 0 {
		o.Seeds = 50
	}
	if o.Shrink == 0 {
		o.Shrink = 1000
	}
	if o.World == nil {
		o.World = sim.Swarm
	}
	if o.Dir == "" {
		o.Dir = "testdata/parallax"
	}
}

// Subject is what Check plays: [Actors] or a [Job].
type Subject interface {
	// valid finds what is wrong without a run.
	valid() error
	// draw is the run that a seed expands to.
	draw(seed uint64, o *Options) *attempt
	// play carries out a run.
	play(a *attempt, o *Options) *outcome
	// pack and unpack turn what only the subject knows of a run into a part of a file.
	pack(a *attempt) (*packed, error)
	unpack(p *packed, a *attempt) error
}

// attempt is a run to be played.
type attempt struct {
	seed   uint64
	frozen []fault.Fault // nil: as often as the world's options say
	job    *jobRun       // of a job
	bad    error         // why there is nothing to play
}

// outcome is what a run came to.
type outcome struct {
	err      error  // nil: nothing was wrong
	property string // by which two failures are the same
	says     string // the property in words
	place    string // where in the run
	fired    []fault.Fault
	hash     uint64
	events   uint64
	kind     func(engine.Kind) string // names kinds of messages, or nil
}

// Check plays what is stored and then seeds, and fails the test with the first failure
// made small.
func Check(t testing.TB, what Subject, o Options) {
	t.Helper()
	o.fill()
	c := &check{t: t, what: what, o: &o}
	if err := what.valid(); err != nil {
		t.Errorf("simtest: %v", err)
		return
	}
	from, to, given, err := seeds(o.Seeds)
	if err != nil {
		t.Errorf("simtest: %v", err)
		return
	}
	if !given && !c.stored() {
		return
	}
	c.explore(from, to)
}

// check is one call of Check.
type check struct {
	t    testing.TB
	what Subject
	o    *Options
}

func (c *check) play(a *attempt) *outcome { return c.what.play(a, c.o) }

// explore plays seeds up to the first that fails.
func (c *check) explore(from, to uint64) {
	c.t.Helper()
	struck, events, runs := 0, uint64(0), 0
	for seed := from; ; seed++ {
		a := c.what.draw(seed, c.o)
		out := c.play(a)
		if seed == from || out.err != nil {
			if again := c.play(c.what.draw(seed, c.o)); again.hash != out.hash || again.property != out.property {
				c.t.Errorf("simtest: %s is not deterministic: seed %d gave two runs (%d events, then %d; %s, then %s).\n"+
					"  An actor may use its state, the event and its Env, and nothing else: no map order, clock, goroutine or global\n"+
					"  variable. `go tool simlint ./...` finds most of them.\n  reproduce: %s",
					c.t.Name(), seed, out.events, again.events, out.verdict(), again.verdict(), reproduce(c.t.Name(), seed))
				return
			}
		}
		if out.err != nil {
			c.report(a, out, to)
			return
		}
		struck, events, runs = struck+len(out.fired), events+out.events, runs+1
		if seed == to {
			break
		}
	}
	switch {
	case events == 0:
		c.t.Errorf("simtest: inconclusive: nothing happened in %d runs", runs)
	case struck == 0 && runs > 1:
		c.t.Errorf("simtest: inconclusive: no fault struck in %d runs, so they show nothing of faults; let them take longer, or have Options.World break more", runs)
	default:
		c.t.Logf("simtest: %d runs, %d events, %d faults, nothing wrong", runs, events, struck)
	}
}

// tell is a fault for the reader.
func (o *outcome) tell(f *fault.Fault) string {
	if o.kind == nil || f.Kind == 0 {
		return f.String()
	}
	return strings.Replace(f.String(), fmt.Sprintf("message of kind %d", f.Kind), o.kind(engine.Kind(f.Kind)), 1)
}

func (o *outcome) verdict() string {
	if o.err == nil {
		return "nothing wrong"
	}
	return o.property
}

// report makes a failure small, stores it and tells it.
func (c *check) report(a *attempt, out *outcome, to uint64) {
	c.t.Helper()
	s := c.smallest(a, out, to)
	file, err := c.store(s.best, s.out)
	stored := "stored:    " + file + ", which is played first from now on"
	if err != nil {
		stored = "not stored: " + err.Error()
	}
	struck := fmt.Sprintf(" of %d that struck, found in %d runs", s.struck, s.runs)
	c.t.Errorf("%s%s\n  %s\n  reproduce: %s", c.story(s.best, s.out, struck), s.note, stored, reproduce(c.t.Name(), s.best.seed))
}

// story tells a failure.
func (c *check) story(a *attempt, out *outcome, struck string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is broken: %s\n  %v\n  %s, seed %d\n", c.t.Name(), out.says, out.err, out.place, a.seed)
	switch n := len(out.fired); n {
	case 0:
		fmt.Fprintf(&b, "  faults needed: none%s\n", struck)
	default:
		fmt.Fprintf(&b, "  faults needed: %d%s\n", n, struck)
		for i := range out.fired {
			fmt.Fprintf(&b, "    %d. %s\n", i+1, out.tell(&out.fired[i]))
		}
	}
	if a.job != nil {
		fmt.Fprintf(&b, "  rows needed: %d\n", len(a.job.story.Rows))
		for i := range a.job.story.Rows {
			fmt.Fprintf(&b, "    %s\n", a.job.row(i))
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}
