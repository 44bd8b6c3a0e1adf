package simtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
	"parallax/sim/shrink"
	"parallax/sim/simtest/gen"
)

// Aggregate holds a function against what the engine relies on: that the order of rows
// and of merges leaves no trace, that an accumulator without rows is neutral, that
// encodings are canonical and read back, that retracting undoes merging where the
// function can, and that the result is that of Scratch, if there is one. The rows that
// break a law are made few.
//
// The seeds are those of Check, 200 unless the environment says which. The rows of a
// seed are drawn by Function.Args, awkward values among them.
func Aggregate(t testing.TB, f Function) {
	t.Helper()
	if err := (aggregate.Set{f}).Check(); err != nil {
		t.Errorf("simtest: %v", err)
		return
	}
	from, to, _, err := seeds(200)
	if err != nil {
		t.Errorf("simtest: %v", err)
		return
	}
	draw := gen.Arguments(f.Args)
	for seed := from; ; seed++ {
		rows := draw(seed)
		for i := range laws {
			if l := &laws[i]; l.breaks(&f, rows, seed) != "" {
				reportLaw(t, &f, l, rows, seed)
				return
			}
		}
		if seed == to {
			return
		}
	}
}

// reportLaw finds few rows that break a law and tells it.
func reportLaw(t testing.TB, f *Function, l *law, rows [][]column.Value, seed uint64) {
	t.Helper()
	n := len(rows)
	if len(rows) > 0 {
		all := rows
		kept := shrink.List(len(all), &shrink.Budget{RunsMax: 2000}, func(pieces []int) bool {
			return l.breaks(f, chosen(all, pieces), seed) != ""
		})
		rows = chosen(all, kept)
	}
	rows = simpler(rows, func(rows [][]column.Value) bool { return l.breaks(f, rows, seed) != "" })
	var b strings.Builder
	fmt.Fprintf(&b, "aggregate %s breaks the law %q\n  %s\n", f.Name, l.name, l.says)
	fmt.Fprintf(&b, "  rows needed: %d of %d\n", len(rows), n)
	for i, r := range rows {
		fmt.Fprintf(&b, "    row %d: (%s)\n", i+1, values(r))
	}
	for line := range strings.Lines(l.breaks(f, rows, seed)) {
		b.WriteString("  " + line)
	}
	fmt.Fprintf(&b, "\n  cure: %s\n  reproduce: %s", l.cure, reproduce(t.Name(), seed))
	t.Error(b.String())
}

// simpler gives rows the simplest values with which they still break a law.
func simpler(rows [][]column.Value, breaks func([][]column.Value) bool) [][]column.Value {
	for i := range rows {
		for j, was := range rows[i] {
			for _, text := range []string{"0", "1", "2", "a", "b"} {
				v, err := parse(text, was.Type)
				if err != nil {
					continue
				}
				changed := slices.Clone(rows)
				changed[i] = slices.Clone(rows[i])
				changed[i][j] = v
				if breaks(changed) {
					rows = changed
					break
				}
			}
		}
	}
	return rows
}

// values lists values for the reader.
func values(row []column.Value) string {
	var texts []string
	for _, v := range row {
		texts = append(texts, shown(v))
	}
	return strings.Join(texts, ", ")
}

// hand is what the laws do with a function.
type hand struct {
	f   *Function
	rng *rand.Rand
}

// of is an accumulator of rows, added in their order.
func (h *hand) of(rows [][]column.Value) aggregate.Accumulator {
	a := h.f.New()
	h.add(a, rows)
	return a
}

// add adds rows, and then spoils the slice that it handed over.
func (h *hand) add(a aggregate.Accumulator, rows [][]column.Value) {
	for _, r := range rows {
		args := slices.Clone(r)
		a.Add(args)
		clear(args)
	}
}

// cut cuts rows in two.
func (h *hand) cut(rows [][]column.Value) (a, b [][]column.Value) {
	n := h.rng.IntN(len(rows) + 1)
	return rows[:n], rows[n:]
}

// result is the value of an accumulator, of the function's type.
func (h *hand) result(a aggregate.Accumulator) column.Value {
	v := a.Finish()
	v.Type = h.f.Result
	return v
}

// differ says how two accumulators that should be equal are not; "" if they are.
func (h *hand) differ(nameA string, a aggregate.Accumulator, nameB string, b aggregate.Accumulator) string {
	width := max(len(nameA), len(nameB))
	v, w := h.result(a), h.result(b)
	if v.Compare(w) != 0 {
		return fmt.Sprintf("%-*s gives %s\n%-*s gives %s", width, nameA, shown(v), width, nameB, shown(w))
	}
	x, y := a.AppendTo(nil), b.AppendTo(nil)
	if string(x) != string(y) {
		return fmt.Sprintf("both give %s, but their encodings differ:\n%-*s [% x]\n%-*s [% x]", shown(v), width, nameA, x, width, nameB, y)
	}
	return ""
}
