package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"parallax/engine/flow/column"
	"parallax/engine/flow/window"
)

// How much of the data the page draws.
const (
	pageDotsLate  = 1500
	pageDotsOther = 2500
	pageRises     = 3000
	pageEnds      = 2000
	pageFollowed  = 40
	pageArrivals  = 400
)

// never is below every delay: rows that no delay makes late.
const never = -1 << 52

// pagePlane is the rows by event time and arrival, the frontier, and the ends of windows.
func (r *Report) pagePlane(p *page) {
	in := r.Input
	var late, other []pageDot
	for i := range in.rows {
		d := in.dot(&in.rows[i], p.Start)
		if d.On >= 0 {
			late = append(late, d)
		} else {
			other = append(other, d)
		}
	}
	p.DotsOf = len(late) + len(other)
	slices.SortStableFunc(late, func(a, b pageDot) int { return cmp.Compare(b.On, a.On) })
	// The latest are all there, of the others as many as fit.
	worst := late[:min(len(late), pageDotsLate/2)]
	p.Dots = slices.Concat(worst, thinTo(late[len(worst):], pageDotsLate/2), thinTo(other, pageDotsOther))
	slices.SortStableFunc(p.Dots, func(a, b pageDot) int { return cmp.Compare(a.Arrival, b.Arrival) })
	for _, m := range thinTo(in.frontiers[0], pageRises) {
		p.Rises = append(p.Rises, [2]int64{m.At - p.Start, m.Watermark - p.Start})
	}
	for i := range in.truth.windows {
		p.Ends = append(p.Ends, in.truth.windows[i].End-p.Start)
	}
	slices.Sort(p.Ends)
	p.Ends = thinTo(slices.Compact(p.Ends), pageEnds)
}

// dot is a row with the delays that decide its fate: those of its last window.
func (in *Input) dot(r *row, start int64) pageDot {
	d := pageDot{Time: r.time - start, Arrival: r.arrival - start, On: never, Keep: never}
	if r.frontier == column.NoFrontier || r.windows == r.windowsUntil {
		return d
	}
	late := &in.counting.Late
	end := in.truth.windows[r.windowsUntil-1].End
	d.On = window.Sub(r.frontier, end)
	if in.plan.Window.Kind == window.Session {
		end = window.Add(r.time, in.plan.Window.Size)
		d.On = window.Sub(r.frontier, r.time) - 1
	}
	d.Keep = window.Sub(r.frontier, end) - late.Allowed
	if late.PerElement {
		d.Keep = max(d.Keep, window.Sub(r.frontier, r.time)-late.Allowed-1)
	}
	d.On, d.Keep = max(d.On, never), max(d.Keep, never)
	return d
}

// followed are the windows that the page follows over time: those of which most rows
// come late, and some of the others.
func (in *Input) followed() []int32 {
	lateness := make([]int64, len(in.truth.windows))
	for w := range lateness {
		for _, i := range in.perWindow[w] {
			if r := &in.rows[i]; r.frontier != column.NoFrontier && r.frontier >= in.truth.windows[w].End {
				lateness[w]++
			}
		}
	}
	var all []int32
	for w := range lateness {
		all = append(all, int32(w))
	}
	worst := slices.Clone(all)
	slices.SortStableFunc(worst, func(a, b int32) int { return cmp.Compare(lateness[b], lateness[a]) })
	out := slices.Concat(worst[:min(len(worst), pageFollowed*3/4)], thinTo(all, pageFollowed/4))
	slices.SortFunc(out, func(a, b int32) int {
		x, y := &in.truth.windows[a], &in.truth.windows[b]
		return cmp.Or(cmp.Compare(x.End, y.End), cmp.Compare(a, b))
	})
	return slices.Compact(out)
}

func (r *Report) pageWindows(p *page) {
	in := r.Input
	for _, w := range in.followed() {
		h := &in.truth.windows[w]
		x := pageWindow{Name: in.windowName(w), End: h.End - p.Start, Rows: h.Rows, Values: texts(h.Values)}
		for _, i := range in.perWindow[w] {
			x.Arrivals = append(x.Arrivals, in.rows[i].arrival-p.Start)
		}
		slices.Sort(x.Arrivals)
		x.Arrivals = thinTo(x.Arrivals, pageArrivals)
		p.Windows = append(p.Windows, x)
	}
}

// pageShown is what a line's first seed showed of the windows that are followed.
func (r *Report) pageShown(l *Line, start int64) (all [][]pageShowing) {
	for _, w := range r.Input.followed() {
		list := []pageShowing{}
		for _, s := range l.Trial.Histories[w].Shown {
			list = append(list, pageShowing{s.At - start, s.Rows, texts(s.Values)})
		}
		all = append(all, list)
	}
	return all
}

// windowName is a window's key and edges.
func (in *Input) windowName(w int32) string {
	h := &in.truth.windows[w]
	layout := "15:04:05"
	if h.End-h.Start >= 3600e6 {
		layout = "2006-01-02 15:04"
	} else if h.Start%1e6 != 0 || h.End%1e6 != 0 {
		layout = "15:04:05.000"
	}
	name := fmt.Sprintf("%s – %s", time.UnixMicro(h.Start).UTC().Format(layout), time.UnixMicro(h.End).UTC().Format(layout))
	if key := in.truth.names[w]; key != "" {
		return key + ", " + name
	}
	return name
}

func texts(values []column.Value) []string {
	list := make([]string, len(values))
	for i, v := range values {
		if list[i] = v.Text(); v.Null {
			list[i] = "null"
		}
		if len(list[i]) > 40 {
			list[i] = strings.ToValidUTF8(list[i][:40], "") + "…"
		}
	}
	return list
}
