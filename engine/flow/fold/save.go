package fold

import (
	"errors"
	"fmt"

	"parallax/engine/wire"
)

// formatVersion is the first byte of a saved fold.
const formatVersion = 1

// errSaved is for bytes that AppendTo has not written.
var errSaved = errors.New("fold: not a saved fold of this job")

// AppendTo encodes a row.
//
//	key 4+n | start 8 | end 8 | partition 4 | pairs on time 8, revised 8, dropped 8 |
//	accumulators 4+n
func (r *Row) AppendTo(b []byte) []byte {
	b = wire.AppendBytes(b, r.Key)
	b = wire.Order.AppendUint64(b, uint64(r.Start))
	b = wire.Order.AppendUint64(b, uint64(r.End))
	b = wire.Order.AppendUint32(b, uint32(r.Partition))
	for _, n := range [...]int64{r.OnTime, r.Revised, r.Dropped} {
		b = wire.Order.AppendUint64(b, uint64(n))
	}
	return wire.AppendBytes(b, r.Accumulators)
}

// decodeRow reads a row, which aliases the bytes.
func decodeRow(r *wire.Reader) Row {
	return Row{
		Key: r.Bytes(), Start: r.I64(), End: r.I64(), Partition: r.I32(),
		OnTime: r.I64(), Revised: r.I64(), Dropped: r.I64(), Accumulators: r.Bytes(),
	}
}

// AppendTo appends the fold's frontiers and rows, not its counters: equal folds at equal frontiers give equal bytes.
//
//	version 1 | counts dropped 1 | partitions 4, each: frontier 8 |
//	rows, each: 1 and the row; then 0
func (f *Fold) AppendTo(b []byte) []byte {
	b = wire.AppendBool(append(b, formatVersion), f.count)
	b = wire.Order.AppendUint32(b, uint32(f.partitions))
	for p := range f.partitions {
		b = wire.Order.AppendUint64(b, uint64(f.Frontier(p)))
	}
	f.Scan(-1<<63, 1<<63-1, func(r *Row) bool {
		b = r.AppendTo(append(b, 1))
		return true
	})
	return append(b, 0)
}

// Load makes a new fold the one that was saved, under the same plan, partitions and
// options, and returns what follows. An error leaves it of no further use.
func (f *Fold) Load(b []byte) (rest []byte, err error) {
	r := &wire.Reader{Rest: b}
	version, count := r.U8(), r.Bool()
	if partitions := r.Count(8); version != formatVersion || count != f.count || partitions != f.partitions {
		return nil, fmt.Errorf("%w: version %d, dropped pairs count: %v, %d partitions", errSaved, version, count, partitions)
	}
	for p := range f.partitions {
		f.SetFrontier(p, r.I64())
	}
	var list []Row
	more := true
	for more {
		if len(r.Rest) == 0 {
			return nil, fmt.Errorf("%w: cut off behind %d rows", errSaved, len(list))
		}
		if more = r.Bool(); more {
			list = append(list, decodeRow(r))
		}
	}
	rest = r.Rest
	return rest, f.Merge(list)
}
