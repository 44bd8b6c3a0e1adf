package scenarios

import (
	"fmt"

	"parallax/sim/story"
)

// Drawn is the scenario of a seed: the story that it draws, which must pass.
func Drawn(seed uint64) *Scenario {
	return &Scenario{
		Name: fmt.Sprintf("drawn-%d", seed), Origin: Origin{Seed: seed}, Story: *story.Draw(seed), Expect: Expect{Verdict: Pass},
	}
}
