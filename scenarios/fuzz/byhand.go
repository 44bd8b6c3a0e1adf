package fuzz

import (
	"math/rand/v2"
	"slices"
	"time"

	"parallax/engine"
	"parallax/scenarios"
	"parallax/sim/cluster"
	"parallax/sim/fault"
	"parallax/sim/story"
)

// Taking away leaves what has grown together: a crash that matters because another one
// had moved the leader, which a third had done before. Such a knot is not made smaller by
// undoing one of its threads. So small scenarios are also made up, as a person would write
// them: a few of the rows, one soon after the other, and one to three faults of the
// families that struck, at round times and close together. Such a run takes a few
// milliseconds, so that many can be tried.

// handTries is how many scenarios are made up at a time.
const handTries = 1200

// handRows and handFaults are how many rows and faults such a scenario has at most.
const (
	handRows   = 12
	handFaults = 3
)

// knotted reports whether smaller pieces would not help either: there are faults left, or
// all pieces have been tried.
func (k *shrinker) knotted(coarse bool) bool { return !coarse || len(k.out.Fired) > faultsGoal }

// byHand makes up small scenarios until one fails in the same way, and keeps it.
func (k *shrinker) byHand() bool {
	k.made++
	h := hand{r: rand.New(rand.NewPCG(k.best.Story.World.Seed, 0x68616e64<<8|k.made))}
	h.kills, h.struck = byFamily(append(slices.Clone(k.out.Fired), k.first...))
	for range handTries {
		if k.o.Budget.Spent() {
			return false
		}
		best, out := k.best, k.out
		if k.keep(k.changed(h.scenario)) {
			if k.small() {
				return true
			}
			k.best, k.out = best, out
		}
	}
	return false
}

// hand makes scenarios up.
type hand struct {
	r      *rand.Rand
	kills  bool            // some of what struck did
	struck [][]fault.Fault // what else struck, by family
	nodes  []string
}

func choose[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// scenario makes a small one of the best.
func (h *hand) scenario(s *scenarios.Scenario) {
	pace := max(s.Story.Pace, 1)
	s.Story.Rows = h.rows(s.Story.Rows, pace)
	end := s.Story.Rows[len(s.Story.Rows)-1].At
	s.Story.End = 0
	s.Story.StormNs = (end*1000/pace/second + 3) * second
	z := &s.Story.Sizes
	z.CheckpointBytes = choose(h.r, z.CheckpointBytes, 1, 1) // one after each span
	z.RetainBytes = choose(h.r, z.RetainBytes, z.RetainBytes, 0, 1)
	z.Brokers = choose(h.r, z.Brokers, z.Brokers, 3, 1)
	h.nodes = cluster.NodeNames(z)
	w := &s.Story.World
	w.Seed, w.Faults = 1+h.r.Uint64N(1000), fault.Plan{}
	w.Frozen = h.faults(s.Story.Rows, 50*time.Millisecond*time.Duration(pace))
}

// rows are a few that follow each other, and soon.
func (h *hand) rows(all []story.Row, pace int64) []story.Row {
	n := min(len(all), 1+h.r.IntN(handRows))
	from := h.r.IntN(len(all) - n + 1)
	some := slices.Clone(all[from : from+n])
	gap := choose[int64](h.r, 50_000, 300_000, 1_000_000) * pace
	at, was := beforeUs*pace, some[0].At
	apart := h.r.IntN(2) == 0
	for i := range some {
		if !apart {
			some[i].Partition = 0
		}
		step := some[i].At - was
		was = some[i].At
		at += min(step, gap)
		some[i].At = at
	}
	return some
}

// faults are one to three, each soon behind a row or behind the one before it.
func (h *hand) faults(rows []story.Row, tick time.Duration) []fault.Fault {
	list := []fault.Fault{}
	at := time.Duration(rows[h.r.IntN(len(rows))].At)*time.Microsecond - 2*tick
	for range 1 + h.r.IntN(handFaults) {
		at += time.Duration(h.r.Int64N(10)) * tick
		if f, ok := h.fault(at, tick); ok {
			list = append(list, f)
		}
	}
	return list
}

// fault is one of a family that struck, by hand: without a name, at a round time. Every
// second one is a death, whichever family of deaths it was.
func (h *hand) fault(at, tick time.Duration) (fault.Fault, bool) {
	lasts := time.Duration(1+h.r.Int64N(20)) * tick
	if h.kills && h.r.IntN(2) == 0 {
		if h.r.IntN(4) > 0 {
			return fault.Fault{Family: fault.Crash, Node: h.node(), At: at, Lasts: lasts}, true
		}
		return fault.Fault{
			Family: fault.CrashAtPersist, Node: h.node(), Nth: 1 + h.r.Uint64N(24), Moment: fault.Moment(h.r.IntN(fault.Moments)), Lasts: lasts,
		}, true
	}
	if len(h.struck) == 0 {
		return fault.Fault{}, false
	}
	f := choose(h.r, choose(h.r, h.struck...)...)
	switch {
	case f.Family.OfMessage():
		return fault.Fault{Family: f.Family, Node: f.Node, Peer: f.Peer, Kind: f.Kind, Nth: h.r.Uint64N(6), Lasts: f.Lasts}, true
	case f.Peer != "":
		node := h.node()
		peer := h.nodes[(slices.Index(h.nodes, node)+1+h.r.IntN(len(h.nodes)-1))%len(h.nodes)]
		return fault.Fault{Family: f.Family, Node: node, Peer: peer, At: at, Lasts: lasts}, true
	}
	node := h.node()
	if f.Family.Damages() { // who may be damaged is not by chance
		node = f.Node
	}
	return fault.Fault{Family: f.Family, Node: node, At: at, Lasts: lasts, Amount: f.Amount}, true
}

// node is any, each role as often as another.
func (h *hand) node() string {
	brokers := len(h.nodes) - 4
	if n := h.r.IntN(4); n > 0 {
		return h.nodes[brokers+n-1]
	}
	return h.nodes[h.r.IntN(brokers)]
}

// byFamily sorts faults: whether any of them kills, and the others that can be written by
// hand, by family.
func byFamily(struck []fault.Fault) (kills bool, list [][]fault.Fault) {
	var of [fault.Count][]fault.Fault
	for _, f := range struck {
		switch f.Family {
		case fault.Crash, fault.CrashAtPersist, fault.CrashLoop, fault.LostWrites, fault.TornWrite, fault.LostRemoves, fault.SyncFails:
			kills = true
		default:
			if f.Family.Timed() || f.Family.OfMessage() || f.Family == fault.Skew || f.Family == fault.Drift {
				of[f.Family] = append(of[f.Family], f)
			}
		}
	}
	for _, faults := range of {
		if faults != nil {
			list = append(list, faults)
		}
	}
	return kills, list
}

// beforeUs is how long a cluster has to come up before the first row.
const beforeUs = int64(1500 * engine.Millisecond / engine.Microsecond)
