package job

import (
	"fmt"

	"parallax/batch/archive"
	"parallax/batch/manifest"
	"parallax/batch/replay"
	"parallax/batch/view"
	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/caller"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/fold"
	"parallax/engine/wire"
)

// Options describe a job. Pipeline and Schema are those that the speed layer runs.
type Options struct {
	Pipeline   *flow.Pipeline
	Schema     column.Schema
	Partitions int32
	Store      engine.NodeID
	Table      string // of the raw zone
	View       string
	Code       string // version of the code; a view of another is not folded on
	Late       Late
	FileRows   int // of a view's file; 0 means 256 Ki
	Defect     Defect
}

// Late is what the batch layer does otherwise than the stream.
type Late struct {
	Complete bool  // dropped pairs are counted
	Full     bool  // each view is computed from the first file on
	Poll     int64 // ns between looks at the archive; 0 means 500 ms
}

// Defect is a mistake that can be switched on, to see that it is found.
type Defect string

// The defects.
const (
	DefectNone       Defect = ""
	DefectTwice      Defect = "twice"       // folds rows again that the view has
	DefectGoesBack   Defect = "goes-back"   // does not look at the head's marker before the swap
	DefectEarlySwap  Defect = "early-swap"  // publishes before the files are written
	DefectForgetLate Defect = "forget-late" // takes every archived row for on time

	// Those of a job that is replayed are those of package replay, by their names there.
)

// Job is the actor.
type Job struct {
	opts  Options
	env   engine.Env
	plan  *flow.Plan
	need  []bool // columns of the input
	store caller.Caller
	step  step

	reading *manifest.Reading
	table   *manifest.State
	head    *view.Head // the one published
	version uint64     // of the pointer

	way     fold.Way
	fold    *fold.Fold      // of a job that merges
	run     *replay.Run     // of one that is replayed
	found   found           // what is read of the view that it begins from
	next    *view.Head      // in the making
	base    []view.File     // of the view that is folded on, to be read
	files   []manifest.File // to be read
	uploads []upload
	rewrite bool // the view that is published is damaged: files may be there, and must be written again
	counts  Counts
}

// Counts is what a job has done since its start.
type Counts struct {
	Published             uint64
	Incremental           uint64 // of those
	BytesRead, BytesWrite int64
	RowsFolded            int64 // or taken in, by a job that is replayed
}

// upload is a file that is to be written.
type upload struct {
	file    view.File
	content []byte
}

// step is what a job waits for.
type step uint8

const (
	waiting step = iota
	readingHead
	readingTable
	readingBase
	readingFiles
	writing
	comparing
	swapping
)

// Start returns the start of a job.
func Start(o Options) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		plan, err := o.Pipeline.Plan(o.Schema)
		if err != nil {
			return nil, fmt.Errorf("job: %w", err)
		}
		way, why := fold.Choose(plan, int(o.Partitions))
		switch {
		case way == fold.Neither:
			return nil, fmt.Errorf("job: no view can hold this pipeline: %s", why)
		case way == fold.Replay && o.Late.Complete:
			return nil, fmt.Errorf("job: late: complete needs answers that add up, and this pipeline is replayed: %s", why)
		}
		if o.FileRows == 0 {
			o.FileRows = 256 << 10
		}
		if o.Late.Poll == 0 {
			o.Late.Poll = 500 * engine.Millisecond
		}
		j := &Job{opts: o, env: env, plan: plan, way: way, need: make([]bool, len(o.Schema))}
		for _, name := range o.Pipeline.Reads() {
			if at := o.Schema.Index(name); at >= 0 {
				j.need[at] = true
			}
		}
		j.store = caller.Caller{
			Store: o.Store, Timer: 1, Retry: max(200*engine.Millisecond, o.Late.Poll*2/5), Request: uint64(env.Boot) << 32,
		}
		j.look(fx)
		return j, nil
	}
}

// Head is the view that the job knows to be published, or nil.
func (j *Job) Head() *view.Head { return j.head }

// Counts is what the job has done since its start.
func (j *Job) Counts() Counts { return j.counts }

// Step handles one message.
func (j *Job) Step(ev engine.Event, fx *engine.Effects) {
	var err error
	switch m := ev.Msg.(type) {
	case caller.Again:
		j.store.Again(m, fx)
	case again:
		if j.step == waiting {
			j.look(fx)
		}
	case blob.Got, blob.Done:
		if j.store.Answers(m, fx) {
			err = j.answered(m, fx)
		}
	}
	if err != nil {
		fx.Fatal = fmt.Errorf("job: %w", err)
	}
}

func (j *Job) answered(m engine.Message, fx *engine.Effects) error {
	switch j.step {
	case readingHead, comparing:
		return j.gotHead(m, fx)
	case readingTable:
		return j.gotTable(m, fx)
	case readingBase:
		return j.gotBase(m, fx)
	case readingFiles:
		return j.gotFile(m, fx)
	case writing:
		return j.wrote(m, fx)
	case swapping:
		return j.swapped(m, fx)
	}
	return nil
}

// again is the timer of a job that has nothing to do.
type again struct{}

const kindAgain engine.Kind = 212

// Kind is the message's kind.
func (again) Kind() engine.Kind { return kindAgain }

// AppendTo encodes nothing.
func (again) AppendTo(b []byte) []byte { return b }

// Decode reads what a job is sent.
func Decode(k engine.Kind, b []byte) (engine.Message, error) {
	switch k {
	case kindAgain:
		r := wire.Reader{Rest: b}
		return again{}, r.End()
	case caller.KindAgain:
		return caller.DecodeAgain(b)
	}
	return blob.Decode(k, b)
}

func (j *Job) get(name string, fx *engine.Effects) {
	j.store.Ask(blob.Get{Request: j.store.Next(), Name: name, Length: -1}, fx)
}

// look reads where the view stands, and then the archive.
func (j *Job) look(fx *engine.Effects) {
	j.step = readingHead
	j.get(view.Pointer(j.opts.View), fx)
}

// gotHead takes in where the view stands, before a computation or before the swap.
func (j *Job) gotHead(m engine.Message, fx *engine.Effects) error {
	got, ok := m.(blob.Got)
	if !ok || got.Code != blob.OK && got.Code != blob.Missing {
		return fmt.Errorf("%s: the store says %s", view.Pointer(j.opts.View), got.Code)
	}
	head, err := view.DecodeHead(got.Data)
	if err != nil {
		return err
	}
	j.head, j.version = head, got.Info.Version
	if j.step == comparing {
		j.swap(fx)
		return nil
	}
	j.step = readingTable
	j.reading = manifest.NewReading(j.opts.Table, 0, j.store.Request)
	j.store.Ask(j.reading.Start(), fx)
	return nil
}

func (j *Job) gotTable(m engine.Message, fx *engine.Effects) error {
	next, err := j.reading.Answer(m)
	j.store.Request = j.reading.Request()
	if err != nil || next != nil {
		j.store.Ask(next, fx)
		return err
	}
	j.table = j.reading.State()
	if marker := j.table.Batch(archive.Writer); marker < j.head.Marker || marker == j.head.Marker && !j.remake(marker) {
		j.wait(fx)
		return nil
	}
	return j.begin(fx)
}

func (j *Job) wait(fx *engine.Effects) {
	j.step, j.fold, j.run, j.next, j.found = waiting, nil, nil, nil, found{}
	fx.After(2, j.opts.Late.Poll, again{})
}
