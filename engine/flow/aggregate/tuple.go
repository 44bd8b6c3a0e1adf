package aggregate

// tuple is several accumulators of the same rows, one behind the other, for
// functions that compute their result from more than one.
//
//	encoding  that of its parts, in order
type tuple struct{ parts []store }

func (s tuple) add(c *chunk) {
	for _, p := range s.parts {
		p.add(c)
	}
}

// mergeTuple and retractTuple take the other tuple bare, because src is the store
// that embeds it.
func (s tuple) mergeTuple(group uint32, o tuple, from uint32) {
	for i, p := range s.parts {
		p.merge(group, o.parts[i], from)
	}
}

func (s tuple) retractTuple(group uint32, o tuple, from uint32) {
	for i, p := range s.parts {
		p.(retracter).retract(group, o.parts[i], from)
	}
}

func (s tuple) encode(group uint32, b []byte) []byte {
	for _, p := range s.parts {
		b = p.encode(group, b)
	}
	return b
}

func (s tuple) decode(group uint32, b []byte) (rest []byte, err error) {
	for _, p := range s.parts {
		if b, err = p.decode(group, b); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (s tuple) release(group uint32) {
	for _, p := range s.parts {
		if o, ok := p.(owner); ok {
			o.release(group)
		}
	}
}
