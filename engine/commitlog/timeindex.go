package commitlog

import (
	"slices"
	"sort"

	"parallax/engine/commitlog/protocol"
)

// timeStride is the least distance, in microseconds of append time, between two
// marks of the time index.
const timeStride = 1_000_000

// timeMarksMax bounds the index: when it is full every second mark goes.
const timeMarksMax = 4096

// timeMark says that the first batch with an append time of at least append
// begins at before.
type timeMark struct {
	append int64
	before protocol.Cut
}

// timeIndex is a sparse index from append time to cut, ascending in both. It is
// part of the replicated state, so that every replica answers alike.
type timeIndex []timeMark

func (x *timeIndex) add(appendTime int64, before protocol.Cut) {
	if n := len(*x); n > 0 && appendTime < (*x)[n-1].append+timeStride {
		return
	}
	if len(*x) == timeMarksMax {
		thin := (*x)[:0]
		for i := 0; i < timeMarksMax; i += 2 {
			thin = append(thin, (*x)[i])
		}
		*x = thin
	}
	*x = append(*x, timeMark{append: appendTime, before: before})
}

// floor is the last mark whose append time is at most t: the batch that was
// appended first at or after t begins there or later. ok is false if there is
// none.
func (x timeIndex) floor(t int64) (m timeMark, ok bool) {
	i := sort.Search(len(x), func(i int) bool { return x[i].append > t })
	if i == 0 {
		return timeMark{}, false
	}
	return x[i-1], true
}

// trim forgets the marks below the log's start.
func (x *timeIndex) trim(start int64) {
	i := sort.Search(len(*x), func(i int) bool { return (*x)[i].before.Offset >= start })
	*x = slices.Delete(*x, 0, i)
}
