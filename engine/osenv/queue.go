//go:build !js && !wasip1

package osenv

import "sync"

// queue is a bounded FIFO of packets between goroutines.
type queue struct {
	messagesMax, bytesMax int
	ready                 chan struct{} // holds a token when there may be something to pop

	mu     sync.Mutex
	space  sync.Cond // of mu: something was popped, or the queue was closed
	ring   fifo
	bytes  int
	closed bool
}

func newQueue(messagesMax, bytesMax int) *queue {
	q := &queue{messagesMax: messagesMax, bytesMax: bytesMax, ready: make(chan struct{}, 1)}
	q.space.L = &q.mu
	return q
}

// full says that p does not fit. An empty queue takes anything.
func (q *queue) full(p packet) bool {
	n := q.ring.len()
	return n > 0 && (n >= q.messagesMax || q.bytes+len(p.frame) > q.bytesMax)
}

// push waits for space. It says false if the queue is closed.
func (q *queue) push(p packet) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.full(p) && !q.closed {
		q.space.Wait()
	}
	return q.add(p)
}

// pushDropping makes space by dropping the oldest, and says how many.
func (q *queue) pushDropping(p packet) (dropped int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.full(p) {
		old, _ := q.ring.pop()
		q.bytes -= len(old.frame)
		dropped++
	}
	q.add(p)
	return dropped
}

func (q *queue) add(p packet) bool {
	if q.closed {
		return false
	}
	q.ring.push(p)
	q.bytes += len(p.frame)
	q.signal()
	return true
}

func (q *queue) signal() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// nudge puts the token back that somebody has taken without popping.
func (q *queue) nudge() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ring.len() > 0 {
		q.signal()
	}
}

func (q *queue) pop() (packet, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	p, ok := q.ring.pop()
	if ok {
		q.bytes -= len(p.frame)
		q.space.Signal()
	}
	return p, ok
}

// popAll empties the queue onto ps.
func (q *queue) popAll(ps []packet) []packet {
	q.mu.Lock()
	defer q.mu.Unlock()
	for p, ok := q.ring.pop(); ok; p, ok = q.ring.pop() {
		ps = append(ps, p)
	}
	q.bytes = 0
	q.space.Broadcast()
	return ps
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.space.Broadcast()
}

// fifo is an unbounded ring; its owner bounds it.
type fifo struct {
	ring  []packet
	first int
	count int
}

func (f *fifo) len() int { return f.count }

func (f *fifo) push(p packet) {
	if f.count == len(f.ring) {
		grown := make([]packet, max(16, 2*f.count))
		n := copy(grown, f.ring[f.first:])
		copy(grown[n:], f.ring[:f.first])
		f.ring, f.first = grown, 0
	}
	f.ring[(f.first+f.count)%len(f.ring)] = p
	f.count++
}

func (f *fifo) pop() (packet, bool) {
	if f.count == 0 {
		return packet{}, false
	}
	p := f.ring[f.first]
	f.ring[f.first] = packet{}
	f.first = (f.first + 1) % len(f.ring)
	f.count--
	return p, true
}
