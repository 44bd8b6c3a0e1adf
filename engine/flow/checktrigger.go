package flow

import (
	"fmt"
	"strings"

	"parallax/engine/flow/window"
)

// checkTriggers judges triggers by themselves and by the windows whose panes they
// say; the order of steps is right. Sessions merge, and what panes of the parts have
// said of rows would have to be taken back for the whole.
func (p *Pipeline) checkTriggers() error {
	var w window.Spec
	windows := 0
	for i := range p.Steps {
		if p.Steps[i].Window != nil {
			windows++
		}
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		if s.Window != nil {
			w = *s.Window
		}
		if s.Trigger == nil {
			continue
		}
		path := fmt.Sprintf("pipeline[%d].trigger", i)
		if err := s.Trigger.Validate(); err != nil {
			return errorAt(path, "%s", strings.TrimPrefix(err.Error(), "trigger: "))
		}
		if windows > 1 {
			return errorAt(path, "windows over results take no trigger, nor do those under them: what a window above makes of "+
				"a pane that is not the last would have to be taken back; leave the trigger out")
		}
		switch w.Kind {
		case window.Tumbling, window.Hopping:
		case window.Session:
			return errorAt(path, "sessions take no trigger: a late row may make one of several, whose panes would contradict it; "+
				"leave the trigger out (late rows then retract and replace), or use tumble or hop")
		default:
			return errorAt(path, "%s windows take no trigger: leave it out, or use tumble or hop", w.Kind)
		}
		if most := s.Trigger.EveryMax(); most >= w.Size && most > 0 {
			return errorAt(path+".early.every", "%s is as long as the window (%s), which is complete by then: use less",
				FormatDuration(most), FormatDuration(w.Size))
		}
	}
	return nil
}
