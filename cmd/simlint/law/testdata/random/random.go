package random // want package:"not deterministic: "

import (
	old "math/rand"
	"math/rand/v2"
)

func global() int {
	rand.Shuffle(1, func(i, j int) {})           // want "calls math/rand/v2.Shuffle, which accesses non-deterministic var math/rand/v2.globalRand"
	_ = rand.N(3)                                // want "calls math/rand/v2.N, which "
	_ = old.Intn(3)                              // want "calls math/rand.Intn, which "
	return rand.IntN(3) + int(rand.Uint64N(1<<3)) // want "calls math/rand/v2.IntN" "calls math/rand/v2.Uint64N"
}

func inexact(r *rand.Rand) float64 {
	return r.NormFloat64() + // want "NormFloat64, which calls math.Log, whose bits differ between machines"
		r.ExpFloat64() // want "ExpFloat64, which calls math.Log"
}

func seeded(r *rand.Rand) uint64 {
	s := rand.New(rand.NewPCG(1, 2))
	return s.Uint64N(9) + uint64(r.IntN(3)) + uint64(r.Perm(3)[0])
}
