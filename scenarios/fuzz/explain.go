package fuzz

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"parallax/engine"
	"parallax/engine/flow"
	"parallax/scenarios"
	"parallax/sim"
	"parallax/sim/cluster"
)

// chainMax is how many steps back a chain of causes is followed.
const chainMax = 12

// Explain tells in prose what led to a scenario's failure: what was expected and what
// was seen, the chain of messages that ends there, and the faults that struck on its
// way.
func Explain(s *scenarios.Scenario) (string, error) {
	h := &history{s: s, sends: map[sendKey]uint64{}}
	out, err := scenarios.Play(s, scenarios.PlayOptions{Watch: h.watch})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	h.what(&b, out)
	if out.Verdict == scenarios.Violated && !out.Liveness {
		h.chain(&b, out)
	}
	h.faults(&b, out)
	fmt.Fprintf(&b, "\nThe pipeline, of %s:\n%s", plural(len(s.Story.Rows), "row"), indented(s.Story.Pipeline))
	return b.String(), nil
}

// history is what happened in a run, for whoever asks why.
type history struct {
	s      *scenarios.Scenario
	d      *cluster.Deployment
	names  []string
	steps  []stepTaken         // messages and timers that were handled, by event
	sends  map[sendKey]uint64  // the event that sent a message
	doings map[uint64][]string // what else an event did
}

// stepTaken is an event that an actor handled.
type stepTaken struct {
	event    uint64
	at       engine.Instant
	op       string
	from, to engine.NodeID
	message  string
	key      sendKey
}

// sendKey is what tells a message from others between its sending and its arrival.
type sendKey struct {
	from, to engine.NodeID
	kind     engine.Kind
	name     uint64
	data     string // of a timer, which has no name before it is due
}

func (h *history) watch(d *cluster.Deployment) {
	h.d, h.names, h.doings = d, cluster.NodeNames(&h.s.Story.Sizes), map[uint64][]string{}
	d.OnSend(func(t sim.Trace) { h.sends[keyOf(&t, t.Op == "set")] = t.Event })
	d.OnTrace(h.note)
}

func keyOf(t *sim.Trace, timer bool) sendKey {
	k := sendKey{from: t.From, to: t.To, kind: t.Kind}
	if timer {
		k.data = string(t.Data)
	} else {
		k.name = t.Name
	}
	return k
}

// note remembers a record.
func (h *history) note(t sim.Trace) {
	switch t.Op {
	case "message", "timer", "start":
		step := stepTaken{event: t.Event, at: t.At, op: t.Op, from: t.From, to: t.To, key: keyOf(&t, t.Op == "timer")}
		if t.Kind != 0 {
			step.message = h.d.MessageName(&t)
		}
		h.steps = append(h.steps, step)
	case "persist":
		h.add(t.Event, fmt.Sprintf("writes %s to %s", plural(len(t.Data), "byte"), t.File))
	case "remove":
		h.add(t.Event, "removes "+t.File)
	}
}

func (h *history) add(event uint64, what string) { h.doings[event] = append(h.doings[event], what) }

// node is what a node is called.
func (h *history) node(id engine.NodeID) string {
	if id == 0 || int(id) > len(h.names) {
		return "the world"
	}
	return h.names[id-1]
}

// since is a time since the start of the run, to the millisecond.
func (h *history) since(at engine.Instant) string {
	return time.Duration(at - h.s.Story.World.Start).Round(time.Millisecond / 10).String()
}

// what says what the run came to.
func (h *history) what(b *strings.Builder, out *scenarios.Outcome) {
	fmt.Fprintf(b, "%s: %s\n", h.s.Name, outcomeSentence(out))
	if h.s.Doc != "" {
		fmt.Fprintf(b, "%s\n", h.s.Doc)
	}
	b.WriteByte('\n')
	switch {
	case out.Verdict == scenarios.Pass && len(out.Missed) == 0:
		fmt.Fprintf(b, "Nothing is wrong: after each of %s everything that is checked held, and %s later everything was caught up.\n",
			plural(int(out.Event), "event"), time.Duration(h.d.CaughtUpNs()).Round(time.Millisecond))
	case out.Verdict == scenarios.Inconclusive:
		fmt.Fprintf(b, "Nothing follows from this run: %v.\n", out.Why)
	case out.Verdict == scenarios.Violated:
		for _, p := range cluster.Properties() {
			if p.Name == out.Property {
				fmt.Fprintf(b, "What should hold, %s: %s\n", p.Name, p.Says)
			}
		}
		where := "in the world as a whole"
		if out.Node != "" {
			where = "on " + out.Node
		}
		fmt.Fprintf(b, "What was seen, %s, at event %d, %s after the start: %v.\n", where, out.Event, h.since(out.At+h.s.Story.World.Start),
			strings.ReplaceAll(out.Why.Error(), "cluster: ", ""))
	}
	for _, m := range out.Missed {
		if out.Verdict == scenarios.Pass {
			fmt.Fprintf(b, "What was expected and is not so: %s.\n", m)
		}
	}
}

func outcomeSentence(out *scenarios.Outcome) string {
	switch out.Verdict {
	case scenarios.Violated:
		if out.Liveness {
			return "something that should happen does not"
		}
		return "something happens that should not"
	case scenarios.Inconclusive:
		return "inconclusive"
	}
	if len(out.Missed) > 0 {
		return "the answer is exact, and another one than expected"
	}
	return "everything holds"
}

// chain tells the steps that led to the event of the failure, first things first.
func (h *history) chain(b *strings.Builder, out *scenarios.Outcome) {
	chain := h.causes(out.Event)
	if len(chain) == 0 {
		return
	}
	fmt.Fprintf(b, "\nHow it came to that, first things first:\n")
	for _, s := range chain {
		fmt.Fprintf(b, "  %9s  event %d: %s", h.since(s.at), s.event, h.sentence(&s))
		if done := h.doings[s.event]; len(done) > 0 {
			fmt.Fprintf(b, ", and %s", strings.Join(firstOf(done, 2), ", "))
		}
		b.WriteString(".\n")
	}
}

// firstOf is the first few of a list.
func firstOf(list []string, n int) []string {
	if len(list) > n {
		return append(slices.Clone(list[:n]), fmt.Sprintf("and %d more", len(list)-n))
	}
	return list
}

// causes are the steps that led to an event, ascending.
func (h *history) causes(event uint64) []stepTaken {
	var chain []stepTaken
	for len(chain) < chainMax {
		i, ok := slices.BinarySearchFunc(h.steps, event, func(s stepTaken, e uint64) int { return int(int64(s.event - e)) })
		if !ok {
			break
		}
		s := h.steps[i]
		chain = append(chain, s)
		sent, known := h.sends[s.key]
		if s.op == "start" || !known || sent >= event {
			break
		}
		event = sent
	}
	slices.Reverse(chain)
	return chain
}

// sentence says what a step was.
func (h *history) sentence(s *stepTaken) string {
	switch {
	case s.op == "start":
		return h.node(s.to) + " starts"
	case s.op == "timer":
		return fmt.Sprintf("%s is woken by its timer (%s)", h.node(s.to), s.message)
	case s.from == s.to:
		return fmt.Sprintf("%s goes on (%s)", h.node(s.to), s.message)
	case s.from == 0:
		return fmt.Sprintf("%s gets %s", h.node(s.to), s.message)
	}
	return fmt.Sprintf("%s gets %s from %s", h.node(s.to), s.message, h.node(s.from))
}

// faultsTold is how many faults are told.
const faultsTold = 20

// faults tells what struck before the failure.
func (h *history) faults(b *strings.Builder, out *scenarios.Outcome) {
	list := out.Fired
	if len(list) == 0 {
		b.WriteString("\nNo fault has struck: it happens in a world in which everything works.\n")
		return
	}
	fmt.Fprintf(b, "\nWhat went wrong in the world until then (%s):\n", plural(len(list), "fault"))
	if n := len(list); n > faultsTold {
		fmt.Fprintf(b, "  … %d earlier ones\n", n-faultsTold)
		list = list[n-faultsTold:]
	}
	for i := range list {
		f := list[i]
		at := f.At
		f.At = 0
		fmt.Fprintf(b, "  %9s  %s\n", at.Round(time.Millisecond/10), strings.TrimPrefix(f.String(), "0s "))
	}
}

func indented(p *flow.Pipeline) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(p.String(), "\n"), "\n", "\n  ") + "\n"
}

// plural is a number of things.
func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
