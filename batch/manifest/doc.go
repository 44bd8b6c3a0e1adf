// Package manifest says which files make a table, at which cut of the log, and how that
// changes: immutable snapshots behind one pointer.
//
// The idea is Apache Iceberg's (table specification, "Optimistic concurrency"). A
// [Snapshot] has a parent, adds files and removes some; a commit writes it under a name
// of its own and swaps the pointer from the snapshot that it was made for. Who comes
// second looks at the new head and tries again: an append may follow anything that did
// not take its place, a replacement only if what it replaces is still there.
//
// What a swap that was never answered has done cannot be known, and trying again must
// not commit twice (apache/iceberg 17901). Every [Change] therefore bears the name of
// its writer and a batch number that rises; the head remembers each writer's last one,
// and [State.Apply] refuses it a second time, inside the loop, against the head as it
// is then.
//
// A snapshot object holds what changed and names the one before. Now and then one also
// holds all files there are, when the changes since the last such have grown as long as
// that: so a commit costs in proportion to what it changes, some times over, and a
// reader gets at most twice the bytes of the list of files.
//
// [Commit] is the protocol as a state machine over messages of package blob; [Table]
// reads a table. [Dead] says which objects no commit can ever make live, so that
// clean-up needs no clock.
//
// The invariants: snapshots have one order, and each writer's batches are in it once
// and ascending; a file that is live was added once and not removed; of every partition
// the live files are adjoining ranges of offsets, from the table's start to its cut; an
// object that Dead names is not, and will never be, part of a snapshot.
package manifest
