// Package journal keeps records in files that only their own incarnation writes.
//
// A file that was there at Start is never written again, because nothing can be
// appended behind a torn tail. So a journal is a chain of segments: every
// incarnation begins a new one with its first record, and every header says where
// the chain goes on before it: which file, up to which byte, with which checksum
// over all that lies there. This package is the only place that knows.
//
// The invariant: [Open] recovers a prefix of the records in the order in which
// they were appended, that prefix holds every record whose Then has left, and no
// record that was recovered once is missing later. What cannot be a crash is
// [ErrCorrupt], with file and byte.
//
// # Use
//
// Start calls Open and rebuilds its state from the records; steps call
// [Journal.Append]. [Journal.Base] writes a record that makes all earlier ones
// superfluous (a state, before its deltas); [Journal.Release] forgets the segments
// before a position (a log's retention). Both remove files, and neither minds when
// a crash brings them back. [Journal.Read] reads one durable record again. What a
// record means is its user's affair: that a later entry i replaces all entries
// from i on, say.
//
// # Format
//
// Integers are little-endian. A segment is named PREFIX-BOOT-NUMBER.log, boot and
// number in ten digits: the incarnation that wrote it, and the how
// many-th of its segments it is, from 1. It is a header, then frames:
//
//	 0      4      8     12     16            24            32
//	+------+------+------+------+-------------+-------------+
//	| "PLXJOUR1"  | boot | no.  | begin       | predecessor |
//	+-------------+------+------+------+------+-------------+
//	| pred. end   | pred. chain | flags| zero | checksum    |
//	+-------------+-------------+------+------+-------------+
//	32            40            48     52     56            64
//
//	 0        4        8        16
//	+--------+--------+--------+---------------+
//	| length | head   | sum    | record ...    |
//	+--------+--------+--------+---------------+
//
// Begin and predecessor are pairs of boot and number; the journal's first segment
// has no predecessor: zeros. The predecessor counts up to byte "pred. end", where
// its chain, a checksum over its header and the checksums of all frames, has the
// value "pred. chain". Begin is the oldest segment that is still needed. Flags: 1,
// everything before this segment was durable when the header was written; 2, a
// base: the header is void without the frame behind it, which was written with it.
//
// The length of a record is in the lower 30 bits of its word; bit 31 repeats flag 1
// for the moment at which the frame was written. Bit 30 alone is a mark, a frame
// without a record that ends everything that is written at once. Head is a checksum of that word,
// sum one of the word and the record. Both depend on the prefix, the segment and
// the frame's place in it, so that bytes from elsewhere are not taken for a frame.
// The checksum of a header covers its first 56 bytes and depends on prefix and
// segment. All are XXH3 (head: the finalizer of SplitMix64).
//
// # Torn or corrupt
//
// A crash leaves, for every file by itself, a prefix of its unsynced writes and
// perhaps a part of the next one, with or without zeros for the rest. Hence:
//
//   - bytes behind the last good frame of the newest segment are a torn tail, and
//     are passed over, unless there is a good frame among them;
//   - a segment whose predecessor ends too early was written before that one was
//     durable, so no Then behind it has left, and it is passed over; unless flag 1,
//     in its header or a frame of it, or of a later segment, says otherwise. A mark
//     that is all that is missing at its end is no loss, whatever took it;
//   - everything else that does not fit is ErrCorrupt.
//
// A crash leaves no mark without what was written before it, so also what was written
// last cannot be damaged, later, without notice: with the record gone the mark speaks
// for it, also if a few bytes of the mark are damaged as well; and with the mark gone the
// record is still there. A crash may leave a record without its mark:
// [Journal.Unmarked]. What takes both at once, before anything behind them is durable,
// cannot be told from a crash by looking at one disk; nor can a write that was confirmed
// and never made.
package journal
