package measure

import "sort"

// Recovery is how long readers waited, behind each of some faults, for the next news: of
// instants in order, from a fault to the first publication behind it. Faults behind
// which nothing was due any more, because quiet was reached first, are left out.
func Recovery(faults, news []int64, quiet int64) (out []int64) {
	for _, f := range faults {
		n := sort.Search(len(news), func(i int) bool { return news[i] > f })
		if n < len(news) && f < quiet {
			out = append(out, news[n]-f)
		}
	}
	return out
}
