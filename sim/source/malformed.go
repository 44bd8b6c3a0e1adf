package source

import "parallax/sim/fault"

// Fault family "malformed-row": what arrives in place of a row cannot be read.
//
// What it does: a row comes in a batch of its own that is no batch: it breaks off, is
// empty, or holds text of another kind. The log takes it, because the log does not read
// what it stores; nobody knows its event time.
//
// What the code must survive: a record that no restart makes readable. It is refused,
// counted and listed with the reason, moves no frontier, and offsets go on behind it.
//
// What it may excuse: nothing.

func (d *deliverer) malformed(x *fault.Fault) bool { return d.written(x, Garbage) }

// written has a row written in another form, unless it is already.
func (d *deliverer) written(x *fault.Fault, as Form) bool {
	r := d.at(x)
	if r == nil || r.Form != Sound {
		return false
	}
	r.Form, r.Way, r.Changed = as, mod(x.Amount), true
	return true
}

// Spoil makes bytes that can be read into some that cannot.
func Spoil(payload []byte, way int64) []byte {
	switch way {
	case 0:
		return payload[:len(payload)*2/3]
	case 1:
		return nil
	}
	return []byte(`{"ts": "yesterday", "value": `)
}
