//go:build !js && !wasip1

package osenv

import (
	"container/heap"
	"context"
	"log/slog"
	"math"
	"time"

	"parallax/engine"
)

// clock runs on the monotonic clock, from the wall clock's reading at the start
// of the incarnation: instants never go back within an incarnation, whoever sets
// the wall clock, and map to event times.
type clock struct {
	base time.Time
}

func newClock() clock { return clock{time.Now()} }

func (c clock) now() engine.Instant {
	return engine.Instant(c.base.UnixNano() + int64(time.Since(c.base)))
}

// stamped is a log handler that takes the time from the node's clock.
type stamped struct {
	slog.Handler
	clock clock
}

func (h stamped) Handle(ctx context.Context, r slog.Record) error {
	r.Time = time.Unix(0, int64(h.clock.now()))
	return h.Handler.Handle(ctx, r)
}

func (h stamped) WithAttrs(attrs []slog.Attr) slog.Handler {
	return stamped{h.Handler.WithAttrs(attrs), h.clock}
}

func (h stamped) WithGroup(name string) slog.Handler {
	return stamped{h.Handler.WithGroup(name), h.clock}
}

// after is an instant, the last one if there is none so late.
func (c clock) after(ns int64) engine.Instant {
	return engine.Instant(min(int64(c.now()), math.MaxInt64-ns) + ns)
}

// timer is one running timer.
type timer struct {
	due   engine.Instant
	order uint64 // of two that are due together, the one set first fires first
	key   uint64
	index int // in the heap
	msg   packet
}

// timers is the set of running timers, one per key.
type timers struct {
	byDue dueHeap
	byKey map[uint64]*timer
	order uint64
}

// set replaces the timer of that key.
func (ts *timers) set(key uint64, due engine.Instant, msg packet) {
	ts.cancel(key)
	ts.order++
	t := &timer{due: due, order: ts.order, key: key, msg: msg}
	if ts.byKey == nil {
		ts.byKey = map[uint64]*timer{}
	}
	ts.byKey[key] = t
	heap.Push(&ts.byDue, t)
}

func (ts *timers) cancel(key uint64) {
	if t, ok := ts.byKey[key]; ok {
		heap.Remove(&ts.byDue, t.index)
		delete(ts.byKey, key)
	}
}

// next is when the first timer is due.
func (ts *timers) next() (engine.Instant, bool) {
	if len(ts.byDue) == 0 {
		return 0, false
	}
	return ts.byDue[0].due, true
}

// pop takes the first timer that is due at now.
func (ts *timers) pop(now engine.Instant) (packet, bool) {
	if len(ts.byDue) == 0 || ts.byDue[0].due > now {
		return packet{}, false
	}
	t := heap.Pop(&ts.byDue).(*timer)
	delete(ts.byKey, t.key)
	return t.msg, true
}

// dueHeap is the heap under timers.
type dueHeap []*timer

func (h dueHeap) Len() int { return len(h) }

func (h dueHeap) Less(i, j int) bool {
	if h[i].due != h[j].due {
		return h[i].due < h[j].due
	}
	return h[i].order < h[j].order
}

func (h dueHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *dueHeap) Push(x any) {
	t := x.(*timer)
	t.index = len(*h)
	*h = append(*h, t)
}

func (h *dueHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return t
}
