package scenarios

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"parallax/engine"
	"parallax/engine/flow/column"
	"parallax/scenarios/source"
	"parallax/sim"
	"parallax/sim/fault"
	"parallax/sim/story"
)

// Excerpts makes scenarios of a job: each is some of its rows, one after another as
// they arrive, in a small cluster of their own.
type Excerpts struct {
	job    *Job
	schema column.Schema
	parts  int
	rows   []story.Row // At is the arrival since 1970
}

// excerptRowsMax bounds the rows of a job that are kept to choose from.
const excerptRowsMax = 1 << 20

// NewExcerpts reads a job's rows. Mistakes are as of [RunCluster].
func NewExcerpts(job *Job) (*Excerpts, error) {
	if err := job.checkCluster(); err != nil {
		return nil, err
	}
	in, arrivals, err := job.openCluster()
	if err != nil {
		return nil, err
	}
	if arrivals.rows == 0 {
		return nil, fmt.Errorf("scenarios: %s: %w", job.Source.File, errNoRows)
	}
	e := &Excerpts{job: job, schema: in.file.Needed(), parts: len(in.file.Partitions())}
	err = in.file.Read(source.ReadOptions{FileOrder: true}, func(b *column.Batch) error {
		for i := 0; i < b.Rows && len(e.rows) < excerptRowsMax; i++ {
			row := story.Row{Partition: b.Partition, At: int64(instantOf(b.Appends[i])) / engine.Microsecond, Time: b.Times[i]}
			for c := range b.Columns {
				row.Values = append(row.Values, b.Columns[c].Value(i))
			}
			e.rows = append(e.rows, row)
		}
		return nil
	})
	if err != nil {
		return nil, in.explain(err)
	}
	slices.SortStableFunc(e.rows, func(a, b story.Row) int { return cmp.Compare(a.At, b.At) })
	return e, nil
}

// Scenario is the excerpt of a seed, of up to so many rows: which rows, how small the
// cluster is, and what breaks.
func (e *Excerpts) Scenario(seed uint64, rows int) *Scenario {
	n := min(rows, len(e.rows))
	from := rand.New(rand.NewPCG(seed, 0x657863)).IntN(len(e.rows) - n + 1)
	s := &Scenario{
		Name: fmt.Sprintf("%s-%d", e.job.Name, seed), Doc: e.job.Doc, Origin: Origin{Seed: seed}, Expect: Expect{Verdict: Pass},
		Story: story.Story{Pipeline: &e.job.Pipeline, Schema: e.schema, Partitions: e.parts, CalmNs: int64(calmDefault)},
	}
	s.Story.Dress(seed)
	s.Story.Sizes.IdleAfter = e.job.IdleAfter * engine.Microsecond
	if e.job.Store {
		s.Story.Sizes.Store = story.Store{On: true, Busy: storeTrouble, Lost: storeTrouble, Slow: storeTrouble}
	}
	chosen := slices.Clone(e.rows[from : from+n])
	first := chosen[0].At
	span := (chosen[n-1].At - first) * engine.Microsecond
	s.Story.Pace = 1 + span/int64(stormDefault)
	s.Story.StormNs = max(int64(stormDefault), span/s.Story.Pace+2*engine.Second)
	s.Story.World.Start = engine.Instant(first * engine.Microsecond)
	batch(chosen, first, lingerNs*s.Story.Pace/engine.Microsecond)
	s.Story.Rows = chosen
	return s
}

// batch lets the rows of a partition that arrive within so many microseconds arrive
// together, counted from the first arrival on.
func batch(rows []story.Row, first, linger int64) {
	due := map[int32]int64{}
	for i := range rows {
		r := &rows[i]
		r.At -= first
		if d, ok := due[r.Partition]; !ok || r.At > d {
			due[r.Partition] = r.At + linger
		}
		r.At = due[r.Partition]
	}
	slices.SortStableFunc(rows, func(a, b story.Row) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Partition, b.Partition))
	})
}

// Unrestrict lets damage strike every disk. Where nobody is spared it comes a tenth as
// often, so that there is something to look at before all is destroyed.
func (s *Scenario) Unrestrict() {
	s.Story.Unrestricted = true
	for _, f := range fault.All() {
		if f.Damages() {
			s.Story.World.Faults[f].Rate /= 10
		}
	}
}

// Reseeded is a scenario as another seed has it: the same rows, pipeline and sizes, and
// faults left to chance. Where it says what the answer is, no fault changes the rows.
func (s *Scenario) Reseeded(seed uint64) *Scenario {
	c := *s
	c.Name, c.Origin, c.Expect.At, c.Teach = fmt.Sprintf("%s-%d", s.Name, seed), Origin{Seed: seed}, nil, nil
	c.Expect.Excused, c.Expect.Probes, c.Properties = nil, nil, nil
	if c.Expect.Verdict != Pass {
		c.Expect = Expect{Verdict: Pass}
	}
	w := sim.Swarm(seed)
	for f := range w.Faults {
		if (c.Expect.View != nil || c.Expect.Dropped != nil) && fault.Family(f).OfRows() {
			w.Faults[f] = fault.Strength{}
		}
	}
	w.Start, w.Network = s.Story.World.Start, s.Story.World.Network
	c.Story.World = w
	return &c
}
