package gate

import (
	"fmt"
	"slices"
	"testing"
)

// queues is inputs with what waits in them, and the greatest event time read so far.
type queues struct {
	heads *heads
	list  [][]int64
	time  int64
}

func newQueues(list ...[]int64) *queues {
	q := &queues{heads: newHeads(len(list)), list: make([][]int64, len(list)), time: -1 << 63}
	for i, times := range list {
		q.add(i, times...)
	}
	return q
}

func (q *queues) add(input int, times ...int64) {
	if q.list[input] = append(q.list[input], times...); len(q.list[input]) == len(times) {
		q.heads.wait(input, times[0])
	}
}

// read reads one, if one may be, and says how late it is.
func (q *queues) read(may func(int) bool) (t, late int64, ok bool) {
	i, ok := q.heads.next(may)
	if !ok {
		return 0, 0, false
	}
	t = q.list[i][0]
	if q.list[i] = q.list[i][1:]; len(q.list[i]) > 0 {
		q.heads.wait(i, q.list[i][0])
	} else {
		q.heads.empty(i)
	}
	q.time = max(q.time, t)
	return t, q.time - t, true
}

func anyInput(int) bool { return true }

// TestVectorS53Heads: Kafka Streams reads the partition whose first record is least;
// late records that are appended come behind those before them, 3 and 1 late.
func TestVectorS53Heads(t *testing.T) {
	q := newQueues([]int64{1, 3, 5}, []int64{2, 4, 6})
	var order, lateness []int64
	for n := 0; ; n++ {
		if n == 2 {
			q.add(0, 2, 4)
		}
		at, late, ok := q.read(anyInput)
		if !ok {
			break
		}
		if order = append(order, at); late > 0 {
			lateness = append(lateness, late)
		}
	}
	if want := []int64{1, 2, 3, 4, 5, 2, 4, 6}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
	if want := []int64{3, 1}; !slices.Equal(lateness, want) {
		t.Errorf("lateness %v, want %v", lateness, want)
	}
}

// TestVectorHeadsMay: of equals the first input is read; one that may not be read is
// passed over, and nothing is read where none may.
func TestVectorHeadsMay(t *testing.T) {
	q := newQueues([]int64{7, 9}, []int64{7}, []int64{8})
	got := ""
	for _, only := range []int{-1, 2, 2, -1, -1, -1} {
		at, _, ok := q.read(func(i int) bool { return only < 0 || i == only })
		got += fmt.Sprintf("%d %v, ", at, ok)
	}
	if want := "7 true, 8 true, 0 false, 7 true, 9 true, 0 false, "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
