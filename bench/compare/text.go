package compare

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"parallax/engine/flow"
)

// tableColumn is one of the terminal's table.
type tableColumn struct {
	title string
	of    func(r *Report, l *Line) string
}

// nameColumns is how many columns say which line it is.
const nameColumns = 4

func names() []tableColumn {
	return []tableColumn{
		{"architecture", func(_ *Report, l *Line) string { return l.Architecture }},
		{"delay", func(_ *Report, l *Line) string { return flow.FormatDuration(l.Delay) }},
		{"batch", func(r *Report, l *Line) string {
			switch {
			case l.Batch == 0:
				return "-"
			case r.Input.replayed != "":
				return flow.FormatDuration(l.Batch) + ",late=same"
			}
			return flow.FormatDuration(l.Batch)
		}},
		{"faults", func(_ *Report, l *Line) string { return l.FaultsText() }},
	}
}

// columns of the terminal's table.
func columns() []tableColumn {
	return append(names(), []tableColumn{
		{"at first", share("completeness_first_micro")},
		{"in the end", share("completeness_final_micro")},
		{"wait p50", length("result_p50_ms")},
		{"wait p99", length("result_p99_ms")},
		{"engine p99", length("overhead_p99_ms")},
		{"revised", number("windows_revised")},
		{"cpu", length("cpu_ms")},
		{"wrote/B", ratio("wrote_per_byte")},
		{"sent/B", ratio("sent_per_byte")},
		{"stored/B", ratio("stored_per_byte_peak")},
		{"exact", func(_ *Report, l *Line) string { return fmt.Sprintf("%d/%d", l.Exact, l.Seeds) }},
	}...)
}

// moreColumns are those of the second table.
func moreColumns() []tableColumn {
	return append(names(), []tableColumn{
		{"right p99", length("to_final_p99_ms")},
		{"stale p50", length("staleness_p50_ms")},
		{"lag: source", length("lag_source_p50_ms")},
		{"policy", length("lag_policy_ms")},
		{"engine", length("lag_propagation_p50_ms")},
		{"held B", number("held_bytes_mean")},
		{"recovery p99", length("recovery_p99_ms")},
		{"anew", length("again_ms")},
		{"moved/B", ratio("again_moved_per_byte")},
		{"stored/B", ratio("again_stored_per_byte")},
	}...)
}

const (
	moreText = "right: from a window's end to its last answer. stale: how far back answers hold every row. lag: why the watermark of answers is behind the\n" +
		"clock, p50: newest rows are old, the delay, the engine. held: in memory, to answer from and to add to. recovery: from a fault to the next news.\n" +
		"anew: everything answered again by code mended, beside what is served; what that moves, and what all disks hold then, for each byte of the log."
	trimmedText = "kept: the most on all disks, with a log that forgets what is archived; without a batch layer the log keeps everything, to answer anew from."
)

// worthTelling is the part of a mean from which on it is said how far seeds differ.
const worthTelling = 0.005

// value is a mean, and half the width of its interval where seeds differ.
func value(name string, print func(v float64) string) func(r *Report, l *Line) string {
	return func(r *Report, l *Line) string {
		at := r.figure(name)
		if at < 0 || math.IsNaN(l.Summary[at].Mean) {
			return "-"
		}
		i := l.Summary[at]
		s := print(i.Mean)
		if wide := (i.High - i.Low) / 2; wide > worthTelling*math.Abs(i.Mean) {
			if half := print(wide); half != print(0) {
				s += "±" + half
			}
		}
		return s
	}
}

func share(name string) func(r *Report, l *Line) string {
	return value(name, func(v float64) string {
		return fmt.Sprintf("%.3f %%", math.Floor(100_000*v+1e-6)/1000) // 100 % means all
	})
}

func length(name string) func(r *Report, l *Line) string { return value(name, duration) }

func number(name string) func(r *Report, l *Line) string {
	return value(name, func(v float64) string { return fmt.Sprintf("%.0f", v) })
}

func ratio(name string) func(r *Report, l *Line) string {
	return value(name, func(v float64) string { return fmt.Sprintf("%.2f", v) })
}

// duration prints milliseconds with three digits or so.
func duration(ms float64) string {
	switch us := math.Abs(ms) * 1000; {
	case us == 0:
		return "0s"
	case us < 1000:
		return fmt.Sprintf("%.0fus", us*sign(ms))
	case us < 10e6:
		return flow.FormatDuration(int64(math.Round(ms)) * 1000)
	case us < 60e6:
		return flow.FormatDuration(int64(math.Round(ms/100)) * 100_000)
	}
	return flow.FormatDuration(int64(math.Round(ms/1000)) * 1_000_000)
}

func sign(v float64) float64 { return math.Copysign(1, v) }

// WriteText prints the comparison for a terminal: what it is about, its table, what was
// predicted, and what is to be done about a goal.
func (r *Report) WriteText(w io.Writer, goal *Goal) error {
	var b strings.Builder
	b.WriteString(r.headline())
	heads, rows, left := r.shown(columns())
	align(&b, append([][]string{heads}, rows...), left)
	for _, why := range r.leftOut() {
		fmt.Fprintf(&b, "\nleft out: %s\n", why)
	}
	if note := r.replayedText(); note != "" {
		fmt.Fprintf(&b, "\n%s\n", note)
	}
	fmt.Fprintf(&b, "\nat first, in the end: share of the (row, window) pairs that answers hold. wait: from a window's end to its first answer,\n"+
		"in the data's time. engine: what of that no delay asked for; it and cpu are in the cluster's time, %s.\n", r.pace())
	b.WriteString("wrote, sent, stored: for each byte of the log, over all nodes but the producer. exact: seeds with the oracle's answers.\n" +
		alikeText + "\n\n")
	heads, rows, left = r.shown(moreColumns())
	align(&b, append([][]string{heads}, rows...), left)
	b.WriteString("\n" + moreText + "\n\n")
	for _, line := range r.breakEvenLines() {
		fmt.Fprintf(&b, "break-even, %s\n", line)
	}
	if r.Trimmed != nil {
		b.WriteString(trimmedText + "\n\n")
	}
	for _, p := range r.Predictions() {
		fmt.Fprintf(&b, "%-8s %s\n", p.Outcome, p.Text)
		if p.Why != "" {
			fmt.Fprintf(&b, "         %s\n", p.Why)
		}
	}
	if goal != nil {
		fmt.Fprintf(&b, "\n%s\n", strings.Join(r.Advise(*goal).Lines(), "\n"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// alikeText is what is held equal where it does not go without saying.
const alikeText = "All have three brokers and one of each of their other programs; looking at answers is charged to nobody."

// replayedText is how a batch and a speed layer answer a job whose answers do not add up;
// "" if they do, or nobody has such layers.
func (r *Report) replayedText() string {
	at := slices.IndexFunc(r.kinds, func(a Architecture) bool { return a.Batches })
	if at < 0 || r.Input.replayed == "" {
		return ""
	}
	return fmt.Sprintf("%s goes on from the operators' state at a batch's cut, with late=same, so that what comes too late is not repaired: %s.\n"+
		"What it holds is not measured: behind the cut its servers keep the log as it came, and operators, not accumulators alone.", r.kinds[at].Name, r.Input.replayed)
}

// leftOut is what is not in the table, and why: architectures that do not take the job; and
// what is not drawn, because it has no waits.
func (r *Report) leftOut() []string {
	list := slices.Clone(r.Left)
	for i := range r.Lines {
		if l := &r.Lines[i]; math.IsNaN(r.mean(l, "result_p99_ms")) {
			list = append(list, fmt.Sprintf("%s, faults %s, has no waits, and no place among them: none of its windows is complete before the data ends", label(l), l.FaultsText()))
		}
	}
	return list
}

// shown is a table's heads and rows, without a column that has nothing in it. The first
// ones, so many, name the line.
func (r *Report) shown(cols []tableColumn) (heads []string, rows [][]string, names int) {
	batched := slices.ContainsFunc(r.Lines, func(l Line) bool { return l.Batch > 0 })
	names = nameColumns
	if !batched {
		cols = slices.Delete(cols, 2, 3)
		names--
	}
	for _, c := range cols {
		heads = append(heads, c.title)
	}
	for i := range r.Lines {
		var row []string
		for _, c := range cols {
			row = append(row, c.of(r, &r.Lines[i]))
		}
		rows = append(rows, row)
	}
	return heads, rows, names
}

func (r *Report) headline() string {
	in := r.Input
	return fmt.Sprintf("%s: %s in %s over %s; %s, %s, %s, costs %016x\n\n", in.Job.Name, count(in.Stage.Rows, "row"),
		count(int64(in.Stage.Partitions), "partition"), duration(float64(in.Stage.DataNs())/1e6), count(int64(len(r.Cases)), "run"),
		seeds(r.Seeds), r.pace(), r.CostsHash())
}

// count is a number with its noun.
func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func seeds(n int) string {
	if n == 1 {
		return "1 seed"
	}
	return fmt.Sprintf("seeds 1..%d", n)
}

func (r *Report) pace() string { return fmt.Sprintf("pace %d", r.Input.Stage.Pace) }

// align prints rows with columns below each other, the first ones to the left.
func align(b *strings.Builder, rows [][]string, left int) {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if i > 0 {
				line += "  "
			}
			if i < left {
				line += cell + pad
			} else {
				line += pad + cell
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}
