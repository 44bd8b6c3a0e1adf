package compare

import (
	"bytes"
	"fmt"
	"sort"
	"strings"

	"github.com/zeebo/xxh3"

	"parallax/bench/measure"
	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/scenarios"
	"parallax/scenarios/source"
	"parallax/serving"
	"parallax/sim/oracle"
)

// countCall is count().
var countCall = expr.CallExpr{Func: "count"}

// patience is a delay, in µs, with which no row is late: longer than any two times of
// rows are apart.
const patience = 1 << 55

// truth is every window with every row, as the oracle has it.
type truth struct {
	log      oracle.Input
	windows  []measure.Window // ascending by key, then start
	rankings []ranking
	names    []string        // of keys, by window
	spans    map[string]span // by key
	place    map[place]int32 // of windows with these edges
}

// span is the windows [from, to) of one key.
type span struct{ from, to int32 }

// place is where a window is.
type place struct {
	key        string
	start, end int64
}

// answerAll asks the oracle for the truth.
func (in *Input) answerAll(rows *scenarios.Rows) error {
	t := &in.truth
	t.log = oracle.Input{Schema: in.plan.Input, Partitions: len(rows.Partitions())}
	err := rows.Each(source.ReadOptions{FileOrder: true}, func(b *column.Batch) error {
		for i := range b.Rows {
			r := oracle.Row{
				Partition: b.Partition, Offset: b.Offset + int64(i), Time: b.Times[i], Append: b.Appends[i],
				Values: make([]column.Value, len(b.Columns)),
			}
			for c := range b.Columns {
				r.Values[c] = b.Columns[c].Value(i)
			}
			t.log.Rows = append(t.log.Rows, r)
		}
		return nil
	})
	if err != nil {
		return err
	}
	patient := in.with(patience)
	patient.Watermark.Across, patient.Late = watermark.Min, flow.Late{}
	all, err := oracle.Answer(patient, t.log)
	if err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	t.spans, t.place, t.rankings = map[string]span{}, map[place]int32{}, in.rankings()
	for i := range all.Windows {
		w := &all.Windows[i]
		last := len(w.Final) - 1
		key := serving.AppendKey(nil, w.Key...)
		t.windows = append(t.windows, measure.Window{Start: w.Start, End: w.End, Rows: w.Final[last].Int, Values: w.Final[:last]})
		for _, k := range t.rankings {
			t.windows[i].Rank(k.aggregate, k.share)
		}
		t.names = append(t.names, strings.Join(texts(w.Key), " "))
		t.place[place{string(key), w.Start, w.End}] = int32(i)
		s, ok := t.spans[string(key)]
		if !ok {
			s.from = int32(i)
		}
		s.to = int32(i) + 1
		t.spans[string(key)] = s
	}
	return nil
}

// of is the windows of a key.
func (t *truth) of(key []byte) span { return t.spans[string(key)] }

// covering is which of a key's windows, from and to, hold a time. Neither starts nor
// ends go back from one window to the next.
func (t *truth) covering(s span, at int64) (from, to int32) {
	list := t.windows[s.from:s.to]
	from = s.from + int32(sort.Search(len(list), func(i int) bool { return list[i].End > at }))
	to = s.from + int32(sort.Search(len(list), func(i int) bool { return list[i].Start > at }))
	return from, max(from, to)
}

// holding is the window of a key that holds all of [start, end), which of a session is
// perhaps a part.
func (t *truth) holding(key []byte, start, end int64) (int32, bool) {
	if at, ok := t.place[place{string(key), start, end}]; ok {
		return at, true
	}
	from, to := t.covering(t.of(key), start)
	if from < to && t.windows[from].Start <= start && end <= t.windows[from].End {
		return from, true
	}
	return 0, false
}

// finale is what a job says in the end: how many windows, and a checksum of their keys,
// edges and values, the number of rows included.
type finale struct {
	Windows  int
	Checksum uint64
}

// answers are the oracle's with a delay.
func (in *Input) answers(delay int64) (finale, error) {
	all, err := oracle.Answer(in.with(delay), in.truth.log)
	if err != nil {
		return finale{}, fmt.Errorf("compare: %w", err)
	}
	var sum checksum
	for i := range all.Windows {
		if w := &all.Windows[i]; w.Final != nil {
			sum.add(serving.AppendKey(nil, w.Key...), w.Start, w.End, w.Final)
		}
	}
	return sum.finale, nil
}

// checksum adds windows up in any order.
type checksum struct {
	finale
	b bytes.Buffer
}

func (c *checksum) add(key []byte, start, end int64, values []column.Value) {
	c.b.Reset()
	c.b.Write(key)
	c.b.Write(serving.AppendKey(nil, column.Value{Type: column.TypeOf(column.Int64), Int: start}, column.Value{Type: column.TypeOf(column.Int64), Int: end}))
	c.b.Write(serving.AppendKey(nil, values...))
	c.Windows++
	c.Checksum += xxh3.Hash(c.b.Bytes())
}
