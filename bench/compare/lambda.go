package compare

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"parallax/bench/costs"
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
// with the next batch.
func runLambda(in *Input, c Case) (*Trial, error) {
	k := in.Stage.Options(&scenarios.ClusterOptions{Seed: c.Seed, Faults: c.Faults})
	o := lambda.Options{
		World: k.World, Log: k.Log, Pace: in.Stage.Pace, Unchecked: true, AskEvery: 1 << 30,
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
	if slices.Equal(cut, l.cut) && s.Head().Marker == l.view {
		return nil
	}
	rows, mark, ok := l.read(s)
	if !ok {
		return nil // it cannot answer just now
	}
	l.next, l.cut, l.view = w.Now()+l.every, slices.Clone(cut), s.Head().Marker
	return l.differ(micros(w.Now()), cut, mark, rows)
}

// read asks for all pages.
func (l *looker) read(s *speed.Server) (rows []serving.Result, mark int64, ok bool) {
	ask := layered.Ask{Query: serving.Query{From: -1 << 63, To: 1<<63 - 1}}
	for {
		told, err := s.Answer(&ask)
		if err != nil {
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
func (l *looker) differ(at int64, cut []protocol.Cut, mark int64, rows []serving.Result) error {
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
	return l.shownAt(at, cut, mark, changed)
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
