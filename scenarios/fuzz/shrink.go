package fuzz

import (
	"fmt"
	"slices"

	"parallax/scenarios"
	"parallax/sim/fault"
	"parallax/sim/shrink"
)

// Shrunk is what is left of a scenario.
type Shrunk struct {
	Scenario *scenarios.Scenario
	Outcome  *scenarios.Outcome // of its run
	Runs     int                // that it took
}

// ShrinkOptions say how long to try.
type ShrinkOptions struct {
	Budget   shrink.Budget
	Progress func(runs, rows, faults int)
}

// Shrink makes a scenario that fails smaller. out is what its run came to. The result
// lists its faults and expects the failure.
func Shrink(s *scenarios.Scenario, out *scenarios.Outcome, o ShrinkOptions) (*Shrunk, error) {
	k := newShrinker(s, out, &o)
	before := sizeOf(s, out)
	if !k.freeze() {
		return nil, fmt.Errorf("fuzz: %s does not fail again with its own faults as a list", s.Name)
	}
	for coarse := true; ; coarse = false {
		k.takeAway(coarse)
		for !k.small() && !o.Budget.Spent() && (k.knotted(coarse) && k.byHand() || k.searchAgain()) {
			k.takeAway(coarse)
		}
		if !coarse {
			break
		}
	}
	k.finish(before)
	return &Shrunk{Scenario: k.best, Outcome: k.out, Runs: o.Budget.Runs()}, nil
}

func newShrinker(s *scenarios.Scenario, out *scenarios.Outcome, o *ShrinkOptions) *shrinker {
	k := &shrinker{o: o, property: property(out), best: clone(s), out: out, first: out.Fired}
	k.best.Expect = scenarios.Expect{Verdict: scenarios.Violated, Property: k.property}
	if out.Verdict == scenarios.Pass {
		k.best.Expect = s.Expect // it is the answer that was not as expected
	}
	return k
}

// takeAway takes away what it can, until nothing helps; or only what goes in large
// pieces.
func (k *shrinker) takeAway(coarse bool) {
	k.coarse = coarse
	for last := (size{}); last != sizeOf(k.best, k.out) && !k.o.Budget.Spent() && (last == size{} || !coarse); {
		last = sizeOf(k.best, k.out)
		k.endEarly()
		k.verbs()
		k.faults()
		k.rows()
		k.faults()
		k.simplify()
	}
}

// property is what a run lacks: one of the cluster's, or that it is as expected.
func property(o *scenarios.Outcome) string { return o.Property }

// size is what Shrink makes smaller.
type size struct{ rows, faults, steps, text int }

func sizeOf(s *scenarios.Scenario, o *scenarios.Outcome) size {
	return size{len(s.Story.Rows), len(o.Fired), len(s.Story.Pipeline.Steps), len(s.String())}
}

// shrinker holds the smallest scenario so far that fails.
type shrinker struct {
	o        *ShrinkOptions
	property string
	best     *scenarios.Scenario
	out      *scenarios.Outcome
	coarse   bool          // large pieces only
	first    []fault.Fault // that struck in the run as it was given
	made     uint64        // how often scenarios were made up
}

// pieces is how many of n to take away at a time at least.
func (k *shrinker) pieces(n int) int {
	if k.coarse {
		return max(1, n/16)
	}
	return 1
}

// clone is a scenario of which parts can be replaced.
func clone(s *scenarios.Scenario) *scenarios.Scenario {
	c := *s
	c.Story.Rows = slices.Clone(s.Story.Rows)
	return &c
}

// keep plays a smaller scenario, and keeps it if it fails in the same way.
func (k *shrinker) keep(s *scenarios.Scenario) bool {
	return k.o.Budget.Try(func() bool { return k.tries(s) })
}

// inStorm reports whether the failure is one that is seen before the world is calm.
func (k *shrinker) inStorm() bool {
	pace := max(k.best.Story.Pace, 1)
	return k.property != "" && !k.out.Liveness && int64(k.out.At) < k.best.Story.StormNs*pace
}

// same reports whether a run fails as the first one did.
func (k *shrinker) same(out *scenarios.Outcome) bool {
	if k.property == "" {
		return out.Verdict == scenarios.Pass && len(out.Missed) > 0
	}
	return out.Verdict == scenarios.Violated && out.Property == k.property
}

// struck leaves of the list what has struck: the rest does nothing.
func (k *shrinker) struck() {
	if k.best.Story.World.Frozen != nil {
		k.best.Story.World.Frozen = slices.Clone(k.out.Fired)
		if k.best.Story.World.Frozen == nil {
			k.best.Story.World.Frozen = []fault.Fault{}
		}
	}
}

// changed is the best scenario with a change.
func (k *shrinker) changed(change func(*scenarios.Scenario)) *scenarios.Scenario {
	c := clone(k.best)
	change(c)
	return c
}

// freeze makes a list of the faults that struck.
func (k *shrinker) freeze() bool {
	return k.keep(k.changed(func(s *scenarios.Scenario) {
		s.Story.World.Frozen = append([]fault.Fault{}, k.out.Fired...)
		s.Story.World.Faults = fault.Plan{}
	}))
}

// endEarly ends the storm soon behind the failure. What is violated by never happening
// needs its time.
func (k *shrinker) endEarly() {
	if k.out.Liveness {
		return
	}
	pace := max(k.best.Story.Pace, 1)
	storm := (int64(k.out.At)/pace/second + 1) * second
	if storm < k.best.Story.StormNs {
		k.keep(k.changed(func(s *scenarios.Scenario) { s.Story.StormNs = storm }))
	}
}

const second = 1_000_000_000 // ns

// faults takes faults away.
func (k *shrinker) faults() {
	all := k.best.Story.World.Frozen
	shrink.Coarse(len(all), k.pieces(len(all)), &k.o.Budget, func(pieces []int) bool {
		return k.tries(k.changed(func(s *scenarios.Scenario) { s.Story.World.Frozen = chosen(all, pieces) }))
	})
}

// rows takes rows away.
func (k *shrinker) rows() {
	all := k.best.Story.Rows
	shrink.Coarse(len(all), k.pieces(len(all)), &k.o.Budget, func(pieces []int) bool {
		if len(pieces) == 0 {
			return false // nothing would be checked
		}
		return k.tries(k.changed(func(s *scenarios.Scenario) { s.Story.Rows = chosen(all, pieces) }))
	})
}

// tries is keep within a run that is counted already.
func (k *shrinker) tries(s *scenarios.Scenario) bool {
	run := s
	if k.inStorm() {
		run = clone(s)
		run.Story.CalmNs = 1 // what comes behind the storm is not asked for
	}
	out, err := scenarios.Play(run, scenarios.PlayOptions{Quick: true})
	if err != nil || !k.same(out) {
		return false
	}
	k.best, k.out = s, out
	k.struck()
	if k.o.Progress != nil {
		k.o.Progress(k.o.Budget.Runs(), len(s.Story.Rows), len(out.Fired))
	}
	return true
}

func chosen[T any](list []T, which []int) []T {
	out := make([]T, len(which))
	for i, w := range which {
		out[i] = list[w]
	}
	return out
}

// finish says where the scenario comes from and how it became so small.
func (k *shrinker) finish(before size) {
	s, after := k.best, sizeOf(k.best, k.out)
	s.Origin.Trace = fmt.Sprintf("%016x", k.out.Hash)
	s.Origin.Shrunk = [][2]string{
		{"rows", fmt.Sprintf("%d -> %d", before.rows, after.rows)},
		{"faults", fmt.Sprintf("%d -> %d", before.faults, after.faults)},
		{"steps", fmt.Sprintf("%d -> %d", before.steps, after.steps)},
	}
}
