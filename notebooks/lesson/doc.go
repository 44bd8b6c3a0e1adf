// Package lesson is what the cells of notebooks are written with: a way to be done
// with errors, and one to draw.
//
// The idea: a lesson says what lies on which axis, and nothing about drawing; so
// that its cells stay short, and all pictures of all lessons look alike. Series are
// told apart by the shape of their marks and the dashes of their lines, and only
// then by colour. Where a picture goes is for the surroundings to say: a notebook's
// first cell sets [Show] to what its kernel shows things with, a test keeps them.
//
// The invariant: a picture is a function of its series, byte for byte, on one kind of
// machine.
package lesson
