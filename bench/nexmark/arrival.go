package nexmark

import "container/heap"

// groupStep is the stride by which a group is walked through; it is prime, so every
// event of a group comes once.
const groupStep = 953

// arrival is when an event is there.
func (g *Generator) arrival(e *Event, slot int64) int64 {
	d := g.o.Disorder
	switch d.Kind {
	case Group:
		return max(e.Time, g.time(slot))
	case Delay:
		r := stream(g.o.Seed, uint64(e.N), disorder)
		if r.below(1000) < d.PerMille {
			return e.Time + 1 + r.below(d.Max)
		}
	case Offline:
		who := uint64(max(e.Seller, e.Bidder, e.ID))
		period := (e.Time - g.o.Base) / d.Max
		if stream(g.o.Seed, mix(who)+uint64(period)*golden, disorder).below(1000) < d.PerMille {
			return g.o.Base + (period+1)*d.Max
		}
	case Lag:
		return e.Time + int64(e.Partition)*d.Max
	}
	return e.Time
}

// Arrivals calls yield for events 0 … n-1 in the order in which they arrive (those
// that arrive together in the order of their slots), until it returns false. It keeps
// as many of them as the disorder can hold back.
func (g *Generator) Arrivals(n int64, yield func(*Event) bool) {
	var q waiting
	for slot := int64(0); slot < n || len(q) > 0; slot++ {
		if slot < n {
			heap.Push(&q, held{g.Event(slot), slot})
		}
		// Events of later slots arrive at or after the slot's time.
		for len(q) > 0 && (slot >= n || q[0].Arrival < g.time(slot+1)) {
			h := heap.Pop(&q).(held)
			if !yield(&h.Event) {
				return
			}
		}
	}
}

type held struct {
	Event
	slot int64
}

// waiting is a heap by arrival and slot.
type waiting []held

func (q waiting) Len() int { return len(q) }

func (q waiting) Less(i, j int) bool {
	return q[i].Arrival < q[j].Arrival || q[i].Arrival == q[j].Arrival && q[i].slot < q[j].slot
}

func (q waiting) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *waiting) Push(x any)   { *q = append(*q, x.(held)) }

func (q *waiting) Pop() any {
	last := len(*q) - 1
	h := (*q)[last]
	*q = (*q)[:last]
	return h
}
