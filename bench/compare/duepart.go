package compare

import (
	"cmp"
	"slices"

	"parallax/bench/measure"
	"parallax/engine/flow/column"
	"parallax/engine/flow/window"
)

// duePart is when the policy permits the first answer about a session under a delay. What
// would hold it together may be dropped, or come when a part of it has fired: the part that
// ends first is what is answered first. Rows on time hold each other together; a late one
// is answered at its own end if that comes before it finds others.
func (in *Input) duePart(w int32, delay int64) int64 {
	h, spec := &in.truth.windows[w], &in.plan.Window
	type kept struct{ time, end, mark, arrival int64 }
	var rows []kept
	for _, i := range in.perWindow[w] {
		if r := &in.rows[i]; !in.dropped(r, h, delay) {
			k := kept{r.time, window.Add(r.time, spec.Size), column.NoFrontier, r.arrival}
			if r.frontier != column.NoFrontier {
				k.mark = window.Sub(r.frontier, delay)
			}
			rows = append(rows, k)
		}
	}
	slices.SortFunc(rows, func(a, b kept) int { return cmp.Compare(a.time, b.time) })
	due := measure.Never
	for i := range rows {
		r := &rows[i]
		if at := reached(in.lane(w), window.Add(r.end, delay)); r.mark > r.time { // late
			due = min(due, max(at, r.arrival))
		} else if at < due {
			goesOn := false
			for k := i + 1; k < len(rows) && !goesOn && (rows[k].time < r.end || spec.Merge == window.Touching && rows[k].time == r.end); k++ {
				goesOn = rows[k].mark <= rows[k].time
			}
			if !goesOn {
				due = at
			}
		}
	}
	return due
}
