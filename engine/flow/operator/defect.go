package operator

// defect is a mistake that can be switched on, to see that it is found.
type defect uint8

const (
	defectNone      defect = iota
	defectMixed            // revisions count as on time
	defectMute             // sessions that were joined to others are not retracted
	defectHasty            // state is forgotten as soon as it has fired
	defectHoard            // state is never forgotten
	defectAmnesia          // strategies begin anew from the frontier when a path is loaded
	defectRefire           // which windows have fired is lost when a path is loaded
	defectPurge            // a session that has fired is forgotten
	defectShortGap         // a session is forgotten while rows of the gap behind it may still join it
	defectInclusive        // sessions that touch to join fire at their ends
	defectModulo           // times below 0 are put into the window behind theirs
	defectEager            // a micro-batch's own rows move the watermark at its end
	defectLenient          // lateness per element is that per window
)

var defects = map[string]defect{
	"": defectNone, "mixed": defectMixed, "mute": defectMute, "hasty": defectHasty, "hoard": defectHoard, "amnesia": defectAmnesia,
	"eager": defectEager, "lenient": defectLenient,
	"refire": defectRefire, "purge": defectPurge, "short-gap": defectShortGap, "inclusive": defectInclusive,
	"truncated-modulo": defectModulo,
}

// Plant makes a new path one with a defect, for tests: "mixed" counts revisions as on
// time, "mute" does not retract sessions that were joined to others, "hasty" forgets
// state as soon as it has fired and "hoard" never does, "amnesia" has strategies begin
// anew from the frontier when the path is loaded, "eager" lets the watermark that
// micro-batches move move as soon as one has ended, "lenient" tests lateness per window
// where it should per element, "refire" has windows fire again when the path is loaded,
// "purge" forgets sessions that have fired and "short-gap" those that rows may still
// join, "inclusive" fires sessions that touch too soon, "truncated-modulo" puts times
// below 0 into the next window. A defect that its windows cannot have changes nothing.
func (p *Path) Plant(name string) {
	d := defects[name]
	p.entry.amnesia = d == defectAmnesia
	if g := p.entry.idling; g != nil && g.batch != nil {
		g.batch.eager = d == defectEager
	}
	switch w := p.last.(type) {
	case *Windowed:
		w.defect = d
	case *Sessions:
		w.defect = d
	}
}
