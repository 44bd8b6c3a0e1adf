package fuzz

import (
	"parallax/scenarios"
	"parallax/sim/shrink"
)

// verbs takes away what is asked and who is restarted.
func (k *shrinker) verbs() {
	asked := k.best.Story.Queries
	shrink.Coarse(len(asked), k.pieces(len(asked)), &k.o.Budget, func(pieces []int) bool {
		return k.tries(k.changed(func(s *scenarios.Scenario) {
			if s.Story.Queries = chosen(asked, pieces); len(pieces) == 0 {
				s.Story.Queries = nil
			}
		}))
	})
	restarted := k.best.Story.Restarts
	shrink.Coarse(len(restarted), k.pieces(len(restarted)), &k.o.Budget, func(pieces []int) bool {
		return k.tries(k.changed(func(s *scenarios.Scenario) {
			if s.Story.Restarts = chosen(restarted, pieces); len(pieces) == 0 {
				s.Story.Restarts = nil
			}
		}))
	})
}
