package cluster

import (
	"errors"
	"fmt"
	"testing"

	"parallax/engine/commitlog"
	"parallax/engine/kappa"
	"parallax/serving"
	"parallax/sim"
)

// planted is a mistake that a deployment can be run with, and the checks that are
// there to find it; nil for any, where it has many faces.
type planted struct {
	name  string
	plant func(*Options)
	is    []error
}

var defects = []planted{
	{"acknowledge through Eager", func(o *Options) { o.Log.Defect = commitlog.DefectEagerAck }, []error{errLost, errLeader, ErrLiveness}},
	{"re-acknowledge through Eager", func(o *Options) { o.Log.Defect = commitlog.DefectEagerReack }, []error{errLost, errLeader, ErrLiveness}},
	{"no producer dedup", func(o *Options) { o.Log.Defect = commitlog.DefectNoDedup }, []error{errTwice}},
	{"read before the term is applied", func(o *Options) { o.Log.Defect = commitlog.DefectEarlyRead }, []error{errLeader}},
	{"read past the committed end", func(o *Options) { o.Log.Defect = commitlog.DefectUncommittedRead }, []error{errEarly}},
	{"append after a torn tail", func(o *Options) { o.Log.Defect = commitlog.DefectTornTail }, nil},
	{"lose the worker's state", func(o *Options) { o.Worker.Defect = kappa.DefectLoseState }, []error{errAnswer, errCounts, errState}},
	{"publish a span twice", func(o *Options) { o.Worker.Defect = kappa.DefectPublishTwice }, nil},
	{"skip a span", func(o *Options) { o.Worker.Defect = kappa.DefectSkipSpan }, []error{errAnswer}},
	{"watermark 100 ms early", func(o *Options) { o.Worker.Defect = kappa.DefectEarlyWatermark }, []error{errWatermark, errCounts, errAnswer, errState}},
	{"checkpoint ahead of the view", func(o *Options) { o.Worker.Defect = kappa.DefectEarlyCheckpoint }, nil},
	{"answer through Eager", func(o *Options) { o.View.Defect = serving.DefectEagerAnswer }, nil},
	{"revisions on time", func(o *Options) { o.Worker.Defect = kappa.DefectMixed }, []error{errAnswer, errState}},
	{"joined sessions not retracted", func(o *Options) { o.Worker.Defect = kappa.DefectMute }, []error{errAnswer}},
	{"state freed too early", func(o *Options) { o.Worker.Defect = kappa.DefectHasty }, []error{errState}},
	{"state never freed", func(o *Options) { o.Worker.Defect = kappa.DefectHoard }, []error{errState}},
	{"strategies know the frontier alone", func(o *Options) { o.Worker.Defect = kappa.DefectAmnesia }, nil},
	{"apply a span anywhere", func(o *Options) { o.View.Defect = serving.DefectNoCompare }, []error{errCut, errAnswer}},
}

// defectSeedsMax is how many random seeds a planted defect may take to be found.
const defectSeedsMax = 1000

// Each planted defect is found from random seeds, by the checks that are there for
// it; the seeds that it took are logged.
func TestDefectsAreFound(t *testing.T) {
	for _, p := range defects {
		found := false
		for seed := uint64(1); seed <= defectSeedsMax && !found; seed++ {
			_, err := runSmall(t, seed, func(o *Options) {
				p.plant(o)
				o.World.Reproduce = fmt.Sprintf("%s, seed %d, go test ./sim/cluster -run TestDefectsAreFound", p.name, seed)
			})
			if err == nil {
				continue
			}
			found = true
			t.Logf("%s: %d seeds: %v", p.name, seed, err)
			if !p.expects(err) {
				t.Errorf("%s: found by something else", p.name)
			}
		}
		if !found {
			t.Errorf("%s: not found in %d seeds", p.name, defectSeedsMax)
		}
	}
}

// expects reports whether err is of the check that is there for the defect.
func (p *planted) expects(err error) bool {
	for _, is := range p.is {
		if errors.Is(err, is) {
			return true
		}
	}
	var f *sim.Failure
	return len(p.is) == 0 && (errors.As(err, &f) || errors.Is(err, ErrLiveness))
}
