package scenarios

import (
	"strings"

	"parallax/engine/flow"
	"parallax/engine/flow/column"
	"parallax/sim/cluster"
	"parallax/sim/story"
)

// What is done to a deployment while it runs, as scenario files say it.

type queryDoc struct {
	At    duration  `yaml:"at" need:"yes" doc:"When, by the client's clock."`
	Key   *Line     `yaml:"key" doc:"Of one key only: names and values of the columns that the pipeline groups by. All keys unless given."`
	From  *duration `yaml:"from" doc:"For windows that begin no earlier."`
	To    *duration `yaml:"to" doc:"For windows that begin before this."`
	Limit *int      `yaml:"limit" doc:"Rows of the answer at most."`
	More  bool      `yaml:"more" doc:"For the page behind the last answer."`
}

type restartDoc struct {
	At      duration `yaml:"at" need:"yes" doc:"When."`
	Node    string   `yaml:"node" need:"yes" doc:"Which: broker-0, worker, view, producer, …"`
	NewDisk bool     `yaml:"new_disk" doc:"It starts on another machine: what was on its disk is gone for good. Of the worker alone, because what others have there is what the run is about."`
}

// timeMaxUs bounds the ends of a range that is open: no window begins there.
const timeMaxUs = int64(1) << 61

// verbs reads what is asked, and who is restarted.
func (r *scenarioReader) verbs() error {
	s := &r.s.Story
	plan, err := s.Pipeline.Plan(s.Schema)
	if err != nil {
		return err
	}
	last := duration(0)
	for i := range r.doc.Queries {
		d, at := &r.doc.Queries[i], r.root.get("queries").items[i]
		if d.At < last {
			return at.get("at").errorf("questions are listed by instant, and this one comes before the one above it")
		}
		last = d.At
		q := story.Query{At: int64(d.At), Limit: int32(orElse(d.Limit, 0)), More: d.More}
		if d.From != nil || d.To != nil {
			q.From, q.To = int64(orElse(d.From, duration(-timeMaxUs))), int64(orElse(d.To, duration(timeMaxUs)))
			if q.From >= q.To {
				return at.errorf("no window begins from %s on and before %s", flow.FormatDuration(q.From), flow.FormatDuration(q.To))
			}
		}
		if d.Limit != nil && (*d.Limit < 1 || *d.Limit > 1<<12) {
			return at.get("limit").errorf("an answer has 1 to %d rows", 1<<12)
		}
		if d.Key != nil {
			if q.Key, err = keyAsked(*d.Key, at.get("key"), plan); err != nil {
				return err
			}
		}
		s.Queries = append(s.Queries, q)
	}
	if s.Queries != nil && r.doc.Client == nil {
		s.AskEvery = -1
	}
	last = 0
	for i := range r.doc.Restarts {
		d, at := &r.doc.Restarts[i], r.root.get("restarts").items[i]
		if d.At < last {
			return at.get("at").errorf("restarts are listed by instant, and this one comes before the one above it")
		}
		last = d.At
		if err := oneOf(at.get("node"), "node", d.Node, cluster.NodeNames(&s.Sizes)); err != nil {
			return err
		}
		if d.NewDisk && d.Node != "worker" {
			return at.get("new_disk").errorf("of %s nothing would be left to go on from: only the worker may lose its disk", d.Node)
		}
		s.Restarts = append(s.Restarts, story.Restart{At: int64(d.At), Node: d.Node, NewDisk: d.NewDisk})
	}
	return nil
}

// keyAsked reads a key.
func keyAsked(line Line, at *node, plan *flow.Plan) ([]story.KeyPart, error) {
	key := []story.KeyPart{}
	for i := range line {
		c := &line[i]
		var known []string
		found := false
		for _, col := range plan.Keys {
			f := plan.Schema[col]
			if known = append(known, f.Name); f.Name != c.Column {
				continue
			}
			v, msg := c.value(f.Type)
			if msg != "" {
				return nil, at.entries[i].value.errorf("%q %s; %s is %s", c.Text, msg, f.Name, f.Type)
			}
			key, found = append(key, story.KeyPart{Column: f.Name, Value: v}), true
		}
		if !found {
			return nil, unknownKey(at.entries[i].key, known)
		}
	}
	return key, nil
}

// verbs writes what is asked, and who is restarted.
func (p *printer) verbs(s *story.Story) {
	keys := map[string]column.Type{}
	if plan, err := s.Pipeline.Plan(s.Schema); err == nil {
		for _, col := range plan.Keys {
			keys[plan.Schema[col].Name] = plan.Schema[col].Type
		}
	}
	if s.Queries != nil {
		p.line("queries:")
	}
	for i := range s.Queries {
		p.line("  - %s", queryText(&s.Queries[i], keys))
	}
	if s.Restarts != nil {
		p.line("restarts:")
	}
	for _, r := range s.Restarts {
		p.line("  - {at: %s, node: %s%s}", flow.FormatDuration(r.At), r.Node, map[bool]string{true: ", new_disk: true"}[r.NewDisk])
	}
}

// queryText is a question on one line. Of its key what the pipeline groups by is
// written: nothing else matters.
func queryText(q *story.Query, keys map[string]column.Type) string {
	parts := []string{"at: " + flow.FormatDuration(q.At)}
	if q.Key != nil {
		line := Line{}
		for _, k := range q.Key {
			if t, known := keys[k.Column]; known && t == k.Value.Type {
				line = append(line, cellOf(k.Column, k.Value))
			}
		}
		parts = append(parts, "key: "+line.String())
	}
	if q.From != 0 || q.To != 0 {
		if q.From != -timeMaxUs {
			parts = append(parts, "from: "+flow.FormatDuration(q.From))
		}
		if q.To != timeMaxUs {
			parts = append(parts, "to: "+flow.FormatDuration(q.To))
		}
	}
	if q.Limit != 0 {
		parts = append(parts, "limit: "+number(q.Limit))
	}
	if q.More {
		parts = append(parts, "more: true")
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
