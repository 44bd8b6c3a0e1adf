package shrink

import "slices"

// Budget says when to stop. The zero value never does.
type Budget struct {
	RunsMax int         // 0 is no limit
	Over    func() bool // nil never is
	runs    int
}

// Spent reports whether nothing more may be tried.
func (b *Budget) Spent() bool {
	return b.RunsMax > 0 && b.runs >= b.RunsMax || b.Over != nil && b.Over()
}

// Runs is how much was tried.
func (b *Budget) Runs() int { return b.runs }

// Try asks fails, within the budget: what is not tried does not fail.
func (b *Budget) Try(fails func() bool) bool {
	if b.Spent() {
		return false
	}
	b.runs++
	return fails()
}

// List finds few of n pieces that fail together, ascending. All n are known to fail.
// The result is, unless the budget ended the search, one from which no single piece
// can be taken away.
func List(n int, b *Budget, fails func(pieces []int) bool) []int { return Coarse(n, 1, b, fails) }

// Coarse is List that takes no fewer than so many pieces away at a time: it is done
// sooner, and leaves more.
func Coarse(n, least int, b *Budget, fails func(pieces []int) bool) []int {
	kept := make([]int, n)
	for i := range kept {
		kept[i] = i
	}
	if n > 0 && b.Try(func() bool { return fails(nil) }) {
		return nil
	}
	for size := max(least, (n+1)/2); ; {
		removed := false
		// From the end: what comes last is needed least, and its absence moves nothing
		// before it.
		for end := len(kept); end > 0 && !b.Spent(); {
			from := max(0, end-size)
			rest := slices.Concat(kept[:from], kept[end:])
			if len(rest) > 0 && b.Try(func() bool { return fails(slices.Clone(rest)) }) {
				kept, removed = rest, true
			}
			end = from
		}
		switch {
		case b.Spent():
			return kept
		case size > least:
			size = max(least, min((size+1)/2, (len(kept)+1)/2))
		case !removed:
			return kept
		}
	}
}

// Options tries each simplification by itself, in order, and again as long as one
// helps. try carries out the i-th on what there is, and keeps it if that fails; it
// reports whether it did.
func Options(n int, b *Budget, try func(i int) bool) {
	for helped := true; helped && !b.Spent(); {
		helped = false
		for i := range n {
			if b.Spent() {
				return
			}
			if try(i) {
				helped = true
			}
		}
	}
}
