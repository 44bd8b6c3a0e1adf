package operator

// Defect is a mistake that can be switched on, to see that it is found.
type Defect uint8

// The defects.
const (
	DefectNone    Defect = iota
	DefectMixed          // revisions count as on time
	DefectMute           // sessions that were joined to others are not retracted
	DefectHasty          // state is forgotten as soon as it has fired
	DefectHoard          // state is never forgotten
	DefectAmnesia        // strategies begin anew from the frontier when a path is loaded
)

// Plant makes a new path one with a defect; one that its windows cannot have changes
// nothing.
func (p *Path) Plant(d Defect) {
	p.entry.amnesia = d == DefectAmnesia
	switch w := p.last.(type) {
	case *Windowed:
		w.defect = d
	case *Sessions:
		w.defect = d
	}
}
