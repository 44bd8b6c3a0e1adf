package simtest

import (
	"slices"

	"parallax/sim/fault"
	"parallax/sim/shrink"
)

// small is a failure made small.
type small struct {
	best   *attempt
	out    *outcome
	struck int    // faults that struck at first
	runs   int    // that it took to make it small
	note   string // what the reader must know of the search
}

// size is how much there is to read.
func (s *small) size() int { return s.best.size(s.out) }

// Where one seed needs several faults, another may need a single one: so many more that
// fail in the same way are made small as well, out of so many that are played.
const (
	othersSmall  = 8
	othersPlayed = 40
)

// smallest makes a failure small, and those of a few seeds behind it, up to to, that
// are of the same kind; the one with the least to read is the one that is told.
func (c *check) smallest(a *attempt, out *outcome, to uint64) small {
	best := c.shrink(a, out)
	spent := best.runs
	for others, n := 0, uint64(1); n <= min(othersPlayed, to-a.seed) && others < othersSmall && len(best.out.fired) > 1 && spent < c.o.Shrink; n++ {
		other := c.what.draw(a.seed+n, c.o)
		came := c.play(other)
		spent++
		if came.err == nil || came.property != out.property {
			continue
		}
		others++
		s := c.shrink(other, came)
		spent += s.runs
		if s.size() < best.size() {
			best = s
		}
	}
	return best
}

// shrink finds few faults, and few rows of a job, with which the same property is
// violated.
func (c *check) shrink(a *attempt, out *outcome) small {
	k := &shrinker{check: c, budget: shrink.Budget{RunsMax: c.o.Shrink}, best: a, out: out}
	s := small{best: a, out: out, struck: len(out.fired)}
	if !k.try(a.with(out.fired)) {
		s.note = "\n  (with its faults as a list it does not fail; they are left as they struck)"
		return s
	}
	for before := -1; before != k.best.size(k.out) && !k.budget.Spent(); {
		before = k.best.size(k.out)
		k.faults()
		k.rows()
	}
	if k.budget.Spent() {
		s.note = "\n  (the search ended with its budget, Options.Shrink: there may be fewer)"
	}
	s.best, s.out, s.runs = k.best, k.out, k.budget.Runs()
	return s
}

// shrinker holds the smallest run so far that fails.
type shrinker struct {
	*check
	budget shrink.Budget
	best   *attempt
	out    *outcome
}

// size is how much there is to read of a run.
func (a *attempt) size(out *outcome) int {
	n := len(out.fired)
	if a.job != nil {
		n += len(a.job.story.Rows)
	}
	return n
}

// try plays a run, and keeps it if it fails in the same way.
func (k *shrinker) try(a *attempt) bool {
	out := k.play(a)
	if out.err == nil || out.property != k.out.property {
		return false
	}
	k.best, k.out = a.with(out.fired), out
	return true
}

// faults takes faults away.
func (k *shrinker) faults() {
	all := k.best.frozen
	shrink.List(len(all), &k.budget, func(pieces []int) bool { return k.try(k.best.with(chosen(all, pieces))) })
}

// rows takes rows away.
func (k *shrinker) rows() {
	if k.best.job == nil {
		return
	}
	all := k.best.job.story.Rows
	shrink.List(len(all), &k.budget, func(pieces []int) bool {
		if len(pieces) == 0 {
			return false // nothing would be asked
		}
		return k.try(k.best.withRows(chosen(all, pieces)))
	})
}

// with is the run in which these faults strike and no others.
func (a *attempt) with(faults []fault.Fault) *attempt {
	c := *a
	c.frozen = append([]fault.Fault{}, faults...) // not nil: that would be by rates
	return &c
}

func chosen[T any](list []T, which []int) []T {
	out := make([]T, 0, len(which))
	for _, i := range slices.Sorted(slices.Values(which)) {
		out = append(out, list[i])
	}
	return out
}
