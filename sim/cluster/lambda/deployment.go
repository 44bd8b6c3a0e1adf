package lambda

import (
	"errors"
	"fmt"
	"math"

	"parallax/batch/archive"
	"parallax/batch/job"
	"parallax/engine"
	"parallax/engine/blob/store"
	"parallax/engine/commitlog"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/commitlog/tail"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/kappa"
	"parallax/serving"
	"parallax/serving/layered"
	"parallax/sim"
	"parallax/sim/cluster"
	"parallax/sim/story"
	"parallax/speed"
)

// Job is what a deployment runs.
type Job struct {
	Pipeline *flow.Pipeline
	Schema   column.Schema
	Feed     cluster.Feed
	// Story is what Feed was made of, so that faults can strike its rows; nil lets them
	// be.
	Story *story.Story
}

// Options of a deployment.
type Options struct {
	World   sim.Options
	Brokers int // 0 means 3
	Log     commitlog.Options
	// CheckEvery has only every so many-th answer compared, and those in the end: each is
	// computed from all rows of its cut. 0 means every one. Less than 0 runs without
	// invariants, to measure what readers see: answers are compared with nothing, and files
	// of views have as many rows as they have outside of tests.
	CheckEvery int
	Servers    int // 0 means 2
	Batch      Batch
	Trouble    store.Trouble
	Defects    Defects
	// AskEvery is the longest time, in ns at pace 1, between two questions of the client. 0
	// means 400 ms; less than 0: there is no client, so that nobody's questions are work.
	AskEvery int64
	// Pace stretches every period of the deployment, and the world's, so many times, but
	// not Batch.Every: then the world's clock is the data's. 0 means 1.
	Pace int64
}

// Batch is what the batch layer does.
type Batch struct {
	Every    int64 // ns between two markers; 0 means a second
	Complete bool  // what was dropped counts
	Full     bool  // each view is computed from the beginning
	// Damage lets faults damage the object store's disk, too, which holds the only copy of
	// everything: what is destroyed is named, see [Deployment.Excused].
	Damage   bool
	FileRows int // at most, of a file of a zone or view; 0 leaves it to its programs, and to tests
}

// Defects are mistakes of single programs.
type Defects struct {
	Archive archive.Defect
	Job     job.Defect
	Speed   speed.Defect
}

const (
	topic     = "rows"
	table     = "raw"
	viewName  = "view"
	codeName  = "v1"
	producer  = 1 // ids of producers
	metronome = 2
)

// Deployment is a job's nodes in one world.
type Deployment struct {
	*sim.World
	job      Job
	plan     *flow.Plan
	replayed bool // servers go on from a state
	opts     Options

	brokers           []engine.NodeID
	store, archive    engine.NodeID
	batch             engine.NodeID
	servers           []engine.NodeID
	producer, markers engine.NodeID
	client            engine.NodeID
	beats             uint32   // markers
	check             *checker // nil if nothing is checked
	caughtUp          int64
	excused           []string

	next recomputing // see Recompute
}

// beat is the metronome's feed: a marker in every partition, that raises no frontier, each
// time the period is over.
type beat struct {
	start engine.Instant
	every int64
	n     uint32
}

// Batch is a marker.
func (b beat) Batch(_ int32, sequence uint32) (kappa.FeedBatch, bool) {
	if sequence >= b.n {
		return kappa.FeedBatch{}, false
	}
	due := b.start + engine.Instant(b.every)*engine.Instant(sequence+1)
	return kappa.FeedBatch{Due: due, Count: 1, TimeMax: math.MinInt64, Idle: true}, true
}

// Deploy boots a job's nodes.
func Deploy(j Job, o Options) (*Deployment, error) {
	o.fill()
	o.World.FatalAllowed = o.World.FatalAllowed || o.Batch.Damage
	d := &Deployment{World: sim.New(o.World), job: j, opts: o}
	var err error
	if d.plan, err = j.Pipeline.Plan(j.Schema); err != nil {
		return nil, err
	}
	d.replayed = replayed(d.plan, len(j.Feed))
	refused, err := d.deliver()
	if err != nil {
		return nil, err
	}
	last := o.World.Start
	for p := range d.job.Feed {
		if n := len(d.job.Feed[p]); n > 0 {
			last = max(last, d.job.Feed[p][n-1].Due)
		}
	}
	d.beats = uint32(int64(last-o.World.Start)/o.Batch.Every) + 1
	d.boot()
	if o.CheckEvery >= 0 {
		d.check = newChecker(d, refused)
		d.OnTrace(d.check.note)
		d.OnStep(d.check.step)
	}
	return d, nil
}

// deliver lets faults strike the job's sources; refused tells which batches of what comes
// of that nobody can read.
func (d *Deployment) deliver() (refused func(part int, sequence uint32) bool, err error) {
	j := cluster.Job{Schema: d.job.Schema, Feed: d.job.Feed, Story: d.job.Story}
	refused, err = j.Deliver(d.World, &d.opts.World)
	d.job.Feed = j.Feed
	return refused, err
}

// Periods of a deployment at pace 1, in ns.
const (
	brokerBeat    = 100 * engine.Millisecond
	fetchWait     = 500 * engine.Millisecond
	readRetry     = 700 * engine.Millisecond
	producerRetry = 300 * engine.Millisecond
	pollMost      = 500 * engine.Millisecond
)

// fill puts in what the options leave open.
func (o *Options) fill() {
	if o.Brokers == 0 {
		o.Brokers = 3
	}
	if o.Batch.Every == 0 {
		o.Batch.Every = engine.Second
	}
	if o.AskEvery == 0 {
		o.AskEvery = 400 * engine.Millisecond
	}
	if o.Servers == 0 {
		o.Servers = 2
	}
	o.stretch()
}

// stretch lets all periods last Pace times as long, with the world's.
func (o *Options) stretch() {
	o.Pace = max(o.Pace, 1)
	o.Log.Beat, o.Log.FetchWait, o.Log.Election = brokerBeat*o.Pace, fetchWait*o.Pace, o.Log.Election*o.Pace
	o.AskEvery *= o.Pace
	o.World = o.World.Stretched(o.Pace)
}

// Markers is how many there are.
func (d *Deployment) Markers() uint64 { return uint64(d.beats) }

// LastMarker is when the last marker is due.
func (d *Deployment) LastMarker() engine.Instant {
	return d.opts.World.Start + engine.Instant(d.opts.Batch.Every)*engine.Instant(d.beats)
}

func (d *Deployment) boot() {
	list := d.roles(beat{d.opts.World.Start, d.opts.Batch.Every, d.beats})
	for i, r := range list {
		d.Boot(r.Name, r.Start, r.Decode)
		if i == d.opts.Brokers-1 {
			d.Replicas(d.opts.Brokers/2+1, d.brokers...)
		}
		if r.ID == d.store && d.opts.Batch.Damage {
			d.Replicas(0, d.store)
		}
	}
	if d.opts.AskEvery > 0 {
		d.client = d.Boot("client", startClient(d.servers, d.opts.AskEvery), decode)
	}
}

// code is what batch job and servers run: a pipeline, its version, and the view that they
// make of it and serve.
type code struct {
	pipeline      *flow.Pipeline
	version, view string
}

// holder is the name of a server's pins.
func holder(server int) string { return fmt.Sprint("speed-", server) }

// reading is how programs read the log.
func (d *Deployment) reading(holder string) tail.Options {
	return tail.Options{
		Topic: topic, Partitions: int32(len(d.job.Feed)), Brokers: d.brokers, Retry: readRetry * d.opts.Pace, Holder: holder,
	}
}

// poll is how often programs look at what others have published.
func (d *Deployment) poll() int64 { return min(d.opts.Batch.Every/4, pollMost*d.opts.Pace) }

// startJob starts a batch job.
func (d *Deployment) startJob(c code) engine.Start {
	o := &d.opts
	return job.Start(job.Options{
		Pipeline: c.pipeline, Schema: d.job.Schema, Partitions: int32(len(d.job.Feed)), Store: d.store, Table: table, View: c.view,
		Code: c.version, Late: job.Late{Complete: o.Batch.Complete, Full: o.Batch.Full, Poll: d.poll()}, FileRows: o.fileRows(), Defect: o.Defects.Job,
	})
}

// startServer starts a server, by its number.
func (d *Deployment) startServer(number int, c code) engine.Start {
	return speed.Start(speed.Options{
		Pipeline: c.pipeline, Schema: d.job.Schema, Log: d.reading(holder(number)), Markers: metronome, Store: d.store, View: c.view,
		Poll: d.poll(), Defect: d.opts.Defects.Speed,
	})
}

// ErrLiveness is a world that is calm and does not catch up.
var ErrLiveness = errors.New("lambda: does not catch up")

// Run lets the world do its worst for so many ns and then gives it so many to catch up.
// The times are the cluster's: with a pace, the world's are longer.
func (d *Deployment) Run(stormNs, calmNs int64) error {
	stormNs, calmNs = stormNs*d.opts.Pace, calmNs*d.opts.Pace
	if err := d.RunFor(stormNs); err != nil {
		return err
	}
	d.Calm()
	calm := d.Now()
	end := calm + engine.Instant(calmNs)
	if err := d.settle(end); err != nil {
		return err
	}
	d.caughtUp = int64(d.Now() - calm)
	if d.check != nil {
		d.check.final = true
	}
	if d.client != 0 { // it is told what everything has come to, by all servers
		if err := d.RunFor(4 * d.opts.AskEvery); err != nil {
			return err
		}
	}
	if d.excused == nil {
		if err := d.settle(end); err != nil { // an election may have begun meanwhile
			return err
		}
	}
	if err := d.gaveUp(); err != nil {
		return err
	}
	if d.check == nil || d.excused != nil {
		return nil
	}
	return d.check.finally()
}

// settle lets the world go on until nothing is left to be done, or what is left is excused.
func (d *Deployment) settle(end engine.Instant) error {
	for !d.done() {
		if d.Now() >= end {
			if d.excused = d.excuses(); d.excused != nil {
				return nil
			}
			return fmt.Errorf("%w in time: %s; %s", ErrLiveness, d.where(), d.opts.World.Reproduce)
		}
		if err := d.RunFor(100 * engine.Millisecond * d.opts.Pace); err != nil {
			return err
		}
	}
	return nil
}

// CaughtUpNs is how long it took to catch up when the world had become calm.
func (d *Deployment) CaughtUpNs() int64 { return d.caughtUp }

// done reports whether nothing is left to be done.
func (d *Deployment) done() bool {
	for _, id := range []engine.NodeID{d.producer, d.markers} {
		if p, ok := d.Actor(id).(*kappa.Producer); !ok || !p.Done() {
			return false
		}
	}
	for _, id := range d.servers {
		s, ok := d.Actor(id).(*speed.Server)
		if !ok || s.Head() == nil || s.Head().Marker != uint64(d.beats) || !d.fresh(s) {
			return false
		}
		for p, c := range s.Cut() {
			if c.Offset < d.logEnd(p) {
				return false
			}
		}
	}
	return true
}

// fresh tells whether a server is as little stale as it is where nothing is broken: it may
// have all there is and not know it, while a partition has no leader.
func (d *Deployment) fresh(s *speed.Server) bool {
	stale := s.Staleness()
	return stale >= 0 && stale <= 2*engine.Second*d.opts.Pace
}

// logEnd is the greatest offset that any broker has applied up to.
func (d *Deployment) logEnd(part int) int64 {
	end := int64(0)
	for _, id := range d.brokers {
		if b, ok := d.Actor(id).(*commitlog.Broker); ok {
			end = max(end, b.Ends(nil)[part])
		}
	}
	return end
}

// where says in one line how far everything is.
func (d *Deployment) where() string {
	s := ""
	if a, ok := d.Actor(d.archive).(*archive.Archiver); ok {
		s += fmt.Sprintf("archive at marker %d of %d; ", a.Marker(), d.beats)
	}
	if j, ok := d.Actor(d.batch).(*job.Job); ok && j.Head() != nil {
		s += fmt.Sprintf("view of marker %d; ", j.Head().Marker)
	}
	for i, id := range d.servers {
		if a, ok := d.Actor(id).(*speed.Server); ok {
			s += fmt.Sprintf("server %d at %v, ", i, a.Cut())
			if h := a.Head(); h != nil {
				s += fmt.Sprintf("with the view of marker %d; ", h.Marker)
			}
		}
	}
	for p := range d.job.Feed {
		s += fmt.Sprintf("log %d ends at %d; ", p, d.logEnd(p))
	}
	return s
}

// advance notes the greater of two cuts, by partition.
func advance(into, cut []protocol.Cut) []protocol.Cut {
	for len(into) < len(cut) {
		into = append(into, protocol.LogStart())
	}
	for p, c := range cut {
		if c.Offset > into[p].Offset {
			into[p] = c
		}
	}
	return into
}

// fileRows is how many rows a view's file has: few where the data is small, so that there
// are several.
func (o *Options) fileRows() int {
	if o.Batch.FileRows > 0 || o.CheckEvery > 1 || o.CheckEvery < 0 {
		return o.Batch.FileRows
	}
	const few = 40
	return few
}

// Rows lists what a server answers in the end, all of it.
func (d *Deployment) Rows() (list []serving.Result, err error) {
	s, ok := d.Actor(d.servers[0]).(*speed.Server)
	if !ok {
		return nil, fmt.Errorf("%w: a server is down", ErrLiveness)
	}
	told, err := all(s)
	return told.Rows, err
}

// all is everything that a server says now.
func all(s *speed.Server) (layered.Told, error) {
	ask := layered.Ask{Query: serving.Query{From: -1 << 63, To: 1<<63 - 1}}
	var rows []serving.Result
	for {
		told, err := s.Answer(&ask)
		if err != nil || told.Behind {
			return told, err
		}
		rows = append(rows, told.Rows...)
		if ask.After = told.Next; told.Next == nil {
			told.Rows = rows
			return told, nil
		}
	}
}
