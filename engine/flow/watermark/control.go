package watermark

// control chooses the share of rows whose disorder the bound covers, so that a
// share of them, the goal, is not late: after every adaptRows rows it moves the one
// by half of what the other was missed by, the error, and by a quarter of what the
// error has grown by.
type control struct {
	share      uint64 // millionths
	rows, late uint64 // since it was last moved
	missed     int64  // millionths by which the goal was missed when it was; negative: exceeded
}

// adaptRows is how many rows a partition's bound is measured over.
const adaptRows = 128

// FeedbackRow takes a row in, under Completeness; late says that its event time was
// less than the operator's watermark when it came.
func (p *Progress) FeedbackRow(eventTime int64, late bool) {
	c := &p.control
	p.disorder.add(p.delay(eventTime))
	c.rows++
	if late {
		c.late++
	}
	if c.rows == adaptRows {
		missed := int64(p.spec.Millionths) - int64((c.rows-c.late)*millionth/c.rows)
		move := missed/2 + (missed-c.missed)/4
		c.share = uint64(min(millionth, max(1, int64(c.share)+move)))
		c.missed = missed
		c.rows, c.late = 0, 0
		p.disorder.fade()
	}
	p.allow(p.disorder.quantile(c.share))
}

// fade halves all counts, rounding down, so that what was long ago is forgotten;
// where nothing would be left, it leaves them.
func (s *sketch) fade() {
	total := uint64(0)
	for _, n := range s.rows {
		total += n / 2
	}
	if total == 0 {
		return
	}
	for i := range s.rows {
		s.rows[i] /= 2
	}
	s.total, s.at, s.below = total, 0, 0
}
