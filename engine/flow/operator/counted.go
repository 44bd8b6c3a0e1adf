package operator

// Counted tells which rows of the last processed batch reached the windows,
// ascending (nil: all), and the key number of each of them, by row. Both are the
// path's own until the next Process.
func (p *Path) Counted() (rows []int32, keys []uint32) {
	return p.first.input.Batch.Select, p.first.numbers
}
