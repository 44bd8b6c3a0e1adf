package source

import (
	"math"
	"strings"
	"time"

	"parallax/engine/flow/zone"
)

// clock reads one time column.
type clock struct {
	field    TimeField
	num, den int64 // of a unit, in microseconds
	zone     *time.Location
	assumed  bool // neither unit nor layout is given: RFC 3339
	simple   bool // the layout is a plain date and time in UTC
	last     string
	lastTime int64
}

const simpleLayout = "2006-01-02 15:04:05"

func newClock(f TimeField) (*clock, error) {
	c := &clock{field: f, zone: time.UTC}
	c.num, c.den, _ = unitMicros(f.Unit)
	if c.assumed = f.Unit == "" && f.Layout == ""; c.assumed {
		c.field.Layout = time.RFC3339
	}
	if f.Zone != "" {
		place, err := zone.Load(f.Zone)
		if err != nil {
			return nil, err
		}
		c.zone = place
	}
	c.simple = f.Layout == simpleLayout && c.zone == time.UTC
	return c, nil
}

const outOfRange = "time out of range: it does not fit 64 bits of microseconds"

// parse reads a time in microseconds since the epoch, rounding down what is
// finer; msg says what is wrong.
func (c *clock) parse(b []byte) (micros int64, msg string) {
	if len(b) == 0 {
		return 0, "the time is empty"
	}
	if c.field.Layout != "" {
		return c.parseLayout(b)
	}
	v, digits, fits := parseInt(b)
	switch {
	case fits:
		return c.scale(v)
	case digits:
		return 0, outOfRange + ": " + quote(b)
	}
	return c.parseFraction(b)
}

// scale turns a number of units into microseconds.
func (c *clock) scale(v int64) (int64, string) {
	if c.den != 1 {
		q := v / c.den
		if v%c.den < 0 {
			q--
		}
		return q, ""
	}
	// The least number of all is the mark for "no frontier".
	if v > math.MaxInt64/c.num || v < math.MinInt64/c.num || v == math.MinInt64 {
		return 0, outOfRange
	}
	return v * c.num, ""
}

// parseFraction reads a number of units with digits behind a point.
func (c *clock) parseFraction(b []byte) (int64, string) {
	whole, fraction, found := strings.Cut(text(b), ".")
	neg := strings.HasPrefix(whole, "-")
	if whole == "" || whole == "-" {
		whole += "0"
	}
	v, digits, fits := parseInt([]byte(whole))
	if !found || !digits || fraction == "" || strings.Trim(fraction, "0123456789") != "" {
		return 0, "bad time " + quote(b) + ": a number of " + c.field.Unit + " was expected"
	}
	if !fits {
		return 0, outOfRange
	}
	micros, msg := c.scale(v)
	if msg != "" || c.den != 1 {
		return micros, msg
	}
	part, lost, unit := int64(0), false, c.num
	for _, d := range []byte(fraction) {
		unit /= 10
		lost = lost || unit == 0 && d != '0'
		part += unit * int64(d-'0')
	}
	if neg {
		part = -part
		if lost {
			part--
		}
	}
	sum := micros + part
	if part > 0 && sum < micros || part < 0 && sum > micros || sum == math.MinInt64 {
		return 0, outOfRange
	}
	return sum, ""
}

func (c *clock) parseLayout(b []byte) (int64, string) {
	if c.last == string(b) && c.last != "" {
		return c.lastTime, ""
	}
	micros, ok := int64(0), false
	if c.simple {
		micros, ok = parseSimple(b)
	}
	if !ok {
		t, err := time.ParseInLocation(c.field.Layout, string(b), c.zone)
		switch {
		case err != nil && c.assumed:
			return 0, "bad time " + quote(b) + ": without a unit (s, ms, us, ns) or a layout, text as 2006-01-02T15:04:05Z is expected"
		case err != nil:
			return 0, "bad time " + quote(b) + ": not of the layout " + c.field.Layout
		}
		micros = t.UnixMicro()
	}
	c.last, c.lastTime = string(b), micros
	return micros, ""
}

// parseSimple reads "2006-01-02 15:04:05" in UTC; ok is false for everything that
// needs a closer look.
func parseSimple(b []byte) (micros int64, ok bool) {
	if len(b) != len(simpleLayout) || b[4] != '-' || b[7] != '-' || b[10] != ' ' || b[13] != ':' || b[16] != ':' {
		return 0, false
	}
	var part [6]int64
	for i, at := range [6][2]int{{0, 4}, {5, 7}, {8, 10}, {11, 13}, {14, 16}, {17, 19}} {
		for _, c := range b[at[0]:at[1]] {
			if c-'0' > 9 {
				return 0, false
			}
			part[i] = part[i]*10 + int64(c-'0')
		}
	}
	y, m, d := part[0], part[1], part[2]
	if m < 1 || m > 12 || d < 1 || d > 28 || part[3] > 23 || part[4] > 59 || part[5] > 59 {
		return 0, false // the end of a month is left to package time
	}
	// Days from civil date: years begin in March, so that the leap day is last.
	if m <= 2 {
		y--
	}
	days := y*365 + y/4 - y/100 + y/400 + ((m+9)%12*306+5)/10 + d - 1 - 719468
	if y < 0 {
		return 0, false
	}
	return ((days*24+part[3])*60+part[4])*60_000_000 + part[5]*1_000_000, true
}
