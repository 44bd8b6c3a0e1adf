package cluster

import (
	"parallax/engine"
	"parallax/engine/commitlog/protocol"
	"parallax/serving"
	"parallax/sim"
)

// The kinds that are looked at on their way.
var (
	kindProduce   = protocol.Produce{}.Kind()
	kindProduced  = protocol.Produced{}.Kind()
	kindPin       = protocol.Pin{}.Kind()
	kindPinned    = protocol.Pinned{}.Kind()
	kindFetched   = protocol.Fetched{}.Kind()
	kindPublish   = serving.Publish{}.Kind()
	kindPublished = serving.Published{}.Kind()
)

// checkMessage looks at what is about to be handed to a node: what is told there is held
// against the log as it is committed, also where the receiver has no use for it any more.
func (c *checker) checkMessage(t *sim.Trace) error {
	switch t.Kind {
	case kindProduce, kindProduced, kindPin, kindPinned, kindFetched:
		m, err := protocol.Decode(t.Kind, t.Data)
		if err != nil {
			return err
		}
		return c.checkLogMessage(t, m)
	case kindPublish, kindPublished:
		m, err := serving.Decode(t.Kind, t.Data)
		if err != nil {
			return err
		}
		switch m := m.(type) {
		case serving.Publish:
			return c.checkPublication(&m)
		case serving.Published:
			for part, at := range m.Cut {
				if err := c.soundCut("the view says it stands at", part, at); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (c *checker) checkLogMessage(t *sim.Trace, m engine.Message) error {
	switch m := m.(type) {
	case protocol.Produce:
		c.countProduce(t.To, &m)
	case protocol.Produced:
		return c.log.acknowledged(&m)
	case protocol.Pin:
		if err := c.keptFor("the log is pinned", int(m.Partition.Number), m.Cut.Offset); err != nil {
			return err
		}
		return c.soundCut("the worker pins", int(m.Partition.Number), m.Cut)
	case protocol.Pinned:
		return c.soundStart(int(m.Partition.Number), m.Start)
	case protocol.Fetched:
		if err := c.soundStart(int(m.Partition.Number), m.Start); err != nil {
			return err
		}
		if err := c.fetchCredit(&m); err != nil {
			return err
		}
		return c.log.shown(&m)
	}
	return nil
}

func (c *checker) checkPublication(m *serving.Publish) error {
	if len(m.Lower) == 0 { // it asks where the view stands
		return nil
	}
	c.countPublish(m)
	if err := c.publishCredit(m); err != nil {
		return err
	}
	return c.soundPublication(m)
}
