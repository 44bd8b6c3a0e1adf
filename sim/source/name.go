package source

import (
	"encoding/binary"
	"math"

	"github.com/zeebo/xxh3"

	"parallax/engine/flow/column"
	"parallax/sim/fault"
	"parallax/sim/story"
)

// names are the causal names of a story's rows, by partition: a hash of partition,
// event time and values, and of how many rows with all of that came before. When a row
// arrives is not in it: that is what some of the faults change.
func names(s *story.Story) [][]fault.Name {
	list := make([][]fault.Name, s.Partitions)
	seen := map[uint64]uint64{}
	var b []byte
	for i := range s.Rows {
		r := &s.Rows[i]
		b = binary.LittleEndian.AppendUint64(b[:0], uint64(r.Partition))
		b = binary.LittleEndian.AppendUint64(b, uint64(r.Time))
		for c := range r.Values {
			b = appendValue(b, &r.Values[c])
		}
		h := xxh3.Hash(b)
		nth := seen[h]
		seen[h]++
		b = binary.LittleEndian.AppendUint64(b, nth)
		list[r.Partition] = append(list[r.Partition], fault.Name(xxh3.Hash(b)))
	}
	return list
}

// appendValue appends what tells a value from others.
func appendValue(b []byte, v *column.Value) []byte {
	if v.Null {
		return append(b, 0)
	}
	b = append(b, 1+byte(v.Type.Kind))
	switch v.Type.Kind {
	case column.Bool:
		if v.Bool {
			return append(b, 1)
		}
		return append(b, 0)
	case column.Float64:
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Float))
	case column.Decimal128:
		b = binary.LittleEndian.AppendUint64(b, uint64(v.Decimal.Hi))
		return binary.LittleEndian.AppendUint64(b, v.Decimal.Lo)
	case column.String:
		b = binary.LittleEndian.AppendUint64(b, uint64(len(v.String)))
		return append(b, v.String...)
	}
	return binary.LittleEndian.AppendUint64(b, uint64(v.Int))
}

// momentName is that of a partition's second, which begins at an arrival in µs.
func momentName(part int, begin int64) fault.Name {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], uint64(part))
	binary.LittleEndian.PutUint64(b[8:], uint64(begin))
	return fault.Name(xxh3.Hash(b[:]))
}
