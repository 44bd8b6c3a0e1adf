// Package promise is lesson 2: a watermark says what will not come any more, and may
// be wrong. Package notebooks says how promise.go is read.
package promise

import _ "embed"

// Source is the lesson.
//
//go:embed promise.go
var Source string

// Cells is the mains of the lesson's cells, by name.
func Cells() map[string]func() {
	return map[string]func(){
		"byHand": byHand, "engine": engine, "broken": broken, "account": account, "allowed": allowed,
		"twice": twice, "picture": picture, "exercise": exercise,
	}
}
