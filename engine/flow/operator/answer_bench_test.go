package operator

import (
	"fmt"
	"math"
	"testing"

	"github.com/zeebo/xxh3"

	"parallax/engine/flow/column"
	"parallax/sim/oracle"
)

// answers is a checksum of results, in whatever order they come.
type answers struct{ sum uint64 }

func (a *answers) add(key string, startMs, count int64, sum string) {
	a.sum += xxh3.HashString(fmt.Sprint(key, " ", startMs, " ", count, " ", sum))
}

// results adds a batch of results: key, edges, count and sum.
func (a *answers) results(out *column.Batch) {
	for row := range out.Rows {
		v := func(col int) column.Value { return out.Columns[col].Value(row) }
		a.add(v(0).String, v(1).Int, v(3).Int, v(4).Text())
	}
}

// metric is the checksum as a figure that a benchmark can report without loss.
func (a *answers) metric() float64 { return float64(a.sum & math.MaxUint32) }

// benchKey is the text of a key.
func benchKey(key uint32) string { return fmt.Sprintf("key-%07d", key) }

func (a *answers) window(w *flatWindow[int64]) {
	for i, key := range w.keys {
		a.add(benchKey(key), w.start/1000, w.counts[i], column.Value{Type: column.TypeOf(column.Int64), Int: w.sums[i]}.Text())
	}
}

// agree runs a first pass and returns the checksum of its answer, which is the flat
// loop's and the table's, and on a smaller input the oracle's. Sums of floats are
// exact along the path and not in a loop, so there only the oracle can tell.
func agree(b *testing.B, in *benchInput, float bool, p *benchPath) float64 {
	b.Helper()
	small := newBenchInput(20_000, min(in.distinct, 700), 2000)
	q := newBenchPath(b, small, float, math.MaxInt)
	if got, want := q.answers(b), oracleAnswers(b, q, small, float); got != want {
		b.Fatalf("the path's answer is %x, the oracle's %x", got.sum, want.sum)
	}
	path := p.answers(b)
	if float {
		return path.metric()
	}
	var flats, tables answers
	var out flatWindow[int64]
	flat(in, in.ints, &out, flats.window)
	table(in, tables.window)
	if path != flats || path != tables {
		b.Fatalf("the path's answer is %x, the flat loop's %x, the table's %x", path.sum, flats.sum, tables.sum)
	}
	return path.metric()
}

// answers is the checksum of a pass.
func (p *benchPath) answers(b *testing.B) answers {
	p.answer = new(answers)
	defer func() { p.answer = nil }()
	p.pass(b)
	return *p.answer
}

func oracleAnswers(b *testing.B, p *benchPath, in *benchInput, float bool) answers {
	b.Helper()
	input := oracle.Input{Schema: p.headers[0].Schema, Partitions: 1}
	for i, key := range in.keys {
		v := column.Value{Type: input.Schema[1].Type, Int: in.ints[i]}
		if float {
			v = column.Value{Type: input.Schema[1].Type, Float: in.floats[i]}
		}
		input.Rows = append(input.Rows, oracle.Row{
			Offset: int64(i), Time: in.times[i], Append: in.times[i],
			Values: []column.Value{{Type: input.Schema[0].Type, String: benchKey(key)}, v},
		})
	}
	out, err := oracle.Answer(p.plan.Pipeline, input)
	if err != nil {
		b.Fatal(err)
	}
	var a answers
	for _, row := range out.Final {
		a.add(row[0].String, row[1].Int, row[3].Int, row[4].Text())
	}
	return a
}

// tableKeys is from how many keys on a table is raced, too.
const tableKeys = 1 << 16

// table is the loop of flat by open addressing on the key, with linear probing, emptied
// for each window.
func table(in *benchInput, check func(*flatWindow[int64])) {
	type slot struct {
		key        uint32 // + 1; 0: free
		count, sum int64
	}
	size := 1
	for size < 2*in.distinct {
		size *= 2
	}
	slots, mask := make([]slot, size), uint32(size-1)
	var out flatWindow[int64]
	start := int64(0)
	emit := func() {
		out.start, out.keys, out.counts, out.sums = start, out.keys[:0], out.counts[:0], out.sums[:0]
		for i := range slots {
			if s := &slots[i]; s.key != 0 {
				out.keys, out.counts, out.sums = append(out.keys, s.key-1), append(out.counts, s.count), append(out.sums, s.sum)
				*s = slot{}
			}
		}
		check(&out)
	}
	for i, t := range in.times {
		if t-start >= in.size {
			emit()
			start = t - t%in.size
		}
		key := in.keys[i] + 1
		at := key * 0x9e3779b1
		at = (at ^ at>>15) & mask
		for slots[at].key != key && slots[at].key != 0 {
			at = (at + 1) & mask
		}
		s := &slots[at]
		s.key = key
		s.count++
		s.sum += in.ints[i]
	}
	emit()
}
