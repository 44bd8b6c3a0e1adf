package operator

import "slices"

// timed is inputs whose windows are each key's own, so that they do not fire one
// after another for all keys: a lane has a timer for every node that has one.
type timed struct {
	inputs
	lanes []timedLane // one; across own: one for each partition
	queue []int32     // lanes that may have something due
}

func newTimed(c *Config) timed {
	t := timed{inputs: newInputs(c)}
	t.lanes = make([]timedLane, t.laneCount())
	for i := range t.lanes {
		t.lanes[i].watermark = t.least.Least()
	}
	return t
}

// Watermark is the one that fires the windows of a partition's rows.
func (s *timed) Watermark(partition int) int64 { return s.lanes[s.lane(partition)].watermark }

func (s *timed) lane(partition int) int32 {
	if len(s.lanes) == 1 {
		return 0
	}
	return int32(partition)
}

// Advance tells a partition's frontier behind the rows added so far, or behind
// an idle record. One that goes back is ignored.
func (s *timed) Advance(partition int, frontier int64) {
	if frontier <= s.frontiers[partition] {
		return
	}
	s.frontiers[partition] = frontier
	s.raise(partition, s.mark.Watermark(frontier))
}

// raise moves the watermark that a partition contributes to.
func (s *timed) raise(partition int, mark int64) {
	least, _ := s.least.Advance(partition, mark)
	number := s.lane(partition)
	l := &s.lanes[number]
	if len(s.lanes) > 1 {
		least = s.least.Input(partition)
	}
	if least > l.watermark {
		l.watermark = least
		if len(l.timers) > 0 && l.timers[0].due <= least {
			s.enqueue(number)
		}
	}
}

// enqueue makes Next look at a lane, lanes in ascending order.
func (s *timed) enqueue(number int32) {
	l := &s.lanes[number]
	if l.ready {
		return
	}
	l.ready = true
	at, _ := slices.BinarySearch(s.queue, number)
	s.queue = slices.Insert(s.queue, at, number)
}

// timedLane is the windows that fire by one watermark.
type timedLane struct {
	watermark int64
	ready     bool // in the queue
	timers    []timer
}

// timer says when to look at a node: a session, or a key's rows. Nodes grow after
// their timer was set, so it may be early; it is void if the node's own differs.
type timer struct {
	due  int64
	node uint32
}

// push adds a timer to the heap.
func (l *timedLane) push(t timer) {
	l.timers = append(l.timers, t)
	h := l.timers
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if h[up].due <= t.due {
			break
		}
		h[i], h[up] = h[up], h[i]
		i = up
	}
}

// pop takes the first timer off the heap.
func (l *timedLane) pop() timer {
	h := l.timers
	first, n := h[0], len(h)-1
	h[0] = h[n]
	l.timers, h = h[:n], h[:n]
	for i := 0; ; {
		down := 2*i + 1
		if down >= n {
			return first
		}
		if down+1 < n && h[down+1].due < h[down].due {
			down++
		}
		if h[i].due <= h[down].due {
			return first
		}
		h[i], h[down] = h[down], h[i]
		i = down
	}
}
