package cluster

import "parallax/engine/flow"

// sessionFamily is the sessions that a view shows, with their accumulators.
type sessionFamily struct{ *sessions }

func newSessionFamily(plan *flow.Plan) family { return sessionFamily{newSessions(plan)} }

func (f sessionFamily) place(m *model, r *arrival) {
	fate, kept, exists := f.judge(r)
	switch {
	case !exists:
		return
	case !kept:
		m.counts.PairsDropped++
		m.counts.RowsDropped++
		return
	case fate == fateRevision:
		m.counts.PairsRevised++
	default:
		m.counts.PairsOnTime++
	}
	at, isNew := f.add(r, fate)
	if isNew {
		at.group = m.take()
	}
	m.keep(at.group, r.row)
}

// settle shows the sessions that have changed, in place of those that they were
// made of. A view tells sessions of a key apart by their starts.
func (f sessionFamily) settle(m *model, marks []int64) {
	f.each(marks, false, func(k *timeline, members []stretch, whole *stretch) {
		for _, e := range members[1:] {
			if e.fate == fateShown && e.first != whole.first {
				m.shelf.put(spot{e.first, k.key}, version{gone: true})
			}
			m.table.Merge(whole.group, m.table, e.group)
			m.give(e.group)
		}
		m.shelf.put(spot{whole.first, k.key}, version{
			end: whole.last + f.window.Size, late: whole.late, bytes: m.table.AppendTo(whole.group, nil),
		})
	}, func(whole *stretch) { m.give(whole.group) })
}

// due is what the oracle has decided by the same watermarks.
func (f sessionFamily) due(spot, int64, []int64) bool { return true }
