package compare

import (
	"errors"
	"fmt"
	"image/color"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"parallax/bench/measure"
	"parallax/engine/flow"
)

// errBlank is returned where a picture would show nothing.
var errBlank = errors.New("compare: no window ends early enough to be drawn")

// Pictures are the names of the plots for print that WritePicture draws.
func (r *Report) Pictures() []string { return []string{"pareto.svg", "completeness.svg", "waits.svg"} }

// WritePicture draws one of Pictures as SVG, in black on white: lines differ by their
// dashes, runs by their marks.
func (r *Report) WritePicture(w io.Writer, name string) error {
	p := plot.New()
	p.Add(plotter.NewGrid())
	fill := map[string]func(p *plot.Plot) error{"pareto.svg": r.printPareto, "completeness.svg": r.printBands, "waits.svg": r.printWaits}[name]
	if fill == nil {
		return fmt.Errorf("compare: there is no picture %q", name)
	}
	err := fill(p)
	if errors.Is(err, errBlank) {
		p.Title.Text = "no window ends early enough to be drawn"
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 1, 10, 1, 10
	} else if err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		if a.Min == a.Max { // a logarithmic axis would be widened below 0
			a.Min, a.Max = a.Min/2, a.Max*2
		}
	}
	out, err := p.WriterTo(16*vg.Centimeter, 10*vg.Centimeter, "svg")
	if err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	_, err = out.WriteTo(w)
	return err
}

// dashes tell lines apart.
func dashes(i int) []vg.Length {
	return [][]vg.Length{nil, {vg.Points(6), vg.Points(3)}, {vg.Points(1), vg.Points(3)}, {vg.Points(8), vg.Points(3), vg.Points(1), vg.Points(3)}}[i%4]
}

// atSeconds is where a wait lies: next to none at 10 ms.
func atSeconds(us float64) float64 { return max(us, 10e3) / 1e6 }

func (r *Report) printPareto(p *plot.Plot) error {
	p.X.Label.Text, p.Y.Label.Text = "wait of a window, p99 (s)", "pairs that first answers miss (in 10⁶)"
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	var curve plotter.XYs
	for _, x := range r.Frontier.Curves[0].Points {
		if x.Fired > 0 {
			curve = append(curve, plotter.XY{X: atSeconds(float64(x.Latency.P99)), Y: max(1, 1e6*float64(x.Pairs-x.OnTime)/float64(x.Pairs))})
		}
	}
	if len(curve) == 0 {
		return errBlank
	}
	line, err := plotter.NewLine(curve)
	if err != nil {
		return err
	}
	line.Color = color.Gray{Y: 130}
	p.Add(line)
	p.Legend.Add("every delay, rows alone", line)
	marks := []draw.GlyphDrawer{draw.CircleGlyph{}, draw.BoxGlyph{}, draw.TriangleGlyph{}, draw.PyramidGlyph{}}
	hollow := []draw.GlyphDrawer{draw.RingGlyph{}, draw.SquareGlyph{}, draw.PlusGlyph{}, draw.CrossGlyph{}}
	for i, k := range r.kinds {
		for _, faults := range []bool{false, true} {
			var points plotter.XYs
			for j := range r.Lines {
				l := &r.Lines[j]
				wait := r.mean(l, "result_p99_ms")
				if l.Architecture == k.Name && l.Faults == faults && !math.IsNaN(wait) {
					points = append(points, plotter.XY{X: atSeconds(1000 * wait), Y: max(1, r.mean(l, "incomplete_first_ppm"))})
				}
			}
			if len(points) == 0 {
				continue
			}
			s, err := plotter.NewScatter(points)
			if err != nil {
				return err
			}
			s.Shape, s.Radius = marks[i%4], vg.Points(3)
			if faults {
				s.Shape = hollow[i%4]
			}
			p.Add(s)
			p.Legend.Add(fmt.Sprintf("%s, faults %s", k.Name, Case{Faults: faults}.FaultsText()), s)
		}
	}
	p.Legend.Left = true
	return nil
}

// printed are the lines that are drawn over time: without faults if there are such, of
// the job's delay or the least.
func (r *Report) printed() (list []*Line) {
	delay := r.opts.Delays[0]
	for _, d := range r.opts.Delays {
		if d == r.Frontier.Own {
			delay = d
		}
	}
	for i := range r.Lines {
		if l := &r.Lines[i]; l.Delay == delay && l.Faults == r.opts.Faults[0] {
			list = append(list, l)
		}
	}
	return list
}

// curves draws a line for each of the printed.
func (r *Report) curves(p *plot.Plot, label string, of func(l *Line) plotter.XYs) error {
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	p.Y.Min, p.Y.Max, p.Y.Label.Text = 0, 1, label
	n := 0
	for i, l := range r.printed() {
		points := of(l)
		if len(points) == 0 {
			continue
		}
		line, err := plotter.NewLine(points)
		if err != nil {
			return err
		}
		line.Dashes = dashes(i)
		p.Add(line)
		p.Legend.Add(l.short(), line)
		n++
	}
	if n == 0 {
		return errBlank
	}
	return nil
}

// short is a line's architecture and what it waits for.
func (l *Line) short() string {
	s := fmt.Sprintf("%s, delay %s", l.Architecture, flow.FormatDuration(l.Delay))
	if l.Batch > 0 {
		s += ", batch " + flow.FormatDuration(l.Batch)
	}
	return s
}

func (r *Report) printBands(p *plot.Plot) error {
	p.X.Label.Text = "behind the end of a window (s)"
	return r.curves(p, "share of the pairs in answers", func(l *Line) (points plotter.XYs) {
		for _, b := range l.Trial.Histories.Bands(r.behindPoints()) {
			points = append(points, plotter.XY{X: atSeconds(float64(b.Behind)), Y: b.Micro})
		}
		return points
	})
}

func (r *Report) printWaits(p *plot.Plot) error {
	p.X.Label.Text = "wait for the first answer (s)"
	return r.curves(p, "share of the windows", func(l *Line) (points plotter.XYs) {
		waits := l.waits()
		for i, v := range waits {
			points = append(points, plotter.XY{X: atSeconds(float64(v)), Y: float64(i+1) / float64(len(waits))})
		}
		return points
	})
}

// waits are those of the first seed's windows, evenly by rank.
func (l *Line) waits() []int64 {
	d := measure.Distribute(l.Trial.Histories.Result())
	return d.Curve(pageCurve)
}
