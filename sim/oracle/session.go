package oracle

import (
	"cmp"
	"math"
	"math/big"
	"slices"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/window"
)

// sessionKey is the rows of one key in sessions, as they came.
type sessionKey struct {
	key  []column.Value
	rows []sessionRow
	live []*liveSession // by the rule operator: that a row may still join
	// what is known to be a session on time, and a final one
	onTime, final []*liveSession
}

// sessionRow is a row and what became of it.
type sessionRow struct {
	keptRow
	fate fate
}

// liveSession is rows of a key that make a session.
type liveSession struct {
	rows []sessionRow // ascending by time
	late bool         // it has fired, or has a revision
}

// edges is the session's window: gap behind the last row.
func (s *liveSession) edges(gap int64) span {
	return span{s.rows[0].row.Time, s.rows[len(s.rows)-1].row.Time + gap}
}

// placeSession puts a row into the sessions of its key; w is the watermark that
// judges it. A row whose window would end beyond all times has no window.
func (a *answer) placeSession(w *big.Int, k keptRow) {
	gap := a.query.window.Size
	end := new(big.Int).Add(big.NewInt(k.row.Time), big.NewInt(gap))
	if !end.IsInt64() {
		return
	}
	g := a.sessionKey(a.query.keyOf(k.values))
	r := sessionRow{keptRow: k}
	if tooOld(a.query.pipeline.Late, w, k.row.Time) {
		r.fate = dropped
	} else if a.query.pipeline.Late.Rule == flow.Operator {
		g.join(a.query, w, &r)
	} else if w != nil && w.Cmp(bigInt(k.row.Time)) > 0 {
		r.fate = revised
		if judge(w, end.Int64(), a.query.pipeline.Late.Allowed) == dropped {
			r.fate = dropped
		}
	}
	g.rows = append(g.rows, r)
	a.count(k.row, func(c *Counts) { c.add(r.fate) })
	if r.fate == dropped {
		a.count(k.row, func(c *Counts) { c.RowsDropped++ })
		a.result.Drops = append(a.result.Drops, Drop{
			Key: g.key, Partition: k.row.Partition, Offset: k.row.Offset, Time: k.row.Time,
			Start: k.row.Time, End: end.Int64(), Watermark: w.Int64(),
		})
	}
}

func (a *answer) sessionKey(key []column.Value) *sessionKey {
	id := identity(key, span{})
	g := a.sessions[id]
	if g == nil {
		g = &sessionKey{key: key}
		a.sessions[id] = g
	}
	return g
}

// past tells how a watermark stands to a session's end: whether it is complete, and
// whether it is forgotten. Where touching is enough, both come one later.
func past(q *query, w *big.Int, end int64) (complete, forgotten bool) {
	if w == nil {
		return false, false
	}
	closes := bigInt(end)
	if q.window.Merge == window.Touching {
		closes.Add(closes, bigInt(1))
	}
	complete = w.Cmp(closes) >= 0
	return complete, w.Cmp(closes.Add(closes, bigInt(q.pipeline.Late.Allowed))) >= 0
}

// join is the rule operator: what the watermark completes has fired and what it
// ends is forgotten; of the rest, the row's window is merged with all that it
// joins, and the merged one says what becomes of the row.
func (g *sessionKey) join(q *query, w *big.Int, r *sessionRow) {
	g.expire(q, w)
	merged := &liveSession{rows: []sessionRow{*r}}
	var apart []*liveSession
	for _, s := range g.live {
		if !adjoin(q.window, s.edges(q.window.Size), merged.edges(q.window.Size)) {
			apart = append(apart, s)
			continue
		}
		merged.late = merged.late || s.late
		merged.rows = append(merged.rows, s.rows...)
		slices.SortStableFunc(merged.rows, func(a, b sessionRow) int { return cmp.Compare(a.row.Time, b.row.Time) })
	}
	complete, forgotten := past(q, w, merged.edges(q.window.Size).end)
	switch {
	case forgotten:
		r.fate = dropped
		return
	case complete:
		r.fate, merged.late = revised, true
	}
	for i := range merged.rows {
		if merged.rows[i].row == r.row {
			merged.rows[i].fate = r.fate
		}
	}
	g.live = append(apart, merged)
}

// expire fires what is complete by the watermark and forgets what is over.
func (g *sessionKey) expire(q *query, w *big.Int) {
	var live []*liveSession
	for _, s := range g.live {
		complete, forgotten := past(q, w, s.edges(q.window.Size).end)
		if complete && !s.late {
			g.onTime = append(g.onTime, &liveSession{rows: slices.Clone(s.rows)})
			s.late = true
		}
		if forgotten {
			g.final = append(g.final, s)
			continue
		}
		live = append(live, s)
	}
	g.live = live
}

// adjoin tells whether two sessions are one: their union has no gap, and where they
// must overlap, something is in both.
func adjoin(w *window.Spec, a, b span) bool {
	common := new(big.Int).Sub(bigInt(min(a.end, b.end)), bigInt(max(a.start, b.start)))
	if w.Merge == window.Touching {
		return common.Sign() >= 0
	}
	return common.Sign() > 0
}

// runs cuts a key's rows into sessions: by time, wherever two rows in a row are too
// far apart. Rows of a fate that does not count are left out.
func runs(w *window.Spec, rows []sessionRow, counts func(fate) bool) []*liveSession {
	var chosen []sessionRow
	for _, r := range rows {
		if counts(r.fate) {
			chosen = append(chosen, r)
		}
	}
	slices.SortStableFunc(chosen, func(a, b sessionRow) int { return a.row.compare(b.row) })
	var out []*liveSession
	for i, r := range chosen {
		if i > 0 {
			last := out[len(out)-1]
			next := span{r.row.Time, r.row.Time + w.Size}
			if adjoin(w, last.edges(w.Size), next) {
				last.rows = append(last.rows, r)
				continue
			}
		}
		out = append(out, &liveSession{rows: []sessionRow{r}})
	}
	return out
}

// finishSessions makes the windows of all keys. By the rule log, those on time are
// the runs of rows on time, and the final ones those of all rows kept. Windows are
// counted as if nothing had been dropped: the runs of all rows, of which those that
// hold a dropped one are incomplete.
func (a *answer) finishSessions() error {
	q := a.query
	keys := make([]*sessionKey, 0, len(a.sessions))
	for _, g := range a.sessions {
		keys = append(keys, g)
	}
	slices.SortFunc(keys, func(g, h *sessionKey) int { return compareKeys(g.key, h.key) })
	for _, g := range keys {
		if q.pipeline.Late.Rule == flow.Operator {
			for _, s := range g.live { // the input is at its end
				if !s.late {
					g.onTime = append(g.onTime, s)
				}
			}
			g.final = append(g.final, g.live...)
		} else {
			g.onTime = runs(q.window, g.rows, func(f fate) bool { return f == onTime })
			g.final = runs(q.window, a.shown(g), func(f fate) bool { return f != dropped })
		}
		for _, s := range runs(q.window, g.rows, func(fate) bool { return true }) {
			a.countSession(s)
		}
		if err := a.closeSessions(g); err != nil {
			return err
		}
	}
	return nil
}

// shown is the rows of a key that a view shows in sessions: all that are kept, unless
// it is known what has fired.
func (a *answer) shown(g *sessionKey) []sessionRow {
	if a.fired == nil {
		return g.rows
	}
	var list []sessionRow
	complete := func(partition int32, end int64) bool {
		mark := a.fired[partition]
		c, _ := past(a.query, bigInt(mark), end)
		return c || mark == math.MaxInt64 // nothing comes any more
	}
	for _, s := range g.onTime {
		if complete(s.rows[0].row.Partition, s.edges(a.query.window.Size).end) {
			list = append(list, s.rows...)
		}
	}
	for _, r := range g.rows {
		if r.fate == revised && complete(r.row.Partition, r.row.Time+a.query.window.Size) {
			list = append(list, r)
		}
	}
	return list
}

// countSession counts a session, in all and for each partition that has a row in it.
func (a *answer) countSession(s *liveSession) {
	lost, all := map[int32]bool{}, false
	for _, r := range s.rows {
		lost[r.row.Partition] = lost[r.row.Partition] || r.fate == dropped
		all = all || r.fate == dropped
	}
	a.result.All.window(all)
	for p, lost := range lost {
		a.result.Partitions[p].window(lost)
	}
}

// closeSessions computes a key's sessions. One that is on time and final as it
// stands is one window.
func (a *answer) closeSessions(g *sessionKey) error {
	windows := map[span]*Window{}
	var order []*Window
	for _, list := range [][]*liveSession{g.onTime, g.final} {
		for _, s := range list {
			edges := s.edges(a.query.window.Size)
			w := windows[edges]
			if w == nil {
				w = &Window{Key: g.key, Start: edges.start, End: edges.end}
				windows[edges] = w
				order = append(order, w)
			}
		}
	}
	for i, list := range [][]*liveSession{g.onTime, g.final} {
		for _, s := range list {
			w := windows[s.edges(a.query.window.Size)]
			rows := make([]keptRow, len(s.rows))
			w.OnTimePairs, w.RevisedPairs = 0, 0
			for j, r := range s.rows {
				rows[j] = r.keptRow
				if r.fate == revised {
					w.RevisedPairs++
				} else {
					w.OnTimePairs++
				}
			}
			values, err := a.query.aggregate(rows)
			if err != nil {
				return err
			}
			if i == 0 {
				w.OnTime = values
			} else {
				w.Final = values
			}
		}
	}
	slices.SortFunc(order, func(a, b *Window) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	for _, w := range order {
		a.result.Windows = append(a.result.Windows, *w)
	}
	return nil
}
