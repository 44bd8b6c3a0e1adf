// Package protocol is how clients speak to the log: the messages of producers and
// readers, one family per file, and the batch, which is what they carry and what
// the log is made of.
//
// A request names a partition and has a number of the sender's own, which the
// answer repeats. Any broker may be asked; one that does not lead the partition
// says so, and who does if it knows. No answer means nothing: the request may have
// been carried out, and is repeated.
//
// The invariant: every message reads back as it was written, and no bytes make a
// decoder panic.
package protocol
