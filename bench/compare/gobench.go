package compare

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strings"

	"parallax/engine/flow"
)

// Built is what built the program, for results that outlive it.
type Built struct{ Commit, Go, System, Processor string }

// WriteBenchmarks prints the results as Go benchmarks do, a line for each run, so that
// benchstat compares two files of them. No line is written of a run whose answers are
// not the oracle's.
func (r *Report) WriteBenchmarks(w io.Writer, b Built) error {
	out := bufio.NewWriter(w)
	goos, goarch, _ := strings.Cut(b.System, "/")
	fmt.Fprintf(out, "goos: %s\ngoarch: %s\npkg: parallax/bench/compare\ncpu: %s\n", goos, goarch, b.Processor)
	fmt.Fprintf(out, "commit: %s\ngo: %s\ncosts: %016x\nseeds: 1..%d\npace: %d\n\n", b.Commit, b.Go, r.CostsHash(), r.Seeds, r.Input.Stage.Pace)
	for i := range r.Trials {
		o := &r.Trials[i]
		if !o.Exact {
			continue
		}
		fmt.Fprintf(out, "BenchmarkCompare/job=%s/arch=%s/delay=%s", word(r.Input.Job.Name), o.Architecture, flow.FormatDuration(o.Delay))
		if o.Batch > 0 {
			fmt.Fprintf(out, "/batch=%s", flow.FormatDuration(o.Batch))
		}
		fmt.Fprintf(out, "/faults=%s \t1", o.FaultsText())
		for f := range r.Figures {
			if v := o.Values[f]; r.Figures[f].Unit != "" && !math.IsNaN(v) {
				fmt.Fprintf(out, "\t%.6g %s", v, r.Figures[f].Unit)
			}
		}
		fmt.Fprintln(out)
	}
	return out.Flush()
}

// word is a name as benchmarks take it.
func word(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '/' || r == '=' || r <= ' ' {
			return '-'
		}
		return r
	}, name)
}
