package trigger

import "math"

// Never is an instant that does not come.
const Never int64 = math.MaxInt64

// At is a moment of an operator: its watermark, and its clock. Start and End are the
// window's, whose progress is looked at.
type At struct {
	Watermark, Clock int64
	Start, End       int64
}

// Progress is how far a (key, window) has come in a phase. The zero value is its
// beginning.
type Progress struct {
	New   int64 // rows that no pane of the phase has had
	All   int64 // rows of the phase
	Stage int   // how many rules of AfterEach have fired
	Done  bool  // there are no more panes in this phase by a rule
	// Where there are new rows, Next is when the rule in force is due; Last is when
	// OrFinally is.
	Next, Last Dues
}

// Dues is when a rule is due: by the watermark, and by the clock. 0 in both is not
// set.
type Dues struct{ Event, Clock int64 }

// in is the rule in force; there is none when p is done.
func (f *Firings) in(p *Progress) Rule {
	switch {
	case p.Done:
		return Rule{}
	case len(f.AfterEach) > 0:
		return f.AfterEach[p.Stage]
	}
	return f.Rule
}

// Add counts n rows and reports whether a pane is due at once.
func (f *Firings) Add(p *Progress, n int64, at At) bool {
	if p.All > 0 && p.reached(at) { // while there was nothing new
		f.finish(p)
	}
	if p.All == 0 {
		p.Last = f.OrFinally.from(at)
	}
	if p.New == 0 && !p.Done {
		p.Next = f.in(p).from(at)
	}
	p.New += n
	p.All += n
	return !p.Done && (full(f.in(p), p.New) || full(f.OrFinally, p.All))
}

func full(r Rule, rows int64) bool { return r.Count > 0 && rows >= r.Count }

// reached tells whether OrFinally's time has come.
func (p *Progress) reached(at At) bool {
	return !p.Done && (at.Watermark >= p.Last.Event && p.Last.Event != Never || at.Clock >= p.Last.Clock && p.Last.Clock != Never)
}

// Fired says that a pane has come by a rule, and has shown all there is.
func (f *Firings) Fired(p *Progress, at At) {
	p.New, p.Next = 0, Dues{}
	if len(f.AfterEach) > 0 && !p.Done {
		p.Stage++
	}
	if p.reached(at) || full(f.OrFinally, p.All) || len(f.AfterEach) > 0 && p.Stage == len(f.AfterEach) {
		f.finish(p)
	}
}

// finish ends the phase's panes. What led there is forgotten.
func (f *Firings) finish(p *Progress) {
	p.Done, p.Stage, p.Next, p.Last = true, 0, Dues{}, Dues{}
}

// Due is when the next pane is, by the watermark and by the clock, if no row comes
// before; Never is possible for both.
func (f *Firings) Due(p *Progress) Dues {
	if p.New == 0 || p.Done {
		return Dues{Never, Never}
	}
	return Dues{min(p.Next.Event, p.Last.Event), min(p.Next.Clock, p.Last.Clock)}
}

// from is when a rule is due whose count begins now.
func (r Rule) from(at At) Dues {
	d := Dues{Never, Never}
	if r.Every > 0 {
		d.Event = r.boundary(at)
	}
	if r.Processing > 0 && at.Clock <= math.MaxInt64-r.Processing {
		d.Clock = at.Clock + r.Processing
	}
	return d
}

// boundary is the first start + k*Every that the watermark has not reached, if the
// window does not end before.
func (r Rule) boundary(at At) int64 {
	size, every := uint64(at.End)-uint64(at.Start), uint64(r.Every)
	next := every
	if at.Watermark >= at.Start {
		next = ((uint64(at.Watermark)-uint64(at.Start))/every + 1) * every
	}
	if next >= size {
		return Never
	}
	return int64(uint64(at.Start) + next)
}
