package boundary

import (
	"errors"
	"fmt"
)

// Batch numbers pieces of event time of one width, from 1970 on.
type Batch int64

// BatchOf is the batch of a time: its floor, also before 1970.
func BatchOf(t, width int64) Batch {
	b := t / width
	if t%width < 0 {
		b--
	}
	return Batch(b)
}

// Offline is what the batch layer knows of a key: everything of the batches before
// Before.
type Offline[V any] struct {
	Before Batch
	Value  V
}

// Errors of a merge.
var (
	ErrPassed = errors.New("boundary: the batch layer is ahead of the batch that was asked for")
	ErrHole   = errors.New("boundary: batches between the layers are kept by neither")
)

// Summing merges the layers of a Summingbird store (ClientStore, MergeOperations): the
// speed layer keeps values of the last Keep batches, by key and batch, and the merge
// adds those that the batch layer does not count. Plus need not commute: it is applied
// in the order of batches, the batch layer's value first.
type Summing[V any] struct {
	Keep int64
	Plus func(earlier, later V) V
	// Strict refuses a hole. Upstream passes over it in silence (issue 71).
	Strict bool
}

// Merge reads a key as of batch n: offline is nil if the batch layer has nothing of
// it, online tells the speed layer's value of a batch.
func (s *Summing[V]) Merge(n Batch, offline *Offline[V], online func(Batch) (V, bool)) (value V, found bool, err error) {
	from := n - Batch(s.Keep-1)
	if offline != nil {
		if offline.Before > n+1 {
			return value, false, fmt.Errorf("%w: it counts batches before %d, asked was %d", ErrPassed, offline.Before, n)
		}
		if offline.Before < from && s.Strict {
			return value, false, fmt.Errorf("%w: %d to %d", ErrHole, offline.Before, from-1)
		}
		value, found = offline.Value, true
		from = max(from, offline.Before)
	}
	for b := from; b <= n; b++ {
		v, ok := online(b)
		switch {
		case !ok:
		case !found:
			value, found = v, true
		default:
			value = s.Plus(value, v)
		}
	}
	return value, found, nil
}
