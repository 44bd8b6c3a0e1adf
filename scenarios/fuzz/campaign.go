package fuzz

import (
	"sync"
	"time"

	"parallax/scenarios"
	"parallax/sim/cluster"
	"parallax/sim/fault"
)

// Campaign plays the scenarios of seeds.
type Campaign struct {
	// Scenario is what a seed expands to. It is called by several goroutines.
	Scenario func(seed uint64) (*scenarios.Scenario, error)
	From, To uint64           // seeds, both included
	Over     func() bool      // ends a campaign early; nil never does
	Workers  int              // 0 means 1
	KeepOn   bool             // goes on behind a failure
	Progress func(done Tally) // is called after each run, by one goroutine at a time
}

// Tally is what a campaign has seen so far.
type Tally struct {
	Runs, Failures, Inconclusive uint64
	Excused                      uint64 // runs that data which was destroyed kept from catching up

	Events  uint64
	Took    time.Duration // of all workers
	Strikes [fault.Count]uint64
	Struck  [fault.Count]uint64 // runs in which a family struck
	Sum     cluster.Tally
}

// Found is a seed whose run fails.
type Found struct {
	Seed     uint64
	Scenario *scenarios.Scenario
	Outcome  *scenarios.Outcome
}

// Report is what a campaign comes to.
type Report struct {
	Tally
	Found   []Found // by seed; without KeepOn at most one
	Nothing []Found // inconclusive runs, at most a few
	Spared  []Found // excused runs, at most a few
	Hashes  []Hash  // of every run, by seed

	Probes   cluster.Coverage // over the runs up to the last seed
	Families fault.Table      // over the same runs
}

// Hash is the trace hash of a seed's run.
type Hash struct{ Seed, Hash uint64 }

// listedMax is how many inconclusive runs, or excused ones, a report lists.
const listedMax = 8

// Failed reports whether a run did not come to what its scenario expects, though
// something was shown.
func Failed(o *scenarios.Outcome) bool {
	return o.Verdict != scenarios.Inconclusive && len(o.Missed) > 0
}

// Run plays the campaign. The error is of a scenario that cannot be played.
func (c *Campaign) Run() (*Report, error) {
	k := &work{c: c, next: c.From, limit: c.To, done: map[uint64]*Found{}}
	var all sync.WaitGroup
	for range max(1, c.Workers) {
		all.Go(k.worker)
	}
	all.Wait()
	if k.err != nil {
		return nil, k.err
	}
	return k.report(), nil
}

// work is a campaign under way; all of it is guarded by mu.
type work struct {
	c  *Campaign
	mu sync.Mutex

	next, limit uint64 // seeds not yet begun; limit falls to the first that fails
	begun       bool   // next has gone around
	done        map[uint64]*Found
	tally       Tally
	err         error
}

// take gives out a seed.
func (k *work) take() (uint64, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.err != nil || k.begun || k.next > k.limit || k.c.Over != nil && k.c.Over() {
		return 0, false
	}
	seed := k.next
	k.next++
	k.begun = seed == k.limit
	return seed, true
}

func (k *work) worker() {
	for {
		seed, ok := k.take()
		if !ok {
			return
		}
		began := time.Now()
		s, err := k.c.Scenario(seed)
		var out *scenarios.Outcome
		if err == nil {
			out, err = scenarios.Play(s, scenarios.PlayOptions{})
		}
		k.put(seed, s, out, err, time.Since(began))
	}
}

// put takes in what came of a seed.
func (k *work) put(seed uint64, s *scenarios.Scenario, out *scenarios.Outcome, err error, took time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		if k.err == nil {
			k.err = err
		}
		return
	}
	k.done[seed] = &Found{Seed: seed, Scenario: s, Outcome: out}
	if Failed(out) && !k.c.KeepOn && seed < k.limit {
		k.limit = seed // earlier seeds that have begun are waited for
	}
	k.tally.add(out, took)
	if out.Verdict == scenarios.Pass && len(out.Missed) == 0 && out.Excused == nil {
		// The rest is not needed any more.
		k.done[seed] = &Found{Seed: seed, Outcome: &scenarios.Outcome{
			Hash: out.Hash, Probes: out.Probes, Active: out.Active, Strikes: out.Strikes,
		}}
	}
	if k.c.Progress != nil {
		k.c.Progress(k.tally)
	}
}

func (t *Tally) add(o *scenarios.Outcome, took time.Duration) {
	t.Runs++
	t.Events += o.Tally.Events
	t.Took += took
	switch {
	case Failed(o):
		t.Failures++
	case o.Verdict == scenarios.Inconclusive:
		t.Inconclusive++
	case o.Excused != nil:
		t.Excused++
	}
	for f, n := range o.Strikes {
		t.Strikes[f] += n
		if n > 0 {
			t.Struck[f]++
		}
	}
}

// report lists what was found. A seed behind the first failure, which some other worker
// had begun, is not part of it.
func (k *work) report() *Report {
	r := &Report{Tally: k.tally}
	for seed := k.c.From; ; seed++ {
		if f := k.done[seed]; f != nil && seed <= k.limit {
			r.Hashes = append(r.Hashes, Hash{seed, f.Outcome.Hash})
			r.Probes.Add(f.Outcome.Probes)
			r.Families.Add(f.Outcome.Active, f.Outcome.Strikes)
			switch {
			case f.Scenario == nil:
			case Failed(f.Outcome):
				r.Found = append(r.Found, *f)
			case f.Outcome.Verdict == scenarios.Inconclusive:
				r.Nothing = listed(r.Nothing, f)
			case f.Outcome.Excused != nil:
				r.Spared = listed(r.Spared, f)
			}
		}
		if seed >= k.limit || seed >= k.next {
			return r
		}
	}
}

// listed is a list of runs with one more, if it is not long already.
func listed(list []Found, f *Found) []Found {
	if len(list) == listedMax {
		return list
	}
	return append(list, *f)
}
