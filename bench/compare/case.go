package compare

import (
	"fmt"

	"parallax/bench/measure"
	"parallax/engine/flow"
)

// Case is one run of a comparison.
type Case struct {
	Architecture string
	Delay        int64 // of the watermark, µs
	Batch        int64 // interval of a batch layer, µs; 0 for an architecture that has none
	Faults       bool
	Seed         uint64
}

// String names the case.
func (c Case) String() string {
	s := fmt.Sprintf("%s, delay %s", c.Architecture, flow.FormatDuration(c.Delay))
	if c.Batch > 0 {
		s += ", batch " + flow.FormatDuration(c.Batch)
	}
	return s + fmt.Sprintf(", faults %s, seed %d", c.FaultsText(), c.Seed)
}

// FaultsText is as --faults has it.
func (c Case) FaultsText() string {
	if c.Faults {
		return "default"
	}
	return "none"
}

// Architecture is a way to answer a job, as data and a function that runs it once in a
// world of its own.
type Architecture struct {
	Name    string
	Batches bool // it has a batch layer, and is run for each batch interval
	Repairs bool // what comes too late counts in the end all the same, where answers add up
	// Seconds is about how long a run takes a processor, with a batch interval in µs; a nil
	// function: as long as Kappa's.
	Seconds func(in *Input, batch int64) float64
	// Takes says why a job cannot be run, nil if it can; a nil function takes all.
	Takes func(in *Input) error
	Run   func(in *Input, c Case) (*Trial, error)
	// Trimmed runs a case with a log that forgets what is archived, and tells how many bytes
	// are kept at most; nil if nothing is archived.
	Trimmed func(in *Input, c Case) (int64, error)
}

// architectures are those there are.
func architectures() []Architecture {
	return []Architecture{{Name: "kappa", Run: runKappa}, {Name: "lambda", Batches: true, Repairs: true, Seconds: lambdaSeconds, Takes: takesLayers, Run: runLambda, Trimmed: trimmed}}
}

// Trial is the record of one run: what readers could see, and what it took. Times are
// the data's, in µs, but for those of nodes, which are the world's.
type Trial struct {
	Case
	Histories measure.Histories // by window of the truth
	Rows      measure.Rows      // of the input
	Extra     int64             // rows shown of windows that are none
	Marks     []measure.Mark    // how the watermark of the answers rises
	News      []int64           // when anything new could be seen
	Open      []measure.Level   // accumulators of what is still added to: of open windows, or of a speed layer's generations
	Served    []measure.Level   // those of the view that answers are read from, or are made of besides
	Stored    []measure.Level   // bytes on all disks
	Work      []measure.Work    // by role
	Strikes   []Strike
	Quiet     int64 // when all of the input was answered
	CalmNs    int64 // how long that was after the last fault
	Answers   finale
	Again     *rerun // nil if it was not measured

	AccumulatorBytes float64 // of one that is shown or held, encoded, as a mean
	Events, Hash     uint64

	misplaced int64 // rows that an answer holds and is not of, or is of and does not hold
}

// Strike is a fault of a node or a link.
type Strike struct {
	At     int64 // µs
	Family string
	Node   string
	Peer   string
	Lasts  int64 // µs
}

// begins and ends are the data's first arrival, and when its last batch was due, in µs.
func (in *Input) begins() int64 { return micros(in.Stage.Start) }
func (in *Input) ends() int64   { return micros(in.Stage.End) }

// paced is a length of the world's time in the cluster's.
func (in *Input) paced(ns int64) int64 { return ns / in.Stage.Pace }
