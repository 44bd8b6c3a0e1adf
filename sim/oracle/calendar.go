package oracle

import (
	"math"
	"math/big"
	"time"

	"parallax/engine/flow/civil"
	"parallax/engine/flow/zone"
)

// clocks is what people in a zone see. It knows no table of changes: it looks at
// the clock, second by second where that matters.
type clocks struct {
	place *time.Location
	unit  civil.Unit
	first time.Weekday
	dawns map[time.Time]int64 // by date, as far as looked for
}

func newClocks(c *civil.Calendar) *clocks {
	place, err := zone.Load(c.Zone)
	if err != nil {
		panic(err) // a valid specification has a zone that there is
	}
	return &clocks{place: place, unit: c.Unit, first: c.First, dawns: make(map[time.Time]int64)}
}

// windows is the window that holds the time t, if its edges are int64 values. It
// walks civil dates on from one that is certainly over.
func (k *clocks) windows(t int64) []span {
	at := new(big.Int)
	at.Div(big.NewInt(t), big.NewInt(1_000_000)) // rounds down
	now := time.Unix(at.Int64(), 0).UTC()
	date := k.opening(time.Date(now.Year(), now.Month(), now.Day()-3, 0, 0, 0, 0, time.UTC))
	start, end := k.dawn(date), int64(0)
	for {
		date = k.following(date)
		if end = k.dawn(date); end > at.Int64() {
			break
		}
		start = end
	}
	from, to := bigMicros(start), bigMicros(end)
	if !from.IsInt64() || !to.IsInt64() {
		return nil
	}
	return []span{{from.Int64(), to.Int64()}}
}

func bigMicros(sec int64) *big.Int { return new(big.Int).Mul(big.NewInt(sec), big.NewInt(1_000_000)) }

// opening is the first date of the window of a date; dates are UTC midnights.
func (k *clocks) opening(date time.Time) time.Time {
	for {
		switch {
		case k.unit == civil.Week && date.Weekday() == k.first, k.unit == civil.Month && date.Day() == 1, k.unit == civil.Day:
			return date
		}
		date = date.AddDate(0, 0, -1)
	}
}

// following is the first date of the next window.
func (k *clocks) following(date time.Time) time.Time {
	switch k.unit {
	case civil.Week:
		return date.AddDate(0, 0, 7)
	case civil.Month:
		return date.AddDate(0, 1, 0)
	}
	return date.AddDate(0, 0, 1)
}

// dawn is the first second at which clocks show a date or a later one.
func (k *clocks) dawn(date time.Time) int64 {
	if _, ok := k.dawns[date]; !ok {
		k.dawns[date] = k.watch(date)
	}
	return k.dawns[date]
}

// watch looks at the clocks until they show a date or a later one.
func (k *clocks) watch(date time.Time) int64 {
	shows := func(sec int64) bool {
		y, m, d := time.Unix(sec, 0).In(k.place).Date()
		return !time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Before(date)
	}
	// No clock is 26 hours from UTC, and none shows a date for less than a minute.
	const early, look = 26 * 60 * 60, 60
	for sec := date.Unix() - early; ; sec += look {
		if !shows(sec) {
			continue
		}
		for sec > date.Unix()-early && shows(sec-1) {
			sec--
		}
		return sec
	}
}

// globalWindow is the window of everything within half of the int64 range, less
// what is no whole millisecond.
func globalWindow(t int64) []span {
	edge := int64(math.MaxInt64/2/1000) * 1000
	if t < -edge || t >= edge {
		return nil
	}
	return []span{{-edge, edge}}
}
