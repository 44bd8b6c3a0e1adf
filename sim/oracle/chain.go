package oracle

import (
	"cmp"
	"fmt"
	"slices"

	"parallax/engine/flow/window"
)

// over answers windows over the results so far. Of those there are two sets, the
// results on time and the final ones, and each makes windows of its own: what is on
// time is made of results on time alone, and what is final of final ones. Whether a
// result was on time was decided where its rows were judged; here nothing is late.
func (a *answer) over(q *query) error {
	var counts StageCounts
	windows := map[string]*Window{}
	for _, final := range []bool{false, true} {
		rows, revised, err := q.resultRows(a.result.Windows, final)
		if err != nil {
			return err
		}
		in, pairs := map[*Row]bool{}, int64(0)
		for _, g := range q.gather(rows) {
			for _, k := range g.rows[onTime] {
				in[k.row] = true
				pairs++
			}
			id := identity(g.key, g.window)
			if windows[id] == nil {
				windows[id] = &Window{Key: g.key, Start: g.window.start, End: g.window.end}
			}
			values, err := q.aggregate(g.rows[onTime])
			if err != nil {
				return err
			}
			w := windows[id]
			if final {
				w.Final = values
			} else {
				w.OnTime, w.OnTimePairs = values, int64(len(g.rows[onTime]))
			}
			for _, k := range g.rows[onTime] {
				if revised[k.row] {
					w.RevisedPairs++
				}
			}
		}
		if final {
			counts.Rows, counts.Pairs = int64(len(in)), pairs
		} else {
			counts.RowsOnTime, counts.PairsOnTime = int64(len(in)), pairs
		}
	}
	a.result.After = append(a.result.After, counts)
	a.result.Windows = a.result.Windows[:0:0]
	for _, w := range windows {
		a.result.Windows = append(a.result.Windows, *w)
	}
	slices.SortFunc(a.result.Windows, func(v, w Window) int {
		return cmp.Or(compareKeys(v.Key, w.Key), cmp.Compare(v.Start, w.Start), cmp.Compare(v.End, w.End))
	})
	return nil
}

// resultRows is the results on time, or the final ones, behind the stages in front of
// the window: each a row just before the end of its own window. Those are revised whose
// results on time and final ones are not the same.
func (q *query) resultRows(windows []Window, final bool) (rows []keptRow, revised map[*Row]bool, err error) {
	revised = map[*Row]bool{}
	for i := range windows {
		w := &windows[i]
		values := w.OnTime
		if final {
			values = w.Final
		}
		if values == nil {
			continue
		}
		out, keep, err := q.before(w.row(values, false))
		if err != nil {
			return nil, nil, fmt.Errorf("%w: result of window %d: %w", ErrRow, w.Start, err)
		}
		if keep {
			r := &Row{Time: w.End - 1}
			rows = append(rows, keptRow{row: r, values: out})
			revised[r] = w.RevisedPairs > 0 || w.OnTime == nil || w.Final == nil
		}
	}
	return rows, revised, nil
}

// gather puts rows into their windows, each with one kind of rows.
func (q *query) gather(rows []keptRow) []*group {
	var out []*group
	if q.window.Kind == window.Session {
		keys := map[string][]sessionRow{}
		for _, k := range rows {
			if end := bigInt(k.row.Time); end.Add(end, bigInt(q.window.Size)).IsInt64() {
				id := identity(q.keyOf(k.values), span{})
				keys[id] = append(keys[id], sessionRow{keptRow: k})
			}
		}
		for _, list := range keys {
			for _, s := range runs(q.window, list, func(fate) bool { return true }) {
				g := &group{key: q.keyOf(s.rows[0].values), window: s.edges(q.window.Size)}
				for _, r := range s.rows {
					g.rows[onTime] = append(g.rows[onTime], r.keptRow)
				}
				out = append(out, g)
			}
		}
		return out
	}
	found := map[string]*group{}
	for _, k := range rows {
		for _, s := range windows(q.window, k.row.Time) {
			key := q.keyOf(k.values)
			id := identity(key, s)
			if found[id] == nil {
				found[id] = &group{key: key, window: s}
				out = append(out, found[id])
			}
			found[id].rows[onTime] = append(found[id].rows[onTime], k)
		}
	}
	return out
}
