package sim

import (
	"time"

	"parallax/sim/fault"
)

// Fault families "lost-writes", "torn-write" and "lost-removes": a machine loses power
// while it writes.
//
// What the death of a process leaves, whatever it dies of: of every file, independently
// of all others, a prefix of the unsynced writes survives and at most one more in part:
// a prefix of its bytes, alone or with zeros up to its full length. A file none of
// whose writes survived may exist empty. A removal that took effect but was not synced
// since may be undone. Durable bytes are never touched. It is written down in the
// losses of the fault that killed.
//
// What these families do: they kill at a moment at which there is something to lose.
// lost-writes during a sync, and of every file that had unsynced writes one at least is
// gone; torn-write during a sync, and a write of each such file survives in part;
// lost-removes when a removal has taken effect, and that is undone.
//
// What the code must survive: a torn tail of any length in any file that it was
// writing; a later file complete where an earlier one is torn; files it removed.
//
// What they may excuse: loss of whatever was not durable, and therefore was not
// revealed; and what a crash excuses.

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
// is drawn, which is then written down in it.
func (w *World) lossOf(n *node, f *fault.Fault) picker {
	if w.opts.Frozen != nil {
		return listedLoss(n.disk, f.Losses)
	}
	f.Losses = nil
	return func(file string, what choice, options int) int {
		if len(f.Losses) == 0 || f.Losses[len(f.Losses)-1].File != file {
			f.Losses = append(f.Losses, fault.Loss{File: file})
		}
		h := w.chance(saltDisk, join(join(uint64(f.Name), nameHash(file)), uint64(what)))
		answer := int(below(h, uint64(options)))
		switch {
		case what == chooseWrites && (f.Family == fault.LostWrites || f.Family == fault.TornWrite):
			answer = int(below(h, uint64(options-1)))
		case what == chooseTorn && f.Family == fault.TornWrite, what == chooseRemove && f.Family == fault.LostRemoves:
			answer = 1
		}
		noteLoss(&f.Losses[len(f.Losses)-1], what, answer)
		return answer
	}
}

// loseRemoves kills a node of which a removal has taken effect and is not durable, if
// the fault of that removal fires. It goes by the file's class and how many of that
// were removed before.
func (w *World) loseRemoves(n *node) bool {
	const family = fault.LostRemoves
	if !w.on[family] || w.calm {
		return false
	}
	for i := range n.disk.removes {
		r := &n.disk.removes[i]
		if !r.applied || r.asked {
			continue
		}
		r.asked = true
		name := join(join(n.nameHash, saltDisk), fileClass(r.file.name))
		name = join(name, w.seen.count(name))
		known, ok := w.fires(family, name)
		if !ok {
			continue
		}
		f := &fault.Fault{Family: family, Name: fault.Name(name), Node: n.name, File: r.file.name}
		f.Lasts = time.Duration(w.amount(known, family, name))
		if known != nil {
			f.Losses = known.Losses
		}
		w.crashBy(n, f)
		return true
	}
	return false
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

// listedLoss picks what a list says. What it says of a file that is not there is for
// one of that class that it does not speak of: in another run, with more starts before,
// that had another number.
func listedLoss(d *Disk, losses []fault.Loss) picker {
	used := make([]bool, len(losses))
	for i := range losses {
		used[i] = d.find(losses[i].File) != nil
	}
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
