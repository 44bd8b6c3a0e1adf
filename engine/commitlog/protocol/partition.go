package protocol

import (
	"math"
	"strconv"

	"parallax/engine"
)

// PartitionID names a partition of a topic.
type PartitionID struct {
	Topic  string
	Number int32
}

// String is "topic/number".
func (p PartitionID) String() string { return p.Topic + "/" + strconv.Itoa(int(p.Number)) }

// Cut is a place in a partition's log: everything below Offset, and the frontier
// that it has left, which is the greatest event time among those rows (the least
// int64 when there are none). Equal offsets are not a cut: what is late behind
// the place depends on the frontier.
type Cut struct {
	Offset   int64
	Frontier int64
}

// Code is a broker's answer to a request.
type Code uint8

// The codes.
const (
	OK            Code = iota
	NotLeader          // ask the Leader named in the answer; 0: not known
	NotReady           // the leader has not yet applied all of its predecessors' entries
	OutOfSequence      // a producer's sequence number is not the one that follows
	Fenced             // a later epoch of this producer has written
	Invalid            // the request is over a limit or makes no sense: repeating it does not help
	Busy               // too much is waiting to be committed; try again
	Compacted          // the offset is below the log's start
	Unknown            // no such partition
)

var codeNames = [...]string{
	"ok", "not the leader", "not ready", "out of sequence", "fenced", "invalid", "busy", "compacted", "unknown partition",
}

// String is the code in words.
func (c Code) String() string {
	if int(c) < len(codeNames) {
		return codeNames[c]
	}
	return "code(" + strconv.Itoa(int(c)) + ")"
}

// LogStart is the cut at which every log begins.
func LogStart() Cut { return Cut{Offset: 0, Frontier: math.MinInt64} }

// The messages of this package satisfy the contract.
var (
	_ engine.Message = Produce{}
	_ engine.Message = Fetched{}
)
