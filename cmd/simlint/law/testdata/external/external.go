package external // want package:"not deterministic: "

import "example.com/sketch"

type holder struct{ s sketch.Sketch } // types and constants need no trust

func use(h *holder) int {
	h.s.Add()         // want "calls \\(.example.com/sketch.Sketch\\).Add of a third-party module: not in the table"
	_ = sketch.New    // want "calls example.com/sketch.New of a third-party module"
	return sketch.Size
}
