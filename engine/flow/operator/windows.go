package operator

import (
	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/engine/flow/window"
)

// windows is what every operator of a family of windows is to a [Path]. A new
// family brings a type of its own and a line in newWindows.
type windows interface {
	Tally
	taking
	saving
}

// Tally tells what became of the rows that reached the windows.
type Tally interface {
	Counts(partition int) Counts
	Drops() []Drop
	State() Footprint
	Watermark(partition int) int64
}

// taking is how an operator is fed and asked; see [Windowed].
type taking interface {
	Add(b *column.Batch, in *aggregate.Input, keys []uint32, keyCount int) error
	Advance(partition int, frontier int64)
	Close()
	Next(p *Pane) bool
}

// saving is an operator's state as bytes: equal states have equal encodings.
type saving interface {
	AppendTo(b []byte) []byte
	Load(b []byte, keyCount int) (rest []byte, err error)
}

// newWindows is the operator of a validated plan's windows.
func newWindows(c Config) windows {
	if c.Trigger != nil {
		return newTriggered(c)
	}
	switch c.Window.Kind {
	case window.Session:
		return NewSessions(c)
	case window.Sliding:
		return newSlides(c)
	case window.Counting:
		return newNumbered(c)
	}
	return NewWindowed(c)
}
