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
