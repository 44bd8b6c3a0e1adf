package scenarios

import (
	"strings"

	"parallax/engine"
	"parallax/engine/commitlog"
	"parallax/engine/commitlog/protocol"
	"parallax/sim"
)

// commits are when more of the log was committed, as it was noted now and then: at most
// so early.
type commits struct {
	list   []commitsAt
	looked engine.Instant // when it was noted last; 0 before the first time
}

type commitsAt struct {
	at   engine.Instant // nothing more was committed then than is in the entry before
	ends []int64
}

// note looks at what the brokers know to be committed.
func (c *commits) note(w *sim.World) {
	var ends []int64
	more := len(c.list) == 0
	if more {
		c.looked = w.Now()
	} else {
		ends = append(ends, c.list[len(c.list)-1].ends...)
	}
	for id := range w.Nodes() {
		b, ok := w.Actor(engine.NodeID(id + 1)).(*commitlog.Broker)
		if !ok {
			continue
		}
		for p, end := range b.Ends(nil) {
			if p == len(ends) {
				ends = append(ends, 0)
			}
			if end > ends[p] {
				ends[p], more = end, true
			}
		}
	}
	if more {
		c.list = append(c.list, commitsAt{c.looked, ends})
	}
	c.looked = w.Now()
}

// behind is for how long something has been committed that is not below a cut.
func (c *commits) behind(now engine.Instant, cut []protocol.Cut) int64 {
	longest := int64(0)
	for i := len(c.list) - 1; i >= 0; i-- {
		if c.list[i].covered(cut) {
			break
		}
		longest = int64(now - c.list[i].at)
	}
	return longest
}

// holds tells whether everything is below a cut.
func (c *commits) holds(cut []protocol.Cut) bool {
	return len(c.list) > 0 && c.list[len(c.list)-1].covered(cut)
}

func (c *commitsAt) covered(cut []protocol.Cut) bool {
	for p, end := range c.ends {
		if p >= len(cut) || cut[p].Offset < end {
			return false
		}
	}
	return true
}

// free tells whether a node brings data or asks, and is nobody's cost.
func free(name string) bool {
	return strings.HasPrefix(name, "producer") || strings.HasPrefix(name, "client") || strings.HasPrefix(name, "metronome")
}

// effort adds up what was used since the fix.
func (r *recovering) effort() {
	for i := range r.w.Nodes() {
		id := engine.NodeID(i + 1)
		if free(r.w.Name(id)) {
			continue
		}
		u := r.w.Usage(id)
		if i < len(r.began) {
			was := &r.began[i]
			u.BusyNs, u.Read, u.Wrote, u.Sent = u.BusyNs-was.BusyNs, u.Read-was.Read, u.Wrote-was.Wrote, u.Sent-was.Sent
		} else {
			r.out.Again.add(&u, r.stage.Pace)
		}
		r.out.Used.add(&u, r.stage.Pace)
	}
}

func (e *Effort) add(u *sim.Usage, pace int64) {
	e.ProcessorNs += u.BusyNs / pace
	e.Read, e.Wrote, e.Sent = e.Read+int64(u.Read), e.Wrote+int64(u.Wrote), e.Sent+int64(u.Sent)
}

// stored is how many bytes are on all disks.
func (r *recovering) stored() (sum int64) {
	for id := range r.w.Nodes() {
		sum += int64(r.w.Usage(engine.NodeID(id + 1)).Stored)
	}
	return sum
}
