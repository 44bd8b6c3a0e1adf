package flow

import (
	"strconv"
	"strings"

	"parallax/engine/flow/trigger"
)

// triggerText is a trigger as the mapping of a job file, without what is there
// unless said otherwise.
func triggerText(t *trigger.Spec) string {
	var parts []string
	say := func(is bool, text string) {
		if is {
			parts = append(parts, text)
		}
	}
	say(t.Speculative(), "early: "+firingsText(&t.Early))
	say(t.LateNever, "late: never")
	say(!t.LateNever && len(t.Late.AfterEach)+int(t.Late.Rule.Count+t.Late.Rule.Processing) > 0, "late: "+firingsText(&t.Late))
	say(t.OnTimeIfNew, "on_time: if_new")
	say(t.ClosingAlways, "closing: always")
	say(t.Panes != trigger.Accumulating, "panes: "+t.Panes.String())
	return "{" + strings.Join(parts, ", ") + "}"
}

func firingsText(f *trigger.Firings) string {
	var each []string
	for _, r := range f.AfterEach {
		each = append(each, "{"+ruleText(r)+"}")
	}
	s := ruleText(f.Rule)
	if each != nil {
		s = "after_each: [" + strings.Join(each, ", ") + "]"
	}
	if f.OrFinally != (trigger.Rule{}) {
		s += ", or_finally: {" + ruleText(f.OrFinally) + "}"
	}
	return "{" + s + "}"
}

func ruleText(r trigger.Rule) string {
	var parts []string
	if r.Count > 0 {
		parts = append(parts, "count: "+strconv.FormatInt(r.Count, 10))
	}
	if r.Every > 0 {
		parts = append(parts, "every: "+FormatDuration(r.Every))
	}
	if r.Processing > 0 {
		parts = append(parts, "processing: "+FormatDuration(r.Processing))
	}
	return strings.Join(parts, ", ")
}
