package flow

import (
	"fmt"
	"strings"

	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// stepKind is which field of a Step is set.
type stepKind uint8

const (
	stepNone stepKind = iota
	stepFilter
	stepProject
	stepKeyBy
	stepWindow
	stepTrigger
	stepAggregate
	stepMany
)

var stepNames = [...]string{"nothing", "filter", "project", "key_by", "window", "trigger", "aggregate", "several things"}

func (s *Step) kind() stepKind {
	kind := stepNone
	for _, set := range [...]struct {
		is   bool
		kind stepKind
	}{
		{s.Filter != nil, stepFilter},
		{s.Project != nil, stepProject},
		{s.KeyBy != nil, stepKeyBy},
		{s.Window != nil, stepWindow},
		{s.Trigger != nil, stepTrigger},
		{s.Aggregates != nil, stepAggregate},
	} {
		switch {
		case !set.is:
		case kind == stepNone:
			kind = set.kind
		default:
			return stepMany
		}
	}
	return kind
}

// checkOrder wants (filter | project)* key_by? window trigger? aggregate, once or, over
// the results, again and again, and then (filter | project)*.
func (p *Pipeline) checkOrder() error {
	var seen stepKind // the last of key_by, window, trigger, aggregate
	for i := range p.Steps {
		s := &p.Steps[i]
		kind := s.kind()
		path := fmt.Sprintf("pipeline[%d]", i)
		problem := ""
		switch kind {
		case stepNone:
			problem = "a step needs one of filter, project, key_by, window, trigger, aggregate"
		case stepMany:
			problem = "a step is only one of filter, project, key_by, window, trigger, aggregate"
		case stepFilter, stepProject:
			if seen == stepKeyBy || seen == stepWindow || seen == stepTrigger {
				problem = stepNames[kind] + " cannot stand between key_by and aggregate: move it before key_by"
			}
			if kind == stepProject && len(s.Project) == 0 {
				problem = "a projection needs at least one column"
			}
		default:
			if seen == stepAggregate && kind != stepAggregate { // over its results
				seen = stepNone
			}
			problem = seen.before(kind)
			if kind == stepKeyBy && len(s.KeyBy) == 0 {
				problem = "key_by needs at least one column; leave the step out for one group"
			}
			if kind == stepAggregate && len(s.Aggregates) == 0 {
				problem = "aggregate needs at least one function"
			}
			seen = kind
		}
		if problem != "" {
			return errorAt(path, "%s", problem)
		}
	}
	if seen == stepKeyBy || seen == stepWindow || seen == stepTrigger {
		return errorAt(fmt.Sprintf("pipeline[%d]", len(p.Steps)-1), "%s needs an aggregate behind it, with a window before that", stepNames[seen])
	}
	if seen != stepAggregate {
		return errorAt("pipeline", "the steps end without an aggregate: a window and an aggregate are needed")
	}
	return nil
}

// before says what is wrong with kind coming next, seen being the last of
// key_by, window and aggregate; "" if nothing is.
func (seen stepKind) before(kind stepKind) string {
	switch {
	case seen == stepAggregate:
		return "a second aggregate needs a window of its own before it"
	case seen == kind:
		return "a second " + stepNames[kind]
	case seen > kind:
		return stepNames[kind] + " must come before " + stepNames[seen]
	case kind == stepTrigger && seen != stepWindow:
		return "a trigger needs a window before it, whose panes it says"
	case kind == stepAggregate && seen < stepWindow:
		return "an aggregate needs a window before it"
	}
	return ""
}

// checkChain refuses, where there are windows over results, those of which nobody has
// said when a result changes no more.
func (p *Pipeline) checkChain() error {
	var at []int
	for i := range p.Steps {
		if p.Steps[i].Window != nil {
			at = append(at, i)
		}
	}
	if len(at) < 2 {
		return nil
	}
	for _, i := range at {
		switch kind := p.Steps[i].Window.Kind; kind {
		case window.Tumbling, window.Hopping, window.Session:
		default:
			return errorAt(fmt.Sprintf("pipeline[%d].window", i),
				"%s windows have no windows over or under them: tumbling and hopping windows and sessions do", kind)
		}
	}
	return nil
}

// checkTime judges watermark and lateness.
func (p *Pipeline) checkTime() error {
	if err := p.Watermark.Validate(); err != nil {
		return errorAt("watermark", "%s", strings.TrimPrefix(err.Error(), "watermark: "))
	}
	if kind := p.Watermark.Kind; (kind == watermark.Punctuated || kind == watermark.PerKey) != (p.Marker != nil) {
		return errorAt("watermark."+kind.String(), "punctuated and per_key, and nothing else, take an expression")
	}
	if p.Watermark.Kind == watermark.Completeness && (p.Late.Rule != Operator || p.Watermark.Across == watermark.Own) {
		return errorAt("watermark.completeness", "the bound follows what the operator finds late, and that does not follow from the log: "+
			"use late: {rule: operator} and across: min")
	}
	if p.Late.Rule > Operator {
		return errorAt("late.rule", "unknown rule %d", p.Late.Rule)
	}
	if p.IdleAfter != 0 {
		if err := p.checkIdle(); err != nil {
			return err
		}
	}
	if p.AlignDrift != 0 {
		if err := p.checkAlign(); err != nil {
			return err
		}
	}
	if err := p.checkTogether(); err != nil {
		return err
	}
	if p.Late.Allowed < 0 {
		return errorAt("late.allowed", "%s is negative", FormatDuration(p.Late.Allowed))
	}
	return p.checkCount()
}

// checkCount refuses revisions of count windows.
func (p *Pipeline) checkCount() error {
	for i := range p.Steps {
		if w := p.Steps[i].Window; w != nil && w.Numbered() && p.Late.Allowed > 0 {
			return errorAt("late.allowed", "a late row would change every count window of its key from its place on: leave allowed out, "+
				"and give the watermark a greater bound to wait for late rows")
		}
	}
	return nil
}

// checkAlign refuses alignment where it would change nothing.
func (p *Pipeline) checkAlign() error {
	switch {
	case p.AlignDrift < 0:
		return errorAt("source.align.drift", "%s is negative", FormatDuration(p.AlignDrift))
	case p.Late.Rule != Operator:
		return errorAt("source.align", "by the rule log it does not matter which partition is read first: leave align out, or use late: {rule: operator}")
	case p.Watermark.Across != watermark.Min:
		return errorAt("source.align", "across: %s has no least watermark that a partition could be ahead of", p.Watermark.Across)
	case p.Watermark.InBatches():
		return errorAt("source.align", "micro-batches are of what arrives together, and a partition that waits would change that: use move: row")
	}
	return nil
}

// checkTogether refuses watermarks that follow from all partitions together where
// answers are to follow from the log.
func (p *Pipeline) checkTogether() error {
	w := p.Watermark
	switch {
	case w.Across == watermark.Max && p.Late.Rule != Operator:
		return errorAt("watermark.across", "max waits for no partition, so that what is on time by the log would find its "+
			"windows fired: use late: {rule: operator}")
	case w.InBatches() && p.Late.Rule != Operator:
		return errorAt("watermark.move", "which rows are in a micro-batch depends on how partitions interleave, not on the log: "+
			"use late: {rule: operator}")
	case w.InBatches() && w.Across == watermark.Own:
		return errorAt("watermark.move", "a micro-batch is of all partitions, and across: own has no watermark of them all: "+
			"use across: min or max")
	}
	return nil
}

// checkIdle refuses idleness by timers where answers are to follow from the log, and
// where there is no minimum that a partition could leave.
func (p *Pipeline) checkIdle() error {
	switch {
	case p.IdleAfter < 0:
		return errorAt("source.idle.after", "%s is negative", FormatDuration(p.IdleAfter))
	case p.Late.Rule != Operator:
		return errorAt("source.idle", "a timer would make results depend on more than the log: use late: {rule: operator}")
	case p.Watermark.Across == watermark.Own:
		return errorAt("source.idle", "across: own has no minimum over partitions that an idle one could leave")
	}
	return nil
}

// checkOwn wants every column that decides a row's partition among the keys, so
// that all rows of a group have one watermark.
func (b *binder) checkOwn() error {
	p := b.pipeline
	if p.Watermark.Across != watermark.Own {
		return nil
	}
	for _, name := range p.PartitionBy {
		if !b.keyed(name) {
			return errorAt("watermark.across", "own needs each column of the source's partition_by among the keys: %q is not", name)
		}
	}
	return nil
}

// keyed tells whether some key is the input column called name, through any
// projections that pass it on unchanged.
func (b *binder) keyed(name string) bool {
	for _, at := range b.plan.Keys {
		if b.origin(b.plan.Schema[at].Name) == name {
			return true
		}
	}
	return false
}

// origin follows a column of the aggregation back to the input column that it
// is; "" if it is computed.
func (b *binder) origin(name string) string {
	steps := b.pipeline.Steps
	for i := range steps {
		if steps[i].Window != nil { // what is behind does not bear on the first stage's keys
			steps = steps[:i]
			break
		}
	}
	for i := len(steps) - 1; i >= 0; i-- {
		for _, c := range steps[i].Project {
			if c.Name != name {
				continue
			}
			f, ok := c.Expr.(*expr.Field)
			if !ok {
				return ""
			}
			name = f.Name
			break
		}
	}
	return name
}
