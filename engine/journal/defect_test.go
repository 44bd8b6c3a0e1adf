package journal

import (
	"strings"
	"testing"

	"parallax/engine"
	"parallax/sim"
)

// Each planted defect must be found by the enumeration of crash states, which finds
// nothing in the same histories without it.
func TestOracleFindsPlantedFlaws(t *testing.T) {
	for _, c := range []struct {
		defect    Defect
		histories []history
		want      string
	}{
		{DefectNoPredecessor, []history{"aAa"}, "recovered [ 1002@1.2+64 ], want"},
		{DefectBareSum, []history{"aa"}, "recovered [ @1.1+64 @1.1+80 ], want"},
		{DefectOldFile, []history{"a", "a"}, "earlier incarnation"},
	} {
		w := walk{opts: small, torn: edges, histories: c.histories, every: 1}
		if err := w.run(); err != nil {
			t.Errorf("without defect %d: %v", c.defect, err)
		}
		w = walk{opts: small, torn: edges, histories: c.histories, every: 1}
		w.opts.Defect = c.defect
		if err := w.run(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("defect %d was not found in %d states: %v", c.defect, w.states, err)
		} else {
			t.Logf("defect %d, state %d: %v", c.defect, w.states, err)
		}
	}
}

// On a disk that lets everyone write everywhere, a record behind a torn tail is
// durable and yet lost: recovery must not pass over it in silence.
func TestOracleAppendBehindTornTail(t *testing.T) {
	m, truth := written(t)
	last := truth[len(truth)-1].At.segment().name("state")
	m[last] = m[last][:len(m[last])-1]
	opts := small
	opts.Defect = DefectOldFile
	j, _, err := recovered(m, 4, opts)
	if err != nil {
		t.Fatal(err)
	}
	var fx engine.Effects
	j.Append(&fx, []byte("acknowledged"))
	if fx.Persists[0].File != last {
		t.Fatal("the defect does not write the old file")
	}
	m.apply(&fx)
	if _, got, err := recovered(m, 5, small); err == nil {
		t.Errorf("recovered %s without a word", show(got))
	}
}

// The disk of the simulated world refuses what the journal must never do.
func TestVectorOldFilesAreNotWritten(t *testing.T) {
	w := walk{opts: Options{Defect: DefectOldFile}, histories: []history{"as", "a"}, torn: edges, every: 1}
	n, err := boot(sim.NewDisk(), 1, w.opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.from(n, 0); err == nil {
		t.Error("a file of an earlier incarnation was written")
	}
}
