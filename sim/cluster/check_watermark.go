package cluster

// Watermarks are sound on every channel: from the log's own records through readers and
// the view to the client, whoever tells a frontier or a watermark tells the one of the
// cut that it belongs to, and on none does it go back.
//
// Property watermark-sound: every frontier and watermark that anybody is told is that of
// its cut, and none goes back.
// Property idle-sound: an idle record knows no more than some other partition.
//
// The channels are: what brokers say of the beginning of a log, what the worker pins,
// how far it has read, what it publishes, what the view stands at, and the answers.

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/kappa"
	"parallax/serving"
)

var (
	errWatermark = errors.New("cluster: a watermark is not that of its cut")
	errIdle      = errors.New("cluster: an idle record knows more than any partition")
)

// markCheck is what the worker's frontiers were when it was last looked at.
type markCheck struct {
	worker *kappa.Worker
	at     []protocol.Cut
}

// checkFrontiers asks of the worker that it knows the frontiers of where it has read to.
func (c *checker) checkFrontiers(w *kappa.Worker) error {
	last := &c.marks
	for part, at := range w.Reached() {
		if last.worker == w && at.Frontier < last.at[part].Frontier {
			return fmt.Errorf("%w: the worker goes back in partition %d, from %v to %v", errWatermark, part, last.at[part], at)
		}
		if err := c.soundCut("the worker has read to", part, at); err != nil {
			return err
		}
	}
	return nil
}

// soundCut asks of a cut of one partition that it has the job's frontier there.
func (c *checker) soundCut(who string, part int, at protocol.Cut) error {
	want := protocol.LogStart()
	if at.Offset > 0 {
		i := c.log.parts[part].behind(at.Offset)
		if i < 0 {
			return fmt.Errorf("%w: %s %v in partition %d, where no batch ends", errWatermark, who, at, part)
		}
		e, err := c.judge.entry(part, i)
		if err != nil {
			return err
		}
		want = protocol.Cut{Offset: at.Offset, Frontier: e.after}
	}
	if at != want {
		return fmt.Errorf("%w: %s %v in partition %d, should be %v", errWatermark, who, at, part, want)
	}
	return nil
}

// soundStart asks of what a broker says of the beginning of a log that it is a place in
// it. Brokers know the greatest event times, whatever the job makes of them.
func (c *checker) soundStart(part int, start protocol.Cut) error {
	p := &c.log.parts[part]
	if start == protocol.LogStart() {
		return nil
	}
	if i := p.behind(start.Offset); i < 0 || p.cuts[i] != start {
		return fmt.Errorf("%w: a broker says that partition %d begins at %v", errWatermark, part, start)
	}
	return nil
}

// soundPublication asks of a span that it is one of the log's, and of its watermark that
// it is the one at its end.
func (c *checker) soundPublication(m *serving.Publish) error {
	for part := range m.Lower {
		if err := c.soundCut("a span begins at", part, m.Lower[part]); err != nil {
			return err
		}
		if err := c.soundCut("a span ends at", part, m.Upper[part]); err != nil {
			return err
		}
		if m.Upper[part].Offset < m.Lower[part].Offset {
			return fmt.Errorf("%w: a span goes back in partition %d, from %v to %v", errWatermark, part, m.Lower[part], m.Upper[part])
		}
	}
	if want := slices.Min(marksAt(c.judge.pipeline, m.Upper)); m.Watermark != want {
		return fmt.Errorf("%w: a span tells %d at %v, should be %d", errWatermark, m.Watermark, m.Upper, want)
	}
	return nil
}

// idle asks of a record of the brokers' own that some other partition which has
// not ended has come as far as it says.
func (l *logModel) idle(part int, b *protocol.Batch) error {
	for other := range l.parts {
		f := l.parts[other].end().Frontier
		if other != part && b.Idle && len(b.Payload) == 0 && f >= b.TimeMax && b.TimeMax != math.MaxInt64 {
			return nil
		}
	}
	return fmt.Errorf("%w: frontier %d at offset %d", errIdle, b.TimeMax, b.Base)
}
