package fuzz

import (
	"slices"

	"parallax/scenarios"
	"parallax/sim/fault"
	"parallax/sim/story"
)

// Goals of shrinking: what can be read aloud.
const (
	rowsGoal   = 15
	faultsGoal = 3
)

// seedsAgain is how many seeds a smaller scenario is given to fail by itself.
const seedsAgain = 24

// small reports whether there is nothing more to wish for.
func (k *shrinker) small() bool {
	return len(k.best.Story.Rows) <= rowsGoal && len(k.out.Fired) <= faultsGoal
}

// searchAgain looks for the same failure where taking away does not get further: a
// fault that is named by what it hits may hit nothing any more in a smaller run, and a
// smaller run may need other delays. So parts of the rows are given faults left to
// chance again, of the families that have struck, alone and together. It reports
// whether one of them fails.
func (k *shrinker) searchAgain() bool {
	parts, plans := k.parts(), k.families()
	for n := uint64(1); n <= seedsAgain; n++ {
		for _, part := range parts {
			for _, plan := range plans {
				if k.o.Budget.Spent() {
					return false
				}
				c := k.changed(func(s *scenarios.Scenario) {
					w := &s.Story.World
					s.Story.Rows, s.Story.StormNs = part.rows, min(s.Story.StormNs, part.stormNs)
					w.Seed, w.Faults, w.Frozen = w.Seed+n, plan, nil
				})
				if k.fewer(c) {
					return true
				}
			}
		}
	}
	return false
}

// part is some of the rows, which begin to arrive soon, and how long that takes.
type part struct {
	rows    []story.Row
	stormNs int64
}

// behindNs is how long a storm goes on behind the last row.
const behindNs = 3 * second

// parts are the rows to try, few first.
func (k *shrinker) parts() []part {
	rows, pace := k.best.Story.Rows, max(k.best.Story.Pace, 1)
	n := len(rows)
	var parts []part
	for _, p := range [][2]int{{0, n / 8}, {n / 2, n/2 + n/8}, {0, n / 4}, {n / 2, n/2 + n/4}, {0, n / 2}, {n / 2, n}, {0, n}} {
		if p[1] <= p[0] {
			continue
		}
		some := slices.Clone(rows[p[0]:p[1]])
		first := max(0, some[0].At-beforeUs*pace)
		for i := range some {
			some[i].At -= first
		}
		parts = append(parts, part{some, some[len(some)-1].At*1000/pace + behindNs})
	}
	return parts
}

// fewer plays a scenario whose faults are left to chance, and keeps it, with those as a
// list, if it fails and is smaller than the best.
func (k *shrinker) fewer(c *scenarios.Scenario) bool {
	best, out := k.best, k.out
	if !k.keep(c) {
		return false
	}
	if len(k.best.Story.Rows)+2*len(k.out.Fired) < len(best.Story.Rows)+2*len(out.Fired) && k.freeze() {
		return true
	}
	k.best, k.out = best, out
	return false
}

// families are what may strike: each family of those that have by itself, then all of
// them; seldom, and as usual.
func (k *shrinker) families() []fault.Plan {
	var struck []fault.Family
	for i := range k.out.Fired {
		struck = append(struck, k.out.Fired[i].Family)
	}
	slices.Sort(struck)
	struck = slices.Compact(struck)
	seldom := fault.Usual()
	for f := range seldom {
		seldom[f].Rate = (seldom[f].Rate + 3) / 4
	}
	byCrash := []fault.Family{}
	for _, f := range fault.All() {
		switch f {
		case fault.LostWrites, fault.TornWrite, fault.LostRemoves: // part of whatever kills a process
			byCrash = append(byCrash, f)
		}
	}
	var plans []fault.Plan
	for _, f := range struck {
		plans = append(plans, fault.Usual().Only(append([]fault.Family{f}, byCrash...)...))
	}
	all := append(slices.Clone(struck), byCrash...)
	return append(plans, seldom.Only(all...), fault.Usual().Only(all...))
}
