package notebooks

import (
	"parallax/notebooks/clocks"
	"parallax/notebooks/measured"
	"parallax/notebooks/patience"
	"parallax/notebooks/promise"
)

// Lesson is one notebook.
type Lesson struct {
	Name   string // of the notebook's file, without its extension
	Source string
	Cells  map[string]func()
}

// Lessons is all of them, in order.
func Lessons() []Lesson {
	return []Lesson{
		{"01-two-clocks", clocks.Source, clocks.Cells()},
		{"02-a-watermark-is-a-promise", promise.Source, promise.Cells()},
		{"03-the-price-of-patience", patience.Source, patience.Cells()},
		{"04-lambda-and-kappa-measured", measured.Source, measured.Cells()},
	}
}

// Render is the lesson as a notebook: its cells are run, in this process, one after
// another.
func (l *Lesson) Render() ([]byte, error) { return render(l.Name+".go", l.Source, l.Cells) }
