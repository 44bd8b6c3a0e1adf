package compare

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"parallax/bench/costs"
	"parallax/bench/measure"
	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow"
	"parallax/engine/flow/fold"
	"parallax/scenarios"
	"parallax/serving"
	"parallax/serving/layered"
	"parallax/sim"
	"parallax/sim/cluster/lambda"
	"parallax/speed"
)

// readings is about how often a Lambda system is read in a run: its answers are computed
// when they are asked for, so that what can be seen is known when somebody looks.
const readings = 600

// runLambda runs a job as an archive of the log, batch views of it, and servers that add
// to a view what the log holds behind it. What comes too late for the speed layer counts
// with the next batch. It has one server, as Kappa has one view, and nobody but the reader
// asks, whose questions are no work.
func runLambda(in *Input, c Case) (*Trial, error) { return runLayers(in, c, reachOf) }

func runLayers(in *Input, c Case, of func(s *speed.Server) reach) (*Trial, error) {
	k := in.Stage.Options(&scenarios.ClusterOptions{Seed: c.Seed, Faults: c.Faults})
	o := lambda.Options{
		World: k.World, Log: k.Log, Pace: in.Stage.Pace, CheckEvery: -1, AskEvery: -1, Servers: 1,
		Batch: lambda.Batch{Every: c.Batch * engine.Microsecond, Complete: true},
	}
	o.Log.RetainBytes = 0
	o.World.Costs = costs.Default().World()
	thin(&o.World)
	d, err := lambda.Deploy(lambda.Job{Pipeline: in.with(c.Delay), Schema: in.Stage.Schema, Feed: in.Stage.Feed}, o)
	if err != nil {
		return nil, fmt.Errorf("compare: %s: %w", c, err)
	}
	l := newLooker(in, c, d.World)
	l.of = of
	d.OnStep(l.look)
	sampleDisks(in, d.World, l.trial)
	storm, calm := in.Stage.Periods()
	storm = max(storm, int64(d.LastMarker()-in.Stage.Start)/in.Stage.Pace+2*engine.Second)
	if err := d.Run(storm, calm); err != nil {
		return nil, fmt.Errorf("compare: %s: %w", c, err)
	}
	l.next = 0
	if err := l.look(d.World); err != nil {
		return nil, err
	}
	t := l.finish()
	t.CalmNs = in.paced(d.CaughtUpNs())
	if n := len(t.News); n > 0 {
		t.Quiet = t.News[n-1]
	}
	t.Events, t.Hash = d.Stats().Events, d.Hash()
	t.Work, t.Strikes = in.works(d.World, layerOf), in.strikes(d.Fired())
	return t, nil
}

// layerOf is what a node of a Lambda system does, by its name.
func layerOf(name string) string {
	role, _, _ := strings.Cut(name, "-")
	switch role {
	case "broker":
		return "log"
	case "producer", "client", "metronome":
		return ""
	case "server":
		return "speed"
	case "store":
		return "blob"
	}
	return role
}

// looker is a reader of one of the servers, who looks again when there may be something
// new.
type looker struct {
	*reader
	of          func(s *speed.Server) reach
	server      engine.NodeID
	next, every engine.Instant
	cut         []protocol.Cut
	view        uint64
	last        []serving.Result // what was there, ascending by start, then key
}

func newLooker(in *Input, c Case, w *sim.World) *looker {
	l := &looker{reader: newReader(in, c, true), every: max(1, engine.Instant(in.Stage.DataNs()/readings))}
	for i := range w.Nodes() {
		if id := engine.NodeID(i + 1); w.Name(id) == "server-0" {
			l.server = id
		}
	}
	return l
}

// look reads everything that the server answers, if its cut or its view has moved.
func (l *looker) look(w *sim.World) error {
	if w.Now() < l.next {
		return nil
	}
	s, ok := w.Actor(l.server).(*speed.Server)
	if !ok || s.Head() == nil {
		return nil
	}
	cut := s.Cut()
	if slices.Equal(cut, l.cut) && s.Head().ID == l.view {
		return nil
	}
	rows, mark, ok := l.read(s)
	if !ok {
		return nil // it cannot answer just now
	}
	l.next, l.cut, l.view = w.Now()+l.every, slices.Clone(cut), s.Head().ID
	l.hold(micros(w.Now()), s)
	return l.differ(micros(w.Now()), l.of(s), mark, rows)
}

// reachOf is how many rows a server's answers are of. Markers have offsets, too.
func reachOf(s *speed.Server) (of reach) {
	head := s.Head()
	for p, cut := range s.Cut() {
		of.kept = append(of.kept, cut.Offset-int64(s.Markers(p)))
		if head.Marker > 0 {
			of.repaired = append(of.repaired, head.Cut[p].Offset-int64(head.Marker-1))
		}
	}
	return of
}

// hold notes what the server has in memory: generations, and the view.
func (l *looker) hold(at int64, s *speed.Server) {
	generations, view := int64(0), int64(0)
	s.Held(func(ofView bool, accumulators []byte) {
		if l.bytes += int64(len(accumulators)); ofView {
			view++
		} else {
			generations++
		}
	})
	l.count += generations + view
	l.trial.Open = append(l.trial.Open, measure.Level{At: at, Amount: generations})
	l.trial.Served = append(l.trial.Served, measure.Level{At: at, Amount: view})
}

// read asks for all pages. A server that has lost its memory is behind what was seen, and
// says so: readers never go back.
func (l *looker) read(s *speed.Server) (rows []serving.Result, mark int64, ok bool) {
	ask := layered.Ask{Query: serving.Query{From: -1 << 63, To: 1<<63 - 1}, View: l.view, AtLeast: l.cut}
	for {
		told, err := s.Answer(&ask)
		if err != nil || told.Behind {
			return nil, 0, false
		}
		rows, mark = append(rows, told.Rows...), told.Watermark
		if ask.After = told.Next; told.Next == nil {
			return rows, mark, true
		}
	}
}

// differ takes in what is other than it was. Answers are in one order, so that both are
// gone through once.
func (l *looker) differ(at int64, of reach, mark int64, rows []serving.Result) error {
	var changed []finished
	last := l.last
	for i := range rows {
		r := &rows[i]
		for len(last) > 0 && inOrder(&last[0], r) < 0 {
			changed, last = append(changed, gone(&last[0])), last[1:]
		}
		if len(last) > 0 && inOrder(&last[0], r) == 0 {
			old := &last[0]
			if last = last[1:]; old.End == r.End && bytes.Equal(old.Values, r.Values) {
				continue
			}
		}
		values, err := serving.DecodeKey(r.Values, l.types)
		if err != nil {
			return fmt.Errorf("compare: %w", err)
		}
		changed = append(changed, finished{key: r.Key, start: r.Start, end: r.End, values: values})
	}
	for i := range last {
		changed = append(changed, gone(&last[i]))
	}
	l.last = rows
	l.shownAt(at, of, mark, changed)
	return nil
}

// inOrder is the order of rows in answers.
func inOrder(a, b *serving.Result) int {
	return cmp.Or(cmp.Compare(a.Start, b.Start), bytes.Compare(a.Key, b.Key))
}

// gone is a row that stands no more.
func gone(r *serving.Result) finished { return finished{key: r.Key, start: r.Start} }

// views says why a job has no batch views, if it has none.
func views(p *flow.Plan, partitions int) error {
	if way, why := fold.Choose(p, partitions); way != fold.Merge {
		return fmt.Errorf("it would answer by %s, not from batch views: %s", way, why)
	}
	return nil
}
