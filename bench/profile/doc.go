// Package profile runs a job as several stream engines would and says on which rows
// of the answer they disagree, and which of their options makes the difference.
//
// A profile ([flow.Profile]) is the options in which the engines differ. What a job
// says itself holds under all of them. A row on which two disagree is explained by
// running the job with one option after another taken from the other profile.
//
// The invariant: a difference is a row that an answer has and another has not, or
// with other values; and an option that is named as its reason turns the first
// profile's row into the other's, alone or, if it says so, with others.
package profile
