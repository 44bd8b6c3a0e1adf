package sim

import (
	"parallax/sim/fault"
)

// Fault families "lost-writes", "torn-write" and "lost-removes": what the death of a
// process leaves of writes and removes that were not durable.
//
// What they do: of every file, independently of all others, a prefix of the unsynced
// writes survives (lost-writes; else all do, as when the process dies and the machine
// lives on) and at most one more in part (torn-write): a prefix of its bytes, alone or
// with zeros up to its full length. A file none of whose writes survived may exist
// empty. A removal that took effect but was not synced since may be undone
// (lost-removes). Durable bytes are never touched. They strike with a crash, and are
// written down in its losses.
//
// What the code must survive: a torn tail of any length in any file that it was
// writing; a later file complete where an earlier one is torn; files it removed.
//
// What they may excuse: loss of whatever was not durable, and therefore was not
// revealed.

// lose takes a node's disk to the state that its next incarnation finds.
func (w *World) lose(n *node, pick picker) {
	c := n.disk.crash(pick, nil)
	w.stats.SurvivedWrites += c.survived
	w.stats.LostWrites += c.lost
	w.stats.TornWrites += c.torn
	w.stats.UndoneRemoves += c.undone
	if c != (casualties{}) {
		w.recordNode(opDiskLoss, n.id, n.id, 0, join(join(c.survived, c.lost), join(c.torn, c.undone)))
	}
}

// drawnLoss picks any state that a crash can leave, all alike.
func (w *World) drawnLoss(name uint64) picker {
	return func(file string, what choice, options int) int {
		h := w.chance(saltDisk, join(join(name, nameHash(file)), uint64(what)))
		return int(below(h, uint64(options)))
	}
}

// lossOf picks what a fault that kills a process leaves: what it says itself, or what
// the families say, which is then written down in it.
func (w *World) lossOf(f *fault.Fault) picker {
	if w.opts.Frozen != nil {
		return listedLoss(f.Losses)
	}
	f.Losses = nil
	return func(file string, what choice, options int) int {
		if len(f.Losses) == 0 || f.Losses[len(f.Losses)-1].File != file {
			f.Losses = append(f.Losses, fault.Loss{File: file})
		}
		answer := w.pickLoss(join(uint64(f.Name), nameHash(file)), what, options)
		noteLoss(&f.Losses[len(f.Losses)-1], what, answer)
		return answer
	}
}

// pickLoss is the families' decision about one file.
func (w *World) pickLoss(name uint64, what choice, options int) int {
	chosen := func(f fault.Family) bool {
		_, ok := w.fires(f, name)
		if ok {
			w.strikes[f]++
		}
		return ok
	}
	free := func(n int) int { return int(below(w.chance(saltDisk, join(name, uint64(what))), uint64(n))) }
	switch what {
	case chooseWrites:
		if !chosen(fault.LostWrites) {
			return options - 1
		}
		return free(options - 1)
	case chooseTorn:
		if !chosen(fault.TornWrite) {
			return 0
		}
		return 1
	case chooseRemove:
		if !chosen(fault.LostRemoves) {
			return 0
		}
		return 1
	}
	return free(options)
}

// noteLoss writes one decision down.
func noteLoss(l *fault.Loss, what choice, answer int) {
	switch what {
	case chooseWrites:
		l.Kept = answer
	case chooseOffset:
		l.Torn = answer + 1
	case chooseFill:
		l.Zeros = answer == 1
	case chooseEmpty:
		l.Empty = answer == 1
	case chooseRemove:
		l.Back = answer == 1
	}
}

// listedLoss picks what a list says. A file that another run calls by another number,
// because there were more starts before, goes by its class.
func listedLoss(losses []fault.Loss) picker {
	used := make([]bool, len(losses))
	var at int
	var last string
	return func(file string, what choice, options int) int {
		if file != last {
			last, at = file, findLoss(losses, used, file)
		}
		if at < 0 {
			return 0
		}
		l := &losses[at]
		answer := 0
		switch what {
		case chooseWrites:
			answer = l.Kept
		case chooseTorn:
			answer = min(l.Torn, 1)
		case chooseOffset:
			answer = l.Torn - 1
		case chooseFill:
			answer = oneIf(l.Zeros)
		case chooseEmpty:
			answer = oneIf(l.Empty)
		case chooseRemove:
			answer = oneIf(l.Back)
		}
		return min(max(answer, 0), options-1)
	}
}

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// findLoss is the loss that speaks of a file, or else the first one that is left and
// speaks of a file of its class; -1 if there is none.
func findLoss(losses []fault.Loss, used []bool, file string) int {
	at := -1
	for i := range losses {
		if losses[i].File == file {
			at = i
			break
		}
		if at < 0 && !used[i] && fileClass(losses[i].File) == fileClass(file) {
			at = i
		}
	}
	if at >= 0 {
		used[at] = true
	}
	return at
}
