package story

import (
	"math/rand/v2"

	"parallax/engine"
	"parallax/sim"
)

// Shape of a drawn story: 200 rows on three partitions, ten seconds of faults and as
// many to catch up.
const (
	drawnRows       = 200
	drawnPartitions = 3
	stormNs         = 10 * engine.Second
	calmNs          = 10 * engine.Second
)

// draws makes choices that depend on a seed alone.
type draws struct{ *rand.Rand }

func (d draws) chance(n int) bool { return d.IntN(n) == 0 }

func pick[T any](d draws, options ...T) T { return options[d.IntN(len(options))] }

// The streams of a seed: a change in what one draws leaves the others alone.
const (
	streamPipeline = 0x706c78 + iota
	streamRows
	streamSizes
	streamSessions
	streamStrategy
	streamVerbs
	streamCalendar
	streamStore
)

func stream(seed, which uint64) draws {
	d := draws{rand.New(rand.NewPCG(seed, which))}
	for range skipped.Load() {
		d.Uint64()
	}
	return d
}

// Draw draws a story: what is computed, how late rows are, what comes when to which
// partition, how small everything is, and what breaks.
func Draw(seed uint64) *Story {
	s := &Story{World: sim.Swarm(seed), Schema: drawnSchema, Partitions: drawnPartitions, StormNs: stormNs, CalmNs: calmNs}
	d := stream(seed, streamPipeline)
	t := drawTimes(d)
	s.Pipeline = drawPipeline(d, t)
	drawSessions(stream(seed, streamSessions), s.Pipeline, t)
	drawStrategy(stream(seed, streamStrategy), s.Pipeline, t)
	drawCalendar(stream(seed, streamCalendar), s.Pipeline, t)
	drawElement(stream(seed, streamCalendar), s.Pipeline)
	drawRows(stream(seed, streamRows), s, t)
	s.Sizes = drawSizes(stream(seed, streamSizes))
	s.quiet()
	drawVerbs(stream(seed, streamVerbs), s)
	drawStore(stream(seed, streamStore), s)
	return s
}

// Dress gives a job's story the sizes and faults of a seed: what is computed, and of
// which rows, stays.
func (s *Story) Dress(seed uint64) {
	s.World = sim.Swarm(seed)
	s.Sizes = drawSizes(stream(seed, streamSizes))
	s.quiet()
}

// drawSizes draws a deployment in which everything is small.
func drawSizes(d draws) Sizes {
	return Sizes{
		Brokers:      pick(d, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 1, 5, 5),
		SegmentBytes: pick[int64](d, 2<<10, 4<<10), RetainBytes: pick[int64](d, 512, 1<<10, 4<<10),
		IdleAfter:       pick(d, 400*engine.Millisecond, engine.Second, 3*engine.Second),
		CheckpointBytes: pick[int64](d, 512, 1<<10, 3<<10, 10<<10), Credit: pick[int32](d, 0, 300, 2000),
		ViewBytes: pick[int64](d, 2<<10, 4<<10), BaseBytes: 512,
		CacheBytes: pick[int64](d, 0, 0, 1),
	}
}
