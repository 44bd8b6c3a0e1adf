package panes

import (
	"parallax/engine/flow"
	"parallax/engine/flow/operator"
	"parallax/serving"
)

// Source is a path, with the encoded keys of its results.
type Source struct {
	plan *flow.Plan
	path *operator.Path
	keys [][]byte // by number
}

// Of is the source of a path's rows. The plan is the path's.
func Of(plan *flow.Plan, path *operator.Path) *Source { return &Source{plan: plan, path: path} }

// Drain takes out of the path what is due, and yields a row for each key of each pane, with
// the key's number. Rows may be kept. With no yield nothing is
// made of the panes.
func (s *Source) Drain(yield func(number uint32, row serving.Row)) error {
	var pane operator.Pane
	for s.path.Next(&pane) {
		if yield == nil {
			continue
		}
		for i, number := range pane.Keys {
			start, end := pane.Window(i)
			row := serving.Row{Key: s.key(number), Start: start, End: end, Revision: pane.Kind == operator.Revision}
			if pane.Kind != operator.Retraction {
				row.Accumulators = pane.Table.AppendFirst(len(s.plan.Last().Aggregates), pane.Groups[i], nil)
			}
			yield(number, row)
		}
	}
	return s.path.Err()
}

// key is the encoding of a key by its number.
func (s *Source) key(number uint32) []byte {
	for n := len(s.keys); n <= int(number); n++ {
		var b []byte
		for col := range s.plan.Last().Keys {
			b = serving.AppendKey(b, s.path.Keyer().Value(uint32(n), col))
		}
		s.keys = append(s.keys, b)
	}
	return s.keys[number]
}
