package cluster

import (
	"fmt"
	"slices"

	"parallax/engine"
	"parallax/engine/flow"
	"parallax/serving"
	"parallax/sim/story"
)

// questions are what a story has its client ask.
func questions(s *story.Story, p *flow.Plan) []listed {
	list := make([]listed, len(s.Queries))
	for i := range s.Queries {
		q := &s.Queries[i]
		l := listed{at: s.Instant(q.At), more: q.More}
		l.From, l.To, l.Limit = q.From, q.To, q.Limit
		if q.From == 0 && q.To == 0 {
			l.From, l.To = -1<<62, 1<<62
		}
		if q.Key != nil {
			l.Point, l.Key = true, serving.AppendKey(nil, q.Values(p)...)
		}
		list[i] = l
	}
	return list
}

// bootClient boots whoever asks the view, and sees to it that nodes are restarted as the
// job's story says.
func (d *Deployment) bootClient() error {
	c := client{view: d.view, everyNs: d.opts.AskEvery * d.opts.Pace}
	s := d.job.Story
	if s == nil {
		d.Boot("client", startClient(c), decode)
		return nil
	}
	if len(s.Queries) > 0 {
		plan, err := d.job.Pipeline.Plan(d.job.Schema)
		if err != nil {
			return err
		}
		c.listed = questions(s, plan)
	}
	d.Boot("client", startClient(c), decode)
	return d.operate(s)
}

// operate has a story's nodes restarted at their instants.
func (d *Deployment) operate(s *story.Story) error {
	names := d.names()
	for _, r := range s.Restarts {
		at := slices.Index(names, r.Node)
		if at < 0 {
			return fmt.Errorf("cluster: there is no node %q to restart", r.Node)
		}
		if r.NewDisk {
			d.ReplaceAt(s.Instant(r.At), engine.NodeID(at+1))
		} else {
			d.RestartAt(s.Instant(r.At), engine.NodeID(at+1))
		}
	}
	return nil
}
