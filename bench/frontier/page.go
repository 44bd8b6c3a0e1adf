package frontier

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"

	"parallax/engine/flow"
)

//go:embed page.html
var pageText string

// rowsMax is how many points the page lists.
const rowsMax = 60

// chart is one picture of the page, in units of half pixels.
type chart struct {
	width, height int
	b             strings.Builder
}

const (
	chartLeft, chartTop    = 130, 20
	chartRight, chartBelow = 30, 90
)

// WriteHTML writes the first curve as a page that needs nothing else.
func (r *Result) WriteHTML(w io.Writer) error {
	t, err := template.New("frontier").Funcs(template.FuncMap{
		"duration": flow.FormatDuration, "percent": func(p Point) string { return fmt.Sprintf("%.4f %%", 100*p.Completeness()) },
	}).Parse(pageText)
	if err != nil {
		return fmt.Errorf("frontier: %w", err)
	}
	c := &r.Curves[0]
	page := struct {
		*Result
		Rows   []Point
		Lags   []LagPoint
		More   int
		Kept   template.HTML
		Pareto template.HTML
	}{Result: r, Rows: thin(c.Points, rowsMax), Lags: thin(c.Lags, rowsMax), More: max(len(c.Points), len(c.Lags))}
	page.More -= len(page.Rows) + len(page.Lags)
	if len(c.Points) > 0 {
		page.Kept, page.Pareto = template.HTML(keptChart(c.Points)), template.HTML(paretoChart(c.Points, r.Strategy))
	}
	if err := t.Execute(w, page); err != nil {
		return fmt.Errorf("frontier: %w", err)
	}
	return nil
}

// thin is at most n of a list, the first and the last among them.
func thin[T any](list []T, n int) []T {
	if len(list) <= n {
		return list
	}
	out := make([]T, n)
	for i := range out {
		out[i] = list[i*(len(list)-1)/(n-1)]
	}
	return out
}

// loss is where a share of lost pairs lies from the bottom, of 0..1000: by powers of
// ten from 10⁻⁶ to 1, and nothing lost below that.
func loss(p *Point) int {
	lost := 1 - p.Completeness()
	if lost <= 1e-6 {
		return 0
	}
	return int(math.Round(1000 * (6 + math.Log10(lost)) / 6))
}

// spread is where a time lies, of 0..1000: by its logarithm, from least to most.
func spread(v, least, most int64) int {
	at := func(v int64) float64 { return math.Log10(float64(max(v, 0)) + 1000) }
	if at(most) == at(least) {
		return 0
	}
	return int(math.Round(1000 * (at(v) - at(least)) / (at(most) - at(least))))
}

func newChart(title, text, id string) *chart {
	c := &chart{width: 1000, height: 520}
	fmt.Fprintf(&c.b, `<svg viewBox="0 0 %d %d" role="img" aria-labelledby="%s-t %s-d"><title id="%s-t">%s</title><desc id="%s-d">%s</desc>`,
		chartLeft+c.width+chartRight, chartTop+c.height+chartBelow, id, id, id, template.HTMLEscapeString(title), id, template.HTMLEscapeString(text))
	fmt.Fprintf(&c.b, `<rect class="plane" x="%d" y="%d" width="%d" height="%d"/>`, chartLeft, chartTop, c.width, c.height)
	return c
}

func (c *chart) at(x, y int) (int, int) {
	return chartLeft + x*c.width/1000, chartTop + c.height - y*c.height/1000
}

// losses labels the upright axis.
func (c *chart) losses() {
	for i, name := range []string{"≤ 1 in 10⁶", "10 in 10⁶", "100 in 10⁶", "0.1 %", "1 %", "10 %", "all"} {
		x, y := c.at(0, i*1000/6)
		fmt.Fprintf(&c.b, `<path class="grid" d="M%d %dh%d"/><text x="%d" y="%d" text-anchor="end">%s</text>`, x, y, c.width, x-12, y+8, name)
	}
}

// ticks are round lengths of time, in µs.
var ticks = [...]int64{
	0, 1e3, 2e3, 5e3, 10e3, 20e3, 50e3, 100e3, 200e3, 500e3, 1e6, 2e6, 5e6, 10e6, 30e6, 60e6, 120e6, 300e6, 600e6, 1800e6, 3600e6,
	7200e6, 18000e6, 43200e6, 86400e6, 259200e6, 604800e6, 2592000e6, 7776000e6, 31536000e6, 94608000e6,
}

// times labels the other axis.
func (c *chart) times(least, most int64, name string) {
	last := -1000
	for _, d := range ticks {
		at := spread(d, least, most)
		if d < least || d > most || at-last < 70 { // labels would touch
			continue
		}
		last = at
		x, y := c.at(spread(d, least, most), 0)
		fmt.Fprintf(&c.b, `<path class="grid" d="M%d %dv8"/><text x="%d" y="%d" text-anchor="middle">%s</text>`, x, y, x, y+34, flow.FormatDuration(d))
	}
	x, y := c.at(500, 0)
	fmt.Fprintf(&c.b, `<text class="axis" x="%d" y="%d" text-anchor="middle">%s →</text>`, x, y+76, name)
}

// keptChart is the share of lost pairs over the delay.
func keptChart(points []Point) string {
	c := newChart("Pairs lost, by delay", "The share of (row, window) pairs that are dropped, falling as the watermark waits longer.", "kept")
	c.losses()
	least, most := points[0].Delay, points[len(points)-1].Delay
	c.times(least, most, "delay of the watermark")
	d := strings.Builder{}
	for i := range points {
		x, y := c.at(spread(points[i].Delay, least, most), loss(&points[i]))
		if i == 0 {
			fmt.Fprintf(&d, "M%d %d", x, y)
		} else {
			fmt.Fprintf(&d, "H%dV%d", x, y)
		}
	}
	fmt.Fprintf(&c.b, `<path class="line" d="%s"/></svg>`, d.String())
	return c.b.String()
}

// paretoChart is the share of lost pairs over how long windows wait, a dot for each
// delay. No dot lies below and to the left of another that is filled.
func paretoChart(points []Point, s *Strategy) string {
	c := newChart("Waiting against losing", "For each delay, how long the slowest one in a hundred windows waits, and which share of pairs is lost.", "pareto")
	c.losses()
	shown := points
	least, most := int64(math.MaxInt64), int64(math.MinInt64)
	for i := range shown {
		if l := shown[i].Latency.P99; shown[i].Fired > 0 {
			least, most = min(least, l), max(most, l)
		}
	}
	if s != nil {
		least, most = min(least, s.Point.Latency.P99), max(most, s.Point.Latency.P99)
	}
	c.times(max(least, 0), most, "wait of a window behind its end, p99")
	for i := range shown {
		if p := &shown[i]; p.Fired > 0 {
			x, y := c.at(spread(p.Latency.P99, least, most), loss(p))
			fmt.Fprintf(&c.b, `<circle cx="%d" cy="%d" r="6"><title>delay %s: %.4f %% kept, p99 %s</title></circle>`,
				x, y, flow.FormatDuration(p.Delay), 100*p.Completeness(), flow.FormatDuration(p.Latency.P99))
		}
	}
	if s != nil {
		x, y := c.at(spread(s.Point.Latency.P99, least, most), loss(&s.Point))
		fmt.Fprintf(&c.b, `<path class="own" d="M%d %dl12 12m0 -12l-12 12"/><text x="%d" y="%d">%s</text>`,
			x-6, y-6, x+14, y+8, template.HTMLEscapeString(s.Watermark))
	}
	c.b.WriteString(`</svg>`)
	return c.b.String()
}
