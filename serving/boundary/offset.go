package boundary

// Record is a row at its place in the log.
type Record struct {
	Partition int
	Offset    int64
	Row
}

// View names what a batch view holds: of each partition everything below an offset.
type View struct {
	ID  uint64
	Cut []int64 // by partition
}

// ByOffset is this project's rule: a batch view is of a cut, a place in the log, and
// the speed layer of everything from there on to another. The answer is both, for one
// view; swapping to another view is one compare-and-set.
func ByOffset(log []Record, v View, end []int64) (batch, speed int64) {
	for _, r := range log {
		switch {
		case r.Offset < v.Cut[r.Partition]:
			batch += r.Weight
		case r.Offset < end[r.Partition]:
			speed += r.Weight
		}
	}
	return batch, speed
}

// Client holds a reader to what it has seen: it takes no older view, and of one view
// no shorter speed layer, from whatever server.
type Client struct {
	view View
	end  []int64
	any  bool
}

// Accepts tells whether an answer may be shown after those before it.
func (c *Client) Accepts(v View, end []int64) bool {
	if c.any {
		for p := range end {
			if v.Cut[p] < c.view.Cut[p] || end[p] < c.end[p] {
				return false
			}
		}
	}
	c.view, c.end, c.any = v, end, true
	return true
}
