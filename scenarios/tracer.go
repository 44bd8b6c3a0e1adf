package scenarios

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"strings"

	"parallax/engine"
	"parallax/sim"
	"parallax/sim/cluster"
)

// TraceLine is one line of a trace: what happened.
type TraceLine struct {
	Event   uint64 `json:"event"` // number of the event in the run, from 1
	At      string `json:"at"`    // since the start of the run
	Op      string `json:"op"`
	Node    string `json:"node,omitempty"` // that it happened to
	From    string `json:"from,omitempty"` // who sent the message
	Message string `json:"message,omitempty"`
	File    string `json:"file,omitempty"`
	Bytes   int    `json:"bytes,omitempty"`
	Name    string `json:"name,omitempty"`    // causal name, for which faults ask
	Content string `json:"content,omitempty"` // checksum of the bytes
}

// tracer writes a trace as JSON Lines.
type tracer struct {
	names []string
	start engine.Instant
	out   *json.Encoder
}

func newTracer(s *Scenario, w io.Writer) *tracer {
	t := &tracer{names: cluster.NodeNames(&s.Story.Sizes), start: s.Story.World.Start, out: json.NewEncoder(w)}
	t.out.SetEscapeHTML(false)
	return t
}

func (t *tracer) attach(d *cluster.Deployment) {
	d.OnTrace(func(r sim.Trace) {
		_ = t.out.Encode(t.lineOf(d, &r)) // a trace that cannot be written must not change the run
	})
}

func (t *tracer) lineOf(d *cluster.Deployment, r *sim.Trace) TraceLine {
	line := TraceLine{
		Event: r.Event, At: since(r.At - t.start), Op: r.Op, Node: t.node(r.To), File: r.File, Bytes: len(r.Data),
	}
	if r.From != r.To {
		line.From = t.node(r.From)
	}
	if r.Kind != 0 {
		line.Message = d.MessageName(r)
	}
	if len(r.Data) > 0 {
		line.Content = fmt.Sprintf("%08x", crc32.ChecksumIEEE(r.Data))
	}
	if r.Name != 0 {
		line.Name = fmt.Sprintf("x%016x", r.Name)
	}
	return line
}

func (t *tracer) node(id engine.NodeID) string {
	if id == 0 || int(id) > len(t.names) {
		return ""
	}
	return t.names[id-1]
}

// since is a time since the start of a run, to the nanosecond.
func since(ns engine.Instant) string {
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%d.%09d", ns/1e9, ns%1e9), "0"), ".") + "s"
}

// String is the line for people.
func (l TraceLine) String() string {
	s := fmt.Sprintf("%12s  event %-6d %-9s %s", l.At, l.Event, l.Op, l.Node)
	if l.Message != "" {
		s += ": " + l.Message
	}
	if l.From != "" {
		s += " from " + l.From
	}
	if l.File != "" {
		s += " " + l.File
	}
	if l.Bytes > 0 {
		s += fmt.Sprintf(", %d bytes (%s)", l.Bytes, l.Content)
	}
	return s
}

// TraceLine is a record of a run's trace as a line.
func (s *Scenario) TraceLine(d *cluster.Deployment, r *sim.Trace) TraceLine {
	return newTracer(s, io.Discard).lineOf(d, r)
}
