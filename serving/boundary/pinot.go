package boundary

// Row is one counted row: a time, in the table's unit, and a weight.
type Row struct {
	Time   int64
	Weight int64
}

// Segment is a piece of the batch layer: its rows, and the greatest time that it is
// said to hold, whether or not it has a row there.
type Segment struct {
	End    int64
	Rows   []Row
	Online bool
}

// Pinot is a hybrid table. Its boundary lies one push before the greatest end of an
// online segment, because the first segment of a push raises that end before the rest
// is there (Apache Pinot, TimeBoundaryManager, and pull request 4374).
type Pinot struct {
	Offline  []Segment
	Realtime []Row
	Hourly   bool // segments are pushed every hour, not every day
	// Hour is how long an hour is in the table's unit, Day a day. An hour of 0 is a
	// unit of days, which hold no hours.
	Hour, Day int64
	// NoRewind puts the boundary at the greatest end itself.
	NoRewind bool
}

// Boundary is the last time that the batch layer answers for; ok is false without
// online segments, and then everything comes from the stream.
func (p *Pinot) Boundary() (tb int64, ok bool) {
	for i := range p.Offline {
		if s := &p.Offline[i]; s.Online && (!ok || s.End > tb) {
			tb, ok = s.End, true
		}
	}
	switch {
	case !ok || p.NoRewind:
	case p.Hourly && p.Hour > 0:
		tb -= p.Hour
	default:
		tb -= p.Day
	}
	return tb, ok
}

// Count is what a broker that sees the table's own boundary answers.
func (p *Pinot) Count() int64 {
	tb, ok := p.Boundary()
	return p.CountAt(tb, ok)
}

// CountAt is what a broker answers that sees another boundary: each finds out for
// itself.
func (p *Pinot) CountAt(tb int64, ok bool) int64 {
	sum := int64(0)
	for i := range p.Offline {
		for _, r := range p.Offline[i].Rows {
			if p.Offline[i].Online && ok && r.Time <= tb {
				sum += r.Weight
			}
		}
	}
	for _, r := range p.Realtime {
		if !ok || r.Time > tb {
			sum += r.Weight
		}
	}
	return sum
}
