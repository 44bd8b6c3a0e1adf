package conformance

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"parallax/engine"
)

const (
	kindNote engine.Kind = iota + 1
	kindTick
	kindGarbage
)

// tickKey and tickNs are the timer by which a probe asks for orders.
const (
	tickKey = 1 << 63
	tickNs  = engine.Millisecond
)

// note is what probes tell each other. Its memory belongs to the sender, who may
// scribble over it once the step is over.
type note struct{ text []byte }

func (n *note) Kind() engine.Kind { return kindNote }

func (n *note) AppendTo(b []byte) []byte { return append(b, n.text...) }

// tick makes a probe look for orders.
type tick struct{}

func (tick) Kind() engine.Kind { return kindTick }

func (tick) AppendTo(b []byte) []byte { return b }

// garbage is a message that Decode refuses.
type garbage struct{}

func (garbage) Kind() engine.Kind { return kindGarbage }

func (garbage) AppendTo(b []byte) []byte { return append(b, "garbage"...) }

// Decode reads the suite's messages.
func Decode(k engine.Kind, b []byte) (engine.Message, error) {
	switch k {
	case kindNote:
		return &note{b}, nil
	case kindTick:
		return tick{}, nil
	}
	return nil, errors.New("conformance: unknown kind " + strconv.Itoa(int(k)))
}

// to makes an envelope with a note.
func to(id engine.NodeID, text string) engine.Envelope {
	return engine.Envelope{To: id, Msg: &note{[]byte(text)}}
}

// envelopes makes several to one node.
func envelopes(id engine.NodeID, texts ...string) []engine.Envelope {
	var es []engine.Envelope
	for _, text := range texts {
		es = append(es, to(id, text))
	}
	return es
}

// write makes a Persist. A star in a file's name stands for the incarnation.
func write(file, data string, then ...engine.Envelope) engine.Persist {
	return engine.Persist{File: file, Data: []byte(data), Then: then}
}

// timer makes a Timer that tells the probe a text.
func timer(key uint64, after int64, text string) engine.Timer {
	return engine.Timer{Key: key, After: after, Msg: &note{[]byte(text)}}
}

// order is one step of a probe, as data.
type order struct {
	effects engine.Effects
	look    bool   // note what Disk shows
	reads   bool   // check ReadAt on a-1
	panics  string // instead of returning
	err     error  // in Start: returned
}

// heard is a note that arrived.
type heard struct {
	boot uint32
	now  engine.Instant
	from engine.NodeID
	text string
}

// view is what Disk showed.
type view struct {
	boot  uint32
	files []string
	data  map[string]string
}

// String lists the files and what is in them.
func (v view) String() string {
	var b strings.Builder
	for _, f := range v.files {
		fmt.Fprintf(&b, "%s=%q ", f, v.data[f])
	}
	return b.String()
}

// probe carries out orders and tells the stage what it sees.
type probe struct {
	stage *stage
	env   engine.Env
}

// start is the engine.Start of every probe.
func (s *stage) start(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
	p := &probe{s, env}
	o := s.boots(env)
	s.sees(p.look())
	fx.After(tickKey, tickNs, tick{})
	return p, p.obey(o, fx)
}

func (p *probe) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case tick:
		fx.After(tickKey, tickNs, tick{})
		if o, ok := p.stage.next(p.env.ID, ev.Now); ok {
			// An error is for Start alone, which has none here.
			_ = p.obey(o, fx)
		}
	case *note:
		p.stage.hears(p.env.ID, heard{p.env.Boot, ev.Now, ev.From, string(m.text)})
		// The buffer was delivered to this actor alone: nobody else may notice.
		for i := range m.text {
			m.text[i] = '!'
		}
	}
}

func (p *probe) obey(o order, fx *engine.Effects) error {
	boot := strconv.Itoa(int(p.env.Boot))
	for _, w := range o.effects.Persists {
		w.File = strings.ReplaceAll(w.File, "*", boot)
		fx.Persists = append(fx.Persists, w)
	}
	for _, name := range o.effects.Removes {
		fx.Remove(strings.ReplaceAll(name, "*", boot))
	}
	fx.Sends = append(fx.Sends, o.effects.Sends...)
	fx.Eager = append(fx.Eager, o.effects.Eager...)
	fx.Timers = append(fx.Timers, o.effects.Timers...)
	fx.Fatal = o.effects.Fatal
	if o.look {
		p.stage.sees(p.look())
	}
	if o.reads {
		p.stage.reports(checkReads(p.env.Disk))
	}
	if o.panics != "" {
		panic(o.panics)
	}
	return o.err
}

// look reads everything that Disk shows.
func (p *probe) look() (engine.NodeID, view) {
	v := view{boot: p.env.Boot, files: slices.Clone(p.env.Disk.Files()), data: map[string]string{}}
	for _, f := range v.files {
		b := make([]byte, p.env.Disk.Size(f))
		if n, err := p.env.Disk.ReadAt(f, b, 0); n != len(b) {
			panic(fmt.Sprintf("%s: read %d of %d bytes: %v", f, n, len(b), err))
		}
		v.data[f] = string(b)
	}
	return p.env.ID, v
}
