// Package dataset puts a job's master dataset on a disk, where other programs can read
// it, and tells them which files are which.
//
// The idea. [Run] brings a job's rows into a log and runs the batch and the speed layer
// over it, in a simulated world without faults: a broker, a metronome that writes markers,
// an archiver, a batch job, a server and an object store. [Layers.Write] copies the
// store's disk into a folder as it is. A simulated disk has the format of a real one, so
// the folder is a store's that any driver can start, and its long objects are plain
// Parquet files. [Open] reads such a folder as a store does when it starts, and changes
// nothing in it; [Folder.List] names the files of one snapshot, and no others, and
// [Folder.Serve] has the program that serves views in a cluster answer from them. That another
// program finds each row once in them, make interop shows.
//
// The invariants: the files of a listing hold exactly the rows below the cut that it
// states; equal jobs, data and options make equal folders; a folder that is there is
// whole, because it gets its name last; what is missing or damaged is refused by name.
package dataset
