package aggregate

import (
	"cmp"
	"fmt"

	"parallax/engine/flow/column"
)

// place is the value of the first or the last row that is not null, in the order
// of (event time, partition, offset). Should two rows have one place, the less (for
// last: the greater) value wins, so that the accumulator stays commutative.
//
// Words: event time, offset, 2·partition + 1 (0: no row yet), value.
//
//	encoding  0, or 1, then event time, partition and offset as ordinals
//	          and the value as slot
type place struct {
	cell
	slot slot
	sign int // 1 for last, -1 for first
}

func bindFirst(c Call) (*function, error) { return bindPlace(c, -1) }
func bindLast(c Call) (*function, error)  { return bindPlace(c, 1) }

func bindPlace(c Call, sign int) (*function, error) {
	t, err := oneArgument(c)
	if err != nil {
		return nil, err
	}
	return &function{
		result: t, words: 3 + slotWords(t.Kind),
		open: func(c cell) store { return &place{cell: c, slot: slot{kind: t.Kind}, sign: sign} },
	}, nil
}

func (s *place) words(group uint32) []uint64 {
	i := s.index(group)
	return s.table.words[i : i+3+slotWords(s.slot.kind)]
}

func (s *place) add(c *chunk) {
	partition := c.batch.Partition
	for i, g := range c.groups {
		row := c.row(i)
		time, offset := c.batch.Times[row], c.batch.Offset
		if !c.batch.Results {
			offset += int64(row)
		}
		p := s.words(g)
		if p[2] != 0 {
			d := s.sign * comparePlace(time, offset, partition, p)
			if d < 0 || d == 0 && s.sign*s.slot.compareRow(c, i, p[3:]) <= 0 {
				continue
			}
		}
		p[0], p[1], p[2] = uint64(time), uint64(offset), uint64(uint32(partition))<<1|1
		s.slot.take(p[3:], c, i)
	}
}

// comparePlace orders a row and the one in p.
func comparePlace(time, offset int64, partition int32, p []uint64) int {
	if d := cmp.Compare(time, int64(p[0])); d != 0 {
		return d
	}
	if d := cmp.Compare(partition, int32(p[2]>>1)); d != 0 {
		return d
	}
	return cmp.Compare(offset, int64(p[1]))
}

func (s *place) merge(group uint32, src store, from uint32) {
	o := src.(*place)
	p, q := s.words(group), o.words(from)
	if q[2] == 0 {
		return
	}
	if p[2] != 0 {
		d := s.sign * comparePlace(int64(q[0]), int64(q[1]), int32(q[2]>>1), p)
		if d < 0 || d == 0 && s.sign*o.slot.compare(q[3:], &s.slot, p[3:]) <= 0 {
			return
		}
	}
	copy(p[:3], q[:3])
	s.slot.copy(p[3:], &o.slot, q[3:])
}

func (s *place) encode(group uint32, b []byte) []byte {
	p := s.words(group)
	if p[2] == 0 {
		return append(b, 0)
	}
	b = appendOrdinal(append(b, 1), p[0]^signBit)
	b = appendOrdinal(b, uint64(int64(int32(p[2]>>1)))^signBit)
	b = appendOrdinal(b, p[1]^signBit)
	return s.slot.encode(p[3:], b)
}

func (s *place) decode(group uint32, b []byte) (rest []byte, err error) {
	some, b, err := readFlag(b)
	if err != nil || !some {
		return b, err
	}
	var at [3]uint64
	for i := range at {
		if at[i], b, err = readOrdinal(b); err != nil {
			return nil, err
		}
		at[i] ^= signBit
	}
	partition := int32(at[1])
	if int64(partition) != int64(at[1]) {
		return nil, fmt.Errorf("%w: no partition %d", ErrEncoding, int64(at[1]))
	}
	p := s.words(group)
	if b, err = s.slot.decode(p[3:], b); err != nil {
		return nil, err
	}
	p[0], p[1], p[2] = at[0], at[2], uint64(uint32(partition))<<1|1
	return b, nil
}

func (s *place) finish(group uint32, v *column.Value) bool {
	if p := s.words(group); p[2] != 0 {
		s.slot.set(v, p[3:])
	}
	return true
}

func (s *place) release(group uint32) { s.slot.drop(s.words(group)[3:]) }
