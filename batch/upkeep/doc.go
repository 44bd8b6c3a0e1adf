// Package upkeep looks after what a batch layer keeps in an object store: it makes one
// file of many small ones, and deletes what nothing can need any more.
//
// The idea. An archive that is cut often has many small files. The [Keeper] reads some
// that adjoin, writes one with the same rows, and commits it in their place, while the
// archiver goes on appending: a replacement may follow any append, and is refused when one
// of its files is no longer there. What a commit that lost, a crash, or a replacement left
// behind is dead once the manifest says so (package manifest, State.Dead; package view,
// Head.Dead): not by its age, but because no commit can ever make it live. Snapshots of the
// recent past can be kept, to be read again.
//
// The invariants: a replacement has the rows of what it replaces, in their order, stamps
// and reasons included; a file that is live, or may become live, is never deleted; nor one
// that a kept snapshot names.
package upkeep
