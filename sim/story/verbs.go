package story

import (
	"parallax/engine/flow"
	"parallax/engine/flow/column"
)

// Query is one question that the client asks the view. Answers are compared with what
// the view ought to hold at the cut that they state.
type Query struct {
	At       int64     // in microseconds from the start of the world, by the client's clock
	Key      []KeyPart // of one key only; nil asks for all
	From, To int64     // for windows that begin in [From, To), microseconds; both 0: in all
	Limit    int32     // rows of a page at most; 0: as many as there may be
	More     bool      // for the page behind the last answer's, if that was not the last
}

// KeyPart is one column of a key.
type KeyPart struct {
	Column string
	Value  column.Value
}

// Restart is somebody who restarts a node: it is killed, as by a crash, and started at
// once. One that is down is started.
type Restart struct {
	At   int64 // in microseconds from the start of the world
	Node string
	// NewDisk starts it on another machine: what was on the disk is gone for good.
	NewDisk bool
}

// keyOf is the part of a row by which a pipeline groups, as far as the row's columns say
// it.
func (s *Story) keyOf(r *Row) []KeyPart {
	key := []KeyPart{}
	for i := range s.Pipeline.Steps {
		for _, name := range s.Pipeline.Steps[i].KeyBy {
			if col := s.Schema.Index(name); col >= 0 {
				key = append(key, KeyPart{name, r.Values[col]})
			}
		}
	}
	return key
}

// Values are those of a query's key for a plan: columns that it does not name are null,
// and those that the plan does not group by do not matter.
func (q *Query) Values(p *flow.Plan) (key []column.Value) {
	for _, col := range p.Keys {
		f := p.Schema[col]
		v := column.Value{Type: f.Type, Null: true}
		for i := range q.Key {
			if q.Key[i].Column == f.Name {
				v = q.Key[i].Value
			}
		}
		key = append(key, v)
	}
	return key
}
