package story

import (
	"time"

	"parallax/engine/flow"
	"parallax/engine/flow/civil"
	"parallax/engine/flow/window"
)

// drawCalendar puts the days of people, of whom some have one of 23 hours, in place of
// the windows of two of three stories that last for days.
func drawCalendar(d draws, p *flow.Pipeline, t times) {
	if t.scale != scaleDays || d.chance(3) {
		return
	}
	days, err := civil.New(civil.Day, pick(d, "Europe/Berlin", "Europe/London", "America/New_York", "UTC"), time.Monday)
	if err != nil {
		panic(err) // the zones are a table of the program
	}
	for i := range p.Steps {
		if p.Steps[i].Window != nil {
			p.Steps[i].Window = &window.Spec{Kind: window.Calendar, Civil: days}
		}
	}
}

// drawElement has lateness tested per element in every eighth story: of the row, and
// not of each of its windows.
func drawElement(d draws, p *flow.Pipeline) { p.Late.PerElement = d.chance(8) }
