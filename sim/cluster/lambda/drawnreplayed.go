package lambda

import (
	"math/rand/v2"

	"parallax/engine/flow"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/window"
	"parallax/sim/story"
)

// streamApart is the draws of what does not add up: they move no others of a seed.
const streamApart = 0x6170617274

// DrawnReplayed is Drawn for jobs whose answers do not add up: sessions, windows over
// results, sliding and count windows.
func DrawnReplayed(seed uint64, change func(*Options)) (*Deployment, error) {
	apart := func(s *story.Story) { apart(s, rand.New(rand.NewPCG(seed, streamApart))) }
	return drawn(seed, apart, "TestDifferentialReplayedSeeds", change)
}

// apart makes a drawn pipeline one that does not merge.
func apart(s *story.Story, d *rand.Rand) {
	first := windowOf(s.Pipeline)
	drawn := *first
	if drawn.Kind == window.Session {
		*first = window.Tumble(1_000_000, 0) // plain is to see to everything else
	}
	plain(s)
	first = windowOf(s.Pipeline)
	if drawn.Kind == window.Session {
		*first = drawn
	}
	size := first.Size
	if size == 0 {
		size = 86_400_000_000
	}
	size -= size % 8000 // edges of windows below others are whole milliseconds
	switch which := d.IntN(8); {
	case which < 2 && first.Kind == window.Session:
	case which < 3 || first.Kind == window.Calendar: // which has no windows over it
		*first = window.Sessions(size/4, window.Merge(d.IntN(2)))
	case which == 3:
		s.Pipeline.Late.PerElement = false
		*first = window.Slide(size/2, 1000)
	case which == 4:
		s.Pipeline.Late.Allowed = 0
		*first = window.Count(1 + d.Int64N(4))
	default:
		over(s, d, size)
	}
}

func windowOf(p *flow.Pipeline) *window.Spec {
	for i := range p.Steps {
		if w := p.Steps[i].Window; w != nil {
			return w
		}
	}
	return nil
}

// over groups and windows a pipeline's results again.
func over(s *story.Story, d *rand.Rand, size int64) {
	p := s.Pipeline
	if d.IntN(2) == 0 {
		few, err := expr.Parse("a0 > 1")
		if err != nil {
			panic(err) // the text is the one above
		}
		p.Steps = append(p.Steps, flow.Step{Filter: few})
	}
	plan, err := p.Plan(s.Schema)
	if err != nil {
		panic(err) // what is drawn is valid
	}
	if keys := plan.Stage.Keys; len(keys) > 0 && d.IntN(3) > 0 {
		p.Steps = append(p.Steps, flow.Step{KeyBy: []string{plan.Stage.Finished[0].Name}})
	}
	second := window.Tumble(2*size, 0)
	if d.IntN(3) == 0 {
		second = window.Hop(2*size, size, 0)
	}
	calls := []expr.CallExpr{{Func: "count"}, {Func: "sum", Args: []expr.Expr{&expr.Field{Name: "a0"}}}}
	if d.IntN(2) == 0 {
		calls = append(calls, expr.CallExpr{Func: "max", Args: []expr.Expr{&expr.Field{Name: "a0"}}})
	}
	list := make([]flow.Aggregate, len(calls))
	for i := range calls {
		list[i] = flow.Aggregate{Name: string(rune('p' + i)), Call: calls[i]}
	}
	p.Steps = append(p.Steps, flow.Step{Window: &second}, flow.Step{Aggregates: list})
}
