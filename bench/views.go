package bench

import (
	"cmp"
	"fmt"
	"slices"
)

// marksOf follows the watermarks of the given networks, and their least, which is
// what fires windows, in order of arrival.
func marksOf(pairs []pair, t timing, names ...string) []mark {
	greatest := make(map[string]int64)
	for _, n := range names {
		greatest[n] = never
	}
	var marks []mark
	last := int64(never)
	for i := range pairs {
		p := &pairs[i]
		f, ok := greatest[p.phone.network]
		if !ok || p.event <= f {
			continue
		}
		greatest[p.phone.network] = p.event
		least := p.event
		for _, n := range names {
			least = min(least, greatest[n])
		}
		if w := least - t.bounded; least > never && w > last {
			marks = append(marks, mark{at: p.arrival, watermark: w})
			last = w
		}
	}
	return marks
}

// reached is when a watermark got to w, or never.
func reached(marks []mark, w int64) int64 {
	for _, m := range marks {
		if m.watermark >= w {
			return m.at
		}
	}
	return never
}

// overview is the whole run.
func overview(pairs []pair, t timing) *plot {
	p := &plot{
		title: "All clicks", width: 1840, height: 1080, pairs: pairs, window: t.window, radius: 5, stroke: 3,
		fromX: pairs[0].event, fromY: pairs[0].arrival,
		text: "Event time against processing time of every click. Most lie close to the diagonal; horizontal streaks above it are phones that came back online.",
	}
	for i := range pairs {
		q := &pairs[i]
		p.fromX, p.toX = min(p.fromX, q.event), max(p.toX, q.event)
		p.fromY, p.toY = min(p.fromY, q.arrival), max(p.toY, q.arrival)
	}
	p.fromX, p.fromY = min(p.fromX, p.fromY), min(p.fromX, p.fromY)
	p.toX, p.toY = max(p.toX, p.fromX+t.window), max(p.toY, p.fromY+t.window)
	var names []string
	for _, n := range networks {
		names = append(names, n.name)
	}
	p.marks = marksOf(pairs, t, names...)
	p.notes = notesOf(pairs)
	return p
}

// notesMax is how many outages the overview names.
const notesMax = 4

// notesOf names the outages that made most clicks late, at the first of those.
func notesOf(pairs []pair) []note {
	first, late := make(map[*outage]*pair), make(map[*outage]int)
	var order []*outage
	for i := range pairs {
		p := &pairs[i]
		if p.outage == nil || p.fate == onTime {
			continue
		}
		if first[p.outage] == nil {
			order = append(order, p.outage)
			first[p.outage] = p
		}
		if p.event < first[p.outage].event {
			first[p.outage] = p
		}
		late[p.outage]++
	}
	slices.SortStableFunc(order, func(a, b *outage) int { return cmp.Compare(late[b], late[a]) })
	var notes []note
	for _, o := range order[:min(notesMax, len(order))] {
		p := first[o]
		notes = append(notes, note{p.event, p.arrival, fmt.Sprintf("%s, offline for %s", p.phone.name, about(o.to-o.from))})
	}
	return notes
}

// closeUpMax is the longest outage, in ms, that a close-up shows.
const closeUpMax = 60_000

// closeUp is the surroundings of the outage that made most clicks late, on its
// phone's network alone: nil if none made any late.
func closeUp(pairs []pair, t timing) *plot {
	late := make(map[*outage]int)
	var worst *pair
	for i := range pairs {
		p := &pairs[i]
		if p.outage == nil || p.fate == onTime || p.outage.to-p.outage.from > closeUpMax {
			continue
		}
		if late[p.outage]++; worst == nil || late[p.outage] > late[worst.outage] {
			worst = p
		}
	}
	if worst == nil {
		return nil
	}
	o, network := *worst.outage, worst.phone.network
	p := &plot{
		title: "One outage close up", width: 1840, height: 900, window: t.window, radius: 10, stroke: 4,
		fromX: o.from - 15_000, toX: o.to + 12_000, fromY: o.from - 15_000, toY: o.to + 12_000,
		text: fmt.Sprintf("Clicks on the network %s while phone %s was offline for %s.", network, worst.phone.name, about(o.to-o.from)),
	}
	for i := range pairs {
		if pairs[i].phone.network == network {
			p.pairs = append(p.pairs, pairs[i])
		}
	}
	p.marks = marksOf(pairs, t, network)
	for start := p.fromX - p.fromX%t.window; start < p.toX; start += t.window {
		end := start + t.window
		p.deadlines = append(p.deadlines, closing{start: start, fired: reached(p.marks, end), closed: reached(p.marks, end+t.allowed)})
	}
	return p
}
