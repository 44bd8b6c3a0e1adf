package gate

import "slices"

// heads chooses which of several inputs is read next: of those that have something
// waiting, the one whose first has the least event time, and of several such the
// first input (Kafka Streams, PartitionGroup). Late rows that are appended to an
// input come out where they stand, behind those before them: an input is a queue and
// not sorted.
type heads struct {
	waiting []int // inputs that have something, ascending
	times   []int64
}

// newHeads is a choice among n inputs, of which none has anything waiting.
func newHeads(n int) *heads { return &heads{times: make([]int64, n)} }

// wait says the event time of what an input has waiting first.
func (h *heads) wait(input int, eventTime int64) {
	if at, found := slices.BinarySearch(h.waiting, input); !found {
		h.waiting = slices.Insert(h.waiting, at, input)
	}
	h.times[input] = eventTime
}

// empty says that an input has nothing waiting any more.
func (h *heads) empty(input int) {
	if at, found := slices.BinarySearch(h.waiting, input); found {
		h.waiting = slices.Delete(h.waiting, at, at+1)
	}
}

// next is the input to be read next, of those that may be; ok is false if there is
// none.
func (h *heads) next(may func(input int) bool) (input int, ok bool) {
	for _, i := range h.waiting {
		if (!ok || h.times[i] < h.times[input]) && may(i) {
			input, ok = i, true
		}
	}
	return input, ok
}
