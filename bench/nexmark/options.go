package nexmark

import (
	"errors"
	"fmt"
)

// Options say which stream. The zero value of a field is its default.
type Options struct {
	Seed     uint64
	Rate     int64 // events a second of event time; 0 means 10,000
	Base     int64 // event time of event 0, µs since 1970
	Disorder Disorder
	// HotChannel is in how many of 100 bids the channel is one of the four popular
	// ones; 0 means 50. Feldera's generator has 99.
	HotChannel int
	Partitions int // of the stream; 0 means 1. Bids go by bidder, the rest by id
}

// Kind of disorder.
type Kind uint8

// The kinds.
const (
	None    Kind = iota // events arrive when they happen
	Group               // each group of Size events arrives in another order, in the same slots
	Delay               // one in PerMille/1000 events arrives up to Max later
	Offline             // people go offline for a Max, and send what happened at its end
	Lag                 // partition p arrives p*Max later
)

// Disorder says in what order events arrive.
type Disorder struct {
	Kind     Kind
	Size     int64 // of Group
	PerMille int64 // of Delay: events; of Offline: people and periods
	Max      int64 // µs
}

// String names the disorder as results have it.
func (d Disorder) String() string {
	switch d.Kind {
	case Group:
		return fmt.Sprintf("group(%d)", d.Size)
	case Delay:
		return fmt.Sprintf("delay(%d/1000, %d us)", d.PerMille, d.Max)
	case Offline:
		return fmt.Sprintf("offline(%d/1000, %d us)", d.PerMille, d.Max)
	case Lag:
		return fmt.Sprintf("lag(%d us)", d.Max)
	}
	return "none"
}

// ErrOptions says what is wrong with options.
var ErrOptions = errors.New("nexmark: not a stream")

// New is a generator of the stream that the options name.
func New(o Options) (*Generator, error) {
	if o.Rate == 0 {
		o.Rate = 10_000
	}
	if o.HotChannel == 0 {
		o.HotChannel = 50
	}
	if o.Partitions == 0 {
		o.Partitions = 1
	}
	d := o.Disorder
	why := ""
	switch {
	case o.Rate < 1 || o.Rate > 1_000_000_000:
		why = "the rate is 1 to 1,000,000,000 events a second"
	case o.HotChannel < 0 || o.HotChannel > 100:
		why = "the share of popular channels is 0 to 100 percent"
	case o.Partitions < 1:
		why = "there is at least one partition"
	case d.Kind > Lag:
		why = "unknown disorder"
	case d.Kind == Group && (d.Size < 2 || d.Size%groupStep == 0):
		why = fmt.Sprintf("a group has at least two events, and not a multiple of %d, which would leave their order", groupStep)
	case (d.Kind == Delay || d.Kind == Offline) && (d.PerMille < 1 || d.PerMille > 1000):
		why = "the share is 1 to 1000 of a thousand"
	case d.Kind != None && d.Kind != Group && d.Max < 1:
		why = "the disorder's length of time must be positive"
	}
	if why != "" {
		return nil, fmt.Errorf("%w: %s", ErrOptions, why)
	}
	return &Generator{o: o}, nil
}

// Name tells everything that decides the stream.
func (g *Generator) Name() string {
	return fmt.Sprintf("nexmark/v1 seed=%d rate=%d/s base=%d disorder=%s hot_channel=%d%% partitions=%d",
		g.o.Seed, g.o.Rate, g.o.Base, g.o.Disorder, g.o.HotChannel, g.o.Partitions)
}
