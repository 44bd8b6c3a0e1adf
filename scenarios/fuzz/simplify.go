package fuzz

import (
	"slices"
	"time"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/scenarios"
	"parallax/sim/shrink"
	"parallax/sim/story"
)

// simplification makes one thing of a scenario simpler; it reports false if it is
// simple already.
type simplification func(*scenarios.Scenario) bool

// simplify tries to do without everything that has a simpler form: the client, sizes,
// steps, partitions, odd delays, long or odd values.
func (k *shrinker) simplify() {
	shrink.Options(len(simplifications), &k.o.Budget, func(i int) bool {
		c := clone(k.best)
		return simplifications[i](c) && k.keep(c)
	})
	for i := 0; i < len(k.best.Story.Pipeline.Steps); i++ {
		k.step(i)
	}
	k.values()
	k.times()
}

// times lets rows and faults come at round instants, and rows in order.
func (k *shrinker) times() {
	for _, round := range []int64{second, second / 10, second / 100} {
		c := clone(k.best)
		changed := false
		for i := range c.Story.Rows {
			r := &c.Story.Rows[i]
			was := *r
			r.At, r.Time = rounded(r.At*1000, round)/1000, rounded(r.Time*1000, round)/1000
			changed = changed || was.At != r.At || was.Time != r.Time
		}
		if changed && k.keep(c) {
			break
		}
	}
	for i := range k.best.Story.World.Frozen {
		for _, round := range []int64{second, second / 10, second / 100} {
			c := clone(k.best)
			if i >= len(c.Story.World.Frozen) {
				return
			}
			c.Story.World.Frozen = slices.Clone(c.Story.World.Frozen)
			f := &c.Story.World.Frozen[i]
			was := *f
			if f.Family.Timed() {
				f.At = time.Duration(rounded(int64(f.At), round))
			}
			if f.Lasts > 0 {
				f.Lasts = time.Duration(max(round, rounded(int64(f.Lasts), round)))
			}
			if (was.At != f.At || was.Lasts != f.Lasts) && k.keep(c) {
				break
			}
		}
	}
}

// rounded is ns rounded down.
func rounded(ns, to int64) int64 { return ns - (ns%to+to)%to }

// to sets a number, unless it is that already.
func to[T comparable](v *T, simple T) bool {
	if *v == simple {
		return false
	}
	*v = simple
	return true
}

var simplifications = []simplification{
	func(s *scenarios.Scenario) bool { return to(&s.Story.AskEvery, -1) },
	func(s *scenarios.Scenario) bool { return to(&s.Story.Sizes.Brokers, 1) },
	func(s *scenarios.Scenario) bool { return s.Story.Sizes.Brokers > 3 && to(&s.Story.Sizes.Brokers, 3) },
	func(s *scenarios.Scenario) bool { return to(&s.Story.Sizes.RetainBytes, 0) },
	func(s *scenarios.Scenario) bool { return to(&s.Story.Sizes.IdleAfter, 0) },
	func(s *scenarios.Scenario) bool { return to(&s.Story.Sizes.Credit, 0) },
	func(s *scenarios.Scenario) bool { return s.Story.Sizes.Credit > 1 && to(&s.Story.Sizes.Credit, 1) },
	func(s *scenarios.Scenario) bool { return to(&s.Story.Sizes.BaseBytes, 0) },
	func(s *scenarios.Scenario) bool { return to(&s.Story.Sizes.ViewBytes, 0) },
	func(s *scenarios.Scenario) bool { return to(&s.Story.Sizes.CheckpointBytes, 0) },
	func(s *scenarios.Scenario) bool { return to(&s.Story.Sizes.SegmentBytes, 0) },
	onDisk,
	func(s *scenarios.Scenario) bool {
		return to(&s.Story.Sizes.Store, story.Store{On: s.Story.Sizes.Store.On})
	},
	func(s *scenarios.Scenario) bool { return to(&s.Story.Sizes.CacheBytes, 0) },
	usedPartitions,
	onePartition,
	func(s *scenarios.Scenario) bool {
		return pipeline(s, func(p *flow.Pipeline) bool { return to(&p.Late.Allowed, 0) })
	},
	func(s *scenarios.Scenario) bool {
		return pipeline(s, func(p *flow.Pipeline) bool { return to(&p.Watermark.AheadMax, 0) })
	},
	func(s *scenarios.Scenario) bool {
		return pipeline(s, func(p *flow.Pipeline) bool { return to(&p.Watermark.Bounded, 0) })
	},
}

// onDisk takes the object store away, unless somebody speaks of it.
func onDisk(s *scenarios.Scenario) bool {
	for i := range s.Story.World.Frozen {
		if f := &s.Story.World.Frozen[i]; f.Node == "store" || f.Peer == "store" {
			return false
		}
	}
	for _, r := range s.Story.Restarts {
		if r.NewDisk || r.Node == "store" {
			return false
		}
	}
	return to(&s.Story.Sizes.Store, story.Store{})
}

// pipeline changes a copy of the pipeline.
func pipeline(s *scenarios.Scenario, change func(*flow.Pipeline) bool) bool {
	p := *s.Story.Pipeline
	p.Steps = slices.Clone(p.Steps)
	if !change(&p) {
		return false
	}
	if _, err := p.Plan(s.Story.Schema); err != nil {
		return false
	}
	s.Story.Pipeline = &p
	return true
}

// usedPartitions leaves out partitions without rows.
func usedPartitions(s *scenarios.Scenario) bool {
	var used []int32
	for i := range s.Story.Rows {
		used = append(used, s.Story.Rows[i].Partition)
	}
	slices.Sort(used)
	if used = slices.Compact(used); len(used) == s.Story.Partitions {
		return false
	}
	for i := range s.Story.Rows {
		at, _ := slices.BinarySearch(used, s.Story.Rows[i].Partition)
		s.Story.Rows[i].Partition = int32(at)
	}
	s.Story.Partitions = max(1, len(used))
	return true
}

// onePartition puts all rows into one.
func onePartition(s *scenarios.Scenario) bool {
	if s.Story.Partitions == 1 {
		return false
	}
	for i := range s.Story.Rows {
		s.Story.Rows[i].Partition = 0
	}
	s.Story.Partitions = 1
	return true
}

// step takes a step of the pipeline away, or of an aggregation what it can do without.
func (k *shrinker) step(i int) {
	without := func(s *scenarios.Scenario) bool {
		return pipeline(s, func(p *flow.Pipeline) bool {
			p.Steps = slices.Delete(p.Steps, i, i+1)
			return true
		})
	}
	if c := clone(k.best); without(c) && k.keep(c) {
		return
	}
	for a := len(k.best.Story.Pipeline.Steps[i].Aggregates) - 1; a >= 0; a-- {
		c := clone(k.best)
		less := pipeline(c, func(p *flow.Pipeline) bool {
			step := p.Steps[i]
			step.Aggregates = slices.Delete(slices.Clone(step.Aggregates), a, a+1)
			p.Steps[i] = step
			return len(step.Aggregates) > 0
		})
		if less {
			k.keep(c)
		}
	}
}

// values makes the columns of rows simple: those that no step needs go, others become
// alike.
func (k *shrinker) values() {
	for col := len(k.best.Story.Schema) - 1; col >= 0; col-- {
		c := clone(k.best)
		c.Story.Schema = slices.Delete(slices.Clone(c.Story.Schema), col, col+1)
		for i := range c.Story.Rows {
			c.Story.Rows[i].Values = slices.Delete(slices.Clone(c.Story.Rows[i].Values), col, col+1)
		}
		if _, err := c.Story.Pipeline.Plan(c.Story.Schema); err == nil && len(c.Story.Schema) > 0 && k.keep(c) {
			continue
		}
		k.column(col)
	}
}

// column gives all rows the simplest value of a column.
func (k *shrinker) column(col int) {
	c := clone(k.best)
	simple := simplest(c.Story.Schema[col].Type)
	changed := false
	for i := range c.Story.Rows {
		if c.Story.Rows[i].Values[col].Compare(simple) != 0 {
			values := slices.Clone(c.Story.Rows[i].Values)
			values[col], changed = simple, true
			c.Story.Rows[i].Values = values
		}
	}
	if changed {
		k.keep(c)
	}
}

// simplest is a value that is nothing special.
func simplest(t column.Type) column.Value {
	v := column.Value{Type: t}
	switch t.Kind {
	case column.String:
		v.String = "a"
	case column.Int64, column.Timestamp:
		v.Int = 1
	case column.Float64:
		v.Float = 1
	}
	return v
}
