package operator

import (
	"fmt"
	"math"

	"parallax/engine/flow"
	"parallax/engine/flow/watermark"
)

// checkKept wants the windows, slices and accumulators that an operator of windows at
// fixed places keeps to be exactly those that may still fire or be revised, by its
// watermarks, once all panes were taken: from the rows so far alone.
func (w *telling) checkKept() {
	if w.late.Rule != flow.Log {
		return
	}
	windows, slices, slots := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for p, log := range w.logs {
		lane, mark := 0, w.path.Windowed().Watermark(p)
		if w.mark.Across == watermark.Own {
			lane = p
		}
		frontier := int64(math.MinInt64)
		for i, r := range log[:w.next[p]] {
			if w.mark.AheadMax > 0 && r.time > appendTime(i)+w.mark.AheadMax {
				continue
			}
			before := w.mark.Watermark(frontier)
			if frontier = max(frontier, r.time); r.v < -15 {
				continue
			}
			late, dropped, open := 0, 0, false
			ends := w.endsOf(r.time)
			for _, end := range ends {
				if before >= end {
					late++
				}
				if before >= end+w.late.Allowed {
					dropped++
				} else if mark < end+w.late.Allowed {
					windows[fmt.Sprint(lane, end)] = true
				}
				open = open || mark < end+w.late.Allowed
			}
			if open && dropped < len(ends) {
				slices[fmt.Sprint(lane, ends)] = true
				key := r.key
				if r.null {
					key = "null"
				}
				slots[fmt.Sprint(lane, ends, late, dropped, key)] = true
			}
		}
	}
	have := w.path.Windowed().State()
	if have.Windows != len(windows) || have.Slices != len(slices) || have.Slots != len(slots) {
		w.complain("kept is %+v, want %d windows, %d slices, %d slots", have, len(windows), len(slices), len(slots))
	}
}

// endsOf lists the ends of the windows that hold a time, ascending.
func (s story) endsOf(t int64) (ends []int64) {
	if s.window.Every == 0 { // their lengths differ; package civil has tests of its own
		return s.window.Ends(t, nil)
	}
	end := s.window.Offset + s.window.Size
	for end > t {
		end -= s.window.Every
	}
	for ; end <= t+s.window.Size; end += s.window.Every {
		if end > t {
			ends = append(ends, end)
		}
	}
	return ends
}

// checkSessions wants the sessions that are kept to be exactly those that may still
// fire or be revised, once all panes were taken, from the rows so far alone: sessions
// on time that are not complete, revisions whose own window is not over, those of one
// time together, and what is shown unless it ended so long before the watermark that
// no revision can join it, nor an open session does.
func (w *telling) checkSessions() {
	if w.late.Rule != flow.Log {
		return
	}
	marks := make([]int64, len(w.logs))
	for p := range marks {
		marks[p] = w.path.last.Watermark(p)
	}
	all := w.judged(w.next)
	kept := map[string]bool{}
	open := map[string][]edges{}
	w.group(all.onTime, map[place][2]int64{}, func(key string, rows []keptRow) {
		first, last := rows[0], rows[len(rows)-1]
		if end := last.time + w.window.Size; marks[last.partition] < w.window.Closes(end) {
			kept[fmt.Sprint("open", key, end)] = true
			open[key] = append(open[key], edges{first.time, end})
		}
	})
	for key, rows := range all.revised {
		for _, r := range rows {
			if marks[r.partition] < w.window.Closes(r.time+w.window.Size) {
				kept[fmt.Sprint("early", key, r.time)] = true
			}
		}
	}
	w.group(w.shown(&all, marks), map[place][2]int64{}, func(key string, rows []keptRow) {
		start, end := rows[0].time, rows[len(rows)-1].time+w.window.Size
		joined := false
		for _, e := range open[key] {
			joined = joined || w.window.Joins(start, end, e.start, e.end)
		}
		if joined || marks[rows[0].partition] <= end+w.window.Size+w.late.Allowed {
			kept[fmt.Sprint("shown", key, end)] = true
		}
	})
	if have := w.path.last.State(); have.Windows != len(kept) || have.Slots != len(kept) {
		w.complain("kept is %+v, want %d sessions", have, len(kept))
	}
}
