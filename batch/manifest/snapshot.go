package manifest

import (
	"parallax/engine/commitlog/protocol"
)

// File is one file of a table: consecutive offsets of one partition.
type File struct {
	Name      string // of the object
	Partition int32
	From, To  int64 // offsets: [From, To)
	Rows      int64
	Bytes     int64
	Sum       uint64 // XXH3 of the content
	Schema    int32
	Sequence  int64 // of the snapshot that added it; set by the commit
	Stats     []Stat
}

// Operation is what a snapshot does.
type Operation uint8

// The operations.
const (
	Append  Operation = iota + 1 // files behind the table's cut
	Replace                      // other files for the same rows
	Delete                       // files without others in their place
)

// String is the operation's name, as Iceberg has it.
func (o Operation) String() string { return [...]string{"none", "append", "replace", "delete"}[o] }

// Change is what a writer wants of a table.
type Change struct {
	Writer    string
	Batch     uint64 // rises, by writer; from 1
	Operation Operation
	Code      string         // version of the code that made the files
	Cut       []protocol.Cut // by partition, behind an Append; else nil
	// From is the cut before an Append, or nil. With it the append is of the whole span
	// [From, Cut): the table must stand at From, and goes to Cut in partitions without
	// files too.
	From   []protocol.Cut
	Schema *Schema // a new one, or nil
	Add    []File
	Remove []string
}

// Snapshot is a change that was committed.
type Snapshot struct {
	ID       uint64
	Parent   uint64 // 0: the first
	Sequence int64  // from 1
	Change
}

// writer is how far a writer's batches are committed.
type writer struct {
	Name  string
	Batch uint64
}

// State is a table as of a snapshot.
type State struct {
	ID       uint64 // of the snapshot; 0: an empty table
	Parent   uint64 // of the one before
	Sequence int64
	Code     string
	Cut      []protocol.Cut // by partition
	Schemas  []Schema
	Writers  []writer // by name
	Files    []File   // live, by partition and offset
}
