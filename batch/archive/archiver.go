package archive

import (
	"fmt"

	"parallax/batch/manifest"
	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/caller"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/commitlog/tail"
)

// Archiver is the actor.
type Archiver struct {
	opts    Options
	env     engine.Env
	now     engine.Instant
	store   caller.Caller
	targets []*target
	reading *manifest.Reading // of the table at hand; nil when all are read
	at      int               // the target at hand, while they are read, and committed

	tail    *tail.Tail
	decode  tail.Decoder
	parts   []*part
	marker  uint64 // the next one to be committed
	lower   []protocol.Cut
	uploads []upload
	commit  *manifest.Commit
	commits int // since the start
}

// Start returns the start of an archiver.
func Start(o Options) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		targets, err := o.targets()
		if err != nil {
			return nil, err
		}
		if o.FileRows == 0 {
			o.FileRows = 1 << 20
		}
		o.Log.Holder, o.Log.Timers = Holder, 1
		a := &Archiver{opts: o, env: env, now: env.Now, targets: targets}
		a.store = caller.Caller{Store: o.Store, Retry: o.Log.Retry * 2 / 7, Request: uint64(env.Boot) << 32}
		a.read(fx)
		return a, nil
	}
}

// Step handles one message.
func (a *Archiver) Step(ev engine.Event, fx *engine.Effects) {
	a.now = ev.Now
	var err error
	switch m := ev.Msg.(type) {
	case protocol.Fetched:
		err = a.fetched(m, fx)
	case protocol.Pinned:
		err = a.pinned(m, fx)
	case tail.Again:
		if a.tail != nil {
			a.tail.Again(a.now, m, fx)
		}
	case caller.Again:
		a.store.Again(m, fx)
	case blob.Got, blob.Done:
		if a.store.Answers(m, fx) {
			err = a.answered(m, fx)
		}
	}
	if err != nil {
		fx.Fatal = fmt.Errorf("archive: %w", err)
	}
}

// Decode reads what an archiver is sent.
func Decode(k engine.Kind, b []byte) (engine.Message, error) {
	switch {
	case k == tail.KindAgain:
		return tail.DecodeAgain(b)
	case k == caller.KindAgain:
		return caller.DecodeAgain(b)
	case k < 150:
		return protocol.Decode(k, b)
	}
	return blob.Decode(k, b)
}

// answered is the store's answer to the request under way.
func (a *Archiver) answered(m engine.Message, fx *engine.Effects) error {
	switch {
	case a.reading != nil:
		return a.readOn(m, fx)
	case a.commit != nil:
		return a.commitOn(m, fx)
	case len(a.uploads) > 0:
		return a.uploaded(m, fx)
	}
	return nil
}

// read begins to read the table at hand.
func (a *Archiver) read(fx *engine.Effects) {
	a.reading = manifest.NewReading(a.targets[a.at].table, 0, a.store.Request)
	a.store.Ask(a.reading.Start(), fx)
}

func (a *Archiver) readOn(m engine.Message, fx *engine.Effects) error {
	next, err := a.reading.Answer(m)
	a.store.Request = a.reading.Request()
	if err != nil || next != nil {
		a.store.Ask(next, fx)
		return err
	}
	a.targets[a.at].found(a.reading.State())
	if a.at++; a.at < len(a.targets) {
		a.read(fx)
		return nil
	}
	a.at, a.reading = 0, nil
	return a.begin(fx)
}

// Writer is the archiver's name in manifests: its batch k + 1 is the generation of marker k.
const Writer = "archiver"

// begin goes on behind the least of the cuts that are committed.
func (a *Archiver) begin(fx *engine.Effects) error {
	least := a.targets[0]
	for _, t := range a.targets {
		if t.state.Batch(Writer) < least.state.Batch(Writer) {
			least = t
		}
	}
	a.marker = least.state.Batch(Writer)
	if a.marker > 0 {
		a.env.Sometimes("archive.resume")
	}
	n := int(a.opts.Log.Partitions)
	for p := range n {
		cut := protocol.LogStart()
		if p < len(least.state.Cut) {
			cut = least.state.Cut[p]
		}
		a.lower = append(a.lower, cut)
		a.parts = append(a.parts, a.newPart(int32(p), cut))
	}
	if have := len(least.state.Cut); have > n {
		return fmt.Errorf("table %s has %d partitions, the topic %d", least.table, have, n)
	}
	a.tail = tail.New(a.opts.Log, a.lower, a.store.Request)
	a.tail.Start(a.now, fx)
	return nil
}

// Marker is the number of the marker up to which everything is committed, plus 1.
func (a *Archiver) Marker() uint64 { return a.marker }

// Commits counts what this incarnation has committed.
func (a *Archiver) Commits() int { return a.commits }
