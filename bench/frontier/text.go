package frontier

import (
	"fmt"
	"io"
	"strings"

	"parallax/engine/flow"
)

// WriteText writes the curves for a reader: what is lost and how long windows wait.
func (r *Result) WriteText(w io.Writer) error {
	var b strings.Builder
	for i := range r.Curves {
		c := &r.Curves[i]
		if len(r.Curves) > 1 {
			b.WriteString(c.name(r) + "\n")
		}
		if c.Lags != nil {
			fmt.Fprintf(&b, "%14s %10s %10s %12s %12s\n", "lag", "windows", "complete", "rows", "arrived")
		}
		for j := range c.Lags {
			p := &c.Lags[j]
			fmt.Fprintf(&b, "%14s %10d %10d %12d %12d\n", flow.FormatDuration(p.Lag), p.Windows, p.Complete, p.Pairs, p.Arrived)
		}
		if c.Points != nil {
			fmt.Fprintf(&b, "%14s %11s %10s %10s %11s %12s %12s %12s\n",
				"delay", "kept", "dropped", "revised", "incomplete", "wait p50", "p99", "max")
		}
		for j := range c.Points {
			p := &c.Points[j]
			waits := [3]string{"-", "-", "-"}
			if p.Fired > 0 {
				waits = [3]string{flow.FormatDuration(p.Latency.P50), flow.FormatDuration(p.Latency.P99), flow.FormatDuration(p.Latency.Max)}
			}
			fmt.Fprintf(&b, "%14s %9.4f %% %10d %10d %11d %12s %12s %12s\n", flow.FormatDuration(p.Delay),
				100*p.Completeness(), p.Dropped, p.Revised, p.Incomplete, waits[0], waits[1], waits[2])
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// name is a curve's heading.
func (c *Curve) name(r *Result) string {
	switch {
	case c.Partition < 0:
		return "all partitions"
	case len(r.PartitionBy) == 0:
		return fmt.Sprintf("partition %d", c.Partition)
	}
	parts := make([]string, len(r.PartitionBy))
	for i, name := range r.PartitionBy {
		parts[i] = name + " " + c.Values[i]
	}
	return strings.Join(parts, ", ")
}
