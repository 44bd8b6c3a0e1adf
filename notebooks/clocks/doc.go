// Package clocks is lesson 1: what happens has two times, and only one of them can be
// computed with again. Package notebooks says how clocks.go is read.
package clocks

import _ "embed"

// Source is the lesson.
//
//go:embed clocks.go
var Source string

// Cells is the mains of the lesson's cells, by name.
func Cells() map[string]func() {
	return map[string]func(){
		"rows": rows, "picture": picture, "compare": compare, "replay": replay, "complete": complete, "exercise": exercise,
	}
}
