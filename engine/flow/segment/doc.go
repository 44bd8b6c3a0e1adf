// Package segment encodes batches of rows as the entries of a log segment and
// decodes them again without copying.
//
// A segment begins with a [Header], which holds the schema once, and goes on
// with entries in the order in which a [Writer] made them. An entry is an Arrow
// IPC record batch message with the two time columns and the user's columns;
// strings ride as codes, and the values that a dictionary gained since the entry
// before ride beside the message. So a string is carried and hashed once per
// segment, not once per row or per entry.
//
// The entry, all numbers little-endian, every part padded with zeros to a
// multiple of 8 bytes:
//
//	 0  4  magic "PXE1"
//	 4  4  partition
//	 8  8  segment id, the header's
//	16  8  offset of row 0
//	24  4  rows
//	28  4  m: length of the Arrow message, unpadded
//	32  4  d: length of the dictionary deltas, unpadded
//	36  4  b: length of the Arrow body, a multiple of 8
//	40  d  deltas: for each string column in schema order
//	         4    strings in the dictionary before this entry
//	         4    n: strings added
//	         4*n  their lengths in bytes
//	         ...  their bytes
//	 .  m  Arrow IPC Message (flatbuffer) with a RecordBatch header:
//	         columns event time, append time, then the schema's
//	 .  b  Arrow body: validity bitmaps and values of the columns
//
// A string column is an Arrow uint32 column of codes, a timestamp an int64 of
// microseconds; the other types are Arrow's own. Bodies are not compressed.
//
// Entries are read without arrow-go's reader, which takes three microseconds and
// dozens of allocations for a batch whatever its size: every column has one width and
// two buffers, so a few numbers of the message say where they lie. A test has arrow-go
// read the same messages. Decoded columns of 8-byte values and codes alias the entry's
// bytes: the caller must not reuse or pool those bytes as long as it uses the batch, and
// relies on the garbage collector (nothing is ever
// released). Validity, booleans and decimals are unpacked into slices that the
// next Decode overwrites.
//
// The invariants: a dictionary belongs to one segment. An entry names its
// segment, and the length its dictionaries had, so an entry of another segment,
// or one that skips a predecessor, is refused, never decoded with the wrong
// strings. A decoded batch satisfies the invariant of package column whatever
// the bytes were, except that strings of one dictionary being distinct, and null
// rows holding zeros, are the writer's word: checksums are the log's.
package segment
