package operator

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/segment"
	"parallax/engine/flow/window"
)

// The benchmarks compare the row path, from entries of a log to the columns of
// finished windows, with a loop over flat arrays written by hand, in turn in one
// run, by processor time, and report the better quartile of each:
//
//	flat-ns/row, path-ns/row, ratio, allocs/batch
//
// With many keys a table by open addressing (table-ns/row, table-ratio) is beside them,
// which is what one would write who has no array of all keys. All of them, and the
// oracle on a smaller input, must come to the same answer, of which the metric
// "answer" is a checksum; else there are no figures.
//
// Keys are strings in the log and array indexes in the flat loop. A pass is
// many batches in benchWindows tumbling windows. Warm: the segment's strings and
// the keys have been met before. Cold: a new reader, a new segment and new keys
// for every pass; segment-per-batch: a new segment for each batch, keys known.
const benchWindows = 4

// benchInput is the rows of a pass, flat and as a log.
type benchInput struct {
	keys            []uint32
	times           []int64
	ints            []int64
	floats          []float64
	distinct, batch int
	size            int64 // of a window, µs
}

func newBenchInput(rows, distinct, batch int) *benchInput {
	rng := rand.New(rand.NewPCG(1, 2))
	in := &benchInput{distinct: distinct, batch: batch, size: int64(rows) / benchWindows * 1000}
	for i := range rows {
		in.keys = append(in.keys, uint32(rng.IntN(distinct)))
		in.times = append(in.times, int64(i)*1000)
		in.ints = append(in.ints, rng.Int64N(1000))
		in.floats = append(in.floats, rng.Float64()*100)
	}
	return in
}

// encode writes the rows as entries of segments of so many batches.
func (in *benchInput) encode(b *testing.B, float bool, perSegment int) (headers []segment.Header, entries [][]byte) {
	value := column.Field{Name: "v", Type: column.TypeOf(column.Int64)}
	if float {
		value.Type.Kind = column.Float64
	}
	schema := column.Schema{{Name: "k", Type: column.TypeOf(column.String)}, value}
	dict := new(column.Dict)
	for i := range in.distinct {
		dict.Append(benchKey(uint32(i)))
	}
	var w *segment.Writer
	var codes []uint32
	for from := 0; from < len(in.keys); from += in.batch {
		to := from + in.batch
		if from/in.batch%perSegment == 0 {
			headers = append(headers, segment.Header{ID: uint64(from), Schema: schema})
			var err error
			if w, err = segment.NewWriter(headers[len(headers)-1]); err != nil {
				b.Fatal(err)
			}
		}
		codes = append(codes[:0], in.keys[from:to]...)
		batch := column.Batch{
			Schema: schema, Offset: int64(from), Rows: in.batch, Times: in.times[from:to], Appends: in.times[from:to],
			Columns: []column.Column{{Type: schema[0].Type, Codes: codes, Dict: dict}, {Type: value.Type}},
		}
		if float {
			batch.Columns[1].Floats = in.floats[from:to]
		} else {
			batch.Columns[1].Ints = in.ints[from:to]
		}
		entry, err := w.Append(nil, &batch)
		if err != nil {
			b.Fatal(err)
		}
		entries = append(entries, entry)
	}
	return headers, entries
}

// flatWindow is what the flat loop emits.
type flatWindow[V int64 | float64] struct {
	start  int64
	keys   []uint32
	counts []int64
	sums   []V
}

// flat is the loop to be compared with: no dictionaries, no disorder, no late
// rows, no nulls, no overflow.
func flat[V int64 | float64](in *benchInput, values []V, out *flatWindow[V], check func(*flatWindow[V])) {
	type slot struct {
		count int64
		sum   V
	}
	slots := make([]slot, in.distinct)
	start, size := int64(0), in.size
	emit := func() {
		out.start, out.keys, out.counts, out.sums = start, out.keys[:0], out.counts[:0], out.sums[:0]
		for key := range slots {
			if s := &slots[key]; s.count > 0 {
				out.keys = append(out.keys, uint32(key))
				out.counts = append(out.counts, s.count)
				out.sums = append(out.sums, s.sum)
				*s = slot{}
			}
		}
		check(out)
	}
	for i, t := range in.times {
		if t-start >= size {
			emit()
			start = t - t%size
		}
		s := &slots[in.keys[i]]
		s.count++
		s.sum += values[i]
	}
	emit()
}

// benchPath is a row path over a log.
type benchPath struct {
	plan    *flow.Plan
	path    *Path
	headers []segment.Header
	entries [][]byte
	readers []*segment.Reader
	batch   column.Batch
	rows    int64
	keys    int64
	any     bool     // panes may be revisions
	answer  *answers // if it is asked for
}

func newBenchPath(b *testing.B, in *benchInput, float bool, perSegment int) *benchPath {
	w := window.Tumble(in.size, 0)
	return newBenchForm(b, in, float, perSegment, &flow.Pipeline{Steps: []flow.Step{{KeyBy: []string{"k"}}, {Window: &w}}})
}

// newBenchForm completes a pipeline by count() and sum(v).
func newBenchForm(b *testing.B, in *benchInput, float bool, perSegment int, pipeline *flow.Pipeline) *benchPath {
	p := &benchPath{}
	p.headers, p.entries = in.encode(b, float, perSegment)
	var calls []flow.Aggregate
	for _, src := range []string{"count()", "sum(v)"} {
		c, err := expr.ParseCall(src)
		if err != nil {
			b.Fatal(err)
		}
		calls = append(calls, flow.Aggregate{Name: src, Call: c})
	}
	pipeline.Steps = append(pipeline.Steps, flow.Step{Aggregates: calls})
	plan, err := pipeline.Plan(p.headers[0].Schema)
	if err != nil {
		b.Fatal(err)
	}
	p.plan = plan
	p.path = NewPath(plan, 1)
	p.open(b)
	return p
}

// open makes new readers: the segments are met for the first time.
func (p *benchPath) open(b *testing.B) {
	p.readers = p.readers[:0]
	for _, h := range p.headers {
		r, err := segment.NewReader(h)
		if err != nil {
			b.Fatal(err)
		}
		p.readers = append(p.readers, r)
	}
}

// rewind lets the rows come again: everything but keys and memory is forgotten.
func (p *benchPath) rewind() {
	pool := p.path.sliced.pool
	fresh := NewPath(p.plan, 1)
	p.path.entry, p.path.last, p.path.sliced = fresh.entry, fresh.last, fresh.sliced
	p.path.sliced.pool = pool
}

func (p *benchPath) pass(b *testing.B) {
	perSegment := len(p.entries) / len(p.readers)
	p.rows, p.keys = 0, 0
	for i, entry := range p.entries {
		if err := p.readers[i/perSegment].Decode(entry, &p.batch); err != nil {
			b.Fatal(err)
		}
		if err := p.path.Process(&p.batch); err != nil {
			b.Fatal(err)
		}
		p.drain(b)
	}
	p.path.Close()
	p.drain(b)
}

func (p *benchPath) drain(b *testing.B) {
	var pane Pane
	for p.path.Next(&pane) {
		out, overflows, err := p.path.Results(&pane)
		if err != nil || overflows > 0 || pane.Kind != OnTime && !p.any {
			b.Fatal(err, overflows, pane.Kind)
		}
		p.keys += int64(out.Rows)
		if p.answer != nil {
			p.answer.results(out)
		}
		for _, n := range out.Columns[len(out.Columns)-2].Ints {
			p.rows += n
		}
	}
}

// race times passes of all in turn.
func race(b *testing.B, in *benchInput, float bool, p *benchPath, before func()) {
	n := float64(len(in.keys))
	var flats, tables, paths []float64
	var mallocs uint64
	answer := agree(b, in, float, p) // the path's memory is warm now, and for the warm case its keys are known
	for b.Loop() {
		start := cpu()
		rows, keys := flatTotals(in, float)
		flats = append(flats, float64(cpu()-start)/n)
		if in.distinct >= tableKeys && !float {
			start = cpu()
			table(in, func(w *flatWindow[int64]) {})
			tables = append(tables, float64(cpu()-start)/n)
		}
		before()
		var m0, m1 runtime.MemStats
		runtime.ReadMemStats(&m0)
		start = cpu()
		p.pass(b)
		paths = append(paths, float64(cpu()-start)/n)
		runtime.ReadMemStats(&m1)
		mallocs += m1.Mallocs - m0.Mallocs
		if p.rows != rows || p.keys != keys {
			b.Fatalf("path: %d rows of %d keys, flat: %d of %d", p.rows, p.keys, rows, keys)
		}
	}
	flat, path := quartile(flats), quartile(paths)
	b.ReportMetric(flat, "flat-ns/row")
	b.ReportMetric(path, "path-ns/row")
	b.ReportMetric(path/flat, "ratio")
	if tables != nil {
		b.ReportMetric(quartile(tables), "table-ns/row")
		b.ReportMetric(path/quartile(tables), "table-ratio")
	}
	b.ReportMetric(float64(mallocs)/float64(len(paths)*len(p.entries)), "allocs/batch")
	b.ReportMetric(answer, "answer")
	b.ReportMetric(0, "ns/op")
}

func quartile(v []float64) float64 {
	slices.Sort(v)
	return v[(len(v)-1)/4]
}

func BenchmarkRowPath(b *testing.B) {
	const all = math.MaxInt
	for _, c := range []struct {
		name                  string
		rows, distinct, batch int
		float                 bool
		perSegment            int
		cold                  bool
	}{
		{"int/keys=1000/batch=8192/warm", 1 << 22, 1000, 8192, false, all, false},
		{"int/keys=1000/batch=8192/cold", 1 << 22, 1000, 8192, false, all, true},
		{"int/keys=1000/batch=8192/segment-per-batch", 1 << 22, 1000, 8192, false, 1, false},
		{"int/keys=1000000/batch=65536/warm", 1 << 22, 1e6, 65536, false, all, false},
		{"int/keys=1000000/batch=65536/cold", 1 << 22, 1e6, 65536, false, all, true},
		{"float/keys=1000/batch=8192/warm", 1 << 22, 1000, 8192, true, all, false},
		{"float/keys=1000000/batch=65536/warm", 1 << 22, 1e6, 65536, true, all, false},
	} {
		b.Run(c.name, func(b *testing.B) {
			in := newBenchInput(c.rows, c.distinct, c.batch)
			p := newBenchPath(b, in, c.float, c.perSegment)
			before := func() {
				p.rewind()
				if c.cold {
					p.path = NewPath(p.plan, 1)
				}
				if c.cold || c.perSegment == 1 {
					p.open(b)
				}
			}
			race(b, in, c.float, p, before)
		})
	}
}

// flatTotals runs the flat loop and adds up what it emits.
func flatTotals(in *benchInput, float bool) (rows, keys int64) {
	if float {
		var out flatWindow[float64]
		flat(in, in.floats, &out, func(w *flatWindow[float64]) { rows, keys = total(w, rows, keys) })
		return rows, keys
	}
	var out flatWindow[int64]
	flat(in, in.ints, &out, func(w *flatWindow[int64]) { rows, keys = total(w, rows, keys) })
	return rows, keys
}

func total[V int64 | float64](w *flatWindow[V], rows, keys int64) (allRows, allKeys int64) {
	for _, n := range w.counts {
		rows += n
	}
	return rows, keys + int64(len(w.keys))
}
