package operator

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/waiting"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// openStory is a path of one partition with a key of each row's own, behind some rows.
func openStory(t *testing.T, rng *rand.Rand) *Path {
	t.Helper()
	call, err := expr.ParseCall("count()")
	if err != nil {
		t.Fatal(err)
	}
	w := []window.Spec{
		window.Tumble(10_000, 3000), window.Hop(10_000, 4000, 0), window.Hop(4000, 9000, 0),
		window.Sessions(5000, window.Overlapping), window.Sessions(5000, window.Touching),
	}[rng.IntN(5)]
	p := &flow.Pipeline{
		Late: flow.Late{Allowed: rng.Int64N(2) * 7000}, Watermark: watermark.Spec{Bounded: rng.Int64N(9000)},
		Steps: []flow.Step{{KeyBy: []string{"k"}}, {Window: &w}, {Aggregates: []flow.Aggregate{{Name: "n", Call: call}}}},
	}
	if rng.IntN(3) == 0 {
		p.Late.Rule = flow.Operator
	}
	plan, err := p.Plan(column.Schema{{Name: "k", Type: column.TypeOf(column.Int64)}})
	if err != nil {
		t.Fatal(err)
	}
	path := NewPath(plan, 1)
	at := int64(0)
	for row := range int64(1 + rng.IntN(12)) {
		at += rng.Int64N(9000)
		b := &column.Batch{Schema: plan.Input, Offset: row, Rows: 1, Times: []int64{max(0, at-rng.Int64N(14_000))}, Appends: []int64{at}}
		b.Columns = []column.Column{{Type: plan.Input[0].Type, Ints: []int64{rng.Int64N(3)}}}
		if err := path.Process(b); err != nil {
			t.Fatal(err)
		}
		drainAll(path)
	}
	return path
}

func drainAll(p *Path) {
	for pane := (Pane{}); p.Next(&pane); {
	}
}

// at is a copy of a path whose watermark has come to w.
func (p *Path) at(t *testing.T, w int64) *Path {
	t.Helper()
	c := NewPath(p.plan, len(p.entry.frontiers))
	if _, err := c.Load(p.AppendTo(nil)); err != nil {
		t.Fatal(err)
	}
	c.Idle(0, w+p.plan.Pipeline.Watermark.Bounded)
	drainAll(c)
	return c
}

// of finds a window among the open ones.
func of(list []waiting.Window, o waiting.Window) (v waiting.Window, ok bool) {
	for _, v := range list {
		if v.Start == o.Start && v.End == o.End && v.Early == o.Early && fmt.Sprint(v.Keys) == fmt.Sprint(o.Keys) {
			return v, true
		}
	}
	return v, false
}

// TestLawOpenWindow: an open window fires at the watermark that it names and not at
// the one before, and is forgotten at the one that it names and not before.
func TestLawOpenWindow(t *testing.T) {
	fired, freed := 0, 0
	for seed := range uint64(300) {
		p := openStory(t, rand.New(rand.NewPCG(seed, 2)))
		open := p.Waiting().Open
		for i, o := range open {
			alone := true // sessions of a key may join others on their way
			for j, v := range open {
				alone = alone && (i == j || o.Lane != v.Lane || fmt.Sprint(o.Keys) != fmt.Sprint(v.Keys))
			}
			if p.plan.Window.Kind == window.Session && (!alone || o.Early) {
				continue
			}
			if !o.Fired {
				fired++
				if v, ok := of(p.at(t, o.Fires-1).Waiting().Open, o); !ok || v.Fired {
					t.Errorf("seed %d, %+v: %+v has fired a µs before", seed, p.plan.Window, o)
				}
				if v, ok := of(p.at(t, o.Fires).Waiting().Open, o); ok && !v.Fired {
					t.Errorf("seed %d, %+v: %+v has not fired", seed, p.plan.Window, o)
				}
			}
			freed++
			if _, ok := of(p.at(t, o.Frees-1).Waiting().Open, o); !ok {
				t.Errorf("seed %d, %+v: %+v is forgotten a µs before", seed, p.plan.Window, o)
			}
			if _, ok := of(p.at(t, o.Frees).Waiting().Open, o); ok {
				t.Errorf("seed %d, %+v: %+v is not forgotten", seed, p.plan.Window, o)
			}
		}
	}
	if t.Logf("%d windows fired, %d were forgotten", fired, freed); fired < 100 || freed < 100 {
		t.Error("too few windows")
	}
}
