package upkeep

import (
	"fmt"

	"parallax/batch/manifest"
	"parallax/batch/view"
	"parallax/batch/zone"
	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/caller"
	"parallax/engine/wire"
)

// Options describe a keeper.
type Options struct {
	Store     engine.NodeID
	Tables    []string
	Views     []string
	Code      string
	SmallRows int64 // files with fewer rows are put together; 0 means 64 Ki
	FilesMin  int   // as many of them as adjoin at least; 0 means 4
	FilesMax  int   // that become one; 0 means 64
	Snapshots int   // of a table, before the newest, that stay readable
	Every     int64 // ns between rounds; 0 means 5 s
	Defect    Defect
}

// Defect is a mistake that can be switched on, to see that it is found.
type Defect string

// The defects.
const (
	DefectNone    Defect = ""
	DefectEager   Defect = "eager"   // deletes every file that is not live, also those that are on their way
	DefectForgets Defect = "forgets" // deletes what kept snapshots need
)

// writer is the keeper's name in manifests.
const writer = "keeper"

// Keeper is the actor.
type Keeper struct {
	opts  Options
	env   engine.Env
	store caller.Caller
	step  step
	at    int // of Tables, and behind them of Views

	reading  *manifest.Reading
	table    *manifest.State
	head     *view.Head
	replaced []manifest.File // in the making
	read     int             // of them
	rows     *zone.Rows
	file     manifest.File // that takes their place
	commit   *manifest.Commit
	dead     []string
	after    string // the last name of the listing
	more     bool
	counts   Counts
}

// Counts is what a keeper has done since its start.
type Counts struct {
	Replaced int // files, by one each time
	Commits  int
	Deleted  int
}

// step is what a keeper waits for.
type step uint8

const (
	resting step = iota
	readingTable
	readingFile
	writing
	committing
	readingHead
	listing
	deleting
)

// Start returns the start of a keeper.
func Start(o Options) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		if o.SmallRows == 0 {
			o.SmallRows = 64 << 10
		}
		if o.FilesMin == 0 {
			o.FilesMin = 4
		}
		if o.FilesMax == 0 {
			o.FilesMax = 64
		}
		if o.Every == 0 {
			o.Every = 5 * engine.Second
		}
		k := &Keeper{opts: o, env: env}
		k.store = caller.Caller{Store: o.Store, Timer: 1, Request: uint64(env.Boot) << 32}
		k.rest(fx)
		return k, nil
	}
}

// Counts is what the keeper has done since its start.
func (k *Keeper) Counts() Counts { return k.counts }

// Step handles one message.
func (k *Keeper) Step(ev engine.Event, fx *engine.Effects) {
	var err error
	switch m := ev.Msg.(type) {
	case caller.Again:
		k.store.Again(m, fx)
	case again:
		if k.step == resting {
			k.at = 0
			k.begin(fx)
		}
	case blob.Got, blob.Done, blob.Listed:
		if k.store.Answers(m, fx) {
			err = k.answered(m, fx)
		}
	}
	if err != nil {
		fx.Fatal = fmt.Errorf("upkeep: %w", err)
	}
}

func (k *Keeper) answered(m engine.Message, fx *engine.Effects) error {
	switch k.step {
	case readingTable:
		return k.gotTable(m, fx)
	case readingFile:
		return k.gotFile(m, fx)
	case writing:
		return k.wrote(m, fx)
	case committing:
		return k.commitOn(m, fx)
	case readingHead:
		return k.gotHead(m, fx)
	case listing:
		return k.listed(m, fx)
	case deleting:
		return k.deleted(m, fx)
	}
	return nil
}

// again is the timer between two rounds.
type again struct{}

const kindAgain engine.Kind = 213

// Kind is the message's kind.
func (again) Kind() engine.Kind { return kindAgain }

// AppendTo encodes nothing.
func (again) AppendTo(b []byte) []byte { return b }

// Decode reads what a keeper is sent.
func Decode(kind engine.Kind, b []byte) (engine.Message, error) {
	switch kind {
	case kindAgain:
		r := wire.Reader{Rest: b}
		return again{}, r.End()
	case caller.KindAgain:
		return caller.DecodeAgain(b)
	}
	return blob.Decode(kind, b)
}

// rest waits for the next round.
func (k *Keeper) rest(fx *engine.Effects) {
	k.step = resting
	fx.After(2, k.opts.Every, again{})
}

// begin reads the table or view at hand, or ends the round.
func (k *Keeper) begin(fx *engine.Effects) {
	k.table, k.head, k.reading = nil, nil, nil
	switch n := len(k.opts.Tables); {
	case k.at < n:
		k.step = readingTable
		k.reading = manifest.NewReading(k.opts.Tables[k.at], k.opts.Snapshots, k.store.Request)
		k.store.Ask(k.reading.Start(), fx)
	case k.at < n+len(k.opts.Views):
		k.step = readingHead
		k.store.Ask(blob.Get{Request: k.store.Next(), Name: view.Pointer(k.opts.Views[k.at-n]), Length: -1}, fx)
	default:
		k.rest(fx)
	}
}

func (k *Keeper) gotTable(m engine.Message, fx *engine.Effects) error {
	next, err := k.reading.Answer(m)
	k.store.Request = k.reading.Request()
	if err != nil || next != nil {
		k.store.Ask(next, fx)
		return err
	}
	k.table = k.reading.State()
	if k.choose() {
		k.env.Sometimes("upkeep.replace")
		k.get(fx)
		return nil
	}
	k.list("", fx)
	return nil
}

func (k *Keeper) gotHead(m engine.Message, fx *engine.Effects) error {
	got, ok := m.(blob.Got)
	if !ok || got.Code != blob.OK && got.Code != blob.Missing {
		return fmt.Errorf("%s: the store says %s", view.Pointer(k.name()), got.Code)
	}
	head, err := view.DecodeHead(got.Data)
	if err != nil {
		return err
	}
	k.head = head
	k.list("", fx)
	return nil
}

// name is that of the table or view at hand.
func (k *Keeper) name() string {
	if n := len(k.opts.Tables); k.at >= n {
		return k.opts.Views[k.at-n]
	}
	return k.opts.Tables[k.at]
}
