package bench

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"

	"parallax/scenarios"
)

//go:embed page.html
var pageText string

// How many rows of a table the report shows.
const (
	causesMax = 12
	gapsMax   = 10
	rowsMax   = 12
)

// page is what the report's template reads.
type page struct {
	*Outcome
	All              Line
	Bounded, Allowed string
	Window           string
	Job              string
	Overview         template.HTML
	CloseUp          template.HTML
	CloseUpText      string
	Causes           []cause
	CausesMore       int
	Gaps             []gap
	GapsMore         int64
	Head             []string
	Rows             [][]string
	ResultRows       int64
	OfflinePairs     int64
	ClockPairs       int64
	SlowPairs        int64
}

// page makes the report.
func (o *Outcome) page(pairs []pair, kappa *scenarios.Results) ([]byte, error) {
	p := page{
		Outcome: o, All: o.all(), Bounded: duration(times.bounded), Allowed: duration(times.allowed), Window: duration(times.window),
		Job: jobFile, Overview: template.HTML(overview(pairs, times).svg("all")), ResultRows: int64(kappa.Table.Rows),
	}
	if c := closeUp(pairs, times); c != nil {
		p.CloseUp, p.CloseUpText = template.HTML(c.svg("one")), c.text
	}
	causes := causesOf(pairs, times)
	p.Causes = shown(causes, causesMax)
	p.CausesMore = len(causes) - len(p.Causes)
	p.Gaps = gapsOf(pairs)
	if n := len(p.Gaps); n > gapsMax {
		p.Gaps, p.GapsMore = p.Gaps[:gapsMax], int64(n-gapsMax)
	}
	for i := range pairs {
		switch pairs[i].reason {
		case clockAhead:
			p.ClockPairs++
		case phoneOffline:
			p.OfflinePairs++
		case slowNetwork:
			p.SlowPairs++
		}
	}
	p.Head = kappa.Table.Schema.Names()
	for row := range min(rowsMax, kappa.Table.Rows) {
		var texts []string
		for col := range p.Head {
			texts = append(texts, kappa.Table.Value(row, col).Text())
		}
		p.Rows = append(p.Rows, texts)
	}
	t, err := template.New("report").Funcs(template.FuncMap{
		"number": number, "duration": duration, "about": about, "percent": percent, "share": shareText,
	}).Parse(pageText)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	return b.Bytes(), nil
}

// plural prints a number with its noun.
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return number(n) + " " + noun + "s"
}
