package frontier

import (
	"math"
	"slices"

	"parallax/engine/flow/column"
	"parallax/scenarios"
)

// Table is the result as rows: one for each point, the curves one after another, the
// columns of the source's partitions in front if those were asked for (empty: all of
// them). Times are milliseconds, shares are rounded to nine digits.
func (r *Result) Table() *scenarios.Table {
	w := writer{t: &scenarios.Table{}}
	for i := range r.Curves {
		c := &r.Curves[i]
		for j := range c.Points {
			w.partition(r, c)
			w.point(r, &c.Points[j])
			w.t.Rows++
		}
		for j := range c.Lags {
			w.partition(r, c)
			w.lag(&c.Lags[j])
			w.t.Rows++
		}
	}
	w.milliseconds()
	return w.t
}

// writer makes columns as their first values come.
type writer struct {
	t  *scenarios.Table
	at int
}

func (w *writer) put(name string, kind column.Kind, v column.Value) {
	if w.t.Rows == 0 {
		w.t.Schema = append(w.t.Schema, column.Field{Name: name, Type: column.TypeOf(kind)})
		var c column.Column
		c.Reset(column.TypeOf(kind), new(column.Dict))
		w.t.Columns = append(w.t.Columns, c)
	}
	w.t.Columns[w.at].Append(v)
	w.at++
}

func (w *writer) int(name string, v int64) { w.put(name, column.Int64, column.Value{Int: v}) }

func (w *writer) share(name string, v float64) {
	const digits = 1e9
	w.put(name, column.Float64, column.Value{Float: math.Round(v*digits) / digits})
}

// ms takes microseconds in, which milliseconds makes milliseconds.
func (w *writer) ms(name string, us int64, known bool) {
	w.put(name, column.Timestamp, column.Value{Null: !known, Int: us})
}

// milliseconds makes columns of microseconds integers, if their values are whole
// milliseconds, or else decimals of three digits.
func (w *writer) milliseconds() {
	for i := range w.t.Columns {
		c := &w.t.Columns[i]
		if c.Type.Kind != column.Timestamp {
			continue
		}
		whole := !slices.ContainsFunc(c.Ints, func(us int64) bool { return us%1000 != 0 })
		out := column.Column{Type: column.TypeOf(column.Int64), Null: c.Null}
		if !whole {
			out.Type = column.Type{Kind: column.Decimal128, Precision: 19, Scale: 3}
		}
		for _, us := range c.Ints {
			if whole {
				out.Ints = append(out.Ints, us/1000)
			} else {
				out.Decimals = append(out.Decimals, column.DecimalFromInt(us))
			}
		}
		*c, w.t.Schema[i].Type = out, out.Type
	}
}

func (w *writer) partition(r *Result, c *Curve) {
	w.at = 0
	if len(r.Curves) == 1 {
		return
	}
	if len(r.PartitionBy) == 0 {
		w.put("partition", column.Int64, column.Value{Null: c.Partition < 0, Int: int64(max(0, c.Partition))})
	}
	for i, name := range r.PartitionBy {
		v := column.Value{Null: c.Values == nil}
		if c.Values != nil {
			v.String = c.Values[i]
		}
		w.put(name, column.String, v)
	}
}

func (w *writer) point(r *Result, p *Point) {
	w.ms("delay_ms", p.Delay, true)
	w.int("pairs", p.Pairs)
	w.int("pairs_on_time", p.OnTime)
	w.int("pairs_revised", p.Revised)
	w.int("pairs_dropped", p.Dropped)
	w.int("rows", p.Rows)
	w.int("rows_behind_watermark", p.RowsBehind)
	w.int("rows_dropped", p.RowsDropped)
	w.int("windows", p.Windows)
	w.int("windows_incomplete", p.Incomplete)
	w.put("windows_missing", column.Int64, column.Value{Null: r.Simulated, Int: p.Missing})
	w.int("windows_fired", p.Fired)
	w.share("completeness", p.Completeness())
	for i, name := range r.Aggregates {
		v := column.Value{Null: p.Errors == nil}
		if p.Errors != nil {
			v.Float = math.Round(p.Errors[i]*1e9) / 1e9
		}
		w.put("error_"+name, column.Float64, v)
	}
	fired := p.Fired > 0
	w.ms("latency_p50_ms", p.Latency.P50, fired)
	w.ms("latency_p90_ms", p.Latency.P90, fired)
	w.ms("latency_p99_ms", p.Latency.P99, fired)
	w.ms("latency_max_ms", p.Latency.Max, fired)
}

func (w *writer) lag(p *LagPoint) {
	w.ms("lag_ms", p.Lag, true)
	w.int("windows", p.Windows)
	w.int("windows_complete", p.Complete)
	w.int("rows", p.Pairs)
	w.int("rows_arrived", p.Arrived)
}

// Least is the first point that keeps at least a share of the pairs, in millionths.
func (c *Curve) Least(millionths int64) (*Point, bool) {
	at := slices.IndexFunc(c.Points, func(p Point) bool {
		return p.Dropped*1_000_000 <= (1_000_000-millionths)*p.Pairs
	})
	if at < 0 {
		return nil, false
	}
	return &c.Points[at], true
}
