package conformance

import (
	"testing"

	"parallax/engine"
)

// Driver is what the suite needs of the world under test. Its methods are called
// from the test's goroutine only.
type Driver interface {
	// Boot starts the next incarnation of node id with an actor made by start and
	// messages read by Decode: the first one, or, as an operator would, one that
	// is down. Ids are introduced in the order 1, 2, 3; every call for a node
	// passes the same start.
	Boot(id engine.NodeID, start engine.Start)
	// Crash ends the running incarnation at once. Of what is not synced, the
	// driver keeps what it likes within the contract.
	Crash(id engine.NodeID)
	// Hold keeps group commits of the node from ending until it is called with
	// false. The suite calls it with true while nothing is undurable.
	Hold(id engine.NodeID, held bool)
	// Run lets the world go on until done says true. It returns false when it has
	// lost patience: ten seconds of the nodes' clocks are enough, or a good while
	// longer than any commit takes.
	Run(done func() bool) bool
	// Fatal says why the node is down for good, nil if it is not.
	Fatal(id engine.NodeID) error
}

// Run runs the suite. newDriver makes an empty world, without faults of its own.
func Run(t *testing.T, newDriver func(t *testing.T) Driver) {
	for _, c := range trials {
		t.Run(c.name, func(t *testing.T) {
			c.test(newStage(t, newDriver(t)))
		})
	}
}

// trials are the tests of the suite.
var trials = []struct {
	name string
	test func(s *stage)
}{
	{"OutputCommit", outputCommit},
	{"OutputCommitOfEarlierSteps", outputCommitOfEarlierSteps},
	{"SendsWithoutPersist", sendsWithoutPersist},
	{"ThenInIssueOrder", thenInIssueOrder},
	{"Barrier", barrier},
	{"GroupCommit", groupCommit},
	{"RemoveWaits", removeWaits},
	{"RemoveUndoneWithPersists", removeUndoneWithPersists},
	{"DiskShowsDurableBytes", diskShowsDurableBytes},
	{"DiskReads", diskReads},
	{"DiskAscends", diskAscends},
	{"VisibleAtStartIsDurable", visibleAtStartIsDurable},
	{"IncarnationLaw", incarnationLaw},
	{"BootRises", bootRises},
	{"AcknowledgedSurvives", acknowledgedSurvives},
	{"StartEffects", startEffects},
	{"StartError", startError},
	{"FatalDiscards", fatalDiscards},
	{"PanicIsFatal", panicIsFatal},
	{"PanicInStartIsFatal", panicInStartIsFatal},
	{"TimerFires", timerFires},
	{"TimerReplaced", timerReplaced},
	{"TimerCancelled", timerCancelled},
	{"ClockIsMonotone", clockIsMonotone},
	{"SelfFIFO", selfFIFO},
	{"SelfDiesWithIncarnation", selfDiesWithIncarnation},
	{"HeldBackDiesWithIncarnation", heldBackDiesWithIncarnation},
	{"MessagesAreEncoded", messagesAreEncoded},
	{"UndecodableMessage", undecodableMessage},
	{"MessageToDeadNode", messageToDeadNode},
}
