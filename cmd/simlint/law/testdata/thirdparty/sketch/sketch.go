// Package sketch stands for a module that nobody has vetted.
package sketch

// Sketch has one method.
type Sketch struct{ N int }

// Size is a constant, which needs no trust.
const Size = 16

// New makes one.
func New() *Sketch { return &Sketch{N: Size} }

// Add counts.
func (s *Sketch) Add() { s.N++ }
