package simtest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"parallax/engine"
	"parallax/sim"
	"parallax/sim/counter"
	"parallax/sim/simtest"
)

// counted is the replicated counter with a defect, as a user would check it.
func counted(defect counter.Defect) simtest.Actors {
	const goal = 10
	return simtest.Actors{Setup: func(w *sim.World) simtest.Checks {
		w.Boot("primary", counter.StartPrimary(2, defect), counter.Decode)
		w.Boot("backup", counter.StartBackup, counter.Decode)
		client := w.Boot("client", counter.StartClient(1, goal), counter.Decode)
		var audit counter.Audit
		return simtest.Checks{
			Always: func(w *sim.World) error {
				c, ok := w.Actor(client).(*counter.Client)
				if !ok || !audit.Acked(client, c.Acked()) {
					return nil
				}
				for id := engine.NodeID(1); id <= 2; id++ {
					if err := audit.Disk(w.Disk(id)); err != nil {
						return err
					}
				}
				return nil
			},
			Finally: func(*sim.World) error {
				if n := audit.Total(); n != goal {
					return fmt.Errorf("%d of %d increments are acknowledged", n, goal)
				}
				return nil
			},
		}
	}}
}

// What is right passes; each mistake is found, with few faults, and stored; and what is
// stored is played first and fails in the same way.
func TestLawMistakesOfActorsAreFound(t *testing.T) {
	right := record(t, "TestRight")
	simtest.Check(right, counted(counter.None), simtest.Options{Seeds: 30, Dir: t.TempDir()})
	right.passes(t)
	for _, c := range []struct {
		name   string
		defect counter.Defect
		says   string
		faults int // at most
	}{
		{"TestEarlyAck", counter.EarlyAck, "an acknowledged increment is lost", 2},
		{"TestNoDedup", counter.NoDedup, "an increment is counted twice", 2},
	} {
		dir := t.TempDir()
		o := simtest.Options{Seeds: 200, Dir: dir}
		found := record(t, c.name)
		simtest.Check(found, counted(c.defect), o)
		found.says(t, c.name+" is broken", c.says, "faults needed:", "stored:", "PARALLAX_SEED=", "go test -run '^"+c.name+"$' ./sim/simtest")
		var n int
		if m := regexp.MustCompile(`faults needed: (\w+)`).FindStringSubmatch(found.text()); m[1] != "none" {
			fmt.Sscan(m[1], &n)
		}
		if n > c.faults {
			t.Errorf("%s: %d faults are left, more than %d:\n%s", c.name, n, c.faults, found.text())
		}
		again := record(t, c.name)
		simtest.Check(again, counted(c.defect), o)
		again.says(t, c.says, "fails again")
		cured := record(t, c.name)
		simtest.Check(cured, counted(counter.None), simtest.Options{Seeds: 1, Dir: dir})
		cured.passes(t)
	}
}

// The line that is printed plays the same failure.
func TestLawLineReproduces(t *testing.T) {
	o := simtest.Options{Seeds: 200, Dir: t.TempDir()}
	found := record(t, "TestEarlyAck")
	simtest.Check(found, counted(counter.EarlyAck), o)
	seed := regexp.MustCompile(`PARALLAX_SEED=(\d+)`).FindStringSubmatch(found.text())
	t.Setenv("PARALLAX_SEED", seed[1])
	again := record(t, "TestEarlyAck")
	simtest.Check(again, counted(counter.EarlyAck), o)
	if again.text() != found.text() {
		t.Errorf("%s\nand then\n%s", found.text(), again.text())
	}
	t.Setenv("PARALLAX_SEED", "seven")
	bad := record(t, "TestBad")
	simtest.Check(bad, counted(counter.None), o)
	bad.says(t, `PARALLAX_SEED="seven" is not a seed`)
	t.Setenv("PARALLAX_SEED", "")
	t.Setenv("PARALLAX_SEEDS", "9..7")
	bad = record(t, "TestBad")
	simtest.Check(bad, counted(counter.None), o)
	bad.says(t, `PARALLAX_SEEDS="9..7" is not a range of seeds`)
}

// Files that are stale, damaged, or of another time are said to be so.
func TestVectorStoredFiles(t *testing.T) {
	const head = "# prose\n{\"simtest\":1,\"test\":\"TestX\",\"property\":\"p\",\"seed\":1,\"faults\":["
	for _, c := range []struct {
		text, log, fails string
	}{
		{head + `{"fault":"drop","name":"x0000000000000001","at":5,"node":"nobody","peer":"primary","kind":1}]}`, "is stale: none of its 1 faults finds anything to hit", ""},
		{head + `]}`, "passes now", ""},
		{head, "", "cannot be read"},
		{strings.Replace(head, "simtest\":1", "simtest\":2", 1) + "]}", "", "format 2, this program reads 1"},
		{head + `],"colour":"red"}`, "", `unknown field "colour"`},
	} {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, "TestX"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "TestX", "0.txt"), []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		r := record(t, "TestX")
		simtest.Check(r, counted(counter.None), simtest.Options{Seeds: 1, Dir: dir})
		if c.fails == "" {
			r.passes(t)
		} else {
			r.says(t, c.fails)
		}
		if !strings.Contains(r.text(), c.log) {
			t.Errorf("%q is not said: %s", c.log, r.text())
		}
	}
}

// What shows nothing does not pass.
func TestVectorInconclusive(t *testing.T) {
	o := simtest.Options{Seeds: 3, Dir: t.TempDir()}
	for _, c := range []struct {
		name string
		what simtest.Subject
		o    simtest.Options
		says string
	}{
		{"TestNoSetup", simtest.Actors{}, o, "Actors without Setup"},
		{"TestNothing", simtest.Actors{Setup: func(*sim.World) simtest.Checks { return simtest.Checks{} }}, o, "nothing would be checked"},
		{"TestCalm", counted(counter.None), simtest.Options{Seeds: 3, Dir: o.Dir, World: func(uint64) sim.Options { return sim.Options{} }}, "no fault struck in 3 runs"},
	} {
		r := record(t, c.name)
		simtest.Check(r, c.what, c.o)
		r.says(t, c.says)
	}
}

// moody keeps state outside of itself, as no actor may.
type moody struct{ outside *int64 }

type beat struct{}

func (beat) Kind() engine.Kind        { return 1 }
func (beat) AppendTo(b []byte) []byte { return b }

func (m moody) Step(_ engine.Event, fx *engine.Effects) {
	*m.outside++
	fx.After(1, *m.outside*engine.Millisecond, beat{})
}

// A run that depends on more than its seed is found by playing it twice.
func TestPlantedNondeterminism(t *testing.T) {
	outside := int64(0)
	r := record(t, "TestMoody")
	simtest.Check(r, simtest.Actors{Setup: func(w *sim.World) simtest.Checks {
		w.Boot("moody", func(_ engine.Env, fx *engine.Effects) (engine.Actor, error) {
			fx.After(1, engine.Millisecond, beat{})
			return moody{&outside}, nil
		}, func(engine.Kind, []byte) (engine.Message, error) { return beat{}, nil })
		return simtest.Checks{Always: func(*sim.World) error { return nil }}
	}}, simtest.Options{Seeds: 2, Dir: t.TempDir()})
	r.says(t, "TestMoody is not deterministic: seed 1 gave two runs")
}
