package fault

// Rate is a probability in parts per million.
type Rate uint32

// Strength is how often a family strikes and how hard. A zero Rate is never.
type Strength struct {
	Rate Rate
	// Sure has it strike at least once, at the first occasion after an instant that
	// the seed draws, should its rate not have been enough by then. Where that is
	// depends on the run; what is written down of it does not.
	Sure bool
	// The amount lies between Least and Most: ns for everything that takes time. Both
	// 0 stand for the family's usual amounts.
	Least, Most int64
}

// Plan is the strength of every family, by family. The zero value is a world in which
// nothing goes wrong.
type Plan [Count]Strength

// Usual has every family strike at rates that suit runs of some seconds with small
// clusters.
func Usual() Plan {
	var p Plan
	for i := range p {
		p[i] = families[i].usual
	}
	return p
}

// Only is the plan without all families but these.
func (p Plan) Only(list ...Family) Plan {
	var o Plan
	for _, f := range list {
		o[f] = p[f]
	}
	return o
}

// Fill puts in the usual amounts where there are none.
func (p *Plan) Fill() {
	for i := range p {
		s := &p[i]
		if s.Least == 0 && s.Most == 0 {
			s.Least, s.Most = families[i].usual.Least, families[i].usual.Most
		}
		s.Most = max(s.Least, s.Most)
	}
}

// Stretched is the plan of a world in which everything takes n times as long.
func (p Plan) Stretched(n int64) Plan {
	p.Fill()
	for i := range p {
		if Family(i) != Drift { // a ratio
			p[i].Least *= n
			p[i].Most *= n
		}
	}
	return p
}
