package fuzz

import (
	"fmt"
	"io"
	"strings"
	"time"

	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow"
	"parallax/scenarios"
	"parallax/sim"
	"parallax/sim/cluster"
)

// PlayUntil plays a scenario up to an instant and gives the deployment as it is there.
// The error is the scenario's, or that of a run which fails before.
func PlayUntil(s *scenarios.Scenario, at time.Duration) (*cluster.Deployment, error) {
	d, err := s.Deploy(false)
	if err != nil {
		return nil, err
	}
	calm := s.Story.World.Start + engine.Instant(s.Story.StormNs*max(s.Story.Pace, 1))
	until := s.Story.World.Start + engine.Instant(at)
	if err := d.RunUntil(min(calm, until)); err != nil || until <= calm {
		return d, err
	}
	d.Calm()
	return d, d.RunUntil(until)
}

// Stepper plays a scenario event by event.
type Stepper struct {
	s     *scenarios.Scenario
	d     *cluster.Deployment
	lines []scenarios.TraceLine
	calm  engine.Instant
	fired int
}

// NewStepper is at the start of a scenario's run.
func NewStepper(s *scenarios.Scenario) (*Stepper, error) {
	d, err := s.Deploy(false)
	if err != nil {
		return nil, err
	}
	st := &Stepper{s: s, d: d, calm: s.Story.World.Start + engine.Instant(s.Story.StormNs*max(s.Story.Pace, 1))}
	d.OnTrace(func(t sim.Trace) { st.lines = append(st.lines, s.TraceLine(d, &t)) })
	return st, nil
}

// Deployment is the run as it stands.
func (st *Stepper) Deployment() *cluster.Deployment { return st.d }

// Step takes up to n events, or all up to the next fault, and writes what happened. It
// reports whether there may be more.
func (st *Stepper) Step(n uint64, toFault bool, w io.Writer) (more bool, err error) {
	for range n {
		if st.d.Now() >= st.calm {
			st.calm = 1<<63 - 1 // once
			st.d.Calm()
		}
		st.lines = st.lines[:0]
		more, err = st.d.Step()
		struck := len(st.d.Fired()) > st.fired
		st.fired = len(st.d.Fired())
		if !toFault || struck || err != nil {
			for _, l := range st.lines {
				if _, err := fmt.Fprintln(w, l); err != nil {
					return false, err
				}
			}
		}
		if err != nil || !more || toFault && struck {
			return more, err
		}
		if end := st.s.Story.World.Start + engine.Instant((st.s.Story.StormNs+st.s.Story.CalmNs)*max(st.s.Story.Pace, 1)); st.d.Now() > end {
			return false, nil
		}
	}
	return true, nil
}

// State is what every program of a run knows, as text.
func State(s *scenarios.Scenario, d *cluster.Deployment) (string, error) {
	var b strings.Builder
	m := d.Metrics()
	fmt.Fprintf(&b, "%s after %s, event %d\n", s.Name, time.Duration(m.Now-s.Story.World.Start), d.Stats().Events)
	for i, status := range m.Brokers {
		if status == nil {
			fmt.Fprintf(&b, "  broker-%d   is down\n", i)
			continue
		}
		for p := range status {
			q := &status[p]
			role := "follows"
			if q.Leads {
				role = "leads"
			}
			fmt.Fprintf(&b, "  broker-%-3d %s %s in term %d, has %d to %d, frontier %s\n", i, role, q.Partition, q.Term, q.Start.Offset, q.End.Offset,
				timeText(q.End.Frontier))
		}
	}
	fmt.Fprintf(&b, "  producer   in flight %v, done: %v\n", m.Producer.InFlight, m.Producer.Done)
	fmt.Fprintf(&b, "  worker     %s\n", cutText("has read to", m.Worker.Reached))
	fmt.Fprintf(&b, "  view       %s, watermark %s\n", cutText("stands at", m.View.Cut), timeText(m.View.Watermark))
	t, err := s.View(d)
	if err != nil {
		return "", err
	}
	for _, l := range t.Lines() {
		fmt.Fprintf(&b, "             %s\n", l)
	}
	fmt.Fprintf(&b, "  lag        %v\n", m.Lag)
	return b.String(), nil
}

// timeText is an event time since 1970, or what stands for none.
func timeText(us int64) string {
	switch us {
	case -1 << 63:
		return "none"
	case 1<<63 - 1:
		return "the end"
	}
	return flow.FormatDuration(us)
}

func cutText(what string, cut []protocol.Cut) string {
	if cut == nil {
		return "is down"
	}
	s := what
	for _, c := range cut {
		s += fmt.Sprintf(" %d (%s)", c.Offset, timeText(c.Frontier))
	}
	return s
}
