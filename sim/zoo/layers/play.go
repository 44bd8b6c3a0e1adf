package layers

import (
	"slices"

	"parallax/engine"
	"parallax/sim/cluster/lambda"
	"parallax/sim/story"
)

// Times of a run.
const (
	stormNs = 10 * engine.Second
	calmNs  = 20 * engine.Second
)

// Finding is what a drawn run with a mistake has shown.
type Finding struct {
	Seed         uint64
	Err          error  // nil: nothing
	Check        string // what found it
	Rows, Faults int    // of the seed as it was drawn; no run of layers is shrunk
}

// Find returns a defect by name.
func Find(name string) (*Defect, bool) {
	i := slices.IndexFunc(all, func(d Defect) bool { return d.Name == name })
	if i < 0 {
		return nil, false
	}
	return &all[i], true
}

// Names are those of all defects.
func Names() []string {
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	return names
}

// Play runs a seed with the defect built in; nil runs it without any.
func (d *Defect) Play(seed uint64) (Finding, error) {
	f := Finding{Seed: seed, Rows: len(story.Draw(seed).Rows)}
	run, err := lambda.Drawn(seed, func(o *lambda.Options) {
		if d != nil {
			d.Plant(o)
		}
	})
	if err != nil {
		return f, err
	}
	f.Err = run.Run(stormNs, calmNs)
	f.Check = lambda.Check(f.Err)
	for _, n := range run.Strikes() {
		f.Faults += int(n)
	}
	return f, nil
}
