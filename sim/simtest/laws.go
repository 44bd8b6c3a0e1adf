package simtest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"

	"parallax/engine/flow/aggregate"
	"parallax/engine/flow/column"
)

// law is something that every aggregate function must have.
type law struct {
	name, says, cure string
	// broken says how rows break it, "" if they do not.
	broken func(h *hand, rows [][]column.Value) string
}

// tries is how often a law is asked about the same rows, cut and mixed in other ways:
// enough that fewer rows still break it.
const tries = 12

// breaks says how rows break a law, "" if they do not.
func (l *law) breaks(f *Function, rows [][]column.Value, seed uint64) (how string) {
	for try := uint64(0); try < tries && how == ""; try++ {
		how = l.once(&hand{f: f, rng: rand.New(rand.NewPCG(seed, 0x6c617773+try))}, rows)
	}
	return how
}

// once asks once; a panic breaks every law.
func (l *law) once(h *hand, rows [][]column.Value) (how string) {
	defer func() {
		if r := recover(); r != nil {
			how = fmt.Sprintf("it panics: %v", r)
		}
	}()
	return l.broken(h, rows)
}

// laws in the order in which a newcomer should meet them.
var laws = []law{
	{
		"the same twice", "The same rows in the same order give the same result and the same bytes.",
		"look for a range over a map, a clock, or state outside of the accumulator.", sameTwice,
	},
	{
		"the order of rows leaves no trace", "Rows reach a window in any order: partitions interleave, and replays do so in other ways.",
		"keep what does not depend on the order: a sum, a count, the least value, a sorted set. For the newest value use last(x), which goes by event time.", anyOrder,
	},
	{
		"nothing is neutral", "Merging an accumulator without rows must change nothing, in either direction.",
		"let an accumulator know that it has no rows; a zero is a value.", neutral,
	},
	{
		"merging commutes", "Parts of a window are merged in any order: a then b must be b then a.",
		"let Merge do the same to both sides; do not let the second win.", commutes,
	},
	{
		"merging associates", "Parts of a window are merged in any grouping: (a, b), c must be a, (b, c).",
		"keep what a part needs (sum and count) and divide in Finish; merge no finished results.", associates,
	},
	{
		"parts make the whole", "Rows that are added to two accumulators, which are then merged, must be the same as rows added to one.",
		"Merge must take in everything that Add does.", parts,
	},
	{
		"merging spares its source", "Merge must leave the other accumulator as it is, and share no memory with it.",
		"copy slices and maps.", spares,
	},
	{
		"finishing changes nothing", "Finish and AppendTo are asked again and again, between rows.",
		"let them work on copies.", unchanged,
	},
	{
		"saved and loaded", "Load must make what AppendTo wrote, which then goes on as the first would have.",
		"write everything that Add and Merge look at, and copy what is kept of the bytes.", loads,
	},
	{
		"bytes that are damaged", "Load must not panic, whatever it is given.",
		"check lengths before reading.", damaged,
	},
	{
		"retracting undoes merging", "What was merged in and is retracted must leave no trace.",
		"if the function cannot, leave Retract out: then the engine does not ask for it.", retracts,
	},
	{
		"the result from scratch", "The result must be that of Scratch for all rows at once.",
		"one of the two is wrong.", scratch,
	},
}

func sameTwice(h *hand, rows [][]column.Value) string {
	for range 4 {
		if d := h.differ("once", h.of(rows), "once more", h.of(rows)); d != "" {
			return d
		}
	}
	return ""
}

func anyOrder(h *hand, rows [][]column.Value) string {
	other := slices.Clone(rows)
	slices.Reverse(other)
	if d := h.differ("in this order", h.of(rows), "in reverse", h.of(other)); d != "" {
		return d
	}
	h.rng.Shuffle(len(other), func(i, j int) { other[i], other[j] = other[j], other[i] })
	return h.differ("in this order", h.of(rows), "in another", h.of(other))
}

// merged is an accumulator into which others are merged, one after the other.
func (h *hand) merged(parts ...[][]column.Value) aggregate.Accumulator {
	a := h.of(parts[0])
	for _, p := range parts[1:] {
		a.Merge(h.of(p))
	}
	return a
}

func commutes(h *hand, rows [][]column.Value) string {
	a, b := h.cut(rows)
	n := len(a)
	return h.differ(fmt.Sprintf("rows up to %d, then the rest", n), h.merged(a, b), fmt.Sprintf("the rest, then rows up to %d", n), h.merged(b, a))
}

func associates(h *hand, rows [][]column.Value) string {
	a, rest := h.cut(rows)
	b, c := h.cut(rest)
	right := h.of(a)
	right.Merge(h.merged(b, c))
	cuts := fmt.Sprintf("cut behind rows %d and %d", len(a), len(a)+len(b))
	return h.differ("(a, b), c, "+cuts, h.merged(a, b, c), "a, (b, c), "+cuts, right)
}

func parts(h *hand, rows [][]column.Value) string {
	a, b := h.cut(rows)
	return h.differ("all rows added", h.of(rows), fmt.Sprintf("two parts merged, cut behind row %d", len(a)), h.merged(a, b))
}

func neutral(h *hand, rows [][]column.Value) string {
	into := h.f.New()
	into.Merge(h.of(rows))
	if d := h.differ("the rows", h.of(rows), "nothing, then the rows merged in", into); d != "" {
		return d
	}
	return h.differ("the rows", h.of(rows), "the rows, then nothing merged in", h.merged(rows, nil))
}

func spares(h *hand, rows [][]column.Value) string {
	a, b := h.cut(rows)
	into, source := h.of(a), h.of(b)
	into.Merge(source)
	if d := h.differ("the source before", h.of(b), "and after it was merged", source); d != "" {
		return d
	}
	h.add(into, rows)
	return h.differ("the source before", h.of(b), "and after the other went on", source)
}

func unchanged(h *hand, rows [][]column.Value) string {
	a, b := h.cut(rows)
	asked := h.of(a)
	for range 2 {
		asked.Finish()
		asked.AppendTo(nil)
	}
	h.add(asked, b)
	return h.differ("never asked", h.of(rows), fmt.Sprintf("asked behind row %d", len(a)), asked)
}

func loads(h *hand, rows [][]column.Value) string {
	a, b := h.cut(rows)
	first := h.of(a)
	text := first.AppendTo([]byte("before"))
	if !bytes.HasPrefix(text, []byte("before")) {
		return "AppendTo does not append: what was in the slice is gone"
	}
	text = text[len("before"):]
	second := h.f.New()
	if err := second.Load(text); err != nil {
		return fmt.Sprintf("Load of [% x], which AppendTo wrote: %v", text, err)
	}
	for i := range text {
		text[i] ^= 0xa5
	}
	if d := h.differ("saved", first, "loaded", second); d != "" {
		return d
	}
	h.add(second, b)
	return h.differ("never saved", h.of(rows), fmt.Sprintf("saved and loaded behind row %d", len(a)), second)
}

func damaged(h *hand, rows [][]column.Value) string {
	text := h.of(rows).AppendTo(nil)
	for cut := range text {
		_ = h.f.New().Load(slices.Clone(text[:cut])) // an error or not: the engine compares what is written back
	}
	for range 8 {
		bad := slices.Clone(text)
		for i := range bad {
			if h.rng.IntN(4) == 0 {
				bad[i] = byte(h.rng.Uint32())
			}
		}
		_ = h.f.New().Load(bad)
	}
	return ""
}

func retracts(h *hand, rows [][]column.Value) string {
	a, b := h.cut(rows)
	into, ok := h.merged(a, b).(aggregate.Retracter)
	if !ok {
		return ""
	}
	into.Retract(h.of(b))
	return h.differ(fmt.Sprintf("rows up to %d", len(a)), h.of(a), "all rows, and the rest retracted", into)
}

func scratch(h *hand, rows [][]column.Value) string {
	if h.f.Scratch == nil {
		return ""
	}
	want := h.f.Scratch(rows)
	want.Type = h.f.Result
	if got := h.result(h.of(rows)); got.Compare(want) != 0 {
		return fmt.Sprintf("the accumulator gives %s\nScratch gives         %s", shown(got), shown(want))
	}
	return ""
}
