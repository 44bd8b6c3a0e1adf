package lambda

import (
	"slices"
	"sort"

	"parallax/engine"
	"parallax/engine/commitlog"
)

// showing is what leaders show as the ends of partitions, over time. A leader that has been
// deposed and does not know it shows an old end until it finds that nobody follows it,
// which takes longer if it stands still meanwhile, or its clock does. Who asks it cannot
// know better, so as long as there are two, what counts is the lesser of their ends.
type showing struct {
	ends    map[engine.NodeID][]int64 // by partition, of each broker: -1 where it does not take itself for the leader
	history []commit
}

// commit is what was shown from an instant on.
type commit struct {
	at   engine.Instant
	ends []int64 // by partition
}

// note remembers what a broker shows now.
func (s *showing) note(now engine.Instant, id engine.NodeID, status []commitlog.PartitionStatus) {
	if s.ends == nil {
		s.ends = map[engine.NodeID][]int64{}
	}
	ends := s.ends[id]
	if ends == nil {
		ends = make([]int64, len(status))
		s.ends[id] = ends
	}
	changed := false
	for p := range status {
		end := int64(-1)
		if status[p].Leads && status[p].Ready {
			end = status[p].End.Offset
		}
		changed = changed || ends[p] != end
		ends[p] = end
	}
	if changed {
		s.change(now, len(status))
	}
}

// change works out what is shown now. Where nobody leads it is what was shown last.
func (s *showing) change(now engine.Instant, partitions int) {
	least := make([]int64, partitions)
	for p := range least {
		least[p] = -1
		for _, ends := range s.ends { // in any order: it is a minimum
			if ends[p] >= 0 && (least[p] < 0 || ends[p] < least[p]) {
				least[p] = ends[p]
			}
		}
	}
	if n := len(s.history); n > 0 {
		for p, end := range s.history[n-1].ends {
			if least[p] < 0 {
				least[p] = end
			}
		}
		if slices.Equal(least, s.history[n-1].ends) {
			return
		}
	}
	s.history = append(s.history, commit{now, least})
}

// before is what was shown just before an instant, by partition, -1 where nobody has led yet;
// nil if nothing was.
func (s *showing) before(at engine.Instant) []int64 {
	n := sort.Search(len(s.history), func(i int) bool { return s.history[i].at >= at })
	if n == 0 {
		return nil
	}
	return s.history[n-1].ends
}
