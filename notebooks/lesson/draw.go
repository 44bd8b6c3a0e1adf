package lesson

import (
	"fmt"
	"image/color"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Axes are what a plot is of.
type Axes struct {
	Title, X, Y string
	Wide        bool // twice as wide as high
}

// Series is points, or a line through them.
type Series struct {
	Name string // in the legend; "": not there
	X, Y []float64
	Line bool
}

// Sizes of a plot.
const (
	height = 9 * vg.Centimeter
	narrow = 12 * vg.Centimeter
	wide   = 18 * vg.Centimeter
)

// Colours that people with any kind of sight tell apart (Okabe and Ito, 2008).
var colours = []color.Color{
	color.RGBA{R: 0, G: 114, B: 178, A: 255},
	color.RGBA{R: 213, G: 94, B: 0, A: 255},
	color.RGBA{R: 0, G: 158, B: 115, A: 255},
	color.RGBA{R: 204, G: 121, B: 167, A: 255},
}

var (
	marks  = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.CrossGlyph{}, draw.TriangleGlyph{}, draw.SquareGlyph{}}
	dashes = [][]vg.Length{nil, {vg.Points(4), vg.Points(3)}, {vg.Points(1), vg.Points(2)}, {vg.Points(7), vg.Points(2)}}
)

// Draw draws the series and shows them. It panics if a series has not as many X as Y, or a value that
// is not a number: both are mistakes in a lesson.
func Draw(a Axes, series ...Series) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = a.Title, a.X, a.Y
	p.Legend.Padding = vg.Points(2) // below, right: where curves that rise leave room
	p.Title.Padding = vg.Points(6)
	p.Add(plotter.NewGrid())
	for i := range series {
		add(p, &series[i], i)
	}
	width := narrow
	if a.Wide {
		width = wide
	}
	c := vgsvg.New(width, height)
	p.Draw(draw.New(c))
	var b strings.Builder
	if _, err := c.WriteTo(&b); err != nil {
		panic(err)
	}
	_, svg, ok := strings.Cut(b.String(), "<svg")
	if !ok {
		panic("lesson: what was drawn is no SVG")
	}
	Show("<svg" + svg)
}

func add(p *plot.Plot, s *Series, i int) {
	if len(s.X) != len(s.Y) {
		panic(fmt.Sprintf("lesson: series %q has %d values on one axis and %d on the other", s.Name, len(s.X), len(s.Y)))
	}
	points := make(plotter.XYs, len(s.X))
	for k := range points {
		points[k] = plotter.XY{X: s.X[k], Y: s.Y[k]}
	}
	colour, legend := colours[i%len(colours)], []plot.Thumbnailer(nil)
	if s.Line {
		line, err := plotter.NewLine(points)
		if err != nil {
			panic(err)
		}
		line.Color, line.Width, line.Dashes = colour, vg.Points(1.2), dashes[i%len(dashes)]
		p.Add(line)
		legend = append(legend, line)
	} else {
		scatter, err := plotter.NewScatter(points)
		if err != nil {
			panic(err)
		}
		scatter.Color, scatter.Radius, scatter.Shape = colour, vg.Points(2), marks[i%len(marks)]
		p.Add(scatter)
		legend = append(legend, scatter)
	}
	if s.Name != "" {
		p.Legend.Add(s.Name, legend...)
	}
}
