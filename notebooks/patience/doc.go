// Package patience is lesson 3: what every delay of the watermark costs and brings, at
// once. Package notebooks says how patience.go is read.
package patience

import _ "embed"

// Source is the lesson.
//
//go:embed patience.go
var Source string

// Cells is the mains of the lesson's cells, by name.
func Cells() map[string]func() {
	return map[string]func(){
		"costs": costs, "checked": checked, "picture": picture, "goal": goal, "adaptive": adaptive, "exercise": exercise,
	}
}
