package cluster

import (
	"parallax/engine/flow"
	"parallax/engine/flow/window"
	"parallax/sim/oracle"
)

// fixed is windows that lie where the plan says. Every row is added to every one of
// its windows, in the plainest way there is.
type fixed struct {
	placing
	groups  map[spot]*group
	pending []*group // not shown yet, or with rows that are not
}

// group is what the model knows of one (key, window).
type group struct {
	spot
	end     int64
	part    int    // that its first row came from
	number  uint32 // of its accumulators
	late    bool   // it holds revisions
	pending bool
}

func newFixed(plan *flow.Plan) family {
	return &fixed{placing: newPlacing(plan), groups: map[spot]*group{}}
}

// placing is where the windows of a time lie, the last one first. Those whose lengths
// differ are found by the oracle.
type placing struct {
	spec     window.Spec
	assigner *oracle.Assigner
}

func newPlacing(plan *flow.Plan) placing {
	return placing{spec: plan.Window, assigner: oracle.NewAssigner(&plan.Window)}
}

func (p *placing) windows(t int64) (starts, ends []int64) {
	if p.spec.Every == 0 {
		return p.assigner.Windows(t)
	}
	for start := t - mod(t-p.spec.Offset, p.spec.Every); start > t-p.spec.Size && (start >= 0 || !p.spec.Clamp); start -= p.spec.Every {
		starts, ends = append(starts, start), append(ends, start+p.spec.Size)
	}
	return starts, ends
}

// mod is t modulo n with the sign of n, which is positive.
func mod(t, n int64) int64 { return (t%n + n) % n }

func (f *fixed) place(m *model, r *arrival) {
	pairs, kept := 0, 0
	starts, ends := f.windows(r.time)
	for i, start := range starts {
		end := ends[i]
		pairs++
		if beyond(r.mark, end, m.pipeline.Late.Allowed) || tooOld(m.pipeline, r) {
			m.counts.PairsDropped++
			continue
		}
		kept++
		g := f.group(m, r, start, end)
		if r.mark >= end {
			g.late = true
			m.counts.PairsRevised++
		} else {
			m.counts.PairsOnTime++
		}
		m.keep(g.number, r.row)
	}
	if pairs > 0 && kept == 0 {
		m.counts.RowsDropped++
	}
}

func (f *fixed) group(m *model, r *arrival, start, end int64) *group {
	at := spot{start, r.key}
	g := f.groups[at]
	if g == nil {
		g = &group{spot: at, end: end, part: r.part, number: m.take()}
		f.groups[at] = g
	}
	if !g.pending {
		g.pending = true
		f.pending = append(f.pending, g)
	}
	return g
}

func (f *fixed) settle(m *model, marks []int64) {
	rest := f.pending[:0]
	for _, g := range f.pending {
		if g.end > marks[g.part] {
			rest = append(rest, g)
			continue
		}
		g.pending = false
		m.shelf.put(g.spot, version{end: g.end, late: g.late, bytes: m.table.AppendTo(g.number, nil)})
	}
	clear(f.pending[len(rest):])
	f.pending = rest
}

func (f *fixed) due(at spot, end int64, marks []int64) bool {
	g := f.groups[at]
	return g == nil || end <= marks[g.part]
}
