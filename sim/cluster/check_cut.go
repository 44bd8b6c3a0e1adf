package cluster

// Property cut-monotone: the view stands at a cut of the log, and never goes back behind
// what anybody was told.

import (
	"errors"
	"fmt"
	"slices"

	"parallax/engine/commitlog/protocol"
	"parallax/serving"
)

var errCut = errors.New("cluster: the view's cut is none of the log, or goes back")

// viewCheck is what others know of the view.
type viewCheck struct {
	server   *serving.View  // the incarnation that was last looked at
	bases    uint64         // that it had written
	revealed []protocol.Cut // the greatest cut that anybody was told
}

// reveal notes that somebody was told of a cut.
func (c *checker) reveal(cut []protocol.Cut) {
	if cut == nil {
		return
	}
	if c.view.revealed == nil {
		c.view.revealed = slices.Clone(cut)
		return
	}
	for i := range cut {
		if cut[i].Offset > c.view.revealed[i].Offset {
			c.view.revealed[i] = cut[i]
		}
	}
}

// rollBack is for a view server that has come back: spans that it had applied and
// nobody was told of may be gone. The model goes back with it.
func (c *checker) rollBack(cut []protocol.Cut) error {
	for i := range c.view.revealed {
		if cut[i].Offset < c.view.revealed[i].Offset {
			return fmt.Errorf("%w: back at %v, somebody was told of %v", errCut, cut, c.view.revealed)
		}
	}
	old := c.model
	span := len(old.cuts) - 1
	for span >= 0 && !slices.Equal(old.cuts[span], cut) {
		span--
	}
	if span == old.spans {
		return nil
	}
	if span < 0 {
		return fmt.Errorf("%w: back at %v, where it never stood", errCut, cut)
	}
	c.tally.ViewRollBacks++
	return c.rollBackTo(span, cut)
}
