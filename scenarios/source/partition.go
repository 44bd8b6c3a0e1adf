package source

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Partition is one partition of a file: the values of the partition columns as
// they are written, and its rows.
type Partition struct {
	Values []string
	Rows   int64
}

// partitioner numbers partitions: by the distinct tuples of the partition
// columns, as written, in order of first appearance; or round robin by row.
type partitioner struct {
	by         []int // cells of the partition columns
	round      int   // number of partitions, without partition columns
	rows       int64
	index      map[string]int32
	key, last  []byte
	lastNumber int32
	list       []Partition
}

func newPartitioner(by []int, round int) *partitioner {
	p := &partitioner{by: by, round: max(round, 1), index: map[string]int32{}, lastNumber: -1}
	if len(by) == 0 {
		p.list = make([]Partition, p.round)
	}
	return p
}

// restart begins another pass over the same rows; numbers stay.
func (p *partitioner) restart() {
	p.rows = 0
	for i := range p.list {
		p.list[i].Rows = 0
	}
}

// of is the partition of the next row; ok is false when there are too many.
func (p *partitioner) of(cells []cell) (number int32, ok bool) {
	if len(p.by) == 0 {
		number = int32(p.rows % int64(p.round))
	} else if number, ok = p.byValue(cells); !ok {
		return 0, false
	}
	p.rows++
	p.list[number].Rows++
	return number, true
}

func (p *partitioner) byValue(cells []cell) (int32, bool) {
	p.key = p.key[:0]
	for _, slot := range p.by {
		c := &cells[slot]
		if c.kind == cellNull {
			p.key = binary.AppendUvarint(p.key, 0)
			continue
		}
		p.key = binary.AppendUvarint(p.key, uint64(len(c.text))+1)
		p.key = append(p.key, c.text...)
	}
	if p.lastNumber >= 0 && bytes.Equal(p.key, p.last) {
		return p.lastNumber, true
	}
	number, ok := p.index[string(p.key)]
	if !ok {
		if len(p.list) == partitionsMax {
			return 0, false
		}
		number = int32(len(p.list))
		p.index[string(p.key)] = number
		values := make([]string, len(p.by))
		for i, slot := range p.by {
			values[i] = string(cells[slot].text)
		}
		p.list = append(p.list, Partition{Values: values})
	}
	p.last = append(p.last[:0], p.key...)
	p.lastNumber = number
	return number, true
}

func (p *partitioner) tooMany(file string, line int64) *Error {
	return &Error{File: file, Line: line, Msg: fmt.Sprintf("more than %d partitions: partition_by names columns with too many values", partitionsMax), fatal: true}
}
