package limits

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ErrAnswer is returned, behind the table, if a goal has no figure: its benchmark was
// not run, or its answers were not checked or not always the same.
var ErrAnswer = errors.New("limits: a goal has no figure")

// goal is a figure and what it is to be.
type goal struct {
	says      string
	benchmark string
	metric    string
	limit     float64
	atLeast   bool // else at most
}

var goals = []goal{
	{"count and sum by 1,000 keys, log to windows: times a loop over flat arrays", "RowPath/int/keys=1000/batch=8192/warm", "ratio", 2, false},
	{"the same by 1,000,000 keys: times a table by open addressing", "RowPath/int/keys=1000000/batch=65536/warm", "table-ratio", 2, false},
	{"the same by 1,000 keys, log to view, by worker and view: rows/s of a core", "LogToView", "rows/s", 10e6, true},
	{"small cluster under all faults, every check: events/s of a core", "SmallCluster/checked", "events/s", 1e6, true},
	{"bare scheduler: events/s of a core", "Scheduler/gc=800", "events/s", 5e6, true},
	{"every delay at once: times a run of the operators with one", "AllDelays", "ratio", 1.5, false},
	{"every delay at once: seconds for 10 M rows", "AllDelays", "frontier-s", 2, false},
}

// Pattern matches the goals' benchmarks, for go test -bench.
func Pattern() string {
	var names []string
	for _, g := range goals {
		name, _, _ := strings.Cut(g.benchmark, "/")
		names = append(names, name)
	}
	slices.Sort(names)
	return "^Benchmark(" + strings.Join(slices.Compact(names), "|") + ")$"
}

// result is what was printed of one benchmark.
type result struct {
	metrics map[string][]float64
	runs    int
}

var line = regexp.MustCompile(`^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+(.*)$`)

// read collects results by the benchmarks' names, and the lines about the machine.
func read(r io.Reader) (results map[string]*result, machine []string, err error) {
	results = map[string]*result{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		for _, key := range []string{"goos: ", "goarch: ", "cpu: "} {
			if value, ok := strings.CutPrefix(lines.Text(), key); ok && !slices.Contains(machine, value) {
				machine = append(machine, value)
			}
		}
		m := line.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		at := results[m[1]]
		if at == nil {
			at = &result{metrics: map[string][]float64{}}
			results[m[1]] = at
		}
		at.runs++
		fields := strings.Fields(m[2])
		for i := 0; i+1 < len(fields); i += 2 {
			v, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return nil, nil, fmt.Errorf("limits: %q is no number: %s", fields[i], lines.Text())
			}
			at.metrics[fields[i+1]] = append(at.metrics[fields[i+1]], v)
		}
	}
	return results, machine, lines.Err()
}

// Write makes the table of what go test has printed, in Markdown.
func Write(w io.Writer, printed io.Reader) error {
	results, machine, err := read(printed)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Measured on %s.\n\n", strings.Join(machine, ", "))
	b.WriteString("| what | figure | range | limit | met | answer |\n|---|---:|---:|---:|---|---|\n")
	var missing []string
	for i := range goals {
		if why := goals[i].row(&b, results); why != "" {
			missing = append(missing, why)
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	if missing != nil {
		return fmt.Errorf("%w: %s", ErrAnswer, strings.Join(missing, "; "))
	}
	return nil
}

// row writes a goal's line; why says why it has no figure, if it has none.
func (g *goal) row(b *strings.Builder, results map[string]*result) (why string) {
	limit := "at most " + number(g.limit)
	if g.atLeast {
		limit = "at least " + number(g.limit)
	}
	r := results[g.benchmark]
	switch {
	case r == nil:
		why = g.benchmark + " was not run"
	case len(r.metrics["answer"]) != r.runs:
		why = g.benchmark + " was not checked"
	case slices.Min(r.metrics["answer"]) != slices.Max(r.metrics["answer"]):
		why = g.benchmark + " has not always the same answer"
	case len(r.metrics[g.metric]) == 0:
		why = g.benchmark + " has no " + g.metric
	}
	if why != "" {
		fmt.Fprintf(b, "| %s | – | – | %s | – | %s |\n", g.says, limit, why)
		return why
	}
	values := slices.Clone(r.metrics[g.metric])
	slices.Sort(values)
	middle := values[len(values)/2]
	met := "yes"
	if g.atLeast && middle < g.limit || !g.atLeast && middle > g.limit {
		met = "**no**"
	}
	fmt.Fprintf(b, "| %s | %s | %s to %s | %s | %s | %08x |\n", g.says, number(middle), number(values[0]), number(values[len(values)-1]),
		limit, met, uint32(r.metrics["answer"][0]))
	return ""
}

// number prints a figure with three digits, or in millions.
func number(v float64) string {
	if v >= 1e5 {
		return strconv.FormatFloat(v/1e6, 'f', 1, 64) + " M"
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}
