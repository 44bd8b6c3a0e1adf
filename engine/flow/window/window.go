package window

import (
	"errors"
	"fmt"
	"math"

	"parallax/engine/flow/civil"
)

// Kind is the family of a window.
type Kind uint8

// The kinds.
const (
	Tumbling Kind = iota + 1
	Hopping
	Session
	Calendar
	Global
	Sliding
	Counting
)

// String is the kind's name.
func (k Kind) String() string {
	switch k {
	case Tumbling:
		return "tumbling"
	case Hopping:
		return "hopping"
	case Session:
		return "session"
	case Calendar:
		return "calendar"
	case Global:
		return "global"
	case Sliding:
		return "sliding"
	case Counting:
		return "count"
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Errors of a specification.
var (
	ErrSize   = errors.New("window: size must be positive")
	ErrEvery  = errors.New("window: every must be positive")
	errTumble = errors.New("window: a tumbling window is as long as its period")
	ErrKind   = errors.New("window: unknown kind")
	errMany   = errors.New("window: a row would be in more than 65536 windows")
	ErrGap    = errors.New("window: the gap of sessions must be positive")
	errSlide  = errors.New("window: the difference of sliding windows must be a multiple of their grain, which is positive, and not be negative")
	ErrMerge  = errors.New("window: only sessions merge, when they overlap or touch")
	ErrClamp  = errors.New("window: sessions and sliding windows begin with a row and are not clamped")
)

// perRowMax is the most windows that one event time may belong to.
const perRowMax = 1 << 16

// Spec is a family of windows [Offset + k*Every, Offset + k*Every + Size) for
// every integer k, or those that rows make, for which see [Sessions], [Slide] and [Count],
// or of a calendar, or the one global window. Lengths are microseconds, or rows; Offset may be
// negative or greater than Every.
type Spec struct {
	Kind                Kind
	Size, Every, Offset int64
	Merge               Merge // of sessions
	// Clamp leaves out the windows that begin before 1970, as Kafka Streams does. Of
	// sessions it may not be set.
	Clamp bool
	Civil *civil.Calendar // of a calendar
}

// Tumble is windows of one size that touch.
func Tumble(size, offset int64) Spec {
	return Spec{Kind: Tumbling, Size: size, Every: size, Offset: offset}
}

// Hop is windows of one size that begin every so often.
func Hop(size, every, offset int64) Spec {
	return Spec{Kind: Hopping, Size: size, Every: every, Offset: offset}
}

// Validate returns one of the package's errors, or nil. The other methods want a
// valid specification.
func (s Spec) Validate() error {
	switch {
	case s.Merge != Overlapping && s.Kind != Session:
		return ErrMerge
	case s.tiled() || s.Civil != nil:
		return s.validateTiled()
	case s.Kind == Session:
		return s.validateSession()
	case s.Kind == Sliding:
		return s.validateSliding()
	case s.Kind == Counting:
		return s.validateCount()
	case s.Kind != Tumbling && s.Kind != Hopping:
		return ErrKind
	case s.Size <= 0:
		return ErrSize
	case s.Every <= 0:
		return ErrEvery
	case s.Kind == Tumbling && s.Every != s.Size:
		return errTumble
	case (s.Size-1)/s.Every >= perRowMax:
		return errMany
	}
	return nil
}

// Assign appends to buf the starts of all windows that contain the event time t,
// ascending; of sessions that is t itself, where the session of this time alone
// would start, and of sliding windows the start of the one that ends at t. Of count
// windows, which times do not tell, there are none.
func (s Spec) Assign(t int64, buf []int64) []int64 {
	switch s.Kind {
	case Session:
		if t <= math.MaxInt64-s.Size {
			buf = append(buf, t)
		}
		return buf
	case Sliding:
		if u, ok := s.Grid(t); ok {
			buf = append(buf, s.Own(u))
		}
		return buf
	case Counting:
		return buf
	}
	if s.tiled() {
		if start, _, exists := s.tile(t); exists {
			buf = append(buf, start)
		}
		return buf
	}
	phase := s.phase(t)
	if phase >= s.Size { // in a gap
		return buf
	}
	// Counting back from t by phase, phase+Every, … while less than Size.
	for back := phase + (s.Size-1-phase)/s.Every*s.Every; back >= phase; back -= s.Every {
		start := t - back
		if start > t || s.Clamp && start < 0 { // wrapped below the least time, or left out
			continue
		}
		if start > math.MaxInt64-s.Size { // its end, and all later ends, are no times
			break
		}
		buf = append(buf, start)
	}
	return buf
}

// End is the exclusive end of the window that begins at start, of sessions that of
// a single time. It saturates, though it never has to for a window that exists.
func (s Spec) End(start int64) int64 {
	if s.tiled() {
		_, end, _ := s.tile(start)
		return end
	}
	return Add(start, s.Size)
}

// Start is the inverse of End; it saturates likewise.
func (s Spec) Start(end int64) int64 {
	if s.tiled() {
		start, _, _ := s.tile(Sub(end, 1))
		return start
	}
	return Sub(end, s.Size)
}

// phase is how far t lies behind the last multiple of Every (plus Offset) at or
// before it: in [0, Every).
func (s Spec) phase(t int64) int64 {
	p := floorMod(t, s.Every) - floorMod(s.Offset, s.Every)
	if p < 0 {
		p += s.Every
	}
	return p
}

// floorMod is a modulo m with the sign of m, which is positive.
func floorMod(a, m int64) int64 {
	r := a % m
	if r < 0 {
		r += m
	}
	return r
}

// Add is a + b, held at the ends of the int64 range.
func Add(a, b int64) int64 {
	sum := a + b
	if (a^sum)&(b^sum) < 0 {
		if a < 0 {
			return math.MinInt64
		}
		return math.MaxInt64
	}
	return sum
}

// Sub is a - b, held at the ends of the int64 range.
func Sub(a, b int64) int64 {
	diff := a - b
	if (a^b)&(a^diff) < 0 {
		if a < 0 {
			return math.MinInt64
		}
		return math.MaxInt64
	}
	return diff
}
