package flow

import (
	"fmt"
	"strconv"
	"strings"

	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// String is the canonical text of the pipeline: the YAML of a job file's
// watermark, late and pipeline.
func (p *Pipeline) String() string {
	var b strings.Builder
	w := p.Watermark
	fmt.Fprintf(&b, "watermark: {%s", p.WatermarkText())
	if w.Across != watermark.Min {
		fmt.Fprintf(&b, ", across: %s", w.Across)
	}
	if w.AheadMax > 0 {
		fmt.Fprintf(&b, ", ahead_max: %s", FormatDuration(w.AheadMax))
	}
	b.WriteString(batchText(w))
	fmt.Fprintf(&b, "}\nlate: {rule: %s, allowed: %s%s}\npipeline:\n", p.Late.Rule, FormatDuration(p.Late.Allowed), p.Late.perText())
	for i := range p.Steps {
		p.Steps[i].print(&b)
	}
	return b.String()
}

// WatermarkText is the strategy as a job file has it.
func (p *Pipeline) WatermarkText() string {
	s := ""
	switch w := p.Watermark; w.Kind {
	case watermark.Monotonic:
		return "monotonic: true"
	case watermark.Punctuated, watermark.PerKey:
		s = w.Kind.String() + ": " + yamlText(p.Marker.String(), true) + ", "
	case watermark.Percentile, watermark.Completeness, watermark.Adaptive:
		s = w.Kind.String() + ": " + FormatShare(w.Millionths) + ", "
	}
	return s + "bounded: " + FormatDuration(p.Watermark.Bounded)
}

// batchText is how the watermark moves, unless with every row.
func batchText(w watermark.Spec) string {
	switch {
	case w.BatchRows > 0:
		return fmt.Sprintf(", move: batch, batch: {rows: %d}", w.BatchRows)
	case w.BatchEvery > 0:
		return ", move: batch, batch: {every: " + FormatDuration(w.BatchEvery) + "}"
	}
	return ""
}

// perText is what lateness is tested of, unless each window.
func (l Late) perText() string {
	if l.PerElement {
		return ", per: element"
	}
	return ""
}

func (s *Step) print(b *strings.Builder) {
	switch s.kind() {
	case stepFilter:
		fmt.Fprintf(b, "  - filter: %s\n", yamlText(s.Filter.String(), false))
	case stepProject:
		b.WriteString("  - project:\n")
		for _, c := range s.Project {
			fmt.Fprintf(b, "      %s: %s\n", yamlText(c.Name, false), yamlText(c.Expr.String(), false))
		}
	case stepKeyBy:
		names := make([]string, len(s.KeyBy))
		for i, name := range s.KeyBy {
			names[i] = yamlText(name, true)
		}
		fmt.Fprintf(b, "  - key_by: [%s]\n", strings.Join(names, ", "))
	case stepWindow:
		fmt.Fprintf(b, "  - window: {%s}\n", WindowText(*s.Window))
	case stepTrigger:
		fmt.Fprintf(b, "  - trigger: %s\n", triggerText(s.Trigger))
	case stepAggregate:
		b.WriteString("  - aggregate:\n")
		for i := range s.Aggregates {
			a := &s.Aggregates[i]
			fmt.Fprintf(b, "      %s: %s\n", yamlText(a.Name, false), yamlText(a.Call.String(), false))
		}
	}
}

// WindowText is a window as a job file has it.
func WindowText(w window.Spec) string {
	s := "tumble: " + FormatDuration(w.Size)
	switch w.Kind {
	case window.Calendar:
		return w.Civil.String()
	case window.Global:
		return "global: true"
	case window.Hopping:
		s = "hop: " + FormatDuration(w.Size) + ", every: " + FormatDuration(w.Every)
	case window.Counting:
		return fmt.Sprintf("count: %d", w.Size)
	case window.Sliding:
		s = "sliding: " + FormatDuration(w.Difference())
		if w.Every != 1000 {
			s += ", grain: " + FormatDuration(w.Every)
		}
	case window.Session:
		s = "session: " + FormatDuration(w.Size)
		if w.Merge != window.Overlapping {
			s += ", merge: " + w.Merge.String()
		}
	}
	if w.Offset != 0 {
		s += ", offset: " + FormatDuration(w.Offset)
	}
	if w.Clamp {
		s += ", clamp: true"
	}
	return s
}

// yamlText is a text as a YAML scalar: as it stands where nobody could take it
// for anything else, in a flow sequence or not, else in quotes.
func yamlText(s string, inFlow bool) string {
	plain := s != "" && (s[0] == '_' || letter(s[0])) && s[len(s)-1] != ' '
	for i := 0; i < len(s) && plain; i++ {
		c := s[i]
		inner := strings.IndexByte(" ()+-*/<>=%!'.,", c) >= 0
		if inFlow {
			inner = strings.IndexByte("-.", c) >= 0
		}
		plain = letter(c) || c == '_' || c >= '0' && c <= '9' || inner
	}
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "null", "y", "n":
		plain = false
	}
	switch {
	case plain:
		return s
	case strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == '\u007f' || r == '\ufffd' || !strconv.IsPrint(r) }) >= 0:
		return strconv.QuoteToASCII(s)
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// Merges tells whether a step's work can be done apart for the rows below and
// above a cut of the log and then merged: it holds for all steps up to the
// aggregate. What stands above it is computed on merged results. The rows that make
// a session, a sliding or a count window may lie on both sides of a cut, and then neither
// side knows its edges, so that such windows and what is behind them do not merge.
func (p *Pipeline) Merges(step int) bool {
	for i := range p.Steps {
		if w := p.Steps[i].Window; w != nil && w.ByRows() {
			return step < i
		}
		if p.Steps[i].Aggregates != nil {
			return step <= i
		}
	}
	return false
}

// Draw is the plan as a graph of text, from the source's columns to those of the
// view, with the steps that merge across a cut of the log marked.
func (p *Plan) Draw() string {
	var b strings.Builder
	over := false // windows are over results
	b.WriteString("source     " + columns(p.Input) + "\n")
	for i := range p.Pipeline.Steps {
		kind, lines := p.Pipeline.Steps[i].describe()
		mark := "|"
		if p.Pipeline.Merges(i) {
			mark = "|  merges across a cut"
		}
		switch {
		case kind == stepWindow && over:
			lines = append(lines, "over results, each a row at the end of its window less 1us; on time if its pane was")
		case kind == stepWindow:
			over = true
			w := p.Pipeline.Watermark
			lines = append(lines, fmt.Sprintf("%s, across: %s; late: %s, allowed: %s",
				p.Pipeline.WatermarkText()+batchText(w), w.Across, p.Pipeline.Late.Rule,
				FormatDuration(p.Pipeline.Late.Allowed)+p.Pipeline.Late.perText()))
		}
		fmt.Fprintf(&b, "  %s\n", mark)
		for j, line := range lines {
			name := stepNames[kind]
			if j > 0 {
				name = ""
			}
			fmt.Fprintf(&b, "%-10s %s\n", name, line)
		}
	}
	b.WriteString("  |\nview       " + columns(p.Result) + "\n")
	return b.String()
}

func columns(s column.Schema) string {
	parts := make([]string, len(s))
	for i, f := range s {
		parts[i] = f.Name + " " + f.Type.String()
	}
	return strings.Join(parts, ", ")
}

// describe is the step in a few lines.
func (s *Step) describe() (stepKind, []string) {
	kind := s.kind()
	var lines []string
	switch kind {
	case stepFilter:
		lines = []string{s.Filter.String()}
	case stepProject:
		for _, c := range s.Project {
			lines = append(lines, c.Name+" = "+c.Expr.String())
		}
	case stepKeyBy:
		lines = []string{strings.Join(s.KeyBy, ", ")}
	case stepWindow:
		lines = []string{WindowText(*s.Window)}
	case stepTrigger:
		lines = []string{triggerText(s.Trigger)}
	case stepAggregate:
		for i := range s.Aggregates {
			lines = append(lines, s.Aggregates[i].Name+" = "+s.Aggregates[i].Call.String())
		}
	}
	return kind, lines
}
