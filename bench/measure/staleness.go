package measure

import (
	"cmp"
	"slices"
	"sort"
)

// Staleness is, at so many moments spread evenly over [from, to], how far back one has
// to go for the answers to hold every row of before: the moment less the least event
// time of a row that no answer holds yet. Rows that no answer ever holds are left out,
// or the first of them would stop the clock; that they are missing is what completeness
// says. A moment at which nothing is missing counts 0.
func (rows Rows) Staleness(from, to int64, moments int) []int64 {
	seen := make(Rows, 0, len(rows))
	for _, r := range rows {
		if r.Seen != Never {
			seen = append(seen, r)
		}
	}
	slices.SortFunc(seen, func(a, b Row) int { return cmp.Compare(a.Seen, b.Seen) })
	least := make([]int64, len(seen)+1) // of those from here on
	least[len(seen)] = Never
	for i := len(seen) - 1; i >= 0; i-- {
		least[i] = min(seen[i].Time, least[i+1])
	}
	var out []int64
	for i := range moments {
		at := from
		if moments > 1 {
			at += int64(float64(to-from) * float64(i) / float64(moments-1))
		}
		next := least[sort.Search(len(seen), func(i int) bool { return seen[i].Seen > at })]
		if next == Never {
			out = append(out, 0)
			continue
		}
		out = append(out, max(0, at-next)) // a row of the future is not missing yet
	}
	return out
}
