package trigger

import (
	"errors"
	"fmt"
)

// Errors of a specification.
var (
	ErrRule    = errors.New("trigger: a rule needs one of count, every, processing, and none that is negative")
	ErrEach    = errors.New("trigger: after_each stands instead of count, every and processing")
	ErrFinally = errors.New("trigger: or_finally needs something that it ends")
	ErrLate    = errors.New("trigger: a window that is over has no event time left: late takes count and processing, not every")
	ErrNever   = errors.New("trigger: late is never, or it follows a rule")
	ErrMode    = errors.New("trigger: unknown mode")
)

// Mode is how a pane follows the one before it.
type Mode uint8

// The modes.
const (
	Accumulating Mode = iota // a pane holds all rows so far, and replaces the one before it
	Discarding               // a pane holds the rows that no pane had before it
	Retracting               // as Accumulating, behind a pane that takes back the one before it
)

var modeNames = [...]string{"accumulating", "discarding", "retracting"}

// String is the mode's name in job files.
func (m Mode) String() string {
	if int(m) < len(modeNames) {
		return modeNames[m]
	}
	return fmt.Sprintf("mode(%d)", uint8(m))
}

// Rule is when the next pane is due, counted from the one before it. Of several
// limits the first that is reached counts; those that are 0 do not. The zero value
// is no rule.
type Rule struct {
	Count      int64 // there are so many new rows, or more
	Every      int64 // the watermark reaches the window's start + k * Every (µs), for the next k
	Processing int64 // the clock is so far (µs) past where it was when the first new row came
}

// Firings is when a (key, window) has panes in one of its phases. The zero value
// has none.
type Firings struct {
	Rule      Rule   // again and again
	AfterEach []Rule // instead: by each of these once, one after the other
	OrFinally Rule   // counted from the first row of the phase: by this once, and then no more
}

// Spec is the panes of a (key, window). The zero value shows what there is without a
// trigger: the rows on time when the watermark reaches the end, and all rows so far
// for each late one.
type Spec struct {
	Early         Firings
	Late          Firings // the zero value: for each row
	LateNever     bool    // late rows wait for the closing pane
	OnTimeIfNew   bool    // no pane on time that an early one has already said all of
	ClosingAlways bool    // the last pane comes even if it has nothing new to say
	Panes         Mode
}

// AfterEnd is the firings of the phase after the window's end.
func (s *Spec) AfterEnd() Firings {
	if !s.LateNever && s.Late.none() {
		return Firings{Rule: Rule{Count: 1}}
	}
	return s.Late
}

// Speculative tells whether there may be panes before a window is complete.
func (s *Spec) Speculative() bool { return !s.Early.none() }

// Plain tells whether a view shows at every moment what it would without a trigger,
// and calls the same of it revised.
func (s *Spec) Plain() bool {
	return !s.Speculative() && !s.LateNever && s.Late.none() && !s.ClosingAlways && s.Panes == Accumulating
}

// Validate returns one of the package's errors, or nil. The other methods want a
// valid specification.
func (s *Spec) Validate() error {
	if int(s.Panes) >= len(modeNames) {
		return ErrMode
	}
	if err := s.Early.validate(); err != nil {
		return err
	}
	if err := s.Late.validate(); err != nil {
		return err
	}
	for _, r := range s.Late.rules() {
		if r.Every != 0 {
			return ErrLate
		}
	}
	if s.LateNever && !s.Late.none() {
		return ErrNever
	}
	return nil
}

// EveryMax is the greatest Every of its early firings, 0 if there is none: a window
// has to be longer.
func (s *Spec) EveryMax() int64 {
	most := int64(0)
	for _, r := range s.Early.rules() {
		most = max(most, r.Every)
	}
	return most
}

func (r Rule) none() bool { return r == Rule{} }

func (f *Firings) none() bool { return f.Rule.none() && len(f.AfterEach) == 0 && f.OrFinally.none() }

// rules lists all rules.
func (f *Firings) rules() []Rule {
	return append([]Rule{f.Rule, f.OrFinally}, f.AfterEach...)
}

func (f *Firings) validate() error {
	for _, r := range f.rules() {
		if r.Count < 0 || r.Every < 0 || r.Processing < 0 {
			return ErrRule
		}
	}
	for _, r := range f.AfterEach {
		if r.none() {
			return ErrRule
		}
	}
	switch {
	case !f.Rule.none() && len(f.AfterEach) > 0:
		return ErrEach
	case !f.OrFinally.none() && f.Rule.none() && len(f.AfterEach) == 0:
		return ErrFinally
	}
	return nil
}
