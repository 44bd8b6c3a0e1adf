package engine

// Instant is a point on a node's own monotonic clock, in nanoseconds. Clocks of
// different nodes may be skewed, drift or jump; an Instant means nothing on
// another node.
type Instant int64

// EventTime is a point of the time line on which events happened, in
// microseconds since 1970-01-01T00:00:00Z. It is stamped where the event
// happened and travels with the row.
type EventTime int64

// Units of Instant, for readable literals.
const (
	Nanosecond  int64 = 1
	Microsecond       = 1000 * Nanosecond
	Millisecond       = 1000 * Microsecond
	Second            = 1000 * Millisecond
)

// EventTime maps an instant to the event-time line: whole microseconds, rounded
// towards the past. It is the only place where one becomes the other.
func (t Instant) EventTime() EventTime {
	q := int64(t) / Microsecond
	if int64(t)%Microsecond < 0 {
		q--
	}
	return EventTime(q)
}
