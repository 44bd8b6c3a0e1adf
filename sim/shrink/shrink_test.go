package shrink

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// Whatever few pieces are needed, exactly they are left.
func TestLawList(t *testing.T) {
	for seed := uint64(1); seed <= 300; seed++ {
		r := rand.New(rand.NewPCG(seed, 1))
		n := 1 + r.IntN(200)
		var need []int
		for range r.IntN(5) {
			need = append(need, r.IntN(n))
		}
		slices.Sort(need)
		need = slices.Compact(need)
		b := &Budget{}
		got := List(n, b, func(pieces []int) bool {
			for _, p := range need {
				if !slices.Contains(pieces, p) {
					return false
				}
			}
			return true
		})
		if !slices.Equal(got, need) {
			t.Errorf("seed %d: of %d pieces %v are left, %v are needed", seed, n, got, need)
		}
		if b.Runs() > 20*(len(need)+1)+20 {
			t.Errorf("seed %d: %d runs for %d of %d pieces", seed, b.Runs(), len(need), n)
		}
	}
}

// A budget ends the search with something that fails.
func TestLawBudget(t *testing.T) {
	for runs := 1; runs < 40; runs++ {
		b := &Budget{RunsMax: runs}
		got := List(100, b, func(pieces []int) bool { return slices.Contains(pieces, 7) && slices.Contains(pieces, 70) })
		if b.Runs() > runs || !slices.Contains(got, 7) || !slices.Contains(got, 70) {
			t.Errorf("%d runs: %d, %v", runs, b.Runs(), got)
		}
	}
	over := &Budget{Over: func() bool { return true }}
	if got := List(3, over, func([]int) bool { return true }); len(got) != 3 {
		t.Errorf("without time: %v", got)
	}
}

// Where each piece needs another one, pieces go in pairs, and what is left has none to
// take away alone.
func TestLawListOneMinimal(t *testing.T) {
	fails := func(pieces []int) bool {
		odd := 0
		for _, p := range pieces {
			odd += p % 2
		}
		return odd >= 3
	}
	got := List(64, &Budget{}, fails)
	for i := range got {
		if rest := slices.Delete(slices.Clone(got), i, i+1); fails(rest) {
			t.Errorf("%v fails without %d", got, got[i])
		}
	}
}

func ExampleList() {
	pieces := List(10, &Budget{}, func(pieces []int) bool { return slices.Contains(pieces, 3) && slices.Contains(pieces, 8) })
	fmt.Println(pieces)
	// Output: [3 8]
}

// Simplifications are tried again when another one has helped.
func TestVectorOptions(t *testing.T) {
	done := [3]bool{}
	Options(3, &Budget{}, func(i int) bool {
		if done[i] || i == 0 && !done[2] {
			return false
		}
		done[i] = true
		return true
	})
	if done != [3]bool{true, true, true} {
		t.Error(done)
	}
}
