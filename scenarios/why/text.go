package why

import (
	"fmt"
	"io"
	"strings"
	"time"

	"parallax/engine/flow"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// listMax is how many partitions, windows or rows are listed in prose.
const listMax = 12

// Instant prints a time.
func Instant(us int64) string {
	return time.UnixMicro(us).UTC().Format("2006-01-02T15:04:05.999999Z07:00")
}

// edgesText prints a window's edges: in milliseconds, as results have them, and as times.
func edgesText(start, end int64) string {
	return fmt.Sprintf("[%d, %d) ms, %s to %s", milliseconds(start), milliseconds(end), Instant(start), Instant(end))
}

// counted is a number of things that are called one by name.
func counted(n int64, name string) string {
	if n == 1 {
		return "1 " + name
	}
	return fmt.Sprintf("%d %ss", n, name)
}

// prose writes sentences.
type prose struct {
	w   io.Writer
	err error
	of  *Facts
}

func (p *prose) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// Write prints the facts for a person.
func (w *Facts) Write(out io.Writer) error {
	p := &prose{w: out, of: w}
	since := "before"
	d := w.First - w.At
	if w.At >= w.First {
		since, d = "after", w.At-w.First
	}
	p.line("%s at %s, %s %s the first arrival: %d of %d rows have arrived.", w.Job, Instant(w.At), flow.FormatDuration(d), since, w.Arrived, w.Rows)
	p.line("")
	p.watermark()
	p.line("")
	p.partitions()
	if w.Asked != nil {
		p.line("")
		p.asked()
	}
	p.line("")
	p.windows()
	p.above()
	return p.err
}

// watermark says how far event time has come, and who holds it.
func (p *prose) watermark() {
	w := p.of
	switch {
	case w.Pipeline.Watermark.Across == watermark.Own:
		p.line("Each partition has a watermark of its own (across: own).")
		return
	case w.Watermark == nil:
		p.line("Watermark: none yet, nothing can fire.")
	default:
		p.line("Watermark: %s. Every window that ends by then has fired.", Instant(*w.Watermark))
	}
	if w.HeldBy == nil {
		p.line("No partition holds it: %s.", p.nobody())
		return
	}
	h := &w.Partitions[*w.HeldBy]
	if h.Frontier == nil {
		p.line("Held by partition %s, which has shown no row yet%s.", h.name(), h.idleHint())
		return
	}
	p.line("Held by partition %s: %s.", h.name(), p.delay(h))
	if h.SetBy != nil {
		p.line("  The row at offset %d set it (event time %s, arrived %s)%s.", h.SetBy.Offset, Instant(h.SetBy.EventTime), Instant(h.SetBy.At), h.idleHint())
	}
}

// nobody says why no partition is waited for.
func (p *prose) nobody() string {
	for i := range p.of.Partitions {
		if p.of.Partitions[i].Standing != "idle" {
			return "those that are awake were idle, and have not come to it since"
		}
	}
	return "all are idle, and it stands at the greatest that any has had until one of them shows more"
}

// delay says how a partition's watermark follows from its rows.
func (p *prose) delay(h *Partition) string {
	s := &p.of.Pipeline.Watermark
	bound := ""
	if s.Bounded > 0 && s.Kind != watermark.PerKey {
		bound = fmt.Sprintf(", less the bound of %s", flow.FormatDuration(s.Bounded))
	}
	switch s.Kind {
	case watermark.Punctuated:
		return fmt.Sprintf("its last marked row says %s%s", Instant(*h.Frontier), bound)
	case watermark.PerKey:
		if h.Slowest != nil {
			return fmt.Sprintf("its slowest key, %q, has come to %s, and is waited for until the partition is %s past that", *h.Slowest, Instant(*h.Frontier), flow.FormatDuration(s.Bounded))
		}
	case watermark.BoundedDisorder, watermark.Monotonic:
	default:
		if h.Newest != nil {
			return fmt.Sprintf("its newest event time is %s, less %s of disorder (%s)%s", Instant(*h.Newest),
				flow.FormatDuration(max(0, window.Sub(*h.Newest, *h.Frontier))), s.Kind, bound)
		}
	}
	return fmt.Sprintf("its newest event time is %s%s", Instant(*h.Frontier), bound)
}

// name is a partition's number with the values that make it.
func (h *Partition) name() string {
	if len(h.Values) == 0 {
		return fmt.Sprint(h.Partition)
	}
	return fmt.Sprintf("%d (%s)", h.Partition, strings.Join(h.Values, ", "))
}

// idleHint says when a partition stops being waited for.
func (h *Partition) idleHint() string {
	if h.IdleAt == nil || h.Standing == "idle" {
		return ""
	}
	return fmt.Sprintf("; if nothing comes from it, it is idle at %s", Instant(*h.IdleAt))
}

// partitions lists them, the holder first.
func (p *prose) partitions() {
	w := p.of
	p.line("Partitions:")
	order := make([]int, 0, len(w.Partitions))
	if w.HeldBy != nil {
		order = append(order, *w.HeldBy)
	}
	for i := range w.Partitions {
		if w.HeldBy == nil || i != *w.HeldBy {
			order = append(order, i)
		}
	}
	for n, i := range order {
		if n == listMax {
			p.line("  … and %d more; --json lists all", len(order)-n)
			break
		}
		p.partition(&w.Partitions[i], w.HeldBy != nil && i == *w.HeldBy)
	}
}

func (p *prose) partition(h *Partition, holds bool) {
	if h.LastAt == nil {
		p.line("  %s: no row yet%s", h.name(), h.idleHint())
		return
	}
	mark := "none"
	if h.Watermark != nil {
		mark = Instant(*h.Watermark)
	}
	standing := map[string]string{
		"counts": "", "idle": ", idle: not waited for", "paused": ", paused: too far ahead of the others",
		"behind": ", was idle and has not caught up: not waited for",
	}[h.Standing]
	if holds {
		standing += ", holds the rest"
	}
	if h.Held > 0 {
		standing += ", " + counted(int64(h.Held), "row") + " held back"
	}
	p.line("  %s: watermark %s, %s read, silent for %s%s", h.name(), mark, counted(h.Next, "row"), flow.FormatDuration(*h.SilentFor), standing)
}

// windows lists those that are open.
func (p *prose) windows() {
	w := p.of
	what := "windows"
	if w.Spec.Kind == window.Session {
		what = "sessions"
	}
	switch {
	case !w.Listed:
		p.line("This kind of window does not say which are open.")
		return
	case len(w.Windows) == 0 && w.Asked != nil:
		p.line("Nothing of it is open.")
		return
	case len(w.Windows) == 0:
		p.line("No %s are open.", what)
		return
	}
	p.line("Open %s: %d", what, len(w.Windows))
	for i := range w.Windows {
		if i == listMax {
			p.line("  … and %d more; --window START and --key NAME=VALUE choose, --json lists all", len(w.Windows)-i)
			break
		}
		p.window(&w.Windows[i])
	}
	if w.Spec.Kind == window.Session {
		p.sessionRows()
	}
}

// above says that there are windows over the results of these.
func (p *prose) above() {
	if n := p.of.Above; n > 0 {
		p.line("")
		p.line("These are the windows of rows. Over their results there are windows in %s more, which follow when these have fired.", counted(int64(n), "stage"))
	}
}

func (p *prose) window(v *Window) {
	holds := counted(int64(v.Keys), "key")
	if len(v.Key) > 0 {
		holds = strings.Join(v.Key, ", ")
	}
	if v.Rows != nil {
		holds += ", " + counted(*v.Rows, "row")
	}
	p.line("  %s: %s", edgesText(v.Start, v.End), holds)
	if v.KeptBy != nil {
		p.line("    it ends there because of partition %d, offset %d (event time %s)", v.KeptBy.Partition, v.KeptBy.Offset, Instant(v.KeptBy.EventTime))
	}
	if v.State == "fired" {
		p.line("    has fired; %s", forgotten(v))
	} else {
		p.needs(v)
	}
	p.accepts(v)
}

func forgotten(v *Window) string {
	if v.Frees == nil {
		return "it takes revisions until the input ends"
	}
	return fmt.Sprintf("it takes revisions until the watermark is %s", Instant(*v.Frees))
}

// needs says what a window waits for.
func (p *prose) needs(v *Window) {
	what := "fires"
	if v.State == "early" {
		what = "holds a late row, which shows"
	}
	if v.Fires == nil {
		p.line("    %s when the input ends", what)
		return
	}
	p.line("    %s when the watermark is %s:", what, Instant(*v.Fires))
	for i, n := range v.Needs {
		if i == listMax {
			p.line("      … and %d more partitions", len(v.Needs)-i)
			break
		}
		h := &p.of.Partitions[n.Partition]
		idle := ""
		if n.IdleAt != nil {
			idle = fmt.Sprintf(", or be silent until %s", Instant(*n.IdleAt))
		}
		p.line("      partition %s must %s%s", h.name(), p.mustShow(h, &n), idle)
	}
	if len(v.Needs) == 0 {
		p.line("      nobody is waited for: %s", p.nobody())
	}
}

// mustShow says what a partition has to show for a window to fire.
func (p *prose) mustShow(h *Partition, n *Need) string {
	more := ""
	if n.More != nil {
		more = fmt.Sprintf(" (%s more than now)", flow.FormatDuration(*n.More))
	}
	switch s := &p.of.Pipeline.Watermark; s.Kind {
	case watermark.BoundedDisorder, watermark.Monotonic:
		return fmt.Sprintf("show a row from %s on%s", Instant(n.Frontier), more)
	case watermark.Punctuated:
		return fmt.Sprintf("show a marked row from %s on%s", Instant(n.Frontier), more)
	case watermark.PerKey:
		slowest := "each of its keys"
		if h.Slowest != nil {
			slowest = fmt.Sprintf("key %q and every other that is waited for", *h.Slowest)
		}
		return fmt.Sprintf("show rows of %s from %s on%s", slowest, Instant(n.Frontier), more)
	}
	if n.More == nil || h.Newest == nil {
		return fmt.Sprintf("promise %s", Instant(n.Frontier))
	}
	return fmt.Sprintf("show a row from about %s on%s: as far as its disorder stays what it is", Instant(window.Add(*h.Newest, *n.More)), more)
}

// accepts says what would become of late rows.
func (p *prose) accepts(v *Window) {
	by := map[string][]string{}
	for _, a := range v.Accepts {
		by[a.As] = append(by[a.As], fmt.Sprint(a.Partition))
	}
	for _, as := range []watermark.Class{watermark.OnTime, watermark.Revision, watermark.Dropped} {
		list := by[as.String()]
		if len(list) == 0 {
			continue
		}
		from := "of partition " + strings.Join(list[:min(len(list), listMax)], ", ")
		if len(list) == len(p.of.Partitions) {
			from = "of any partition"
		} else if len(list) > listMax {
			from += ", …"
		}
		fate := map[watermark.Class]string{
			watermark.OnTime: "is on time", watermark.Revision: "is late and counts as a revision", watermark.Dropped: "comes too late and is dropped",
		}[as]
		p.line("    a row for it %s %s", from, fate)
	}
}

// sessionRows says which late rows sessions take: a row's own time decides.
func (p *prose) sessionRows() {
	j := p.of.Pipeline
	p.line("A row now is")
	for i := range p.of.Partitions {
		h := &p.of.Partitions[i]
		if i == listMax {
			p.line("  …")
			break
		}
		switch {
		case h.JudgedBy == nil:
			p.line("  of partition %s: on time, whatever its event time", h.name())
		case j.Late.Rule == flow.Operator:
			p.line("  of partition %s: merged first; on time if the session then ends after %s, a revision if it does after %s, else dropped",
				h.name(), Instant(*h.JudgedBy), Instant(window.Sub(*h.JudgedBy, j.Late.Allowed)))
		default:
			p.line("  of partition %s: on time from %s on, a revision after %s, before that dropped", h.name(),
				Instant(*h.JudgedBy), Instant(window.Sub(window.Sub(*h.JudgedBy, p.of.Spec.Size), j.Late.Allowed)))
		}
	}
}

// asked says what has become of the window that was asked about.
func (p *prose) asked() {
	a := p.of.Asked
	p.line("Asked about: %s", edgesText(a.Start, a.End))
	switch a.Verdict {
	case "empty":
		p.line("  no row of it has come, of the keys that are asked about")
	case "forgotten":
		p.line("  it has fired and is forgotten: rows for it are dropped")
	case "fired":
		p.line("  it has fired and still takes revisions")
	case "open":
		p.line("  it has not fired, or not all of it")
	}
	if a.Reached != nil {
		p.line("  the watermark reached its end %s", a.Reached.text())
	}
	for i := range a.Firings {
		if i == listMax {
			p.line("  … and %d more panes; --json lists all", len(a.Firings)-i)
			break
		}
		f := &a.Firings[i]
		of := ""
		if f.Key != nil {
			of = fmt.Sprintf(" of %s, %s,", strings.Join(f.Key, ", "), edgesText(f.Start, f.End))
		}
		p.line("  pane %s%s with %s %s", f.Kind, of, counted(int64(f.Keys), "key"), f.By.text())
	}
	if a.Freed != nil {
		p.line("  forgotten %s", a.Freed.text())
	}
	for i := range a.Late {
		if i == listMax {
			p.line("  … and %d more late rows; --json lists all", len(a.Late)-i)
			break
		}
		l := &a.Late[i]
		p.line("  too late: partition %d, offset %d (event time %s, arrived %s), by %s", l.Row.Partition, l.Row.Offset,
			Instant(l.Row.EventTime), Instant(l.Row.At), flow.FormatDuration(l.MissedBy))
	}
}

// text says what the cause was.
func (c *Cause) text() string {
	if c.Partition < 0 {
		return fmt.Sprintf("by %s, because a partition was silent for so long", Instant(c.At))
	}
	return fmt.Sprintf("at %s, by partition %d, offset %d (event time %s)", Instant(c.At), c.Partition, c.Offset, Instant(c.EventTime))
}

// milliseconds rounds microseconds down.
func milliseconds(us int64) int64 {
	ms := us / 1000
	if us%1000 < 0 {
		ms--
	}
	return ms
}
