package compare

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"parallax/bench/frontier"
	"parallax/bench/measure"
	"parallax/engine"
	"parallax/engine/flow"
	"parallax/engine/flow/window"
	"parallax/scenarios"
)

// Options shape a comparison. The zero value is the default grid.
type Options struct {
	Architectures []string // by name; nil: all that take the job
	Delays        []int64  // µs; nil: 0, the job's own, and the least that keep 99 %, 99.9 % and all pairs
	Batches       []int64  // µs, of architectures with a batch layer; nil: 30 s and 5 min
	Faults        []bool   // nil: without and with
	Seeds         int      // 0: as many as fit the default grid's time, at most 5
	Pace          int64    // as of [scenarios.RunCluster]
	Progress      func(done, total int)

	plant []Architecture // others, to see what is said of them
}

// Plan is a comparison that is about to be carried out.
type Plan struct {
	Input    *Input
	Cases    []Case
	Seeds    int
	Seconds  float64 // about how long it will take with the processors there are
	Frontier *frontier.Result
	Left     []string // architectures that were not named and do not take the job, and why

	opts  Options
	kinds []Architecture // of the grid
}

// Errors of NewPlan.
var (
	// ErrArchitecture is returned for an architecture that there is not.
	ErrArchitecture = errors.New("compare: there is no such architecture")
	// ErrBatches is returned for an interval with which there would be too many batches.
	ErrBatches = errors.New("compare: too many batches")
	// ErrIdle refuses jobs in which brokers write into idle partitions.
	ErrIdle = errors.New("compare: source.idle has brokers tell idle partitions how far others are, at moments that differ from run to run: " +
		"leave it out (--set source.idle=0s)")
)

// Names lists the architectures.
func Names() []string {
	var names []string
	for _, a := range architectures() {
		names = append(names, a.Name)
	}
	return names
}

// NewPlan reads a job's data and lays out the grid. Mistakes in the job are
// *[scenarios.Error], those in its data *[source.Error].
func NewPlan(job *scenarios.Job, o Options) (*Plan, error) {
	if job.IdleAfter > 0 {
		return nil, ErrIdle
	}
	chosen, err := o.chosen()
	if err != nil {
		return nil, err
	}
	named := o.Architectures != nil
	in, err := newInput(job, o.Pace)
	if err != nil {
		return nil, err
	}
	p := &Plan{Input: in, opts: o}
	for _, a := range chosen {
		if a.Takes != nil {
			err := a.Takes(in)
			if err != nil && !named {
				p.Left = append(p.Left, fmt.Sprintf("%s: %s", a.Name, err))
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("%w that takes this job: %s: %w", ErrArchitecture, a.Name, err)
			}
		}
		a.Repairs = a.Repairs && in.replayed == ""
		p.kinds = append(p.kinds, a)
	}
	if err := p.delays(job); err != nil {
		return nil, err
	}
	if p.opts.Batches == nil {
		p.opts.Batches = in.batches()
	}
	for _, b := range p.opts.Batches {
		if n := (in.ends() - in.begins()) / b; n > batchesMost && slices.ContainsFunc(p.kinds, func(a Architecture) bool { return a.Batches }) {
			return nil, fmt.Errorf("%w: every %s there would be %d batches, at most %d are run", ErrBatches, flow.FormatDuration(b), n, batchesMost)
		}
	}
	if p.opts.Faults == nil {
		p.opts.Faults = []bool{false, true}
	}
	p.measure()
	p.lay()
	in.censor(slices.Max(p.opts.Delays))
	return p, nil
}

// batchesMost bounds the batches of one run.
const batchesMost = 2000

// batches are the intervals of the default grid: 30 s and 5 min, or a hundredth and a
// tenth of the data's time, if those are longer.
func (in *Input) batches() []int64 {
	span := in.ends() - in.begins()
	whole := func(us int64) int64 { return us / 1e6 * 1e6 }
	return []int64{max(30e6, whole(span/100)), max(300e6, whole(span/10))}
}

// The default grid: at most so many seeds, and so many that it takes no longer than this
// on two processors.
const (
	seedsMost   = 5
	gridSeconds = 100
)

// What takes a processor how long, in seconds, as measured with 8 to 100,000 rows of five
// jobs. The choice of seeds rests on it, so that it is a function of the job and its data.
const (
	perTrial     = 0.02
	perByte      = 160e-9 // of the log, by a Kappa run: batches of few rows have more bytes
	perBeat      = 150e-6 // of heartbeats and questions: by partition and second of the cluster
	perByteMore  = 200e-9 // by a Lambda run, on top of that
	perBatch     = 3e-3
	perStateByte = 10e-9 // of the log below a batch's cut, for each batch, whose view it shapes
	perTruthByte = 50e-9 // by the oracle, for each delay
)

// seconds is about how long one Kappa run takes a processor.
func (in *Input) seconds() float64 {
	cluster := float64(in.Stage.DataNs()/in.Stage.Pace) / float64(engine.Second)
	return perTrial + float64(perByte*float64(in.bytes)) + float64(perBeat*cluster*float64(in.Stage.Partitions))
}

// lambdaSeconds is that of a Lambda run. Each of its batches merges a view that has, in the
// mean, taken in half of the log.
func lambdaSeconds(in *Input, batch int64) float64 {
	log, batches := float64(in.bytes), float64((in.ends()-in.begins())/batch+1)
	return in.seconds() + float64(perByteMore*log) + float64(batches*(perBatch+float64(perStateByte*log/2)))
}

// measure says how long the grid will take, and how many seeds fit.
func (p *Plan) measure() {
	perSeed, one := 0, 0.0
	for _, a := range p.kinds {
		batches := []int64{0}
		if a.Batches {
			batches = p.opts.Batches
		}
		for _, b := range batches {
			n := len(p.opts.Delays) * len(p.opts.Faults)
			run := p.Input.seconds()
			if a.Seconds != nil {
				run = a.Seconds(p.Input, b)
			}
			if a.Trimmed != nil && len(batches) > 1 {
				n++
			}
			perSeed, one = perSeed+n, one+float64(float64(n)*run)
		}
	}
	if p.Seeds = p.opts.Seeds; p.Seeds == 0 {
		p.Seeds = max(1, min(seedsMost, int(2*gridSeconds/one)))
	}
	truth := perTruthByte * float64(p.Input.bytes) * float64(len(p.opts.Delays)+1)
	p.Seconds = truth + float64(one*float64(p.Seeds)/float64(min(runtime.GOMAXPROCS(0), perSeed*p.Seeds)))
}

// chosen are the architectures of the grid.
func (o *Options) chosen() ([]Architecture, error) {
	all := append(architectures(), o.plant...)
	if o.Architectures == nil {
		return all, nil
	}
	var out []Architecture
	for _, name := range o.Architectures {
		i := slices.IndexFunc(all, func(a Architecture) bool { return a.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("%w: %q; there are %s", ErrArchitecture, name, strings.Join(Names(), ", "))
		}
		out = append(out, all[i])
	}
	return out, nil
}

// delays works out the frontier, and from it which delays are worth a run.
func (p *Plan) delays(job *scenarios.Job) error {
	exact, err := frontier.Run(job, frontier.JobOptions{})
	if errors.Is(err, frontier.ErrDelays) {
		list := p.opts.Delays
		if list == nil {
			list = []int64{0, 1e6, 10e6, 60e6}
			if own := job.Pipeline.Watermark.Bounded; !slices.Contains(list, own) {
				list = append(list, own)
			}
			slices.Sort(list)
		}
		exact, err = frontier.Run(job, frontier.JobOptions{Delays: list})
	}
	if err != nil {
		return err
	}
	p.Frontier = exact
	list := slices.Clone(p.opts.Delays)
	if list == nil {
		list = []int64{0}
		if exact.Own > 0 {
			list = append(list, exact.Own)
		}
		for _, share := range []int64{990_000, 999_000, 1_000_000} {
			if point, ok := exact.Curves[0].Least(share); ok {
				list = append(list, point.Delay)
			}
		}
	}
	slices.Sort(list)
	p.opts.Delays = slices.Compact(list)
	if exact.Simulated {
		return nil
	}
	run, err := frontier.Run(job, frontier.JobOptions{Delays: p.opts.Delays})
	if err != nil {
		return err
	}
	points := append(exact.Curves[0].Points, run.Curves[0].Points...)
	slices.SortStableFunc(points, func(a, b frontier.Point) int { return cmp.Compare(a.Delay, b.Delay) })
	exact.Curves[0].Points = slices.CompactFunc(points, func(a, b frontier.Point) bool { return a.Delay == b.Delay })
	return nil
}

// lay lists the cases.
func (p *Plan) lay() {
	for _, a := range p.kinds {
		batches := []int64{0}
		if a.Batches {
			batches = p.opts.Batches
		}
		for _, delay := range p.opts.Delays {
			for _, batch := range batches {
				for _, faults := range p.opts.Faults {
					for seed := range p.Seeds {
						p.Cases = append(p.Cases, Case{Architecture: a.Name, Delay: delay, Batch: batch, Faults: faults, Seed: uint64(seed + 1)})
					}
				}
			}
		}
	}
}

// censor leaves windows out of what is compared over delays that, with the greatest of
// them, only the end of the input completes. If that is all of them, none is left out.
func (in *Input) censor(delay int64) {
	in.censored = make([]bool, len(in.truth.windows))
	left := 0
	for w := range in.censored {
		in.censored[w] = reached(in.lane(int32(w)), window.Add(in.truth.windows[w].End, delay)) == measure.Never
		if !in.censored[w] {
			left++
		}
	}
	if left == 0 {
		clear(in.censored)
	}
}

// Run carries the cases out, on all processors.
func (p *Plan) Run() (*Report, error) {
	in := p.Input
	in.dues = map[int64][]int64{}
	expected := map[int64]finale{}
	for _, d := range append(slices.Clone(p.opts.Delays), patience) {
		list := make([]int64, len(in.truth.windows))
		for w := range list {
			list[w] = in.due(int32(w), d)
		}
		in.dues[d] = list
		a, err := in.answers(d)
		if err != nil {
			return nil, err
		}
		expected[d] = a
	}
	r := &Report{Plan: p, Figures: figures(in), Trials: make([]Outcome, len(p.Cases))}
	trims := p.trims(r)
	runs := len(p.Cases) + len(trims)
	errs := make([]error, runs)
	var next, done atomic.Int64
	var all sync.WaitGroup
	var telling sync.Mutex
	for range min(runtime.GOMAXPROCS(0), runs) {
		all.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= runs {
					return
				}
				if n := len(p.Cases); i < n {
					r.Trials[i], errs[i] = p.one(p.Cases[i], r.Figures, expected)
				} else {
					errs[i] = trims[i-n]()
				}
				if p.opts.Progress != nil {
					telling.Lock()
					p.opts.Progress(int(done.Add(1)), runs)
					telling.Unlock()
				}
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	r.sum()
	return r, nil
}

// trims are the runs, besides the grid's, that say what a batch layer keeps whose log is
// trimmed: without faults, with the least delay, for each interval and seed.
func (p *Plan) trims(r *Report) (runs []func() error) {
	for _, a := range p.kinds {
		if a.Trimmed == nil || p.opts.Faults[0] || len(p.opts.Batches) < 2 {
			continue
		}
		r.Trimmed = make([][]float64, len(p.opts.Batches))
		for k, batch := range p.opts.Batches {
			r.Trimmed[k] = make([]float64, p.Seeds)
			for seed := range p.Seeds {
				runs = append(runs, func() error {
					most, err := a.Trimmed(p.Input, Case{Architecture: a.Name, Delay: p.opts.Delays[0], Batch: batch, Seed: uint64(seed + 1)})
					r.Trimmed[k][seed] = float64(most) / float64(p.Input.bytes)
					return err
				})
			}
		}
	}
	return runs
}

// one runs one case and works its figures out. Of the first seed the record is kept, to
// be drawn.
func (p *Plan) one(c Case, list []Figure, expected map[int64]finale) (Outcome, error) {
	a := p.kind(c.Architecture)
	t, err := a.Run(p.Input, c)
	if err != nil {
		return Outcome{}, err
	}
	for w := range t.Histories {
		h := &t.Histories[w]
		h.Due, h.Censored = p.Input.dues[c.Delay][w], p.Input.censored[w]
	}
	s := newSight(p.Input, t)
	want := expected[c.Delay]
	if a.Repairs {
		want = expected[patience]
	}
	out := Outcome{Case: c, Answers: t.Answers, Exact: t.Answers == want, Hash: t.Hash, Values: make([]float64, len(list))}
	for i := range list {
		out.Values[i] = list[i].of(s)
	}
	if c.Seed == 1 {
		out.Trial = t
	}
	return out, nil
}

// kind is an architecture of the grid by its name.
func (p *Plan) kind(name string) *Architecture {
	return &p.kinds[slices.IndexFunc(p.kinds, func(a Architecture) bool { return a.Name == name })]
}
