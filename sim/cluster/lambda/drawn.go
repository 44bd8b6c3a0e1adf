package lambda

import (
	"fmt"

	"parallax/engine"
	"parallax/engine/blob/store"
	"parallax/engine/commitlog"
	"parallax/engine/flow"
	"parallax/engine/flow/fold"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
	"parallax/sim/cluster"
	"parallax/sim/story"
)

// plain makes a drawn pipeline one that merges.
func plain(s *story.Story) {
	p := s.Pipeline
	if plan, err := p.Plan(s.Schema); err == nil {
		if way, _ := fold.Choose(plan, s.Partitions); way == fold.Merge {
			return
		}
	}
	across := p.Watermark.Across
	p.Watermark = watermark.Spec{Bounded: p.Watermark.Bounded, Across: across, AheadMax: p.Watermark.AheadMax}
	p.Marker, p.Late.Rule = nil, flow.Log
	for i := range p.Steps {
		if w := p.Steps[i].Window; w != nil && w.Kind != window.Tumbling && w.Kind != window.Hopping {
			tumble := window.Tumble(1_000_000, 0)
			p.Steps[i].Window = &tumble
		}
	}
}

// Drawn deploys what a seed draws: the pipeline, rows, sizes and faults of package story,
// periods of the batch layer, and trouble of the object store. change, unless nil, has the
// last word.
func Drawn(seed uint64, change func(*Options)) (*Deployment, error) {
	return drawn(seed, plain, "TestDifferentialLambdaSeeds", change)
}

func drawn(seed uint64, pipeline func(*story.Story), test string, change func(*Options)) (*Deployment, error) {
	s := story.Draw(seed)
	pipeline(s)
	s.World.Reproduce = fmt.Sprintf("PARALLAX_SOAK=1 PARALLAX_SEEDS=%d..%d go test -run %s ./sim/cluster/lambda", seed, seed, test)
	j := Job{Pipeline: s.Pipeline, Schema: s.Schema, Feed: make(cluster.Feed, s.Partitions), Story: s}
	if err := s.Batches(j.Feed.Add); err != nil {
		return nil, err
	}
	j.Feed.End(s.EndsAt())
	o := Options{
		World: s.World, Brokers: s.Sizes.Brokers, AskEvery: 800 * engine.Millisecond,
		Batch: Batch{
			Every:    []int64{700 * engine.Millisecond, engine.Second, 2500 * engine.Millisecond}[seed%3],
			Complete: seed%2 == 0, Full: seed%5 == 0,
		},
		Log: commitlog.Options{SegmentBytes: s.Sizes.SegmentBytes, RetainBytes: s.Sizes.RetainBytes, IdleAfter: s.Sizes.IdleAfter},
	}
	if seed%4 != 0 {
		o.Trouble = store.Trouble{Seed: seed, Busy: 100_000, Lose: 100_000, SlowList: 200_000}
	}
	if plan, err := j.Pipeline.Plan(j.Schema); err == nil && replayed(plan, len(j.Feed)) {
		o.Batch.Complete = false
	}
	if change != nil {
		change(&o)
	}
	return Deploy(j, o)
}
