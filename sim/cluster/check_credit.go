package cluster

// Property credit-bounded: nobody is sent more than he has asked for, but for one record
// or row that is greater by itself. So nothing piles up that somebody has not made room
// for: an exchange holds as many bytes as its reader has given credit for, a producer has
// as many batches on their way as the log remembers of it.

import (
	"errors"
	"fmt"

	"parallax/engine/commitlog/protocol"
	"parallax/engine/kappa"
	"parallax/serving"
)

var errCredit = errors.New("cluster: more was sent than was asked for")

// inFlightMost is how many batches of a partition a producer may have on their way.
const inFlightMost = 5

// creditOf is how many bytes the worker asks for at a time.
func (c *checker) creditOf() int {
	if credit := c.d.opts.Worker.Credit; credit > 0 {
		return int(credit)
	}
	return 1 << 20
}

// fetchCredit asks of an answer that it is no longer than the credit.
func (c *checker) fetchCredit(m *protocol.Fetched) error {
	bytes := 0
	for i := range m.Batches {
		bytes += len(m.Batches[i].Payload)
	}
	if len(m.Batches) > 1 && bytes > c.creditOf() {
		return fmt.Errorf("%w: an answer of %d batches with %d bytes, the credit is %d", errCredit, len(m.Batches), bytes, c.creditOf())
	}
	return nil
}

// publishCredit asks the same of a part of a span.
func (c *checker) publishCredit(m *serving.Publish) error {
	bytes := 0
	for i := range m.Rows {
		bytes += len(m.Rows[i].Key) + len(m.Rows[i].Accumulators)
	}
	if len(m.Rows) > 1 && bytes > c.creditOf() {
		return fmt.Errorf("%w: a part of a span with %d rows and %d bytes, the credit is %d", errCredit, len(m.Rows), bytes, c.creditOf())
	}
	return nil
}

// checkProducer asks of a producer that it has no more on its way than the log remembers.
func (c *checker) checkProducer(p *kappa.Producer) error {
	for part, n := range p.Status().InFlight {
		if n > inFlightMost {
			return fmt.Errorf("%w: partition %d: %d batches are on their way, at most %d may be", errCredit, part, n, inFlightMost)
		}
	}
	return c.log.producer(p)
}
