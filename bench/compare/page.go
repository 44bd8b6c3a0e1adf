package compare

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"

	"parallax/bench/frontier"
	"parallax/bench/measure"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

// page is what report.html is made of: the data is read by its script, the rest is there
// without.
type page struct {
	Title    string       `json:"-"`
	Style    template.CSS `json:"-"`
	Script   template.JS  `json:"-"`
	Data     template.JS  `json:"-"`
	Sound    bool         `json:"-"`
	Verdict  string       `json:"-"`
	Again    string       `json:"-"`
	Headline string       `json:"-"`
	Left     []string     `json:"-"`
	Replayed string       `json:"-"`
	Alike    string       `json:"-"`
	Built    Built        `json:"-"`
	Tables   []pageTable  `json:"-"`
	All      pageTable    `json:"-"`
	Even     []string     `json:"-"` // break-evens
	EvenNote string       `json:"-"`
	Advice   []*Advice    `json:"-"`
	Claims   []Prediction `json:"-"`
	Start    int64        `json:"start"` // µs; all other instants count from it
	End      int64        `json:"end"`
	Pace     int64        `json:"pace"`
	Delays   []pageDelay  `json:"delays"`
	Dots     []pageDot    `json:"dots"`
	DotsOf   int          `json:"dotsOf"` // rows there are
	Rises    [][2]int64   `json:"rises"`  // when, and to what, the frontier rose
	Ends     []int64      `json:"ends"`   // of windows
	Lines    []pageLine   `json:"lines"`
	Windows  []pageWindow `json:"windows"`
	Names    []string     `json:"names"`  // of the aggregates
	Chosen   int          `json:"chosen"` // the line that is shown first
}

// pageDelay is a point of the frontier.
type pageDelay struct {
	Delay   int64 `json:"d"`
	OnTime  int64 `json:"on"`
	Revised int64 `json:"rev"`
	Dropped int64 `json:"drop"`
	P50     int64 `json:"p50"`
	P99     int64 `json:"p99"`
	Fired   int64 `json:"fired"`
}

// pageDot is a row: it is on time with a delay above On, and counted with one above Keep.
type pageDot struct {
	Time    int64 `json:"t"`
	Arrival int64 `json:"a"`
	On      int64 `json:"on"`
	Keep    int64 `json:"keep"`
}

// pageLine is a line of the comparison with what is drawn of it.
type pageLine struct {
	Name      string             `json:"name"`
	Arch      string             `json:"arch"`
	Delay     int64              `json:"delay"`
	Batch     int64              `json:"batch"`
	Faults    bool               `json:"faults"`
	Figures   map[string]float64 `json:"figures"`
	Bands     []measure.Band     `json:"bands"`
	Errors    [][]float64        `json:"errors"`   // by aggregate, at the moments of Bands
	Waits     []int64            `json:"waits"`    // µs, result latency
	Overhead  []int64            `json:"overhead"` // µs of the cluster
	Strikes   []Strike           `json:"strikes"`
	StrikesOf int                `json:"strikesOf"`
	Shown     [][]pageShowing    `json:"shown"` // by window of the page
}

type pageShowing struct {
	At     int64    `json:"at"`
	Rows   int64    `json:"rows"`
	Values []string `json:"v"`
}

// pageWindow is a window that is followed over time.
type pageWindow struct {
	Name     string   `json:"name"`
	End      int64    `json:"end"`
	Rows     int64    `json:"rows"`
	Values   []string `json:"v"`
	Arrivals []int64  `json:"arrivals"`
}

// WriteHTML writes the comparison as a page that needs nothing else. again is the command
// that gives the same one.
func (r *Report) WriteHTML(w io.Writer, again string, goal *Goal, built Built) error {
	t, err := template.New("compare").Parse(pageText)
	if err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	p := r.page()
	p.Again, p.Built = again, built
	goals := []Goal{{Text: "completeness 99%", Millionths: 990_000}, {Text: "completeness 99.9%", Millionths: 999_000}}
	if goal != nil {
		goals = []Goal{*goal}
	}
	for _, g := range goals {
		p.Advice = append(p.Advice, r.Advise(g))
	}
	data, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	p.Data = template.JS(data)
	if err := t.Execute(w, p); err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	return nil
}

func (r *Report) page() *page {
	in := r.Input
	p := &page{
		Title: in.Job.Name, Style: template.CSS(pageStyle), Script: template.JS(pageScript), Sound: r.Sound(), Claims: r.Predictions(),
		Headline: r.headline(), Start: in.begins(), End: in.ends() - in.begins(), Pace: in.Stage.Pace,
	}
	p.Verdict, p.Left, p.Replayed, p.Alike = r.verdict(), r.leftOut(), r.replayedText(), alikeText
	p.pageTables(r)
	for i := range in.plan.Aggregates[:len(in.plan.Aggregates)-1] {
		p.Names = append(p.Names, in.plan.Aggregates[i].Name)
	}
	r.pageFrontier(p)
	r.pagePlane(p)
	r.pageWindows(p)
	r.pageLines(p)
	return p
}

// pageTable is lines with some of their figures.
type pageTable struct {
	Caption string
	Heads   []string
	Rows    [][]string
}

func (p *page) pageTables(r *Report) {
	heads, rows, _ := r.shown(columns())
	p.Tables = append(p.Tables, pageTable{fmt.Sprintf("Mean over seeds, ± half of the 95 %% interval where it matters. Pace %d: engine and cpu are in the cluster's time, "+
		"waits in the data's. %s", r.Input.Stage.Pace, alikeText), heads, rows})
	heads, rows, _ = r.shown(moreColumns())
	p.Tables = append(p.Tables, pageTable{moreText, heads, rows})
	p.All.Heads = []string{"figure"}
	for i := range r.Lines {
		l := &r.Lines[i]
		p.All.Heads = append(p.All.Heads, l.short()+", faults "+l.FaultsText())
	}
	for f := range r.Figures {
		row, known := []string{r.Figures[f].Name}, false
		for i := range r.Lines {
			text := value(r.Figures[f].Name, func(v float64) string { return fmt.Sprintf("%.5g", v) })(r, &r.Lines[i])
			row, known = append(row, text), known || text != "-"
		}
		if known {
			p.All.Rows = append(p.All.Rows, row)
		}
	}
	p.Even = r.breakEvenLines()
	if r.Trimmed != nil {
		p.EvenNote = trimmedText
	}
}

// verdict is one sentence.
func (r *Report) verdict() string {
	if r.Sound() {
		return fmt.Sprintf("Every answer is right: all of %s end with exactly the oracle's answers, and no row ever counted twice.",
			count(int64(len(r.Trials)), "run"))
	}
	for _, c := range r.Predictions() {
		if c.Why != "" {
			return "NOT as it should be: " + c.Text + ". " + c.Why + "."
		}
	}
	return "NOT as it should be: an answer is not the oracle's."
}

// thinTo is at most n of a list, the first and the last among them.
func thinTo[T any](list []T, n int) []T {
	if len(list) <= n {
		return list
	}
	out := make([]T, n)
	for i := range out {
		out[i] = list[i*(len(list)-1)/(n-1)]
	}
	return out
}

// pageDelays is how many points of the frontier the page has.
const pageDelays = 400

func (r *Report) pageFrontier(p *page) {
	all := r.Frontier.Curves[0].Points
	points := slices.Clone(thinTo(all, pageDelays))
	for i := range all { // those that were run are all there
		if slices.Contains(r.opts.Delays, all[i].Delay) {
			points = append(points, all[i])
		}
	}
	slices.SortStableFunc(points, func(a, b frontier.Point) int { return cmp.Compare(a.Delay, b.Delay) })
	points = slices.CompactFunc(points, func(a, b frontier.Point) bool { return a.Delay == b.Delay })
	for i := range points {
		x := &points[i]
		p.Delays = append(p.Delays, pageDelay{x.Delay, x.OnTime, x.Revised, x.Dropped, x.Latency.P50, x.Latency.P99, x.Fired})
	}
}

// behindPoints are the lengths of time behind a window's end at which the page follows
// completeness, in µs: from none to the whole run, evenly by their logarithm.
func (r *Report) behindPoints() []int64 {
	out := []int64{0}
	most := math.Log10(float64(r.Input.ends()-r.Input.begins()) + 1e6)
	const n = 80
	for i := range n {
		out = append(out, int64(math.Pow(10, 4+(most-4)*float64(i)/(n-1))))
	}
	return out
}

// How much of one run the page draws.
const (
	pageCurve   = 200
	pageStrikes = 300
)

// pageFigures are those by which lines are drawn.
var pageFigures = []string{
	"result_p50_ms", "result_p99_ms", "incomplete_first_ppm", "incomplete_final_ppm", "overhead_p99_ms", "cpu_ms",
	"lag_source_p50_ms", "lag_policy_ms", "lag_propagation_p50_ms",
}

// rounded is shares to a millionth.
func rounded(list []float64) []float64 {
	for i := range list {
		list[i] = math.Round(1e6*list[i]) / 1e6
	}
	return list
}

func (r *Report) pageLines(p *page) {
	behind := r.behindPoints()
	for i := range r.Lines {
		l := &r.Lines[i]
		line := pageLine{
			Name: label(l) + ", faults " + l.FaultsText(), Arch: l.Architecture, Delay: l.Delay, Batch: l.Batch, Faults: l.Faults,
			Figures: map[string]float64{}, Bands: l.Trial.Histories.Bands(behind),
		}
		for a := range p.Names {
			line.Errors = append(line.Errors, rounded(l.Trial.Histories.ErrorCurve(a, behind)))
		}
		for _, name := range pageFigures {
			if v := r.mean(l, name); !math.IsNaN(v) {
				line.Figures[name] = v
			}
		}
		line.Waits = l.waits()
		over := measure.Distribute(l.Trial.Histories.Overhead())
		for _, v := range over.Curve(pageCurve) {
			line.Overhead = append(line.Overhead, r.Input.paced(v))
		}
		line.StrikesOf = len(l.Trial.Strikes)
		for _, s := range thinTo(l.Trial.Strikes, pageStrikes) {
			s.At -= p.Start
			line.Strikes = append(line.Strikes, s)
		}
		line.Shown = r.pageShown(l, p.Start)
		p.Lines = append(p.Lines, line)
		if !l.Faults && l.Delay == r.Frontier.Own {
			p.Chosen = i
		}
	}
}
