package scenarios

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"parallax/engine"
	"parallax/sim"
	"parallax/sim/cluster"
	"parallax/sim/fault"
	"parallax/sim/zoo"
)

// PlayOptions say what is wanted of a run beside its outcome. None of it changes the
// run.
type PlayOptions struct {
	Trace io.Writer                 // gets everything that happens, as JSON Lines
	Watch func(*cluster.Deployment) // is called before the run begins
	View  bool                      // the view at the end is wanted
	Quick bool                      // the oracle is asked at the end only
}

// Outcome is what came of a scenario's run.
type Outcome struct {
	Verdict  string
	Why      error  // nil for a pass
	Property string // that is violated
	Liveness bool   // it is one that says that something happens

	Event   uint64         // the number of the event with which it was seen, or the last
	At      engine.Instant // since the start
	Node    string         // that it was seen on; "" for the world as a whole
	Hash    uint64
	Checks  []uint64 // hashes after every 1,024th event
	Fired   []fault.Fault
	Strikes [fault.Count]uint64
	Active  [fault.Count]bool // families that could strike
	Tally   cluster.Tally
	Excused []string          // the destroyed data for which the run need not catch up
	Probes  map[string]uint64 // how often the run came to each place that is watched
	Missed  []string          // expectations that are not met
	View    *Table            // at the end, if it was wanted and there is one
}

// What makes a run inconclusive.
var (
	errNoAnswers = errors.New("nothing was checked: no span has reached the view")
	errUnfired   = errors.New("a fault of the list did not strike")
	errShowsNone = errors.New("nothing was shown")
	errNoProbe   = errors.New("the run never came to the probe")
)

// Play runs a scenario and compares it with what it expects. The error is one of the
// scenario itself; what the run shows is in the outcome.
func Play(s *Scenario, o PlayOptions) (*Outcome, error) {
	out := &Outcome{Verdict: Inconclusive, Why: errNoRows}
	if len(s.Story.Rows) == 0 {
		out.judge(s)
		return out, nil
	}
	d, err := s.Deploy(o.Quick)
	if err != nil {
		return nil, err
	}
	if o.Watch != nil {
		o.Watch(d)
	}
	if o.Trace != nil {
		newTracer(s, o.Trace).attach(d)
	}
	look := lookout{s: s, d: d}
	err = look.run()
	out.measure(s, d, err)
	if err := look.compare(out, o.View); err != nil {
		return nil, err
	}
	out.judge(s)
	return out, nil
}

// oracleEvery is after how many spans the whole view is compared with the oracle.
const oracleEvery = 16

// Deploy boots a scenario's deployment, with its defect. quick is without the oracle
// on the way.
func (s *Scenario) Deploy(quick bool) (*cluster.Deployment, error) {
	job, options, err := cluster.Of(&s.Story)
	if err != nil {
		return nil, err
	}
	if options.OracleEvery = oracleEvery; quick {
		options.OracleEvery = 0
	}
	options.World.Reproduce = s.File
	if s.Defect != "" {
		d, ok := zoo.Find(s.Defect)
		if !ok {
			return nil, fmt.Errorf("scenarios: there is no defect %q", s.Defect)
		}
		d.Plant(&options)
	}
	return cluster.Deploy(job, options)
}

// measure notes what a run has done, and with what it failed.
func (o *Outcome) measure(s *Scenario, d *cluster.Deployment, err error) {
	o.Event, o.At, o.Hash, o.Checks = d.Stats().Events, d.Now()-s.Story.World.Start, d.Hash(), d.Checkpoints()
	o.Fired, o.Strikes, o.Active, o.Tally = d.Fired(), d.Strikes(), d.Active(), d.Tally()
	o.Excused, o.Probes = d.Excused(), d.Probes()
	if err == nil {
		o.Verdict, o.Why = Pass, nil
		if why := s.nothing(o, d); why != nil {
			o.Verdict, o.Why = Inconclusive, why
		}
		return
	}
	p := cluster.Broken(err)
	o.Verdict, o.Why, o.Property, o.Liveness = Violated, err, p.Name, p.Liveness
	var at *sim.Failure
	if errors.As(err, &at) {
		o.Event, o.At, o.Node, o.Why = at.Event, at.At-s.Story.World.Start, at.Node, at.Err
	}
}

// nothing says why a run that has failed in nothing has shown nothing, or less than it
// was made for.
func (s *Scenario) nothing(o *Outcome, d *cluster.Deployment) error {
	if o.Tally.Spans == 0 && o.Excused == nil {
		return errNoAnswers
	}
	if why := s.idle(o); why != nil {
		return why
	}
	if why := d.Inconclusive(); why != "" {
		return fmt.Errorf("%w: %s", errShowsNone, why)
	}
	if why := s.unshown(&o.Tally); why != nil {
		return why
	}
	for _, name := range s.Expect.Probes {
		if o.Probes[name] == 0 {
			return fmt.Errorf("%w %s", errNoProbe, name)
		}
	}
	return nil
}

// idle says why a run shows no more than one without faults: some were planned, and
// did not strike.
func (s *Scenario) idle(o *Outcome) error {
	w := &s.Story.World
	if w.Frozen == nil {
		if w.Faults != (fault.Plan{}) && len(o.Fired) == 0 {
			return errNoFaults
		}
		return nil
	}
	struck := map[fault.ID]int{}
	for i := range o.Fired {
		struck[fault.ID{Family: o.Fired[i].Family}]++
		struck[o.Fired[i].ID()]++
	}
	byHand := map[fault.Family]int{}
	for i := range w.Frozen {
		f := &w.Frozen[i]
		if f.Name != 0 && struck[f.ID()] == 0 {
			return fmt.Errorf("%w: %s", errUnfired, f)
		}
		byHand[f.Family]++
		if struck[fault.ID{Family: f.Family}] < byHand[f.Family] {
			return fmt.Errorf("%w: %s", errUnfired, f)
		}
	}
	return nil
}

// judge compares the verdict with the one that is expected. A run with another answer
// than it should have has shown something, whatever did not strike.
func (o *Outcome) judge(s *Scenario) {
	if o.Verdict == Inconclusive && s.Expect.Verdict == Pass && len(o.Missed) > 0 {
		o.Verdict, o.Why = Pass, nil
	}
	switch x := &s.Expect; {
	case o.Verdict != x.Verdict:
		o.Missed = append(o.Missed, fmt.Sprintf("the verdict is %s, expected is %s", o.Verdict, x.Verdict))
	case x.Property != "" && o.Property != x.Property:
		o.Missed = append(o.Missed, fmt.Sprintf("the property violated is %s, expected is %s", o.Property, x.Property))
	case o.Verdict == Pass:
		o.judgeExcuses(s)
	}
}

// judgeExcuses compares whose data was destroyed with what is expected. Where damage is
// unrestricted and nothing is said, anybody's may be.
func (o *Outcome) judgeExcuses(s *Scenario) {
	want := s.Expect.Excused
	if want == nil && s.Story.Unrestricted {
		return
	}
	var have []string
	for _, e := range o.Excused {
		whose, _, _ := strings.Cut(e, ":")
		if have = append(have, whose); !slices.Contains(want, whose) {
			o.Missed = append(o.Missed, "excused from catching up, and not expected to be: "+e)
		}
	}
	for _, whose := range want {
		if !slices.Contains(have, whose) {
			o.Missed = append(o.Missed, "the run is not excused by the data of "+whose)
		}
	}
}
