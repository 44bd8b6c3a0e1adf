package story

import (
	"math"
	"strings"

	"parallax/engine/flow/column"
)

// hugeBytes is the length of a key that is far longer than any credit and than a
// segment of the log.
const hugeBytes = 6 << 10

// drawRows draws the rows. A partition may be without any, or fall silent.
func drawRows(d draws, s *Story, t times) {
	empty, silent := -1, -1
	if d.chance(8) {
		empty = d.IntN(drawnPartitions)
	}
	if d.chance(4) {
		silent = d.IntN(drawnPartitions)
	}
	v := drawShape(d)
	at, most := int64(0), pick(d, 1, 6, 6, 6, 24) // rows of a batch
	pause := -1                                   // the row before which nobody has anything to say
	if d.chance(4) {
		pause = d.IntN(drawnRows)
	}
	for len(s.Rows) < drawnRows {
		part := d.IntN(drawnPartitions)
		if part == empty || part == silent && len(s.Rows) > drawnRows/3 {
			continue
		}
		size := min(1+d.IntN(most), drawnRows-len(s.Rows))
		if pause >= len(s.Rows) && pause < len(s.Rows)+size {
			at += 500_000 + d.Int64N(1_500_000)
		}
		for range size {
			at += d.Int64N(55_000)
		}
		for range size {
			time := t.of(d, at, len(s.Rows))
			s.Rows = append(s.Rows, Row{Partition: int32(part), At: at, Time: time, Values: v.row(d, part)})
		}
	}
}

// shape is what the values of a story are like.
type shape struct {
	hot, empty, huge bool // keys: nine in ten are one, some are empty, some are very long
	special          bool // prices are NaN, infinite or -0 now and then
	cancel           bool // prices are so far apart that their sums in float64 depend on the order
}

func drawShape(d draws) shape {
	return shape{hot: d.chance(5), empty: d.chance(6), huge: d.chance(12), special: d.chance(4), cancel: d.chance(3)}
}

func (v *shape) row(d draws, part int) []column.Value {
	text := column.TypeOf(column.String)
	tag := column.Value{Type: text, Null: d.chance(5)}
	if !tag.Null {
		tag.String = strings.Repeat("x", d.IntN(3))
	}
	price := column.Value{Type: column.TypeOf(column.Float64), Null: d.chance(8)}
	if !price.Null {
		price.Float = v.price(d)
	}
	return []column.Value{
		{Type: column.TypeOf(column.Int64), Int: int64(part)},
		{Type: text, String: v.key(d)},
		{Type: column.TypeOf(column.Int64), Int: d.Int64N(20)},
		price, tag,
	}
}

func (v *shape) key(d draws) string {
	key := string(rune('a' + d.IntN(4)))
	switch {
	case v.hot && !d.chance(10):
		key = "a"
	case v.empty && d.chance(5):
		key = ""
	case v.huge && d.chance(40):
		key = strings.Repeat(key, hugeBytes)
	}
	return key
}

func (v *shape) price(d draws) float64 {
	switch {
	case v.special && d.chance(12):
		return pick(d, math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1))
	case v.cancel:
		return pick(d, 1e16, -1e16, 1, -1, 0.1, 1e-300)
	}
	return pick(d, d.Float64(), d.Float64()*1e16, -d.Float64()*1e16, 0.1, -0.1)
}
