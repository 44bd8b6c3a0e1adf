package oracle

import (
	"fmt"
	"testing"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// planted are defects in what the operators are told; each stands for a mistake
// that an engine can make and that answers would not show by looking odd.
var planted = []struct {
	name   string
	tamper func(p *flow.Pipeline) *flow.Pipeline
	change func() func(b *column.Batch)
	plant  string
}{
	{name: "the watermark is a microsecond early", tamper: func(p *flow.Pipeline) *flow.Pipeline {
		q := *p
		q.Watermark.Bounded++
		return &q
	}},
	{name: "lateness is allowed for a microsecond less", tamper: func(p *flow.Pipeline) *flow.Pipeline {
		q := *p
		q.Late.Allowed = max(0, q.Late.Allowed-1)
		return &q
	}},
	{name: "the other rule judges", tamper: func(p *flow.Pipeline) *flow.Pipeline {
		q := *p
		q.Late.Rule, q.IdleAfter = 1-q.Late.Rule, 0
		if q.Watermark.Kind == watermark.Completeness {
			q.Watermark.Kind = watermark.Percentile
		}
		q.Watermark.BatchRows, q.Watermark.BatchEvery = 0, 0
		if q.Watermark.Across == watermark.Max {
			q.Watermark.Across = watermark.Min
		}
		return &q
	}},
	{name: "the greatest watermark is the least", tamper: func(p *flow.Pipeline) *flow.Pipeline {
		q := *p
		if q.Watermark.Across == watermark.Max {
			q.Watermark.Across = watermark.Min
		}
		return &q
	}},
	{name: "micro-batches have a row more", tamper: func(p *flow.Pipeline) *flow.Pipeline {
		q := *p
		if q.Watermark.BatchRows > 0 {
			q.Watermark.BatchRows++
		}
		return &q
	}},
	{name: "micro-batches are a millisecond longer", tamper: func(p *flow.Pipeline) *flow.Pipeline {
		q := *p
		if q.Watermark.BatchEvery > 0 {
			q.Watermark.BatchEvery += 1000
		}
		return &q
	}},
	{name: "a micro-batch's own rows move the watermark", plant: "eager"},
	{name: "lateness per element is that per window", plant: "lenient"},
	{name: "rows are marked that are not", tamper: func(p *flow.Pipeline) *flow.Pipeline {
		q := *p
		if p.Watermark.Kind == watermark.Punctuated {
			q.Marker = parse("not (" + p.Marker.String() + ")")
		}
		return &q
	}},
	{name: "all keys are one", tamper: func(p *flow.Pipeline) *flow.Pipeline {
		q := *p
		if p.Watermark.Kind == watermark.PerKey {
			q.Marker = parse("1")
		}
		return &q
	}},
	{name: "the percentile is one of fewer rows", tamper: func(p *flow.Pipeline) *flow.Pipeline {
		q := *p
		q.Watermark.Millionths = (p.Watermark.Millionths + 1) / 2
		return &q
	}},
	{name: "partitions never go idle", tamper: func(p *flow.Pipeline) *flow.Pipeline {
		q := *p
		q.IdleAfter = 0
		return &q
	}},
	{name: "partitions go idle late", tamper: func(p *flow.Pipeline) *flow.Pipeline {
		q := *p
		if q.IdleAfter > 0 {
			q.IdleAfter += 400
		}
		return &q
	}},
	{name: "windows are a millisecond longer, or a row", tamper: func(p *flow.Pipeline) *flow.Pipeline {
		q := *p
		q.Steps = append([]flow.Step{}, p.Steps...)
		for i, s := range q.Steps {
			if s.Window != nil {
				w := window.Hop(s.Window.Size+1000, s.Window.Every, s.Window.Offset)
				switch s.Window.Kind {
				case window.Session:
					w = window.Sessions(s.Window.Size+1000, s.Window.Merge)
				case window.Sliding:
					w = window.Slide(s.Window.Size, s.Window.Every)
				case window.Counting:
					w = window.Count(s.Window.Size + 1)
				}
				q.Steps[i].Window = &w
			}
		}
		return &q
	}},
	{name: "sessions that touch are one, or not", tamper: func(p *flow.Pipeline) *flow.Pipeline {
		q := *p
		q.Steps = append([]flow.Step{}, p.Steps...)
		for i, s := range q.Steps {
			if s.Window != nil && s.Window.Kind == window.Session {
				w := window.Sessions(s.Window.Size, window.Touching-s.Window.Merge)
				q.Steps[i].Window = &w
			}
		}
		return &q
	}},
	{name: "the least time is a window's end", change: each(func(b *column.Batch) {
		for i := range b.Times {
			if b.Times[i]%1000 == 0 {
				b.Times[i]--
			}
		}
	})},
	{name: "offsets begin at 0 in every batch", change: each(func(b *column.Batch) { b.Offset = 0 })},
	{name: "null is zero", change: each(func(b *column.Batch) {
		for c := range b.Columns {
			b.Columns[c].Null = nil
		}
	})},
	{name: "a dictionary outlives its segment", change: func() func(b *column.Batch) {
		kept := map[string]*column.Dict{}
		return func(b *column.Batch) {
			for c := range b.Columns {
				if b.Columns[c].Type.Kind != column.String {
					continue
				}
				id := fmt.Sprint(b.Partition, "/", c)
				if kept[id] == nil {
					kept[id] = new(column.Dict)
				}
				*kept[id] = *b.Columns[c].Dict // other strings behind the same pointer
				b.Columns[c].Dict = kept[id]
			}
		}
	}},
}

func each(f func(b *column.Batch)) func() func(b *column.Batch) {
	return func() func(b *column.Batch) { return f }
}

// catcher turns the failure of a check into a panic with its report.
type catcher struct{}

type caught string

func (catcher) Helper() {}
func (catcher) Fatalf(format string, args ...any) {
	panic(caught(fmt.Sprintf(format, args...)))
}

func caughtBy(r runner) (report string) {
	defer func() {
		if c, ok := recover().(caught); ok {
			report = string(c)
		}
	}()
	return differ(catcher{}, r)
}

// TestPlantedDefects: every defect shows within so many trials from fixed seeds.
func TestPlantedDefects(t *testing.T) {
	for _, d := range planted {
		t.Run(d.name, func(t *testing.T) {
			for seed := range 400 {
				r := trials.Example(seed)
				r.tamper, r.plant = d.tamper, d.plant
				if d.change != nil {
					r.change = d.change()
				}
				if caughtBy(r) != "" {
					t.Logf("caught by trial %d", seed)
					return
				}
			}
			t.Error("not caught")
		})
	}
}

// TestVectorArrivalOrder: a sum of floats in the order of arrival is another
// number than the real sum rounded once.
func TestVectorArrivalOrder(t *testing.T) {
	one := column.TypeOf(column.Float64)
	var rows []member
	naive := 0.0
	for _, f := range []float64{1e16, 1, -1e16} {
		rows = append(rows, member{args: []column.Value{{Type: one, Float: f}}})
		naive += f
	}
	if got := sum(one, rows); got.Float != 1 || naive == 1 {
		t.Errorf("sum = %v, in order of arrival %v; want 1 and another", got.Float, naive)
	}
}
