package civil

import (
	"errors"
	"math"
	"time"

	"parallax/engine/flow/zone"
)

// Unit is how long a window is.
type Unit uint8

// The units.
const (
	Day Unit = iota + 1
	Week
	Month
)

var unitNames = [...]string{"none", "day", "week", "month"}

// String is the unit's name in job files.
func (u Unit) String() string { return unitNames[min(int(u), len(unitNames)-1)] }

// Calendar is days, weeks or months as people in a time zone count them. It does not
// change.
type Calendar struct {
	Unit  Unit
	Zone  string
	First time.Weekday // of a week; else Monday
	place *time.Location
}

// ErrUnit is returned for what is no calendar.
var ErrUnit = errors.New("civil: a calendar has days, weeks or months, and only weeks have a first day")

// New is a calendar of whole days, weeks (that begin on the first weekday) or months
// in an IANA time zone; a name that no zone has is zone.ErrUnknown.
func New(unit Unit, name string, first time.Weekday) (*Calendar, error) {
	if unit < Day || unit > Month || first < 0 || first > 6 || unit != Week && first != time.Monday {
		return nil, ErrUnit
	}
	place, err := zone.Load(name)
	if err != nil {
		return nil, err
	}
	return &Calendar{Unit: unit, Zone: name, First: first, place: place}, nil
}

// String is the windows as a job file has them.
func (c *Calendar) String() string {
	s := "calendar: " + c.Unit.String() + ", zone: " + c.Zone
	if c.Unit == Week && c.First != time.Monday {
		s += ", start: " + WeekdayName(c.First)
	}
	return s
}

// WeekdayName is a weekday's name in job files.
func WeekdayName(d time.Weekday) string {
	return [...]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}[d]
}

const (
	daySeconds = 24 * 60 * 60
	second     = 1_000_000 // µs
	// offsetMax bounds how far a zone's clocks are from UTC, in seconds: the format
	// of zone files allows for less than 26 hours.
	offsetMax = 2 * daySeconds
)

// around is the edges of the window that t lies in, in seconds since the epoch.
func (c *Calendar) around(t int64) (start, end int64) {
	sec := floorDiv(t, second)
	_, offset := time.Unix(sec, 0).In(c.place).Zone()
	from, to := c.period(floorDiv(sec+int64(offset), daySeconds))
	// Clocks that were put back over midnight show an earlier date again; the date
	// that was reached stays.
	for c.begins(to) <= sec {
		from, to = c.period(to)
	}
	return c.begins(from), c.begins(to)
}

// begins is the first second at which clocks show the date of a day, numbered from
// 1970-01-01, or a later one. It looks at one stretch of constant offset after
// another, from one that certainly ends too early.
func (c *Calendar) begins(day int64) int64 {
	midnight := day * daySeconds
	at := midnight - offsetMax
	for {
		from, to, offset := c.stretch(at)
		if first := max(from, midnight-offset); first < to {
			return first
		}
		at = to
	}
}

// stretch is seconds around one between which the zone's offset does not change.
func (c *Calendar) stretch(at int64) (from, to, offset int64) {
	t := time.Unix(at, 0).In(c.place)
	_, off := t.Zone()
	start, end := t.ZoneBounds()
	from, to = math.MinInt64, math.MaxInt64
	if !start.IsZero() {
		from = start.Unix()
	}
	if !end.IsZero() {
		to = end.Unix()
	}
	if to <= at {
		// Package time gives every year 365 days where a rule decides. On the last
		// day of a leap year that is too few, and nothing more changes on it.
		to = (floorDiv(at, daySeconds) + 1) * daySeconds
	}
	return from, to, int64(off)
}

// period is the days of the window that a day lies in: [from, to).
func (c *Calendar) period(day int64) (from, to int64) {
	switch c.Unit {
	case Week:
		weekday := floorMod(day+int64(time.Thursday), 7) // 1970-01-01 was a Thursday
		from = day - floorMod(weekday-int64(c.First), 7)
		return from, from + 7
	case Month:
		return month(day)
	}
	return day, day + 1
}

// month is the days of the month that a day lies in, by the Gregorian calendar
// carried on in both directions. Years are counted from March, so that the leap day
// is a year's last and its months are 153 days in five.
func month(day int64) (from, to int64) {
	const (
		cycle = 146097 // days in 400 years
		shift = 719468 // from 0000-03-01 to 1970-01-01
		four  = 4*365 + 1
	)
	d := floorMod(day+shift, cycle)
	year := (d - d/(four-1) + d/36524 - d/(cycle-1)) / 365
	ofYear := d - (365*year + year/4 - year/100)
	m := (5*ofYear + 2) / 153 // 0 is March
	from = day - (ofYear - (153*m+2)/5)
	switch m {
	case 0, 2, 4, 5, 7, 9, 10: // March, May, July, August, October, December, January
		return from, from + 31
	case 11:
		next := year + 1 // February ends the year, which a leap day makes longer
		if next%4 == 0 && next%100 != 0 || next%400 == 0 {
			return from, from + 29
		}
		return from, from + 28
	}
	return from, from + 30
}

// floorMod is a modulo m with the sign of m, which is positive.
func floorMod(a, m int64) int64 {
	r := a % m
	if r < 0 {
		r += m
	}
	return r
}

// floorDiv is a / b rounded down; b is positive.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// Edges is the window that a time lies in, both microseconds; its edges are held at the ends of the int64
// range, and it exists if neither had to be.
func (c *Calendar) Edges(t int64) (start, end int64, exists bool) {
	from, to := c.around(t)
	const first, last = -(math.MaxInt64 / second), math.MaxInt64 / second
	start, end, exists = math.MinInt64, math.MaxInt64, true
	if from < first {
		exists = false
	} else {
		start = from * second
	}
	if to > last {
		exists = false
	} else {
		end = to * second
	}
	return start, end, exists
}
