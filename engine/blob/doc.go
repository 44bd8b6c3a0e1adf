// Package blob is how programs talk to an object store: named objects that are written
// whole, read in parts, listed, deleted, and replaced only by whoever knows what they
// are.
//
// The idea. What many programs must agree on (which files make a table, which
// checkpoint is the last) is one small object, swapped by compare-and-set; everything
// that it names is written before, under a name of its own, and never changed. A
// [Put] says what it expects of the name: that there is nothing ([Absent]), a certain
// version, or [Any]. Versions rise and do not come back, also over a deletion, so
// that a swap that was overtaken fails.
//
// A store in the world may refuse a request for the moment, and may carry one out and
// lose the reply. A client repeats what it has heard nothing of. A conditional Put that
// is repeated after it succeeded fails with Mismatch, so the client compares what is
// there with what it meant (Done and Got carry a checksum of the content): a store
// remembers no requests.
//
// This package is the messages; package store is the server. The invariant: a message
// that is decoded encodes to the same bytes.
package blob
