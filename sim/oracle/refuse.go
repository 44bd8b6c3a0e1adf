package oracle

import (
	"errors"

	"parallax/engine/flow/expr"
)

// digest runs a row through the stages in front of the window. Where rows are refused
// for which an expression has no value, it also asks every aggregate what it would
// read of the row; refused tells of such a row, which has been read and is in no
// window.
func (a *answer) digest(r *Row) (k keptRow, keep, refused bool, err error) {
	k.row = r
	k.values, keep, err = a.query.before(r.Values)
	if a.refuse && err == nil && keep {
		for i := range a.query.calls {
			if c := &a.query.calls[i]; !c.sure() && err == nil {
				_, err = c.members([]keptRow{k})
			}
		}
	}
	if a.refuse && errors.Is(err, errValue) {
		return keptRow{}, false, true, nil
	}
	return k, keep, false, err
}

// refuseUnmarked counts a row for which the strategy's marker has no value: it has been
// read, but marks nothing and is of no key, so it says nothing of times.
func (a *answer) refuseUnmarked(f *frontiers, r *Row) {
	a.count(r, func(c *Counts) { c.Rows++; c.RowsRefused++ })
	f.tell(r)
}

// sure tells of a call that has a value for every row: it reads columns as they are.
func (c *call) sure() bool {
	for _, a := range c.args {
		if _, field := a.(*expr.Field); !field {
			return false
		}
	}
	return c.where == nil
}
