package watermark

import (
	"errors"
	"fmt"
	"math"

	"parallax/engine/flow/column"
)

// None is the frontier, and the watermark, before the first row; End is the
// watermark when nothing will come any more.
const (
	None int64 = column.NoFrontier
	End  int64 = math.MaxInt64
)

// Kind is the strategy that makes a watermark from a frontier.
type Kind uint8

// The strategies. The zero value is bounded disorder.
const (
	BoundedDisorder Kind = iota // W = F - d
	Monotonic                   // W = F: rows are expected in order
	Punctuated                  // W = F - d, F of the rows that a pipeline's expression marks; see Progress
	Percentile                  // d follows the disorder that was seen; see Progress
	Completeness                // d follows what the operator found late; see Progress
	PerKey                      // W = F of the slowest of the keys that a pipeline's expression tells apart; see Progress
	Adaptive                    // d follows the disorder that was seen since it last changed; see Progress
)

// String is the strategy's name in job files.
func (k Kind) String() string {
	switch k {
	case BoundedDisorder:
		return "bounded"
	case Monotonic:
		return "monotonic"
	case Punctuated:
		return "punctuated"
	case Percentile:
		return "percentile"
	case PerKey:
		return "per_key"
	case Completeness:
		return "completeness"
	case Adaptive:
		return "adaptive"
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// TakesShare tells whether a strategy is about a share of the rows: Spec.Millionths.
func (k Kind) TakesShare() bool { return k == Percentile || k == Completeness || k == Adaptive }

// Across says whose watermark fires the windows of an operator that reads
// several partitions.
type Across uint8

// The combinations.
const (
	Min Across = iota // the least watermark over the operator's partitions
	Own               // that of the row's own partition, which the group key must contain
	Max               // the greatest over all partitions, which waits for none: for the rule "operator"
)

// String is the combination's name in job files.
func (a Across) String() string {
	switch a {
	case Min:
		return "min"
	case Own:
		return "own"
	case Max:
		return "max"
	}
	return fmt.Sprintf("across(%d)", uint8(a))
}

// Errors.
var (
	errRegress = errors.New("watermark: not increasing")    // of an input
	errState   = errors.New("watermark: not a saved state") // of the same configuration
)

// Spec is a pipeline's watermark. The zero value is bounded disorder of nothing,
// the least over all partitions.
type Spec struct {
	Kind    Kind
	Bounded int64 // d of bounded disorder, µs; slack that other strategies add; how far PerKey waits
	// Millionths of the rows are, under Percentile and Adaptive and as the goal of
	// Completeness, no more late than the watermark allows for; 1 to 1,000,000.
	Millionths int32
	Across     Across
	// The watermark moves with every row or, if one of these is set, between
	// micro-batches over all partitions: every so many rows, or all that arrive in a
	// period of so many µs.
	BatchRows, BatchEvery int64
	AheadMax              int64 // a row further than this (µs) before its append time is rejected; 0: none is
}

// InBatches tells whether the watermark moves between micro-batches.
func (s Spec) InBatches() bool { return s.BatchRows != 0 || s.BatchEvery != 0 }

// Validate says what is wrong, if something is.
func (s Spec) Validate() error {
	why := ""
	switch {
	case s.Kind > Adaptive:
		why = "unknown strategy"
	case s.Across > Max:
		why = "unknown combination"
	case s.BatchRows < 0 || s.BatchEvery < 0:
		why = "a micro-batch of less than nothing"
	case s.BatchRows > 0 && s.BatchEvery > 0:
		why = "a micro-batch is so many rows or a period, not both"
	case s.Bounded < 0 || s.AheadMax < 0:
		why = "a length of time is negative"
	case s.Kind == Monotonic && s.Bounded != 0:
		why = "monotonic takes no bound"
	case s.Kind == PerKey && s.Bounded == 0:
		why = "per_key needs bounded: how far a key may fall behind and still be waited for"
	case s.Kind.TakesShare() != (s.Millionths > 0) || s.Millionths < 0 || s.Millionths > millionth:
		why = "percentile, adaptive and completeness, and nothing else, take a share of the rows, from 0.000001 to 1"
	}
	if why != "" {
		return errors.New("watermark: " + why)
	}
	return nil
}

// Watermark is the promise that a partition's frontier makes: F - d, saturating,
// and None for None; under PerKey it is F itself.
func (s Spec) Watermark(frontier int64) int64 {
	if s.Kind == PerKey {
		return frontier
	}
	if frontier < math.MinInt64+s.Bounded {
		return None
	}
	return frontier - s.Bounded
}

// Ahead tells whether a row is so far in the future of its append time that it
// is to be rejected: it must not move the frontier.
func (s Spec) Ahead(eventTime, appendTime int64) bool {
	return s.AheadMax > 0 && appendTime <= math.MaxInt64-s.AheadMax && eventTime > appendTime+s.AheadMax
}
