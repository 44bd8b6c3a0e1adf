package scenarios

import (
	"reflect"

	"parallax/engine/flow"
	"parallax/engine/flow/trigger"
	"parallax/engine/flow/window"
)

type triggerDoc struct {
	Early   *firingsDoc `yaml:"early" doc:"Panes before the window is complete, if there are new rows."`
	Late    *lateFires  `yaml:"late" doc:"Panes of late rows: for each of them (the default), never before the closing pane, or by a rule."`
	OnTime  string      `yaml:"on_time" enum:"always,if_new" doc:"Whether the pane at the window's end comes (always, the default) even if early panes have said all of it."`
	Closing string      `yaml:"closing" enum:"if_new,always" doc:"Whether the last pane, when the window is forgotten, comes even if there is nothing new to say; if_new is the default."`
	Panes   string      `yaml:"panes" enum:"accumulating,discarding,retracting" doc:"A pane holds all rows so far (the default), only those that no pane had, or all behind one that takes back the last."`
}

type ruleDoc struct {
	Count      *int      `yaml:"count" doc:"When there are so many new rows."`
	Every      *duration `yaml:"every" doc:"When the watermark passes the next multiple of this behind the window's start."`
	Processing *duration `yaml:"processing" doc:"So long after the first new row, by the greatest arrival time seen."`
}

type firingsDoc struct {
	Count      *int      `yaml:"count" doc:"Whenever there are so many new rows."`
	Every      *duration `yaml:"every" doc:"Whenever the watermark passes a multiple of this behind the window's start. Not for late panes."`
	Processing *duration `yaml:"processing" doc:"So long after the first new row, by the greatest arrival time seen."`
	AfterEach  []ruleDoc `yaml:"after_each" doc:"Instead: by each of these once, one after the other, and then no more."`
	OrFinally  *ruleDoc  `yaml:"or_finally" doc:"Counted from the window's first row: once by this, and then no more."`
}

// lateFires is one word, or firings.
type lateFires struct {
	word    string
	firings firingsDoc
}

func decodeLateFires(n *node, out *lateFires) error {
	if n.kind != scalarNode {
		return decode(n, reflect.ValueOf(&out.firings).Elem())
	}
	out.word = n.scalar
	return checkEnum(n, lateWords)
}

var lateWords = []string{"each", "never"}

// trigger takes in the panes of a window.
func (d *triggerDoc) spec(at *node) (*trigger.Spec, error) {
	t := &trigger.Spec{OnTimeIfNew: d.OnTime == "if_new", ClosingAlways: d.Closing == "always"}
	switch d.Panes {
	case trigger.Discarding.String():
		t.Panes = trigger.Discarding
	case trigger.Retracting.String():
		t.Panes = trigger.Retracting
	}
	var err error
	if d.Early != nil {
		if t.Early, err = d.Early.firings(at.get("early")); err != nil {
			return nil, err
		}
	}
	switch {
	case d.Late == nil || d.Late.word == lateWords[0]:
	case d.Late.word == lateWords[1]:
		t.LateNever = true
	default:
		if e := at.get("late").get("every"); e != nil {
			return nil, e.errorf("%s", plain(trigger.ErrLate.Error()))
		}
		if t.Late, err = d.Late.firings.firings(at.get("late")); err != nil {
			return nil, err
		}
	}
	if err := t.Validate(); err != nil {
		return nil, at.errorf("%s", plain(err.Error()))
	}
	return t, nil
}

func (d *firingsDoc) firings(at *node) (f trigger.Firings, err error) {
	if d.AfterEach == nil || d.Count != nil || d.Every != nil || d.Processing != nil {
		if f.Rule, err = (&ruleDoc{d.Count, d.Every, d.Processing}).rule(at); err != nil {
			return f, err
		}
	}
	for i := range d.AfterEach {
		r, err := d.AfterEach[i].rule(at.get("after_each").items[i])
		if err != nil {
			return f, err
		}
		f.AfterEach = append(f.AfterEach, r)
	}
	if d.OrFinally != nil {
		f.OrFinally, err = d.OrFinally.rule(at.get("or_finally"))
	}
	return f, err
}

// rule wants at least one limit, and none that is less than 1.
func (d *ruleDoc) rule(at *node) (r trigger.Rule, err error) {
	said := 0
	for _, limit := range [...]struct {
		name string
		out  *int64
		get  func() int64
		is   bool
	}{
		{"count", &r.Count, func() int64 { return int64(*d.Count) }, d.Count != nil},
		{"every", &r.Every, func() int64 { return int64(*d.Every) }, d.Every != nil},
		{"processing", &r.Processing, func() int64 { return int64(*d.Processing) }, d.Processing != nil},
	} {
		if !limit.is {
			continue
		}
		said++
		if *limit.out = limit.get(); *limit.out < 1 {
			return r, at.get(limit.name).errorf("%s must be more than 0", limit.name)
		}
	}
	if said == 0 {
		return r, at.errorf("a rule needs one of count, every, processing")
	}
	return r, nil
}

// numbered is the pipeline with a trigger, one that changes nothing if it has none,
// so that its panes are numbered.
func numbered(p *flow.Pipeline) *flow.Pipeline {
	q := *p
	q.Steps = nil
	for i := range p.Steps {
		q.Steps = append(q.Steps, p.Steps[i])
		if p.Steps[i].Window != nil && (i+1 == len(p.Steps) || p.Steps[i+1].Trigger == nil) {
			q.Steps = append(q.Steps, flow.Step{Trigger: new(trigger.Spec)})
		}
	}
	return &q
}

// checkPanes refuses to list panes that have no numbers.
func (j *Job) checkPanes() error {
	windows := 0
	for i := range j.Pipeline.Steps {
		if j.Pipeline.Steps[i].Window != nil {
			windows++
		}
		if windows > 1 {
			return j.refuse(stepPath(i, "window"), "the panes of windows over results have no numbers: ask for the results alone")
		}
		if w := j.Pipeline.Steps[i].Window; w != nil && w.Kind == window.Session {
			return j.refuse(stepPath(i, "window"), "the panes of sessions have no numbers: a late row makes one session of several; "+
				"ask for the results alone")
		}
	}
	return nil
}
