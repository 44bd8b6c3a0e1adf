// Package tuple encodes tuples of values as bytes that identify them: the group keys of
// folds and views, and the values of answers.
//
// The invariant: equal tuples of the same types have equal bytes, and others have others.
package tuple
