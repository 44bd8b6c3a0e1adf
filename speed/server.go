package speed

import (
	"fmt"

	"parallax/batch/view"
	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/caller"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/commitlog/tail"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/fold"
	"parallax/engine/wire"
	"parallax/serving/layered"
)

// Options describe a server. Pipeline and Schema are the job's.
type Options struct {
	Pipeline *flow.Pipeline
	Schema   column.Schema
	Log      tail.Options // Timers is the server's own
	Markers  uint64       // the producer of markers
	Store    engine.NodeID
	View     string // the name of the batch view

	Poll        int64 // ns between looks at the view; 0 means 500 ms
	Generations int   // how many are kept before the server reads no further; 0 means 256
	Defect      Defect
}

// Defect is a mistake that can be switched on, to see that it is found.
type Defect string

// The defects.
const (
	DefectNone      Defect = ""
	DefectTwice     Defect = "twice"     // keeps the generation of a view's marker
	DefectHole      Defect = "hole"      // drops a generation too many
	DefectForgetful Defect = "forgetful" // goes on from a cut without its frontiers
	DefectRewind    Defect = "rewind"    // does not look at what the client has seen
	DefectExpire    Defect = "expire"    // drops generations when they are old, whether a view has them or not
	DefectTwoReads  Defect = "two-reads" // reads the view's rows and its cut one after the other, and a swap may come between
	DefectFresh     Defect = "fresh"     // says that it has just seen the log's end
	DefectEarly     Defect = "early"     // takes a view for its own when the pointer moves, not when its files are there

	// Those of a job that is replayed are those of package replay, by their names there.
)

// Timers of a server; those of the log begin at timerLog.
const (
	timerStore uint64 = iota
	timerPoll
	timerCatch
	timerLog
)

// Server is the actor.
type Server struct {
	opts  Options
	env   engine.Env
	now   engine.Instant
	plan  *flow.Plan
	store caller.Caller

	head    *view.Head // of the view that is served; nil before the first look at the pointer
	files   []loaded
	rows    []*viewed          // of all files, in their order
	byKey   map[string][]int32 // places in rows
	loading *loading
	unread  bool // planted defect: rows are still those of the view before

	tail        *tail.Tail
	decode      tail.Decoder
	course      *course    // of a job that is replayed; else nil, and what follows is for the others
	root        *fold.Fold // the one that generations stand beside
	generations []generation
	parts       []part
	speed       []fold.Row // of all generations, in order; nil when it is to be made anew
	merger      *fold.Merger
	finish      *finisher
	counts      Counts
}

// generation is what was read between two markers.
type generation struct {
	number uint64
	fold   *fold.Fold
}

// part is the server's place in a partition.
type part struct {
	cut        protocol.Cut
	generation uint64 // of the rows that come
	refused    int64
}

// Counts is what a server has done since its start.
type Counts struct {
	Answers, Behind uint64
	Swaps           uint64
	Skipped         uint64 // partitions that were moved forward to a view's cut
	Rows            int64  // folded, or taken in by a path
	Again           int64  // rows behind a view's cut that were taken in again, by a job that is replayed
}

// Start returns the start of a server.
func Start(o Options) engine.Start {
	return func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
		if o.Poll == 0 {
			o.Poll = 500 * engine.Millisecond
		}
		if o.Generations == 0 {
			o.Generations = 256
		}
		o.Log.Timers = timerLog
		s := &Server{opts: o, env: env, now: env.Now, parts: make([]part, o.Log.Partitions)}
		if err := s.begin(); err != nil {
			return nil, fmt.Errorf("speed: %w", err)
		}
		s.store = caller.Caller{Store: o.Store, Timer: timerStore, Retry: max(200*engine.Millisecond, o.Poll*2/5), Request: uint64(env.Boot) << 32}
		s.look(fx)
		return s, nil
	}
}

// begin prepares what the job is answered by; of one that merges, the fold that
// generations stand beside.
func (s *Server) begin() error {
	plan, err := s.opts.Pipeline.Plan(s.opts.Schema)
	if err != nil {
		return err
	}
	if way, why := fold.Choose(plan, len(s.parts)); way == fold.Neither {
		return fmt.Errorf("no server can answer this pipeline: %s", why)
	} else if way == fold.Replay {
		s.plan, s.finish, s.course = plan, newFinisher(plan.Last()), &course{kept: make([][]kept, len(s.parts))}
		return nil
	}
	s.plan, s.merger, s.finish = plan, fold.NewMerger(&plan.Stage), newFinisher(&plan.Stage)
	s.root, err = fold.New(plan, len(s.parts), fold.Options{Refuse: true})
	return err
}

// Step handles one message.
func (s *Server) Step(ev engine.Event, fx *engine.Effects) {
	s.now = ev.Now
	var err error
	switch m := ev.Msg.(type) {
	case layered.Ask:
		err = s.ask(ev.From, &m, fx)
	case protocol.Fetched:
		err = s.fetched(m, fx)
	case protocol.Pinned:
		err = s.pinned(m, fx)
	case tail.Again:
		if s.tail != nil {
			s.tail.Again(s.now, m, fx)
		}
	case caller.Again:
		s.store.Again(m, fx)
	case poll:
		s.look(fx)
	case catchUp:
		err = s.catchUp(fx)
	case blob.Got:
		if s.store.Answers(m, fx) {
			err = s.got(&m, fx)
		}
	case blob.Done: // a complaint
		if s.store.Answers(m, fx) {
			s.wait(fx)
		}
	}
	if err != nil {
		fx.Fatal = fmt.Errorf("speed: %w", err)
	}
}

// kindPoll is the timer of looking at the view.
const kindPoll engine.Kind = 220

// poll is that timer. It has no content.
type poll struct{}

func (poll) Kind() engine.Kind { return kindPoll }

func (poll) AppendTo(b []byte) []byte { return b }

// Decode reads what a server is sent.
func Decode(k engine.Kind, b []byte) (engine.Message, error) {
	switch {
	case k == kindPoll:
		r := wire.Reader{Rest: b}
		return poll{}, r.End()
	case k == kindCatchUp:
		r := wire.Reader{Rest: b}
		return catchUp{}, r.End()
	case k == tail.KindAgain:
		return tail.DecodeAgain(b)
	case k == caller.KindAgain:
		return caller.DecodeAgain(b)
	case k < 150:
		return protocol.Decode(k, b)
	case k < 170:
		return layered.Decode(k, b)
	}
	return blob.Decode(k, b)
}

// Head is the view that is served, nil before the first.
func (s *Server) Head() *view.Head { return s.head }

// Cut is how far the server has come.
func (s *Server) Cut() []protocol.Cut {
	cut := make([]protocol.Cut, len(s.parts))
	for i := range cut {
		cut[i] = s.parts[i].cut
	}
	return cut
}

// Markers is how many markers of a partition lie below Cut.
func (s *Server) Markers(partition int) uint64 {
	at := &s.parts[partition]
	if s.head != nil && s.head.Marker > 0 && at.cut.Offset <= s.head.Cut[partition].Offset {
		return s.head.Marker - 1 // the view's own comes next
	}
	return at.generation
}

// Held calls yield with what is in memory to answer from, as accumulators are encoded: one
// after another those of the generations, and those of the view.
func (s *Server) Held(yield func(ofView bool, accumulators []byte)) {
	for i := range s.all() {
		yield(false, s.speed[i].Accumulators)
	}
	for _, r := range s.rows {
		yield(true, r.Accumulators)
	}
}

// Oldest is the number of the oldest generation that is kept; ok is false if there is
// none.
func (s *Server) Oldest() (number uint64, ok bool) {
	if s.course != nil {
		return s.course.oldest()
	}
	if len(s.generations) == 0 {
		return 0, false
	}
	return s.generations[0].number, true
}

// Generations is how many are kept.
func (s *Server) Generations() int {
	if s.course != nil {
		return s.course.generations()
	}
	return len(s.generations)
}

// Counts is what was done since the start.
func (s *Server) Counts() Counts { return s.counts }

// Refused is how many rows of a partition were refused since the cut of the view at which
// the server began.
func (s *Server) Refused(partition int) int64 { return s.parts[partition].refused }
