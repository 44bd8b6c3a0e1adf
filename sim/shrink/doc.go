// Package shrink makes failing things smaller.
//
// The idea is delta debugging (Zeller and Hildebrandt, "Simplifying and isolating
// failure-inducing input", 2002): take away ever smaller parts, keep what still fails.
// [List] does it with the pieces of a list, [Options] with a row of things that can
// each be simpler or not. What fails, and how, is the caller's to say, and when to
// stop: a [Budget] counts runs.
//
// The invariant: what is returned was seen to fail, or is what one began with; and the
// same calls give the same result, unless a budget of time ended them.
package shrink
