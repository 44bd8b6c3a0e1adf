package cluster

import (
	"fmt"
	"strings"
	"unicode"

	"parallax/engine"
	"parallax/engine/commitlog"
	"parallax/sim"
)

// Message reads the message of a trace's record; nil if the record has none.
func (d *Deployment) Message(t *sim.Trace) engine.Message {
	if t.Kind == 0 {
		return nil
	}
	if m, err := decode(t.Kind, t.Data); err == nil {
		return m
	}
	if m, err := commitlog.Decode(t.Kind, t.Data); err == nil {
		return m
	}
	return nil
}

// MessageName is what people call a message: produce, fetched, raft message.
func (d *Deployment) MessageName(t *sim.Trace) string {
	m := d.Message(t)
	if m == nil {
		return fmt.Sprintf("kind %d", t.Kind)
	}
	name := fmt.Sprintf("%T", m)
	name = name[strings.LastIndexByte(name, '.')+1:]
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
