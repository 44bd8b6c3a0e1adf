// Package osenv drives an actor of package engine on the real machine: its clock
// is the monotonic clock, its disk is a directory, its network is TCP. It is the
// sibling of package sim; both pass package conformance.
//
// One [Node] runs one incarnation of one actor. One goroutine, the loop, owns the
// actor, its timers and its view of the disk, so that actors stay
// single-threaded; a second one, the writer, carries out group commits; the
// network has one goroutine per connection.
//
// The invariant: a message that was held back for a Persist leaves only after
// the bytes of every earlier Persist, and the directory entries of their files,
// have been synced. Everything that an incarnation sees at Start was synced
// before Start was called.
//
// # Directory
//
//	NAME              a file of the actor, appended by one incarnation only
//	.boot-NODE-BOOT   empty, in ten digits each: the node that the directory
//	                  belongs to, and an incarnation; the greatest counts
//	.lock             held (flock; on Windows opened without sharing) as long as
//	                  the node is up, so that two processes never run it
//
// Names of actors' files are 1 to 200 printable ASCII characters without
// / \ : * ? " < > | and no dot at either end. On a system without a lock that
// dies with its process, [Open] fails. Windows cannot sync a directory: there the
// entries of new files are as durable as NTFS makes them.
//
// Boot rises by creating the next .boot file and syncing the directory; older
// ones are removed later, and may come back without harm.
//
// A crash leaves of every file what was synced and, of the appends of the group
// commit in hand, what the file system makes of them. The contract calls it a
// prefix and one torn write, and so it is as long as pages reach the disk in
// order. They need not: a power cut may leave zeros before good bytes in
// that unsynced tail. Nothing acknowledged lies there, but an actor that takes
// such a hole for corruption will refuse to start.
//
// A failed or short write, a failed sync and a full disk are fail-stop: nothing
// is retried, because after a failed sync the system may show bytes that never
// reach the disk. An operator should doubt that disk before opening it again.
//
// # Wire
//
// A connection carries messages one way, from the node that dialled. All
// integers are little-endian; checksums are CRC-32C. Both sides open with a
// hello; the dialler's comes first:
//
//	 0        4         6          8      12    16     20         24
//	+--------+---------+----------+------+-----+------+----------+
//	| "prlx" | version | reserved | from | to  | boot | checksum |
//	+--------+---------+----------+------+-----+------+----------+
//	                                            of bytes 0 to 19
//
// Then frames follow, in one direction only:
//
//	 0        4         5          6      8      12    16         20
//	+--------+---------+----------+------+------+-----+----------+---------
//	| length | version | reserved | kind | from | to  | checksum | payload
//	+--------+---------+----------+------+------+-----+----------+---------
//	 of what                                     of bytes 4 to 15 and the payload
//	 follows it
//
// A reserved field is zero. Whatever is malformed closes the connection and is
// counted. Messages are lost when a connection breaks and when a queue to a peer
// is full (the oldest go first); the contract allows both.
//
// The package is empty under GOOS=js and GOOS=wasip1, which have neither
// listening sockets nor fsync.
package osenv
