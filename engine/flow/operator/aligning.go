package operator

import (
	"errors"

	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// aligning is which partitions are paused: those that are awake and whose frontier is
// further ahead of that of all than drift (Apache Flink, watermark alignment). One
// that holds the others never is, so that somebody may always be read. Who is paused
// is not polled: its silence means nothing, and its countdown to being idle rests. It
// follows from the combiner, and is not saved.
type aligning struct {
	drift int64
	out   []bool // by partition
	some  int    // of them
	least int64  // when all were looked at last
	hasty bool   // planted defect: the countdown of a paused partition goes on
}

func newAligning(drift int64, partitions int) *aligning {
	return &aligning{drift: drift, out: make([]bool, partitions), least: watermark.None}
}

// paused tells whether a partition is.
func (g *idling) paused(partition int) bool { return g.align != nil && g.align.out[partition] }

// settle pauses and resumes partitions at a moment: the one that something happened
// to, if any, and where the least frontier has risen since, all that are paused.
func (g *idling) settle(partition int, now int64) {
	a := g.align
	if a == nil {
		return
	}
	if partition >= 0 {
		a.set(g, partition, now)
	}
	if least := g.least.Least(); least != a.least {
		a.least = least
		for p := 0; p < len(a.out) && a.some > 0; p++ {
			if a.out[p] {
				a.set(g, p, now)
			}
		}
	}
}

// tooFar tells whether a partition is awake and further ahead than it may be.
func (a *aligning) tooFar(c *watermark.Combiner, partition int) bool {
	return !c.IsIdle(partition) && c.Input(partition) > window.Add(c.Least(), a.drift)
}

// set pauses or resumes a partition. A record begins its countdown anew, so that this
// is done whether it was paused before or not.
func (a *aligning) set(g *idling, partition int, now int64) {
	was, is := a.out[partition], a.tooFar(g.least, partition)
	a.out[partition] = is
	switch {
	case is && !was:
		a.some++
	case was && !is:
		a.some--
	}
	if g.silent == nil || a.hasty {
		return
	}
	if is {
		g.silent.Pause(partition, now)
	} else if was {
		g.silent.Resume(partition, now)
	}
}

// realign finds who is paused after a load, which must be whose countdown rests.
func (g *idling) realign() error {
	for p := range g.least.Len() {
		is := false
		if a := g.align; a != nil {
			if is = a.tooFar(g.least, p); is {
				a.some++
			}
			a.out[p], a.least = is, g.least.Least()
		}
		if g.silent != nil && g.silent.IsPaused(p) != is {
			return errors.New("a partition's countdown is paused, and it is not")
		}
	}
	return nil
}
