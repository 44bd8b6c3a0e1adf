package cluster

import (
	"errors"

	"parallax/sim"
)

// Property is something that every run of a deployment must have.
type Property struct {
	Name     string
	Says     string // in one sentence
	Liveness bool   // it says that something happens, not that something never does
	broken   error  // what a run without it fails with
}

// What is said of a program itself.
var (
	errFatal = errors.New("cluster: a program gave up")
	errPanic = errors.New("cluster: a program panicked")
)

// properties by name. Whoever adds a check adds its line here.
var properties = []Property{
	{"replicas-agree", "What one broker has applied at an offset, every broker that gets there applies alike.", false, errDiverged},
	{"nothing-lost", "A batch that was acknowledged is in the log, and stays there.", false, errLost},
	{"nothing-twice", "Every batch of a producer is in the log once, in its order.", false, errTwice},
	{"append-times-rise", "The append times of a partition never go back.", false, errAppend},
	{"leader-complete", "A leader that serves reads has applied everything that was acknowledged.", false, errLeader},
	{"reads-committed", "A reader is shown committed records only.", false, errEarly},
	{"batches-unchanged", "A batch in the log is what its producer sent.", false, errChanged},
	{"idle-sound", "An idle record knows no more than some other partition.", false, errIdle},
	{"cut-monotone", "The view stands at a cut of the log, and never goes back behind what anybody was told.", false, errCut},
	{"answer-exact", "The view holds exactly the answer at its cut.", false, errAnswer},
	{"watermark-sound", "Every frontier and watermark that anybody is told is that of its cut, and none goes back.", false, errWatermark},
	{"rows-conserved", "Every row and every (row, window) pair is on time, a revision or dropped, once; or the row is refused, and counted as that.", false, errCounts},
	{"crash-invariant", "Every row is classified as in a run without faults.", false, errClasses},
	{"credit-bounded", "Nobody is sent more than he has asked for, but for one record or row that is greater by itself.", false, errCredit},
	{"state-bounded", "The worker keeps exactly the windows, rows and keys that may still fire or be revised at its cut.", false, errState},
	{"checkpoint-sound", "The last checkpoint is whole, never goes back and never lies above the view, and the log keeps what is above it.", false, errCheckpoint},
	{"client-exact", "Every answer is that of the cut it states, and cuts never go back for a client.", false, errClient},
	{"catches-up", "Once the faults are over, everything that was sent is in the view within a bounded time.", true, ErrLiveness},
	{"never-fatal", "No program gives up.", false, errFatal},
	{"never-panics", "No program panics.", false, errPanic},
}

// Properties lists what is checked, by name.
func Properties() []Property { return properties }

// Broken is the property that a run which failed with err does not have.
func Broken(err error) Property {
	for _, p := range properties {
		if errors.Is(err, p.broken) {
			return p
		}
	}
	var f *sim.Failure
	if errors.As(err, &f) && f.Stack != nil {
		return properties[len(properties)-1]
	}
	return properties[len(properties)-2]
}
