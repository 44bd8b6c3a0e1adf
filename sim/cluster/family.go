package cluster

import (
	"errors"
	"fmt"
	"math"

	"parallax/engine/flow"
	"parallax/engine/flow/watermark"
	"parallax/engine/flow/window"
)

// ErrUnknown is returned for a job with something that the model does not know:
// such a job runs only unchecked.
var ErrUnknown = errors.New("cluster: cannot be checked")

// Checkable tells whether the model knows what a pipeline does; if not, the error
// wraps [ErrUnknown] and says why.
func Checkable(p *flow.Pipeline) error {
	if p.Late.Rule != flow.Log {
		return fmt.Errorf("%w with late rows judged by the rule %s: what is late then depends on how partitions "+
			"interleave, not on the log", ErrUnknown, p.Late.Rule)
	}
	results := false
	if strategies[p.Watermark.Kind] == nil {
		return fmt.Errorf("%w with %s watermarks: what they promise does not follow from a partition's log alone", ErrUnknown, p.Watermark.Kind)
	}
	for i := range p.Steps {
		if p.Steps[i].Aggregates != nil {
			results = true
		} else if results && p.Steps[i].Window != nil {
			return fmt.Errorf("%w with windows over results: the model judges rows, not results", ErrUnknown)
		}
		if p.Steps[i].Trigger != nil {
			return fmt.Errorf("%w with triggers: what a worker keeps for its panes is not in the model", ErrUnknown)
		}
		if w := p.Steps[i].Window; w != nil && !Knows(w.Kind) {
			return fmt.Errorf("%w with windows of this kind: the model knows tumbling and hopping ones, and sessions", ErrUnknown)
		}
	}
	return nil
}

// Knows tells whether the model knows windows of a kind.
func Knows(k window.Kind) bool { return families[k] != nil && holdings[k] != nil }

// arrival is a row that reaches the windows.
type arrival struct {
	time, mark int64  // mark is the watermark that judges it, its partition's
	key        uint32 // a number
	part       int
	row        int32 // of the batch
}

// family is the windows of one family, as the model sees them: which of them a row
// belongs to and whether it is too late, and what a view shows at given watermarks.
type family interface {
	// place judges a row and keeps it where it belongs.
	place(m *model, r *arrival)
	// settle puts on the shelf what has changed by the rows placed since the last
	// call and by the watermarks, which are by partition.
	settle(m *model, marks []int64)
	// due tells whether a view shows a window of the oracle's at these watermarks.
	due(at spot, end int64, marks []int64) bool
}

// families makes the model's windows of a plan's kind.
var families = map[window.Kind]func(*flow.Plan) family{
	window.Tumbling: newFixed,
	window.Hopping:  newFixed,
	window.Calendar: newFixed,
	window.Global:   newFixed,
	window.Session:  newSessionFamily,
}

// lane is which watermark a partition's rows wait for: there is one for all, or
// each partition has its own.
func lane(p *flow.Pipeline, part int) int {
	if p.Watermark.Across == watermark.Own {
		return part
	}
	return 0
}

// tooOld tells, where lateness is tested per element, whether a row is too late whatever
// its windows.
func tooOld(p *flow.Pipeline, r *arrival) bool {
	return p.Late.PerElement && r.mark > r.time && beyond(r.mark-1, r.time, p.Late.Allowed)
}

// beyond tells whether a watermark has reached t + d; never if that lies beyond time.
func beyond(mark, t, d int64) bool {
	return (d <= 0 || t <= math.MaxInt64-d) && mark >= t+d
}
