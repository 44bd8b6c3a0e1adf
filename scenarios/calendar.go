package scenarios

import (
	"errors"
	"slices"
	"time"

	"parallax/engine/flow/civil"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/window"
	"parallax/engine/flow/zone"
)

// tiled reads windows that tile time without a length: those of a calendar and the
// global one. It returns nil, nil for others.
func (w *windowDoc) tiled(at *node) (*window.Spec, error) {
	calendar, global := at.get("calendar") != nil, at.get("global") != nil
	if !calendar && !global {
		for _, key := range []string{"zone", "start"} {
			if n := at.get(key); n != nil {
				return nil, n.errorf("%s belongs to a calendar: {calendar: day, zone: Europe/Berlin}", key)
			}
		}
		return nil, nil
	}
	for _, e := range at.entries {
		name := e.key.scalar
		switch {
		case global && name != "global":
			return nil, e.key.errorf("the global window is {global: true} and nothing else")
		case calendar && !slices.Contains([]string{"calendar", "zone", "start"}, name):
			return nil, e.key.errorf("a calendar's windows are {calendar: day, zone: Europe/Berlin}, of weeks perhaps with start: sunday, and nothing else")
		}
	}
	if global {
		if !w.Global {
			return nil, at.get("global").errorf("global: false says nothing; leave it out")
		}
		return &window.Spec{Kind: window.Global}, nil
	}
	return w.calendar(at)
}

func (w *windowDoc) calendar(at *node) (*window.Spec, error) {
	units := map[string]civil.Unit{"day": civil.Day, "week": civil.Week, "month": civil.Month}
	unit, first, name := units[w.Calendar], time.Monday, w.Zone
	if n := at.get("start"); n != nil {
		if unit != civil.Week {
			return nil, n.errorf("start is the day on which weeks begin: %ss have none", w.Calendar)
		}
		for first = time.Sunday; civil.WeekdayName(first) != w.Start; {
			first++
		}
	}
	if name == "" {
		name = "UTC"
	}
	c, err := civil.New(unit, name, first)
	if errors.Is(err, zone.ErrUnknown) {
		e := at.get("zone").errorf("unknown time zone %q; zones are those of the IANA table %s", name, zone.Version())
		e.Nearest = expr.Nearest(name, zone.Names())
		return nil, e
	}
	if err != nil {
		return nil, at.errorf("%s", plain(err.Error()))
	}
	return &window.Spec{Kind: window.Calendar, Civil: c}, nil
}

// zones is the release of the time zones that the job's answer depends on, "" if on
// none.
func (j *Job) zones() string {
	zoned := j.Source.EventTime.Zone != "" || j.Source.ArrivalTime.Zone != ""
	for i := range j.Pipeline.Steps {
		w := j.Pipeline.Steps[i].Window
		zoned = zoned || w != nil && w.Kind == window.Calendar
	}
	if !zoned {
		return ""
	}
	return zone.Version()
}
