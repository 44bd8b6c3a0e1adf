// Package measured is lesson 4: two ways out of the price of patience, side by side.
// Package notebooks says how measured.go is read.
package measured

import _ "embed"

// Source is the lesson.
//
//go:embed measured.go
var Source string

// Cells is the mains of the lesson's cells, by name.
func Cells() map[string]func() {
	return map[string]func(){
		"answers": answers, "moments": moments, "picture": picture, "prices": prices, "broken": broken, "exercise": exercise,
	}
}
