package aggregate

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/zeebo/xxh3"

	"parallax/engine/flow/column"
)

// TestGoldenStates fixes the bytes and the results of every function over 3,000
// seeded rows: they must be the same on every machine, and a change of them is a
// new formatVersion or a mistake. Rows are made of integers only, as the bits of
// floating-point generators are not at issue here.
func TestGoldenStates(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	h, last := xxh3.New(), ""
	for _, c := range testCalls(t) {
		var lines []line
		for i := range 3000 {
			l := line{time: rng.Int64N(50), partition: rng.Int32N(3), offset: int64(i), keep: rng.IntN(9) > 0}
			for _, typ := range c.Args {
				n := rng.Int64N(4_000_000) - 1_000_000
				l.args = append(l.args, column.Value{
					Type: typ, Null: rng.IntN(20) == 0, Bool: n&1 == 1, Int: n, Float: float64(n) / 1000,
					Decimal: column.DecimalFromInt(n), String: fmt.Sprint(n % 701),
				})
			}
			lines = append(lines, l)
		}
		x := newTable(mustNew(t, c), 1)
		in := &Input{}
		for at := 0; at < len(lines); at += 100 {
			batch := inputOf(c, lines[at:at+100], rng)
			in.Args, in.Where, in.Batch = batch.Args, batch.Where, batch.Batch
			x.AddRange(in, make([]uint32, 100), 0, 100)
		}
		last = x.Finish(0, 0).Text()
		_, _ = h.Write(x.AppendTo(0, nil))
		_, _ = h.WriteString(c.String() + "=" + last + "\n")
	}
	const want = 0x85b7d04bcc4312a1
	if got := h.Sum64(); got != want {
		t.Errorf("hash of all states and results is %#x, want %#x", got, uint64(want))
	}
}
