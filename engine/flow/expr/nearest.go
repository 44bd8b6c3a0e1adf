package expr

import "strings"

// Nearest is the candidate most like name, by insertions, deletions,
// substitutions and swaps of neighbouring letters without regard to case; the
// first of equals. When none is within a third of name's length (at least one
// edit, at most four), it is the first that begins with name's three letters or
// more, or "".
func Nearest(name string, candidates []string) string {
	limit := min(max(1, len(name)/3), 4)
	best := ""
	lower := []rune(strings.ToLower(name))
	for _, c := range candidates {
		d := distance(lower, []rune(strings.ToLower(c)))
		if d <= limit && (best == "" || d < limit) {
			best = c
			limit = d
		}
	}
	for i := 0; best == "" && len(lower) >= 3 && i < len(candidates); i++ {
		if strings.HasPrefix(strings.ToLower(candidates[i]), string(lower)) {
			best = candidates[i]
		}
	}
	return best
}

// distance is the optimal string alignment distance of a and b.
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
